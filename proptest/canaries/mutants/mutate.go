package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
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

// plant returns the path of the mutant's file, and its text with the mutant in it.
func (m mutant) plant(core string) (map[string]string, error) {
	path, err := filepath.Abs(filepath.Join(core, filepath.FromSlash(m.file)))
	if err != nil {
		return nil, err
	}
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	lines := strings.SplitAfter(string(text), "\n")
	if m.Line < 1 || m.Line > len(lines) || m.Column < 1 || m.Column > len(lines[m.Line-1]) {
		return nil, fmt.Errorf("the file has no such place: the core has changed since gremlins ran")
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
	return map[string]string{path: strings.Join(lines, "")}, nil
}
