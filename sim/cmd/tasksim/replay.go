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
		details: "All scenarios of a file are replayed, unless -scenario chooses. An event that was cut off while it was written is\n" +
			"left out, with a notice.",
		examples: []string{
			"tasksim replay incident.scenario",
			"tasksim replay -scenario shop/bank shop.recording",
			"ssh host cat /var/log/shop.recording | tasksim replay -",
			"tasksim replay -update old.scenario > new.scenario",
		},
		prepare: func(flags *flag.FlagSet) func(*call) error {
			update := flags.Bool("update", false, "print each scenario with the actions decided now, instead of comparing")
			var by choice
			by.define(flags)
			var times clock
			times.define(flags)
			return func(c *call) error { return replay(c, by, times, *update) }
		},
	}
}

func replay(c *call, by choice, times clock, update bool) error {
	if len(c.operands) == 0 {
		return usageError("a file is needed")
	}
	var failed error
	for _, name := range c.operands {
		all, err := c.scenariosOfSeveral(name, by)
		if err != nil {
			return err
		}
		if update {
			err = rewrite(c, all)
		} else {
			err = playAll(c, all, times)
		}
		if errors.Is(err, errViolation) {
			failed = err
		} else if err != nil {
			return err
		}
	}
	return failed
}

// rewrite prints scenarios with the actions that are decided now.
func rewrite(c *call, all []picked) error {
	for i, p := range all {
		if c.ctx.Err() != nil {
			return interruptedAfter(i, len(all), "scenarios")
		}
		if err := p.Rewrite(); err != nil {
			return located(p.file, err)
		}
		fmt.Fprint(c.stdout, p.Scenario)
	}
	return nil
}

// playAll replays scenarios and prints the outcomes.
func playAll(c *call, all []picked, times clock) (failed error) {
	for i, p := range all {
		if c.ctx.Err() != nil {
			return interruptedAfter(i, len(all), "scenarios")
		}
		if err := times.known(p.name, &p.Head); err != nil {
			return err
		}
		if err := play(c, p, times); errors.Is(err, errViolation) {
			failed = err
		} else if err != nil {
			return err
		}
	}
	return failed
}

// play replays a scenario and prints the outcome.
func play(c *call, p picked, times clock) error {
	machine, err := p.Play()
	var difference *scenario.Difference
	if errors.As(err, &difference) {
		when := ""
		if event, ok := p.Statements[max(0, difference.Index)].(*scenario.Event); ok && times.zone() != nil {
			when = times.at(&p.Head, event.At) + ": "
		}
		fmt.Fprintf(c.stdout, "%s:%d: %s%s\n", p.file, difference.Line, when, differs(difference))
		return errViolation
	}
	if err != nil {
		return located(p.file, err)
	}
	fmt.Fprintf(c.stdout, "%s: as recorded: %d statements, %v, digest %016x\n", p.name, len(p.Statements), machine.Phase(), machine.Digest())
	return nil
}
