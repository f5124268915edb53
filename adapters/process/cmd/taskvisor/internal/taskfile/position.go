package taskfile

import (
	"bytes"
	"fmt"
	"unicode/utf8"
)

// Position is a place in a file. Lines and columns are counted from 1, columns in characters. The zero Position is none: what
// was not read from a file has it.
type Position struct {
	Line, Column int
}

// Positions are where the values of a table stand, by their keys below it: "ready.port", and "needs.0" for the first of a list.
type Positions map[string]Position

// String returns the line and the column as compilers write them.
func (p Position) String() string { return fmt.Sprintf("%d:%d", p.Line, p.Column) }

// IsSet reports whether it is a place at all.
func (p Position) IsSet() bool { return p.Line > 0 }

// Before orders the places of one file.
func (p Position) Before(other Position) bool {
	return p.Line < other.Line || p.Line == other.Line && p.Column < other.Column
}

// source is the text of a file, and where its lines begin.
type source struct {
	text  []byte
	lines []int // the offsets of their first bytes
}

func newSource(text []byte) *source {
	s := &source{text: text, lines: []int{0}}
	for i, b := range text {
		if b == '\n' {
			s.lines = append(s.lines, i+1)
		}
	}
	return s
}

// position returns the place of the byte at an offset.
func (s *source) position(offset int) Position {
	offset = max(0, min(offset, len(s.text)))
	low, high := 0, len(s.lines) // the line is in [low, high)
	for high-low > 1 {
		if middle := (low + high) / 2; s.lines[middle] <= offset {
			low = middle
		} else {
			high = middle
		}
	}
	return Position{Line: low + 1, Column: utf8.RuneCount(s.text[s.lines[low]:offset]) + 1}
}

// positionAt returns the place of a byte of a line, both counted from 1.
func (s *source) positionAt(line, column int) Position {
	line = max(1, min(line, len(s.lines)))
	return s.position(s.lines[line-1] + column - 1)
}

// line returns a line without its end. Lines are counted from 1.
func (s *source) line(number int) string {
	if number < 1 || number > len(s.lines) {
		return ""
	}
	text := s.text[s.lines[number-1]:]
	if end := bytes.IndexByte(text, '\n'); end >= 0 {
		text = text[:end]
	}
	return string(bytes.TrimSuffix(text, []byte("\r")))
}
