package conformance_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"testing"

	"github.com/tasksupervisor/tasksupervisor/clock"
	"github.com/tasksupervisor/tasksupervisor/core"
	"github.com/tasksupervisor/tasksupervisor/proptest/conformance"
)

func ExampleRun() {
	// This is a test, in the package of the runtime.
	TestConformance := func(t *testing.T) {
		conformance.Run(t, openLoop)
	}
	fmt.Printf("%T\n", TestConformance)
	// Output: func(*testing.T)
}

func ExampleSuite() {
	suite := conformance.Suite{
		Open:   openLoop,
		Clocks: []conformance.ClockKind{conformance.VirtualClock, conformance.MockClock},
		Waived: []conformance.Duty{conformance.DutyObservers, conformance.DutyTree},
		Stress: 100,
	}
	fmt.Printf("%T\n", suite.Run)
	// Output: func(*testing.T)
}

func ExampleDuties() {
	for _, duty := range conformance.Duties()[:3] {
		fmt.Println(duty)
	}
	// Output:
	// the recording replays
	// events have their instants
	// accepted calls are accepted events
}

func ExampleDuty() {
	fmt.Println(conformance.DutyLateEnds)
	// Output: late ends are reported as such
}

func ExampleClockKind() {
	fmt.Println(conformance.BubbleClock, conformance.VirtualClock, conformance.MockClock)
	// Output: bubble virtual mock
}

// What the suite does to a runtime, done by hand.
func ExampleRuntime() {
	runtime, err := openLoop(conformance.Env{
		Config:    core.Config{Limits: core.Limits{AutoShutdown: core.AutoShutdownAll}},
		Clock:     new(clock.Virtual),
		Recording: io.Discard,
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	defer func() { _ = runtime.(io.Closer).Close() }() // the loop goes on after the halt, to tell of late ends
	var latest core.Run
	var body conformance.Body = func(_ context.Context, run core.Run) error {
		latest = run
		return nil
	}
	err = runtime.Add("task", conformance.Task{Policy: core.DefaultPolicy(), Body: body})
	fmt.Println("added:", err)
	err = runtime.Add("task", conformance.Task{Policy: core.DefaultPolicy(), Body: body})
	fmt.Println("added again:", err)
	err = runtime.Start(context.Background())
	fmt.Println("started:", err)

	err = runtime.Wait()
	fmt.Println("halted:", runtime.Reason(err), "after run", latest)
	// Output:
	// added: <nil>
	// added again: the name is taken
	// started: <nil>
	// halted: all-ended after run 1
}

func ExampleBody() {
	var body conformance.Body = func(ctx context.Context, run core.Run) error {
		<-ctx.Done()
		return fmt.Errorf("run %d: %w", run, context.Cause(ctx))
	}
	ctx, cancel := context.WithCancelCause(context.Background())
	cancel(errors.New("asked to stop"))
	fmt.Println(body(ctx, 1))
	// Output: run 1: asked to stop
}

func ExampleProbe() {
	var probe conformance.Probe = func(_ context.Context, run core.Run) error {
		return fmt.Errorf("run %d is not well", run)
	}
	fmt.Println(probe(context.Background(), 1))
	// Output: run 1 is not well
}

// What the suite asks of a runtime that has readiness and needs.
func ExampleTask() {
	policy := core.DefaultPolicy()
	policy.Readiness = true
	tasks := map[string]conformance.Task{
		"database": {Policy: policy, Body: func(ctx context.Context, _ core.Run) error {
			// The suite calls Runtime.Ready with this context, sooner or later.
			<-ctx.Done()
			return nil
		}},
		"service": {Policy: policy, Needs: []conformance.Need{{Task: "database", Bound: true}}, Suspended: true},
	}
	fmt.Println(tasks["service"].Needs[0].Task, tasks["service"].Suspended, tasks["database"].Suspended)
	// Output: database true false
}

func ExampleNeed() {
	need := conformance.Need{Task: "database", Bound: true}
	fmt.Printf("%+v\n", need)
	// Output: {Task:database Bound:true}
}

func ExampleEnv() {
	env := conformance.Env{
		Observers: []func(string, core.Action){
			func(task string, a core.Action) { fmt.Println(task, a.Kind, a.To) },
		},
	}
	// A driver tells the observers of what it does.
	for _, observe := range env.Observers {
		observe("task", core.Action{Kind: core.ActionStart, To: core.StatusHealthy})
	}
	// Output: task start healthy
}

func ExampleStatus() {
	status := conformance.Status{
		TaskStatus: core.TaskStatus{Status: core.StatusFailed, LastExit: core.ExitPanic},
		Ending:     conformance.Ending{Err: errors.New("it panicked"), Value: 42, Stack: "main.work()"},
	}
	fmt.Println(status.Status, status.LastExit, status.Ending.Value)
	// Output: failed panic 42
}

func ExampleReport() {
	report := conformance.Report{
		Started: 3, Ended: 2, Abandoned: 1,
		Left: []conformance.LeftRun{{Task: "stubborn", Run: 1}},
	}
	fmt.Println(report.Started-report.Ended, "alive:", report.Left)
	// Output: 1 alive: [{stubborn 1}]
}

// A runtime that begins embeds Unsupported, and waives what it stands for.
func ExampleUnsupported() {
	type first struct {
		conformance.Unsupported
		// and what the runtime does have
	}
	suite := conformance.Suite{Waived: conformance.Optional()}
	fmt.Println(len(suite.Waived), "duties are waived")
	defer func() { fmt.Println(recover()) }()
	first{}.Ready(context.Background())
	// Output:
	// 18 duties are waived
	// conformance: the runtime does not support what belongs to the duty runs are ready when they say so, which is to be in Suite.Waived
}
