package main

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/tasksupervisor/tasksupervisor/core/scenario"
	"github.com/tasksupervisor/tasksupervisor/sim/workload"
)

// input is a file that was read: either the description of a world or a scenario.
type input struct {
	name     string
	workload *workload.World
	scenario *scenario.Scenario
}

// fileError says where a file is wrong, as FILE:LINE:COLUMN: PROBLEM.
type fileError struct {
	file         string
	line, column int
	problem      string
}

func (e *fileError) Error() string {
	if e.line == 0 {
		return e.file + ": " + e.problem
	}
	return fmt.Sprintf("%s:%d:%d: %s", e.file, e.line, e.column, e.problem)
}

// read reads a file.
func read(name string) (*input, error) {
	text, err := os.ReadFile(name)
	if err != nil {
		return nil, err // it names the file
	}
	in := &input{name: name}
	if firstWord(text) == "scenario" {
		if in.scenario, err = scenario.Parse(text); err != nil {
			return nil, located(name, err)
		}
		return in, nil
	}
	options, err := workload.Parse(text)
	if err != nil {
		return nil, located(name, err)
	}
	in.workload = &options
	return in, nil
}

// readScenario reads a file that must be a scenario.
func readScenario(name string) (*scenario.Scenario, error) {
	in, err := read(name)
	if err != nil {
		return nil, err
	}
	if in.scenario == nil {
		return nil, &fileError{name, 1, 1, "this is the description of a world, not a scenario"}
	}
	return in.scenario, nil
}

// firstWord is the first word that is not in a comment.
func firstWord(text []byte) string {
	for line := range bytes.Lines(text) {
		if words := bytes.Fields(line); len(words) > 0 && words[0][0] != '#' {
			return string(words[0])
		}
	}
	return ""
}

func located(name string, err error) error {
	var description *workload.SyntaxError
	if errors.As(err, &description) {
		return &fileError{name, description.Line, description.Column, description.Problem}
	}
	var syntax *scenario.SyntaxError
	if errors.As(err, &syntax) {
		problem := syntax.Problem
		if syntax.Text != "" {
			problem += fmt.Sprintf(": %q", syntax.Text)
		}
		return &fileError{name, syntax.Line, syntax.Column, problem}
	}
	return &fileError{file: name, problem: err.Error()}
}

// write writes a file, and says so. A name of "-" is the standard output.
func (c *call) write(name, what string, to func(w io.Writer) error) error {
	if name == "" {
		return nil
	}
	if name == "-" {
		return to(c.stdout)
	}
	file, err := os.Create(name)
	if err != nil {
		return err
	}
	if err := errors.Join(to(file), file.Close()); err != nil {
		return err
	}
	fmt.Fprintf(c.stderr, "wrote %s: %s\n", what, name)
	return nil
}
