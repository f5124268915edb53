package main

import (
	"bytes"
	"errors"
	"flag"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/tasksupervisor/tasksupervisor/core"
	"github.com/tasksupervisor/tasksupervisor/core/scenario"
	"github.com/tasksupervisor/tasksupervisor/sim"
	"github.com/tasksupervisor/tasksupervisor/sim/report"
	"github.com/tasksupervisor/tasksupervisor/sim/swarm"
	"github.com/tasksupervisor/tasksupervisor/sim/workload"
)

func runCommand() command {
	return command{
		name:     "run",
		operands: "FILE",
		summary:  "simulate a workload",
		details: "A world is simulated with all invariants checked. Instead of a file, -swarm SEED simulates the world that a\n" +
			"campaign draws from that seed. A file of scenarios is replayed as by replay, which has options for that: which one,\n" +
			"times of day, -update.",
		examples: []string{
			"tasksim run sim/testdata/workloads/database-outage.workload",
			"tasksim run -seed monday -html outage.html sim/testdata/workloads/database-outage.workload",
			"tasksim run -config 'dead=1/4' -text sim/testdata/workloads/crash-looping-deploy.workload",
			"tasksim run -swarm 585728 -describe > world.workload",
		},
		prepare: prepareRun,
	}
}

func prepareRun(flags *flag.FlagSet) func(*call) error {
	var r simulation
	flags.StringVar(&r.seed, "seed", "", "simulate with this `seed`, a number or any word, instead of the file's")
	flags.StringVar(&r.swarm, "swarm", "", "simulate the world that a campaign draws from this `seed`")
	flags.StringVar(&r.config, "config", "", "override `fields` of the configuration, as in\n\"strategy=rest-for-one intensity=3/1m restart-rate=5/1s\"")
	flags.BoolVar(&r.twice, "twice", false, "simulate twice, and report the first step that differs")
	flags.BoolVar(&r.unchecked, "unchecked", false, "do not check the invariants")
	flags.BoolVar(&r.describe, "describe", false, "print the description of the world, and simulate nothing")
	flags.BoolVar(&r.text, "text", false, "print one line per transition")
	flags.StringVar(&r.record, "record", "", "write the trace of the supervisor at the top to this `file`, as a scenario")
	flags.StringVar(&r.output.html, "html", "", "write a timeline to this `file`, as one page")
	flags.StringVar(&r.output.perfetto, "perfetto", "", "write a trace for Perfetto to this `file`")
	return r.run
}

// simulation is the arguments of the command run.
type simulation struct {
	seed, swarm, config              string
	twice, unchecked, describe, text bool
	record                           string
	output                           output
}

func (r *simulation) run(c *call) error {
	world, err := r.world(c)
	if err != nil || world == nil {
		return err
	}
	if err := r.configure(world); err != nil {
		return err
	}
	if r.describe {
		_, err := io.WriteString(c.stdout, world.String())
		return err
	}
	options := []sim.Option{sim.Until(c.ctx.Done())}
	if r.unchecked {
		options = append(options, sim.Unchecked())
	}
	if r.twice {
		return r.runTwice(c, *world, options)
	}
	var trace bytes.Buffer
	if r.record != "" {
		options = append(options, sim.Record(func(path string) io.Writer {
			if path != "" {
				return nil
			}
			return &trace
		}))
	}
	timeline := report.New(title(world))
	if r.text || r.output.wanted() {
		options = append(options, sim.Watch(timeline.Watchers), sim.WatchOutages(timeline.AddOutage))
	}
	begin := time.Now()
	result, err := sim.Run(*world, options...)
	if err != nil {
		return err
	}
	if c.ctx.Err() != nil {
		return fmt.Errorf("%w after %d steps and %v of virtual time", errInterrupted, result.Steps, result.Elapsed)
	}
	took := time.Since(begin)
	timeline.EndAt(world.Origin + core.Instant(result.Elapsed))
	if r.text {
		if err := timeline.WriteText(c.stdout); err != nil {
			return err
		}
	}
	if err := c.write(r.record, "scenario", func(w io.Writer) error { _, err := trace.WriteTo(w); return err }); err != nil {
		return err
	}
	if err := r.output.write(c, timeline); err != nil {
		return err
	}
	if slices.Contains([]string{r.record, r.output.html, r.output.perfetto}, "-") {
		apart := *c // from what another program is to read
		apart.stdout = c.stderr
		c = &apart
	}
	return r.summarize(c, result, took)
}

// world returns what to simulate, or nil if it was a scenario, which is played at once.
func (r *simulation) world(c *call) (*workload.World, error) {
	if r.swarm != "" {
		if len(c.operands) > 0 {
			return nil, usageError("a file and -swarm do not go together")
		}
		world := swarm.World(workload.Seed(r.swarm))
		return &world, nil
	}
	name, err := c.one()
	if err != nil {
		return nil, err
	}
	in, err := c.read(name)
	if err != nil {
		return nil, err
	}
	if in.scenarios != nil {
		all, err := choice{}.from(in)
		if err != nil {
			return nil, err
		}
		return nil, playAll(c, all, clock{})
	}
	if r.seed != "" {
		in.workload.Seed = workload.Seed(r.seed)
	}
	return in.workload, nil
}

// configure puts other fields into the configuration of the supervisor at the top.
func (r *simulation) configure(world *workload.World) error {
	fields := strings.Fields(r.config)
	if len(fields) == 0 {
		return nil
	}
	old := scenario.Scenario{Config: world.Config}
	changed, err := override("config", old.String(), fields)
	if err != nil {
		return usageError("-config " + err.Error())
	}
	world.Config = changed.Config
	return nil
}

func (r *simulation) runTwice(c *call, world workload.World, options []sim.Option) error {
	result, err := sim.RunTwice(world, options...)
	var divergence *sim.Divergence
	if errors.As(err, &divergence) {
		fmt.Fprintln(c.stdout, divergence)
		return errViolation
	}
	if err != nil {
		return err
	}
	if c.ctx.Err() != nil {
		return errInterrupted
	}
	fmt.Fprintf(c.stdout, "twice the same: %d steps, digest %016x\n", result.Steps, result.Digest)
	return nil
}

func (r *simulation) summarize(c *call, result *sim.Result, took time.Duration) error {
	fmt.Fprintf(c.stdout, "seed %d: %d steps in %v of virtual time, digest %016x\n", result.Seed, result.Steps, result.Elapsed, result.Digest)
	fmt.Fprintf(c.stdout, "the supervisor is %v", result.Phase)
	if result.HaltReason != core.ReasonNone {
		fmt.Fprintf(c.stdout, " for reason %v", result.HaltReason)
	}
	counts := result.Counts
	fmt.Fprintf(c.stdout, ": %d tasks, %d healthy, %d failed, %d stopping, %d completed, %d dead, %d abandoned",
		counts.Total, counts.Healthy, counts.Failed, counts.Stopping, counts.Completed, counts.Dead, counts.Abandoned)
	if counts.Starting > 0 {
		fmt.Fprintf(c.stdout, ", %d starting", counts.Starting)
	}
	if counts.Created > 0 {
		fmt.Fprintf(c.stdout, ", %d waiting", counts.Created)
	}
	fmt.Fprintln(c.stdout)
	fmt.Fprintf(c.stdout, "%d starts, %d of them restarts, %d rejected events\n",
		result.Starts, result.Restarts, result.Coverage.Actions[core.ActionReject])
	fmt.Fprintf(c.stderr, "took %v\n", took.Round(time.Microsecond))
	if result.Violation == nil {
		return nil
	}
	return violated(c, result.Violation)
}

// violated prints a violation with the scenario that replays it.
func violated(c *call, v *sim.Violation) error {
	fmt.Fprintf(c.stdout, "violation: %v\n\n%s", v, v.Scenario)
	return errViolation
}

func title(w *workload.World) string {
	if w.About != "" {
		return w.About
	}
	return fmt.Sprintf("Simulation of seed %d", w.Seed)
}
