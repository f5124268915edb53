package sim_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/tasksupervisor/tasksupervisor/core"
	"github.com/tasksupervisor/tasksupervisor/core/scenario"
	"github.com/tasksupervisor/tasksupervisor/sim"
	"github.com/tasksupervisor/tasksupervisor/sim/swarm"
	"github.com/tasksupervisor/tasksupervisor/sim/workload"
)

// Does a service of 200 workers live through ten minutes without its database?
func ExampleRun() {
	policy := core.DefaultPolicy()
	policy.MaxAttempts = core.Unlimited
	result, err := sim.Run(workload.World{
		Seed:   1,
		Config: core.Config{Limits: core.Limits{DeadThreshold: core.Fraction{Num: 1, Den: 2}}},
		Tasks:  []workload.Tasks{{Name: "worker", Count: 200, Policy: policy}},
		Outages: []workload.Outage{{
			Of: "worker", At: 10 * time.Minute, Lasts: workload.Constant(10 * time.Minute),
			Fails: workload.Uniform(time.Second, 5*time.Second),
		}},
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(result.Phase, result.Counts.Healthy, result.Violation == nil)
	// Output: running 200 true
}

func ExampleRunTwice() {
	result, err := sim.RunTwice(swarm.World(workload.Seed("any word")))
	fmt.Println(result.Violation == nil, err)
	// Output: true <nil>
}

// The invariants are checked without asking; a watcher adds what you know about your own system.
func ExampleWatcher() {
	result, err := sim.Run(workload.World{
		Seed:  2,
		Tasks: []workload.Tasks{{Name: "worker", Count: 50, Lifetime: workload.Exponential(30 * time.Minute)}},
	}, sim.Watch(func(string) []sim.Watcher { return []sim.Watcher{mostlyUp{}} }))
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(result.Violation)
	// Output: seed 2, step 71, 9m22.361676669s: the supervisor: watcher: 2 of 50 workers are down
}

// mostlyUp does not want two workers to be down at once.
type mostlyUp struct{}

func (mostlyUp) Watch(step *sim.Step) error {
	if counts := step.Machine.Counts(); counts.Failed > 1 {
		return fmt.Errorf("%d of %d workers are down", counts.Failed, counts.Total)
	}
	return nil
}

func ExampleStep() {
	step := sim.Step{Path: "pool#1", Event: core.Event{Kind: core.EventKill}}
	fmt.Println(step.Path, step.Event.Kind)
	// Output: pool#1 kill
}

func ExampleSimulation() {
	s, err := sim.New(workload.World{
		Tasks: []workload.Tasks{{Name: "web", Lifetime: workload.Constant(10 * time.Second)}},
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	for s.Next() && s.Now() < 20*time.Second {
		for status := range s.Machine().Tasks() {
			fmt.Println(s.Now(), status.Status, status.Run)
		}
	}
	// Output:
	// 10s failed 1
	// 12s healthy 2
}

func ExampleResult() {
	result, err := sim.Run(workload.World{For: time.Minute, Tasks: []workload.Tasks{{Name: "web"}}})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(result.Steps, "steps in", result.Elapsed)
	// Output: 2 steps in 1m0s
}

func ExampleCoverage() {
	var all sim.Coverage
	for seed := range uint64(700) {
		result, err := sim.Run(swarm.World(seed))
		if err != nil {
			fmt.Println(err)
			return
		}
		all.Add(&result.Coverage)
	}
	fmt.Println(all.Missing())
	// Output: []
}

func ExampleCheckers() {
	fmt.Println(sim.Checkers()[0])
	// Output: invariant 1: at most one live run per task
}

func ExampleViolation() {
	v := &sim.Violation{Seed: 7, Step: 12, At: core.Instant(time.Second), Check: "watcher", Err: errors.New("it is not nice")}
	fmt.Println(v)
	// Output: seed 7, step 12, 1s: the supervisor: watcher: it is not nice
}

func ExampleDivergence() {
	runs := 0
	_, err := sim.RunTwice(workload.World{Tasks: []workload.Tasks{{Name: "web", Model: func(workload.Start) workload.RunScript {
		runs++ // it remembers what happened in another simulation
		return workload.RunScript{Lifetime: workload.Constant(time.Duration(runs) * time.Second)}
	}}}})
	var divergence *sim.Divergence
	if errors.As(err, &divergence) {
		fmt.Println(divergence)
	}
	// Output:
	// seed 0: step 3 is not the same twice
	//   first:  1s exit task #1 run 1 error; 1s transition task #1 run 1 healthy->failed failure until 3s
	//   second: 2s exit task #1 run 1 error; 2s transition task #1 run 1 healthy->failed failure until 4s
}

// A script says what the first runs do.
// A model decides by task, run and time.
// The shards halt when too many of them are dead; the supervisor above starts them afresh.
// A run is ready after a while and beats, until it hangs.
// The first run beats once, says that the next beat is due in a minute, and is not heard of again.
// The web server is bound to the database: it is stopped and started with it.
// A model has draws of its own, which belong to the run.

// A recording of the supervisor at the top replays anywhere, see core/scenario.
func ExampleOption() {
	var trace strings.Builder
	_, err := sim.Run(workload.World{For: time.Second, Tasks: []workload.Tasks{{Name: "web"}}},
		sim.Unchecked(),
		sim.Record(func(string) io.Writer { return &trace }),
	)
	if err != nil {
		fmt.Println(err)
		return
	}
	s, err := scenario.Parse([]byte(trace.String()))
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(len(s.Statements), "events")
	// Output: 2 events
}

func ExampleWatchOutages() {
	world := workload.World{
		For:     time.Hour,
		Tasks:   []workload.Tasks{{Name: "worker", Count: 10}},
		Outages: []workload.Outage{{Of: "worker", At: 10 * time.Minute, Lasts: workload.Constant(5 * time.Minute)}},
	}
	_, err := sim.Run(world, sim.WatchOutages(func(o sim.Outage) { fmt.Println("no", o.Of, "from", o.From, "to", o.To) }))
	if err != nil {
		fmt.Println(err)
	}
	// Output: no worker from 10m0s to 15m0s
}

func ExampleOutage() {
	o := sim.Outage{Of: "worker", From: 0, To: core.Instant(time.Minute), Storm: workload.FaultKindCount}
	fmt.Println(o.To-o.From, o.Storm == workload.FaultKindCount)
	// Output: 1m0s true
}

func ExampleUntil() {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	result, err := sim.Run(workload.World{Tasks: []workload.Tasks{{Name: "worker"}}}, sim.Until(ctx.Done()))
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println("it ended after", result.Elapsed)
	// Output: it ended after 0s
}
