package taskfile

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"unicode"
)

// Problem is something that is wrong with a file, or that a file says and that has no effect.
type Problem struct {
	At    Position // the zero Position if it is about the file as a whole
	Where string   // the table it is in, such as "tasks.redis.ready"; "" if it is in none
	Text  string   // what is wrong, and what to write instead
}

// Error is what is wrong with a file: all of it, in the order of the file.
type Error struct {
	Path     string // of the file, as it was given
	Problems []Problem

	source *source
}

// Error returns one line for each problem: the file, the line, the column, and what is wrong there.
func (e *Error) Error() string {
	lines := make([]string, len(e.Problems))
	for i, p := range e.Problems {
		lines[i] = p.in(e.Path)
	}
	return strings.Join(lines, "\n")
}

// Excerpts is Error with the line that each problem is about, and a mark below it.
func (e *Error) Excerpts() string {
	var text strings.Builder
	for _, p := range e.Problems {
		text.WriteString(p.in(e.Path))
		text.WriteByte('\n')
		text.WriteString(e.source.excerpt(p.At))
	}
	return text.String()
}

// Excerpt returns a problem of a file as [Error.Excerpts] does.
func (f *File) Excerpt(p Problem) string { return p.in(f.Path) + "\n" + f.source.excerpt(p.At) }

func (p Problem) in(path string) string {
	text := path
	if p.At.IsSet() {
		text += ":" + p.At.String()
	}
	if p.Where != "" {
		text += ": " + p.Where
	}
	return text + ": " + p.Text
}

// excerpt returns the line of a position and a line with a mark below it, or nothing if there is none. A long line is cut.
func (s *source) excerpt(at Position) string {
	if s == nil || !at.IsSet() {
		return ""
	}
	const before, shown = 60, 100 // in characters
	line := []rune(s.line(at.Line))
	from := 0
	if at.Column > shown {
		from = min(at.Column-1-before, len(line))
	}
	var text, mark strings.Builder
	for i, r := range line[from:min(len(line), from+shown)] {
		switch {
		case r == '\t':
		case unicode.IsControl(r):
			r = unicode.ReplacementChar
		}
		text.WriteRune(r)
		if i < at.Column-1-from {
			if r != '\t' {
				r = ' '
			}
			mark.WriteRune(r)
		}
	}
	rest := []rune(text.String())[min(at.Column-1-from, len([]rune(text.String()))):]
	return fmt.Sprintf("%6d | %s\n       | %s%s\n", at.Line, text.String(), mark.String(), strings.Repeat("^", wordLength(rest)))
}

// wordLength returns how long the word, number or string is that a text begins with; at least 1.
func wordLength(text []rune) int {
	if len(text) == 0 {
		return 1
	}
	inWord := func(r rune) bool { return unicode.IsLetter(r) || unicode.IsDigit(r) || strings.ContainsRune("_-+.", r) }
	for i, r := range text[1:] {
		switch quote := text[0]; {
		case (quote == '"' || quote == '\'') && r == quote:
			return i + 2
		case quote != '"' && quote != '\'' && !(inWord(quote) && inWord(r)):
			return i + 1
		}
	}
	return len(text)
}

// problems collects what is wrong.
type problems struct {
	list []Problem
}

func (p *problems) add(at Position, where, format string, arguments ...any) {
	p.list = append(p.list, Problem{at, where, fmt.Sprintf(format, arguments...)})
}

// sorted returns the problems in the order of the file.
func (p *problems) sorted() []Problem {
	slices.SortStableFunc(p.list, func(a, b Problem) int {
		return cmp.Or(cmp.Compare(a.At.Line, b.At.Line), cmp.Compare(a.At.Column, b.At.Column))
	})
	return p.list
}
