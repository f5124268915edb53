package workload

import "strconv"

// SyntaxError says where a text is not the description of a valid [World].
type SyntaxError struct {
	Line    int    // counted from 1
	Column  int    // in bytes, counted from 1
	Problem string // what is wrong there
	Err     error  // the error behind it, or nil
}

// Error returns line, column and problem in one line.
func (e *SyntaxError) Error() string {
	return "workload: line " + strconv.Itoa(e.Line) + ", column " + strconv.Itoa(e.Column) + ": " + e.Problem
}

// Unwrap returns Err.
func (e *SyntaxError) Unwrap() error { return e.Err }

// word is a word of a line, and where it stands.
type word struct {
	text   string
	line   int
	column int
}

func (w word) fail(problem string) error {
	return &SyntaxError{Line: w.line, Column: w.column, Problem: problem}
}

// part is the rest of a word from a byte on.
func (w word) part(from int) word { return word{w.text[from:], w.line, w.column + from} }

// words splits a line at spaces and tabs.
func words(line string, number int) []word {
	var all []word
	for i := 0; i < len(line); {
		if line[i] == ' ' || line[i] == '\t' || line[i] == '\r' {
			i++
			continue
		}
		start := i
		for i < len(line) && line[i] != ' ' && line[i] != '\t' && line[i] != '\r' {
			i++
		}
		all = append(all, word{line[start:i], number, start + 1})
	}
	return all
}
