package main

import (
	"flag"
	"path/filepath"

	"github.com/tasksupervisor/tasksupervisor/core"
	"github.com/tasksupervisor/tasksupervisor/sim"
	"github.com/tasksupervisor/tasksupervisor/sim/report"
)

func reportCommand() command {
	return command{
		name:     "report",
		operands: "FILE",
		summary:  "show a scenario or a workload as a page, a Perfetto trace or lines of text",
		details:  "Without a flag, it prints one line per transition.",
		example:  "tasksim report -html incident.html -perfetto incident.json incident.scenario",
		prepare: func(flags *flag.FlagSet) func(*call) error {
			var out output
			flags.StringVar(&out.html, "html", "", "write a timeline to this `file`, as one page")
			flags.StringVar(&out.perfetto, "perfetto", "", "write a trace for Perfetto to this `file`")
			text := flags.Bool("text", false, "print one line per transition")
			return func(c *call) error { return show(c, out, *text || !out.wanted()) }
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

func show(c *call, out output, text bool) error {
	name, err := c.one()
	if err != nil {
		return err
	}
	timeline, err := timelineOf(name)
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
func timelineOf(name string) (*report.Timeline, error) {
	in, err := read(name)
	if err != nil {
		return nil, err
	}
	if in.scenario != nil {
		timeline, err := report.FromScenario(filepath.Base(name), in.scenario)
		if err != nil {
			return nil, located(name, err)
		}
		return timeline, nil
	}
	timeline := report.New(title(in.workload))
	result, err := sim.Run(*in.workload, sim.Watch(timeline.Watchers), sim.WatchOutages(timeline.AddOutage))
	if err != nil {
		return nil, err
	}
	timeline.EndAt(in.workload.Origin + core.Instant(result.Elapsed))
	return timeline, nil
}
