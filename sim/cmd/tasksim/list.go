package main

import (
	"flag"
	"fmt"
	"text/tabwriter"

	"github.com/tasksupervisor/tasksupervisor/core"
	"github.com/tasksupervisor/tasksupervisor/core/scenario"
)

func listCommand() command {
	return command{
		name:     "list",
		operands: "FILE...",
		summary:  "list the scenarios of a file, such as the recording of a tree of supervisors",
		details: "Each life of each supervisor is a scenario of its own. The numbers and names are those that -scenario takes.\n" +
			"A scenario without a line about its end was still going on when the recording ended.\n" +
			"FROM and TO count from the beginning of the first, as in a report, if the recording says at what date each began;\n" +
			"if not, each counts from its own.",
		examples: []string{"tasksim list shop.recording", "tasksim list -utc shop.recording"},
		prepare: func(flags *flag.FlagSet) func(*call) error {
			var times clock
			times.define(flags)
			return func(c *call) error { return list(c, times) }
		},
	}
}

func list(c *call, times clock) error {
	if len(c.operands) == 0 {
		return usageError("a file is needed")
	}
	table := tabwriter.NewWriter(c.stdout, 0, 0, 2, ' ', 0)
	for _, name := range c.operands {
		all, err := c.scenariosOfSeveral(name, choice{})
		if err != nil {
			return err
		}
		if len(all) == 0 {
			continue
		}
		if len(c.operands) > 1 {
			fmt.Fprintf(table, "%s:\n", all[0].file)
		}
		fmt.Fprintln(table, "NUMBER\tNAME\tFROM\tTO\tEVENTS\tAT THE END")
		for _, p := range all {
			machine, from, to, events := extent(p.Scenario)
			if begin := all[0].Head.Origin; times.zone() == nil && !begin.IsZero() && !p.Head.Origin.IsZero() {
				late := core.Instant(p.Head.Origin.Sub(begin))
				from, to = from+late, to+late
			}
			fmt.Fprintf(table, "%d\t%s\t%s\t%s\t%d\t%s\n", p.number, called(&p.Head), times.at(&p.Head, from), times.at(&p.Head, to), events, machine)
		}
	}
	return table.Flush()
}

// extent returns from when to when the events of a scenario are, how many there are, and how it ends: the supervisor's phase,
// or what is wrong.
func extent(s *scenario.Scenario) (end string, from, to core.Instant, events int) {
	for _, statement := range s.Statements {
		if event, ok := statement.(*scenario.Event); ok {
			if events == 0 {
				from, to = event.At, event.At
			}
			to = max(to, event.At)
			events++
		}
	}
	player, err := scenario.NewPlayer(s)
	if err != nil {
		return "it cannot be played", from, to, events
	}
	for player.Next() {
	}
	if player.Err() != nil {
		return "it cannot be replayed", from, to, events
	}
	return player.Machine().Phase().String(), from, to, events
}
