package workload

import (
	"errors"
	"strconv"

	"github.com/tasksupervisor/tasksupervisor/core"
	"github.com/tasksupervisor/tasksupervisor/core/scenario"
)

// definitions are the policies and limits of a description, by name. Their lines, and those of configurations, look the
// same in a scenario.
type definitions struct {
	policies []named[core.Policy]
	limits   []named[core.Limits]
}

// named is a definition with its name.
type named[T comparable] struct {
	name  string
	value T
}

// define adds the definition of a line, which must have a new name.
func define[T comparable](head word, all *[]named[T], name string, value T) error {
	for _, other := range *all {
		if other.name == name {
			return head.fail("a second " + head.text + " of that name: " + strconv.Quote(name))
		}
	}
	*all = append(*all, named[T]{name, value})
	return nil
}

// find returns the definition with a name.
func find[T comparable](all []named[T], what string, name word) (value T, err error) {
	for _, known := range all {
		if known.name == name.text {
			return known.value, nil
		}
	}
	return value, name.fail("no " + what + " of that name stands above: " + strconv.Quote(name.text))
}

// nameOf returns the name of a definition, or "".
func nameOf[T comparable](all []named[T], value T) string {
	for _, known := range all {
		if known.value == value {
			return known.name
		}
	}
	return ""
}

// collect names a definition, unless it is zero or has a name already.
func collect[T comparable](all *[]named[T], letter string, value T) {
	var zero T
	if value != zero && nameOf(*all, value) == "" {
		*all = append(*all, named[T]{letter + strconv.Itoa(len(*all)), value})
	}
}

// parse reads a line that looks the same in a scenario.
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

// scenario returns the definitions as those of a scenario, which prints them.
func (d *definitions) scenario() scenario.Scenario {
	var s scenario.Scenario
	for _, p := range d.policies {
		s.Policies = append(s.Policies, scenario.Policy{Policy: p.value, Name: p.name})
	}
	for _, l := range d.limits {
		s.Statements = append(s.Statements, &scenario.DefineLimits{Limits: l.value, Name: l.name})
	}
	return s
}
