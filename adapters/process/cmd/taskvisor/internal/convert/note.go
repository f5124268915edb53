package convert

import (
	"bytes"
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Verdict says what has become of a key.
type Verdict uint8

const (
	Carried Verdict = iota // the new file says the same
	Changed                // the new file says it in another way, or something near; the note says what
	Refused                // the new file does not say it; the note says why, and what to do instead
	Unknown                // the other format has no such key
)

var verdictNames = [...]string{"carried", "changed", "refused", "unknown"}

// String returns "carried", "changed", "refused" or "unknown".
func (v Verdict) String() string {
	if int(v) < len(verdictNames) {
		return verdictNames[v]
	}
	return "verdict " + strconv.Itoa(int(v))
}

// Place is a place in a file that is converted. Lines and columns are counted from 1.
type Place struct {
	File         string
	Line, Column int
}

// String returns the place as compilers write it.
func (p Place) String() string { return fmt.Sprintf("%s:%d:%d", p.File, p.Line, p.Column) }

func (p Place) compare(other Place) int {
	return cmp.Or(cmp.Compare(p.Line, other.Line), cmp.Compare(p.Column, other.Column))
}

// Note says what has become of one key of a converted file.
type Note struct {
	At      Place
	Key     string // with all that it stands in: "processes.web.availability.restart", "[program:web] startsecs"
	Verdict Verdict
	Text    string
}

// String returns the note as one line.
func (n Note) String() string {
	text := n.At.String() + ": " + n.Key + ": " + n.Verdict.String()
	if n.Text != "" {
		text += ": " + n.Text
	}
	return text
}

// Problem is something that keeps a file from being converted.
type Problem struct {
	At   Place
	Key  string // "" if it is about no key
	Text string
}

// Error is why a file was not converted: all that is wrong with it, in its order.
type Error struct {
	Problems []Problem
}

// Error returns one line for each problem.
func (e *Error) Error() string {
	lines := make([]string, len(e.Problems))
	for i, p := range e.Problems {
		lines[i] = p.At.String() + ": "
		if p.Key != "" {
			lines[i] += p.Key + ": "
		}
		lines[i] += p.Text
	}
	return strings.Join(lines, "\n")
}

// books are the notes and problems of a conversion.
type books struct {
	notes    []Note
	problems []Problem
	files    []string // in the order in which they were read
}

func (b *books) note(at Place, key string, verdict Verdict, format string, arguments ...any) {
	b.notes = append(b.notes, Note{at, key, verdict, fmt.Sprintf(format, arguments...)})
}

func (b *books) problem(at Place, key, format string, arguments ...any) {
	b.problems = append(b.problems, Problem{at, key, fmt.Sprintf(format, arguments...)})
}

// name complains about a name that no task or group can have.
func (b *books) name(at Place, key, name string) {
	const longest = 250
	switch {
	case name == "":
		b.problem(at, key, "a task must have a name")
	case len(name) > longest:
		b.problem(at, key, "the name of a task can have %d bytes at most", longest)
	case strings.Contains(name, "/"):
		b.problem(at, key, "the name of a task cannot have a slash: rename %q first", name)
	case !utf8.ValidString(name) || strings.ContainsFunc(name, func(r rune) bool { return unicode.IsControl(r) || r == '\u2028' || r == '\u2029' }):
		b.problem(at, key, "the name of a task cannot have %q: rename it first", name)
	}
}

// readable returns what is wrong with a file that is not text, or nil.
func readable(path string, text []byte) error {
	for number, line := range bytes.Split(text, []byte("\n")) {
		at := Place{path, number + 1, 1}
		switch {
		case !utf8.Valid(line):
			return &Error{[]Problem{{at, "", "the line is not UTF-8 text"}}}
		case bytes.IndexByte(line, 0) >= 0:
			return &Error{[]Problem{{at, "", "the line has a NUL character"}}}
		}
	}
	return nil
}

// close returns the notes in the order of the files, or what is wrong.
func (b *books) close() ([]Note, error) {
	place := func(x, y Place) int {
		return cmp.Or(cmp.Compare(slices.Index(b.files, x.File), slices.Index(b.files, y.File)), x.compare(y))
	}
	slices.SortStableFunc(b.notes, func(x, y Note) int { return place(x.At, y.At) })
	slices.SortStableFunc(b.problems, func(x, y Problem) int { return place(x.At, y.At) })
	if len(b.problems) > 0 {
		return b.notes, &Error{slices.Compact(b.problems)}
	}
	return slices.Compact(b.notes), nil
}
