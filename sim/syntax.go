package sim

import (
	"errors"
	"strconv"
	"strings"
	"time"

	"github.com/tasksupervisor/tasksupervisor/core"
	"github.com/tasksupervisor/tasksupervisor/core/scenario"
)

// SyntaxError says where a text is not a description of a workload, or not one that makes sense.
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

// fields reads KEY=VALUE words, each key at most once.
func fields(all []word, set func(key string, value word) (known bool, err error)) error {
	var seen []string
	for _, w := range all {
		equals := strings.IndexByte(w.text, '=')
		if equals < 1 {
			return w.fail("not KEY=VALUE: " + strconv.Quote(w.text))
		}
		key := w.text[:equals]
		for _, other := range seen {
			if other == key {
				return w.fail("a second " + key)
			}
		}
		seen = append(seen, key)
		known, err := set(key, w.part(equals+1))
		if err != nil {
			return err
		}
		if !known {
			return w.fail("no such field here: " + key)
		}
	}
	return nil
}

func parseDuration(w word) (core.Duration, error) {
	if w.text == "forever" {
		return core.Forever, nil
	}
	d, err := time.ParseDuration(w.text)
	if err != nil {
		return 0, w.fail("not a duration such as 1.5s: " + strconv.Quote(w.text))
	}
	return d, nil
}

func parseNumber(w word, bits int) (uint64, error) {
	n, err := strconv.ParseUint(w.text, 10, bits)
	if err != nil {
		return 0, w.fail("not a number of at most " + strconv.Itoa(bits) + " bits: " + strconv.Quote(w.text))
	}
	return n, nil
}

func parseFraction(w word) (core.Fraction, error) {
	slash := strings.IndexByte(w.text, '/')
	if slash < 0 {
		return core.Fraction{}, w.fail("not a fraction such as 1/2: " + strconv.Quote(w.text))
	}
	num, err := parseNumber(word{w.text[:slash], w.line, w.column}, 32)
	if err != nil {
		return core.Fraction{}, err
	}
	den, err := parseNumber(w.part(slash+1), 32)
	if err != nil {
		return core.Fraction{}, err
	}
	return core.Fraction{Num: uint32(num), Den: uint32(den)}, nil
}

// parseLength reads 5s, endless, uniform(1s,3s), exponential(5s) and weibull(5s,3/2).
func parseLength(w word) (Length, error) {
	open := strings.IndexByte(w.text, '(')
	if open < 0 {
		if w.text == "endless" {
			return Endless(), nil
		}
		d, err := parseDuration(w)
		return Constant(d), err
	}
	if !strings.HasSuffix(w.text, ")") {
		return Length{}, w.fail("the closing parenthesis is missing")
	}
	inner := word{w.text[open+1 : len(w.text)-1], w.line, w.column + open + 1}
	first, second := inner, word{}
	comma := strings.IndexByte(inner.text, ',')
	if comma >= 0 {
		first, second = word{inner.text[:comma], w.line, inner.column}, inner.part(comma+1)
	}
	d, err := parseDuration(first)
	if err != nil {
		return Length{}, err
	}
	switch kind := w.text[:open]; {
	case kind == "exponential" && comma < 0:
		return Exponential(d), nil
	case kind == "uniform" && comma >= 0:
		most, err := parseDuration(second)
		return Uniform(d, most), err
	case kind == "weibull" && comma >= 0:
		shape, err := parseFraction(second)
		return Weibull(d, shape), err
	}
	return Length{}, w.fail("not a length: 5s, endless, uniform(1s,3s), exponential(5s) or weibull(5s,3/2)")
}

// parseShared reads a line that looks the same in a scenario: config or policy.
func parseShared(line string, head word) (*scenario.Scenario, error) {
	indent := head.column - 1
	s, err := scenario.Parse([]byte("scenario 1\n" + line[indent:] + "\n"))
	var bad *scenario.SyntaxError
	if errors.As(err, &bad) {
		problem := bad.Problem
		if bad.Text != "" {
			problem += ": " + strconv.Quote(bad.Text)
		}
		return nil, &SyntaxError{Line: head.line, Column: indent + bad.Column, Problem: problem, Err: err}
	}
	return s, err
}

// String returns the length as a description writes it: 5s, endless, uniform(1s,3s), exponential(5s) or
// weibull(5s,3/2). The zero Length is the empty string.
func (l Length) String() string {
	switch l.kind {
	case lengthUnset:
		return ""
	case lengthConstant:
		return durationText(l.least)
	case lengthUniform:
		return "uniform(" + durationText(l.least) + "," + durationText(l.most) + ")"
	case lengthExponential:
		return "exponential(" + durationText(l.least) + ")"
	case lengthWeibull:
		return "weibull(" + durationText(l.least) + "," + l.shape.String() + ")"
	case lengthEndless:
	}
	return "endless"
}

func durationText(d core.Duration) string {
	if d == core.Forever {
		return "forever"
	}
	return d.String()
}
