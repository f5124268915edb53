package main

import (
	"context"
	"flag"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"time"

	"github.com/tasksupervisor/tasksupervisor/core"
	"github.com/tasksupervisor/tasksupervisor/sim"
	"github.com/tasksupervisor/tasksupervisor/sim/workload"
)

func campaignCommand() command {
	return command{
		name:     "campaign",
		operands: "",
		summary:  "simulate many seeds, each with a world of its own, and look for violations",
		details: "Each seed has a strategy, limits, policies, tasks, operators and faults of its own. Over all seeds, every checker\n" +
			"must have had something to check, and every kind of event, action, reason, wait and fault must have occurred:\n" +
			"the campaign fails if something was never tried. With a state file, an interrupted campaign continues where it\n" +
			"stopped when the same command is given again.",
		examples: []string{
			"tasksim campaign -seeds 1000000 -state campaign.json",
			"tasksim campaign -seed monday -seeds 500 -allow-gaps -failures failures",
		},
		prepare: prepareCampaign,
	}
}

func prepareCampaign(flags *flag.FlagSet) func(*call) error {
	var o campaign
	flags.StringVar(&o.seed, "seed", "1", "the first `seed`, a number or any word")
	flags.Uint64Var(&o.seeds, "seeds", 10_000, "the `number` of seeds")
	flags.IntVar(&o.workers, "workers", runtime.GOMAXPROCS(0), "simulate this `number` of seeds at a time")
	flags.StringVar(&o.state, "state", "", "keep the state in this `file`, and continue from it")
	flags.StringVar(&o.failures, "failures", "", "write the scenario of each violation into this `directory`")
	flags.IntVar(&o.most, "violations", 1, "stop after this `number` of violations")
	flags.BoolVar(&o.twice, "twice", false, "simulate each seed twice, and compare step by step")
	flags.BoolVar(&o.gaps, "allow-gaps", false, "do not fail if something was never tried; for short campaigns")
	flags.DurationVar(&o.progress, "progress", 2*time.Second, "print a line at least every `duration`; 0 prints none")
	return o.run
}

// campaign is the arguments of the command campaign.
type campaign struct {
	seed, state, failures string
	seeds                 uint64
	workers, most         int
	gaps, twice           bool
	progress              time.Duration
}

// chunk is how many seeds a worker takes at a time. Chunks that an interruption cuts short are simulated again later.
const chunk = 64

func (o *campaign) run(c *call) error {
	switch {
	case len(c.operands) > 0:
		return usageError("it takes no file")
	case o.workers < 1:
		return usageError("-workers must be at least 1")
	case o.most < 1:
		return usageError("-violations must be at least 1")
	}
	t := &tally{First: workload.Seed(o.seed), Seeds: o.seeds}
	if err := t.load(o.state); err != nil {
		return err
	}
	if t.Done > 0 {
		fmt.Fprintf(c.stderr, "continues after %d seeds\n", t.Done)
	}
	begin, before := time.Now(), t.Done
	if err := o.work(c, t); err != nil {
		return err
	}
	o.summarize(c.stdout, t, time.Since(begin), t.Done-before)
	return o.judge(c, t)
}

// work simulates until all seeds are done, the context is cancelled, or there are enough violations.
func (o *campaign) work(c *call, t *tally) error {
	ctx, cancel := context.WithCancel(c.ctx)
	defer cancel()
	next := time.Now().Add(o.progress)
	for done := range t.chunks(ctx, o.workers, o.twice) {
		t.add(done)
		if err := o.keep(c, t, done); err != nil {
			return err
		}
		if len(t.Violations) >= o.most {
			return nil
		}
		if o.progress > 0 && time.Now().After(next) {
			next = time.Now().Add(o.progress)
			fmt.Fprintf(c.stderr, "%d of %d seeds, %d steps, %d violations\n", t.Done, t.Seeds, t.Steps, len(t.Violations))
			if err := t.save(o.state); err != nil {
				return err
			}
		}
	}
	return t.save(o.state)
}

// keep prints violations, and writes their scenarios.
func (o *campaign) keep(c *call, t *tally, done *chunkResult) error {
	for _, v := range done.violations {
		fmt.Fprintf(c.stdout, "violation: %v\nreproduce with: tasksim run -swarm %d\n", v, v.Seed)
		if o.failures == "" {
			fmt.Fprintf(c.stdout, "\n%s\n", v.Scenario)
			continue
		}
		if err := os.MkdirAll(o.failures, 0o755); err != nil {
			return err
		}
		name := filepath.Join(o.failures, fmt.Sprintf("seed-%d.scenario", v.Seed))
		if err := os.WriteFile(name, []byte(v.Scenario), 0o644); err != nil {
			return err
		}
		fmt.Fprintf(c.stdout, "scenario: %s\n", name)
	}
	return t.save(o.stateAfter(done))
}

// stateAfter returns where to save the state at once: after a violation, which must not be lost.
func (o *campaign) stateAfter(done *chunkResult) string {
	if len(done.violations) == 0 {
		return ""
	}
	return o.state
}

func (o *campaign) summarize(w io.Writer, t *tally, took time.Duration, seeds uint64) {
	fmt.Fprintf(w, "%d of %d seeds from %d on: %d steps, %s of virtual time, digest %016x\n",
		t.Done, t.Seeds, t.First, t.Steps, t.virtual(), t.Digest)
	if took > 0 {
		fmt.Fprintf(w, "this time %d seeds in %v: %.0f a second\n", seeds, took.Round(time.Millisecond), float64(seeds)/took.Seconds())
	}
	for i, name := range sim.Checkers() {
		fmt.Fprintf(w, "%12d  %s\n", t.Coverage.Checked[i], name)
	}
	for strategy := range core.ValuesFrom(core.OneForOne) {
		fmt.Fprintf(w, "%12d  supervisors: %v\n", t.Coverage.Strategies[strategy], strategy)
	}
	for kind := range workload.FaultKinds() {
		fmt.Fprintf(w, "%12d  fault: %v\n", t.Coverage.Faults[kind], kind)
	}
}

// judge prints why the campaign has failed, if it has, and returns an error then.
func (o *campaign) judge(c *call, t *tally) error {
	if len(t.Violations) > 0 {
		fmt.Fprintf(c.stdout, "FAILED: %d violations\n", len(t.Violations))
		for _, text := range t.Violations {
			fmt.Fprintf(c.stdout, "  %s\n", text)
		}
		return errViolation
	}
	if t.Done < t.Seeds {
		fmt.Fprintf(c.stdout, "interrupted after %d seeds without a violation", t.Done)
		if o.state != "" {
			fmt.Fprint(c.stdout, "; give the same command to continue")
		}
		fmt.Fprintln(c.stdout)
		return fmt.Errorf("%w after %d of %d seeds", errInterrupted, t.Done, t.Seeds)
	}
	if missing := t.Coverage.Missing(); len(missing) > 0 && !o.gaps {
		fmt.Fprintf(c.stdout, "FAILED: never tried: %s\n", strings.Join(missing, ", "))
		return errViolation
	}
	fmt.Fprintln(c.stdout, "no violation")
	return nil
}
