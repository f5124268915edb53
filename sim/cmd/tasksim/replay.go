package main

import (
	"errors"
	"flag"
	"fmt"

	"github.com/tasksupervisor/tasksupervisor/core/scenario"
)

func replayCommand() command {
	return command{
		name:     "replay",
		operands: "FILE...",
		summary:  "replay scenarios and compare every action with what is recorded",
		example:  "tasksim replay incident.scenario",
		prepare: func(flags *flag.FlagSet) func(*call) error {
			update := flags.Bool("update", false, "print each scenario with the actions decided now, instead of comparing")
			return func(c *call) error { return replay(c, *update) }
		},
	}
}

func replay(c *call, update bool) error {
	if len(c.operands) == 0 {
		return usageError("a file is needed")
	}
	var failed error
	for _, name := range c.operands {
		s, err := readScenario(name)
		if err != nil {
			return err
		}
		if update {
			if err := s.Rewrite(); err != nil {
				return located(name, err)
			}
			fmt.Fprint(c.stdout, s)
			continue
		}
		if err := play(c, name, s); errors.Is(err, errViolation) {
			failed = err
		} else if err != nil {
			return err
		}
	}
	return failed
}

// play replays a scenario and prints the outcome.
func play(c *call, name string, s *scenario.Scenario) error {
	machine, err := s.Play()
	var difference *scenario.Difference
	if errors.As(err, &difference) {
		fmt.Fprintf(c.stdout, "%s:%d: %s\n  expected: %s\n  got:      %s\n",
			name, difference.Line, difference.Statement, difference.Expected, difference.Got)
		return errViolation
	}
	if err != nil {
		return located(name, err)
	}
	fmt.Fprintf(c.stdout, "%s: as recorded: %d statements, %v, digest %016x\n", name, len(s.Statements), machine.Phase(), machine.Digest())
	return nil
}
