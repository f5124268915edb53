package main

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/tasksupervisor/tasksupervisor/core/scenario"
	"github.com/tasksupervisor/tasksupervisor/sim/workload"
)

// input is a file that was read: either the description of a world, or scenarios.
type input struct {
	name      string
	workload  *workload.World
	scenarios *scenario.File
}

// standardInput is what is read in place of a file of the name "-".
const standardInput = "<stdin>"

// fileError says where a file is wrong, as FILE:LINE:COLUMN: PROBLEM.
type fileError struct {
	file         string
	line, column int // 0 if there is none
	problem      string
	isEmpty      bool // the problem is that there is nothing in the file
}

func (e *fileError) Error() string {
	switch {
	case e.line == 0:
		return e.file + ": " + e.problem
	case e.column == 0:
		return fmt.Sprintf("%s:%d: %s", e.file, e.line, e.problem)
	}
	return fmt.Sprintf("%s:%d:%d: %s", e.file, e.line, e.column, e.problem)
}

// read reads a file, or the standard input if its name is "-". What a writer had begun when it was stopped is left out, and
// said to be.
func (c *call) read(name string) (*input, error) {
	name, text, err := c.contents(name)
	if err != nil {
		return nil, err
	}
	in := &input{name: name}
	switch word := firstWord(text); word {
	case "scenario":
		if in.scenarios, err = scenario.ParseAll(text); err != nil {
			return nil, located(name, err)
		}
		for _, cut := range in.scenarios.Cuts {
			fmt.Fprintf(c.stderr, "%s:%d: notice: this line was cut off, and its event is left out: %s\n", name, cut.Line, abridged(cut.Text))
		}
		if len(in.scenarios.Scenarios) == 0 {
			return nil, &fileError{file: name, problem: "the recording was cut off before anything happened", isEmpty: true}
		}
	case "workload":
		world, err := workload.Parse(text)
		if err != nil {
			return nil, located(name, err)
		}
		in.workload = &world
	case "":
		return nil, &fileError{file: name, problem: "it is empty; " + begins, isEmpty: true}
	default:
		return nil, &fileError{file: name, line: lineOf(text, word), problem: fmt.Sprintf("it begins with %s; %s", abridged(word), begins)}
	}
	return in, nil
}

const begins = `a description of a world begins with "workload 1", and a scenario with "scenario 1"`

// contents returns what a file holds, and what to call the file. Reading ends when the command is interrupted.
func (c *call) contents(name string) (called string, text []byte, err error) {
	called, from := name, os.ReadFile
	if name == "-" {
		if c.stdinRead {
			return standardInput, nil, usageError("the standard input can be read only once")
		}
		c.stdinRead = true
		called, from = standardInput, func(string) ([]byte, error) { return io.ReadAll(c.stdin) }
	}
	type answer struct {
		text []byte
		err  error
	}
	answers := make(chan answer, 1)
	go func() {
		text, err := from(name)
		answers <- answer{text, err}
	}()
	select {
	case a := <-answers:
		return called, a.text, a.err // the error names the file
	case <-c.ctx.Done():
		return called, nil, errInterrupted
	}
}

// firstWord returns the first word that is not in a comment.
func firstWord(text []byte) string {
	for line := range bytes.Lines(text) {
		if words := bytes.Fields(line); len(words) > 0 && words[0][0] != '#' {
			return string(words[0])
		}
	}
	return ""
}

// lineOf returns the line on which a word is first found.
func lineOf(text []byte, word string) int {
	return 1 + bytes.Count(text[:max(0, bytes.Index(text, []byte(word)))], []byte("\n"))
}

// abridged is a text of any length and content, quoted and not too long for a line.
func abridged(text string) string {
	const most = 60
	if len(text) > most {
		return fmt.Sprintf("%q...", text[:most])
	}
	return fmt.Sprintf("%q", text)
}

// located says where in a file an error is, as far as it is known.
func located(name string, err error) error {
	var description *workload.SyntaxError
	var syntax *scenario.SyntaxError
	var difference *scenario.Difference
	var play *scenario.PlayError
	switch {
	case errors.As(err, &description):
		return &fileError{file: name, line: description.Line, column: description.Column, problem: description.Problem}
	case errors.As(err, &syntax):
		problem := syntax.Problem
		if syntax.Text != "" {
			problem += ": " + abridged(syntax.Text)
		}
		return &fileError{file: name, line: syntax.Line, column: syntax.Column, problem: problem}
	case errors.As(err, &difference):
		return &fileError{file: name, line: difference.Line, problem: differs(difference)}
	case errors.As(err, &play):
		return &fileError{file: name, line: play.Line, problem: play.Err.Error()}
	}
	return &fileError{file: name, problem: err.Error()}
}

// differs is a difference in three lines, without its place.
func differs(d *scenario.Difference) string {
	return fmt.Sprintf("%s\n  expected: %s\n  got:      %s", cmp.Or(d.Statement, "the beginning"), d.Expected, d.Got)
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
