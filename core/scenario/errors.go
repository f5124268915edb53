package scenario

import (
	"errors"
	"strings"
)

// ErrVersion is wrapped by a [*SyntaxError] about a version of the format that this package does not read.
var ErrVersion = errors.New("unknown version of the format")

// ErrSeveral is wrapped by a [*SyntaxError] of [Parse] about a text that holds more than one scenario. [ParseAll] reads it.
var ErrSeveral = errors.New("several scenarios")

// SyntaxError says where and why a text is not a scenario.
type SyntaxError struct {
	Line    int    // counted from 1
	Column  int    // in bytes, counted from 1
	Text    string // the word it is about; empty at the end of a line
	Problem string // what is wrong with it
	Err     error  // ErrVersion, ErrSeveral, the error of a failed conversion, or nil
}

// Error returns line, column, problem and word in one line.
func (e *SyntaxError) Error() string {
	var b strings.Builder
	b.WriteString("scenario: line ")
	b.WriteString(itoa(uint64(e.Line)))
	b.WriteString(", column ")
	b.WriteString(itoa(uint64(e.Column)))
	b.WriteString(": ")
	b.WriteString(e.Problem)
	if e.Text != "" {
		b.WriteString(": ")
		b.WriteString(quote(e.Text))
	}
	return b.String()
}

// Unwrap returns Err.
func (e *SyntaxError) Unwrap() error { return e.Err }

// Difference is the first place at which a machine did something other than the scenario says.
type Difference struct {
	Line      int    // where in the text, counted from 1; 0 if the scenario was not parsed
	Index     int    // the index of the statement
	Statement string // the event or the question, as text
	Expected  string // the action or the answer the scenario has; "nothing" if it has no more actions
	Got       string // what the machine gave; "nothing" if it gave no more
}

// Error returns the difference in three lines.
func (d *Difference) Error() string {
	return "scenario: " + location(d.Line, d.Index) + ": " + d.Statement +
		"\n  expected: " + d.Expected +
		"\n  got:      " + d.Got
}

// PlayError says which statement could not be carried out at all, and why.
type PlayError struct {
	Line  int   // where in the text, counted from 1; 0 if the scenario was not parsed
	Index int   // the index of the statement, or -1 for the beginning: configuration or snapshot
	Err   error // why: of core a *ConfigError, ErrSnapshot; ErrPolicyName or ErrLimitsName
}

// Error returns the place and the cause.
func (e *PlayError) Error() string {
	return "scenario: " + location(e.Line, e.Index) + ": " + e.Err.Error()
}

// Unwrap returns Err.
func (e *PlayError) Unwrap() error { return e.Err }

// ErrPolicyName is returned for an event that names a policy not defined before it. Parse reports this as a
// [*SyntaxError].
var ErrPolicyName = errors.New("the policy is not defined before its first use")

// ErrLimitsName is returned for an event that names limits not defined before it. Parse reports this as a
// [*SyntaxError].
var ErrLimitsName = errors.New("the limits are not defined before their first use")

func location(line, index int) string {
	switch {
	case line > 0:
		return "line " + itoa(uint64(line))
	case index >= 0:
		return "statement " + itoa(uint64(index))
	default:
		return "beginning"
	}
}
