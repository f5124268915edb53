package main

import (
	"flag"
	"fmt"
	"path/filepath"

	"github.com/tasksupervisor/tasksupervisor/core"
	"github.com/tasksupervisor/tasksupervisor/core/scenario"
	"github.com/tasksupervisor/tasksupervisor/sim"
	"github.com/tasksupervisor/tasksupervisor/sim/report"
)

func reportCommand() command {
	return command{
		name:     "report",
		operands: "FILE...",
		summary:  "show a recording or a workload as a page, a Perfetto trace or lines of text",
		details: "Without a flag, it prints one line per transition. The supervisors of a tree that was recorded are shown together,\n" +
			"unless -scenario chooses one. Of several files, the lines of each come under its name; a page or a trace is of one.",
		examples: []string{
			"tasksim report incident.scenario",
			"tasksim report -utc -scenario shop/bank shop.recording",
			"tasksim report -html incident.html -perfetto incident.json incident.scenario",
			"tasksim report -html - shop.recording > shop.html",
		},
		prepare: func(flags *flag.FlagSet) func(*call) error {
			var out output
			flags.StringVar(&out.html, "html", "", "write a timeline to this `file`, as one page")
			flags.StringVar(&out.perfetto, "perfetto", "", "write a trace for Perfetto to this `file`")
			text := flags.Bool("text", false, "print one line per transition")
			var by choice
			by.define(flags)
			var times clock
			times.define(flags)
			return func(c *call) error { return show(c, out, by, times, *text || !out.wanted()) }
		},
	}
}

// output is where a timeline goes.
type output struct{ html, perfetto string }

func (o *output) wanted() bool { return o.html != "" || o.perfetto != "" }

func (o *output) write(c *call, t *report.Timeline) error {
	if err := c.write(o.html, "timeline", t.WriteHTML); err != nil {
		return err
	}
	return c.write(o.perfetto, "trace", t.WritePerfetto)
}

func show(c *call, out output, by choice, times clock, text bool) error {
	if len(c.operands) > 1 && !out.wanted() {
		for i, name := range c.operands {
			if i > 0 {
				fmt.Fprintln(c.stdout)
			}
			fmt.Fprintf(c.stdout, "%s:\n", name)
			if err := showOne(c, name, out, by, times, true); err != nil {
				return err
			}
		}
		return nil
	}
	name, err := c.one()
	if err != nil {
		return err
	}
	return showOne(c, name, out, by, times, text)
}

func showOne(c *call, name string, out output, by choice, times clock, text bool) error {
	timeline, err := timelineOf(c, name, by, times)
	if err != nil {
		return err
	}
	if text {
		if err := timeline.WriteText(c.stdout); err != nil {
			return err
		}
	}
	return out.write(c, timeline)
}

// timelineOf plays or simulates a file.
func timelineOf(c *call, name string, by choice, times clock) (*report.Timeline, error) {
	in, err := c.read(name)
	if err != nil {
		return nil, err
	}
	if in.scenarios != nil {
		return recorded(in, by, times)
	}
	if times.zone() != nil || by.which != "" {
		return nil, usageError("-times, -utc and -scenario are for recordings; " + in.name + " is the description of a world")
	}
	timeline := report.New(title(in.workload))
	result, err := sim.Run(*in.workload, sim.Until(c.ctx.Done()), sim.Watch(timeline.Watchers), sim.WatchOutages(timeline.AddOutage))
	if err != nil {
		return nil, err
	}
	if c.ctx.Err() != nil {
		return nil, errInterrupted
	}
	timeline.EndAt(in.workload.Origin + core.Instant(result.Elapsed))
	return timeline, nil
}

// recorded is the timeline of the chosen scenarios of a file.
func recorded(in *input, by choice, times clock) (*report.Timeline, error) {
	all, err := by.from(in)
	if err != nil {
		return nil, err
	}
	file := &scenario.File{}
	for _, p := range all {
		file.Scenarios = append(file.Scenarios, p.Scenario)
	}
	timeline, err := report.FromFile(filepath.Base(in.name), file)
	if err != nil {
		return nil, located(in.name, err)
	}
	if times.zone() != nil && timeline.Origin.IsZero() {
		return nil, times.known(in.name, &scenario.Head{})
	}
	timeline.Zone = times.zone()
	return timeline, nil
}
