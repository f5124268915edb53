package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"strings"
)

const (
	exitOK          = 0
	exitViolation   = 1
	exitUsage       = 2
	exitInterrupted = 130 // as of a program that SIGINT ends
)

// command is one subcommand.
type command struct {
	name     string
	operands string // what follows the flags, such as "FILE..."
	summary  string // one line
	details  string // what else there is to know, or ""
	examples []string

	// prepare defines the command's flags and returns what it does once they are parsed.
	prepare func(flags *flag.FlagSet) func(c *call) error
}

// call is one use of a command.
type call struct {
	ctx       context.Context
	operands  []string
	empty     int // how many of them were found to be empty
	stdin     io.Reader
	stdinRead bool
	stdout    io.Writer
	stderr    io.Writer
}

var (
	// errViolation ends a command that has found a violation and said so.
	errViolation = errors.New("violation")

	// errInterrupted ends a command that was interrupted. What wraps it says how far that came.
	errInterrupted = errors.New("interrupted")
)

// interruptedAfter ends a command that was interrupted when it had done some of what it was to do.
func interruptedAfter(done, all int, what string) error {
	return fmt.Errorf("%w after %d of %d %s", errInterrupted, done, all, what)
}

// usageError is a mistake in the command line.
type usageError string

func (e usageError) Error() string { return string(e) }

// run runs one command line and returns its exit code.
func run(ctx context.Context, args []string, stdin io.Reader, stdout, stderr io.Writer) int {
	if len(args) == 0 {
		help(stderr)
		return exitUsage
	}
	name, args := args[0], args[1:]
	if name == "help" || name == "-help" || name == "--help" || name == "-h" {
		return helpAbout(args, stdout, stderr)
	}
	if c := commandOf(name); c != nil {
		return c.run(&call{ctx: ctx, stdin: stdin, stdout: stdout, stderr: stderr}, args)
	}
	return unknown(name, stderr)
}

func commandOf(name string) *command {
	for _, c := range commands() {
		if c.name == name {
			return &c
		}
	}
	return nil
}

func unknown(name string, stderr io.Writer) int {
	fmt.Fprintf(stderr, "tasksim: there is no command %q; see: tasksim help\n", name)
	return exitUsage
}

// helpAbout prints the help for the commands of these names, or if there are none, the list of all commands.
func helpAbout(names []string, stdout, stderr io.Writer) int {
	if len(names) == 0 {
		help(stdout)
	}
	for i, name := range names {
		c := commandOf(name)
		if c == nil {
			return unknown(name, stderr)
		}
		if i > 0 {
			fmt.Fprintln(stdout)
		}
		flags := flag.NewFlagSet(c.name, flag.ContinueOnError)
		c.prepare(flags)
		c.help(stdout, flags)
	}
	return exitOK
}

func help(w io.Writer) {
	fmt.Fprint(w, "tasksim simulates supervised tasks, and replays, checks and shows what a supervisor did.\n\n")
	fmt.Fprint(w, "usage: tasksim COMMAND [FLAGS] [FILE...]\n\n")
	for _, c := range commands() {
		fmt.Fprintf(w, "  %-10s %s\n", c.name, c.summary)
	}
	fmt.Fprint(w, "\nA file is the description of a world, or holds scenarios, as a recording does. \"-\" is the standard input.\n")
	fmt.Fprint(w, "Exit codes: 0 no violation, 1 a violation was found, 2 the command line or a file is wrong, 130 interrupted.\n")
	fmt.Fprint(w, "\"tasksim help COMMAND\" shows a command's flags and examples.\n")
}

func (c *command) run(call *call, args []string) int {
	flags := flag.NewFlagSet(c.name, flag.ContinueOnError)
	flags.SetOutput(io.Discard)
	act := c.prepare(flags)
	operands, err := parseArguments(flags, args)
	if errors.Is(err, flag.ErrHelp) {
		c.help(call.stdout, flags)
		return exitOK
	}
	if err == nil {
		call.operands = operands
		err = act(call)
	}
	stderr := call.stderr
	switch usage := usageError(""); {
	case err == nil:
		return exitOK
	case errors.Is(err, errViolation):
		return exitViolation
	case errors.Is(err, errInterrupted):
		fmt.Fprintf(stderr, "tasksim %s: %v\n", c.name, err)
		return exitInterrupted
	case errors.As(err, &usage):
		fmt.Fprintf(stderr, "tasksim %s: %v; see: tasksim help %s\n", c.name, err, c.name)
	default:
		fmt.Fprintf(stderr, "tasksim %s: %v\n", c.name, err)
	}
	return exitUsage
}

func (c *command) help(w io.Writer, flags *flag.FlagSet) {
	fmt.Fprintf(w, "%s\n\nusage: tasksim %s\n\n", c.summary, strings.TrimSpace(c.name+" [FLAGS] "+c.operands))
	if c.details != "" {
		fmt.Fprintf(w, "%s\n\n", c.details)
	}
	flags.SetOutput(w)
	fmt.Fprintln(w, "flags:")
	flags.PrintDefaults()
	fmt.Fprint(w, "\nexamples:\n")
	for _, example := range c.examples {
		fmt.Fprintf(w, "  %s\n", example)
	}
}

// parseArguments parses flags wherever they stand, and returns the rest.
func parseArguments(flags *flag.FlagSet, args []string) (operands []string, err error) {
	for {
		if err := flags.Parse(args); err != nil {
			if errors.Is(err, flag.ErrHelp) {
				return nil, err
			}
			return nil, usageError(err.Error())
		}
		if args = flags.Args(); len(args) == 0 {
			return operands, nil
		}
		operands, args = append(operands, args[0]), args[1:]
	}
}

// one returns the only operand.
func (c *call) one() (string, error) {
	if len(c.operands) != 1 {
		return "", usageError(fmt.Sprintf("it takes one file, not %d", len(c.operands)))
	}
	return c.operands[0], nil
}
