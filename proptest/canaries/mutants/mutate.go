package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/tasksupervisor/tasksupervisor/proptest/canaries"
)

// replacements says what each type of mutant makes of the token where it stands. They are those of gremlins.
var replacements = map[string]map[string]string{
	"CONDITIONALS_NEGATION":   {"==": "!=", "!=": "==", "<=": ">", ">=": "<", "<": ">=", ">": "<="},
	"CONDITIONALS_BOUNDARY":   {"<=": "<", ">=": ">", "<": "<=", ">": ">="},
	"ARITHMETIC_BASE":         {"+": "-", "-": "+", "*": "/", "/": "*", "%": "*"},
	"INVERT_NEGATIVES":        {"-": "+"},
	"INVERT_LOGICAL":          {"&&": "||", "||": "&&"},
	"INVERT_LOOPCTRL":         {"break": "continue", "continue": "break"},
	"INCREMENT_DECREMENT":     {"++": "--", "--": "++"},
	"INVERT_ASSIGNMENTS":      {"+=": "-=", "-=": "+=", "*=": "/=", "/=": "*=", "%=": "*="},
	"REMOVE_SELF_ASSIGNMENTS": {"+=": "=", "-=": "=", "*=": "=", "/=": "=", "%=": "=", "&=": "=", "|=": "=", "^=": "=", "<<=": "=", ">>=": "="},
}

// edits returns the mutant as edits of the whole file.
func (m mutant) edits(core string) ([]canaries.Edit, error) {
	text, err := os.ReadFile(filepath.Join(core, m.file))
	if err != nil {
		return nil, err
	}
	lines := strings.SplitAfter(string(text), "\n")
	if m.Line < 1 || m.Line > len(lines) || m.Column < 1 || m.Column > len(lines[m.Line-1]) {
		return nil, fmt.Errorf("there is no such place: the core has changed since gremlins ran")
	}
	line := lines[m.Line-1]
	head, tail := line[:m.Column-1], line[m.Column-1:]
	longest := ""
	for token := range replacements[m.Type] {
		if strings.HasPrefix(tail, token) && len(token) > len(longest) {
			longest = token
		}
	}
	if longest == "" {
		return nil, fmt.Errorf("it does not fit %q: the core has changed since gremlins ran, or the type is unknown", strings.TrimSpace(tail))
	}
	lines[m.Line-1] = head + replacements[m.Type][longest] + strings.TrimPrefix(tail, longest)
	return []canaries.Edit{{File: m.file, Old: string(text), New: strings.Join(lines, "")}}, nil
}
