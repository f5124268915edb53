package main

import (
	"errors"
	"flag"
	"fmt"

	"github.com/tasksupervisor/tasksupervisor/core/scenario"
	"github.com/tasksupervisor/tasksupervisor/sim/checkers"
)

func checkCommand() command {
	return command{
		name:     "check",
		operands: "FILE...",
		summary:  "check that recorded traces violate no invariant",
		details: "The events of each scenario are played, and every checker looks at every step. The actions in the scenario\n" +
			"are not compared: replay does that.",
		example: "tasksim check incident.scenario",
		prepare: func(flags *flag.FlagSet) func(*call) error {
			verbose := flags.Bool("v", false, "print how often each checker had something to check")
			return func(c *call) error { return checkAll(c, *verbose) }
		},
	}
}

func checkAll(c *call, verbose bool) error {
	if len(c.operands) == 0 {
		return usageError("a file is needed")
	}
	suite := checkers.NewSuite(append(checkers.All(), checkers.Audits(1)...)...)
	var failed error
	for _, name := range c.operands {
		s, err := readScenario(name)
		if err != nil {
			return err
		}
		if err := check(c, suite, name, s); errors.Is(err, errViolation) {
			failed = err
		} else if err != nil {
			return err
		}
	}
	if verbose {
		for _, checker := range suite.Checkers() {
			fmt.Fprintf(c.stdout, "%8d  %s\n", checker.Checked(), checker.Name())
		}
	}
	return failed
}

func check(c *call, suite *checkers.Suite, name string, s *scenario.Scenario) error {
	player, err := scenario.NewPlayer(s)
	if err != nil {
		return located(name, err)
	}
	suite.Begin(player.Machine())
	events := 0
	for player.Next() {
		statement, ok := player.Statement().(*scenario.Event)
		if !ok {
			continue
		}
		events++
		err := suite.Observe(player.Machine(), player.Event(), player.Actions())
		if err != nil {
			fmt.Fprintf(c.stdout, "%s:%d: %v\n", name, statement.Line, err)
			return errViolation
		}
	}
	if err := player.Err(); err != nil {
		return located(name, err)
	}
	fmt.Fprintf(c.stdout, "%s: no violation in %d events\n", name, events)
	return nil
}
