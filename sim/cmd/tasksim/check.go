package main

import (
	"cmp"
	"errors"
	"flag"
	"fmt"
	"slices"
	"strconv"
	"strings"

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
		examples: []string{
			"tasksim check incident.scenario",
			"tasksim check -v shop.recording",
			"tasksim run -record - world.workload | tasksim check -",
		},
		prepare: func(flags *flag.FlagSet) func(*call) error {
			verbose := flags.Bool("v", false, "print how often each checker had something to check")
			var by choice
			by.define(flags)
			return func(c *call) error { return checkAll(c, by, *verbose) }
		},
	}
}

func checkAll(c *call, by choice, verbose bool) error {
	if len(c.operands) == 0 {
		return usageError("a file is needed")
	}
	suite := checkers.NewSuite(append(checkers.All(), checkers.Audits(1)...)...)
	var failed error
	for _, name := range c.operands {
		all, err := c.scenariosOfSeveral(name, by)
		if err != nil {
			return err
		}
		for i, p := range all {
			if c.ctx.Err() != nil {
				return interruptedAfter(i, len(all), "scenarios of "+name)
			}
			if err := check(c, suite, p); errors.Is(err, errViolation) {
				failed = err
			} else if err != nil {
				return err
			}
		}
	}
	if verbose {
		for _, checker := range slices.SortedStableFunc(slices.Values(suite.Checkers()), byNumber) {
			fmt.Fprintf(c.stdout, "%8d  %s\n", checker.Checked(), checker.Name())
		}
	}
	return failed
}

// byNumber orders checkers by the numbers of what they check: the promises of the contract, such as D3, then the invariants.
func byNumber(a, b checkers.Checker) int {
	kind := func(c checkers.Checker) (kind string, number int) {
		head, _, _ := strings.Cut(c.Name(), ":")
		kind, text, _ := strings.Cut(head, " ")
		number, _ = strconv.Atoi(strings.TrimLeft(text, "D"))
		return kind, number
	}
	kindA, numberA := kind(a)
	kindB, numberB := kind(b)
	return cmp.Or(cmp.Compare(kindA, kindB), cmp.Compare(numberA, numberB))
}

func check(c *call, suite *checkers.Suite, p picked) error {
	player, err := scenario.NewPlayer(p.Scenario)
	if err != nil {
		return located(p.file, err)
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
			fmt.Fprintf(c.stdout, "%s:%d: %v\n", p.file, statement.Line, err)
			return errViolation
		}
	}
	if err := player.Err(); err != nil {
		return located(p.file, err)
	}
	fmt.Fprintf(c.stdout, "%s: no violation in %d events\n", p.name, events)
	return nil
}
