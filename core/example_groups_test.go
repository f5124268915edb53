package core_test

import (
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/tasksupervisor/tasksupervisor/core"
)

// exampleGroup returns a running machine with the configuration and as many tasks as wanted.
func exampleGroup(config core.Config, tasks int) (*core.Machine, []core.TaskID) {
	machine, err := core.New(config)
	if err != nil {
		panic(err)
	}
	machine.Step(nil, core.Event{Kind: core.EventStart})
	ids := make([]core.TaskID, tasks)
	for i := range ids {
		ids[i] = machine.Step(nil, core.Event{Kind: core.EventAdd})[0].Task
	}
	return machine, ids
}

// show prints decisions.
func show(actions []core.Action) {
	for _, a := range actions {
		fmt.Println(a.At, a.Kind, a.Task, a.From, "->", a.To, a.Why)
	}
}

// The second of three tasks fails: the last one is stopped for it, the first one is not.
func ExampleStrategy() {
	machine, ids := exampleGroup(core.Config{Strategy: core.RestForOne}, 3)
	give := func(event core.Event) { show(machine.Step(nil, event)) }
	give(core.Event{Kind: core.EventExit, Task: ids[1], Run: 1, Exit: core.ExitError})
	give(core.Event{Kind: core.EventExit, At: 1e9, Task: ids[2], Run: 1, Exit: core.ExitOK})
	deadline, _ := machine.NextDeadline()
	give(core.Event{Kind: core.EventTick, At: deadline})
	// Output:
	// 0s transition #2 healthy -> failed failure
	// 0s stop #3 healthy -> stopping sibling
	// 1s transition #3 stopping -> created start-again
	// 1s transition #2 failed -> failed delay-begins
	// 3s transition #2 failed -> created backoff
	// 3s start #2 created -> healthy backoff
	// 3s start #3 created -> healthy start-again
}

// Two crashes within ten seconds are survived, the third one is too many.
func ExampleRate() {
	machine, ids := exampleGroup(core.Config{Limits: core.Limits{Intensity: core.Rate{Count: 2, Per: 10 * time.Second}}}, 4)
	fmt.Println(machine.Config().Intensity)
	for i := range 3 {
		at := core.Instant(i) * core.Instant(time.Millisecond)
		actions := machine.Step(nil, core.Event{Kind: core.EventExit, At: at, Task: ids[i], Run: 1, Exit: core.ExitError})
		fmt.Println(actions[0].At, actions[0].Why, machine.Phase())
	}
	// Output:
	// 2/10s
	// 0s failure running
	// 1ms failure running
	// 2ms intensity halting
}

// Limits come into force by an event, so that a recording knows when.
func ExampleLimits() {
	machine, ids := exampleGroup(core.Config{}, 2)
	machine.Step(nil, core.Event{Kind: core.EventKill, Task: ids[0]})
	machine.Step(nil, core.Event{Kind: core.EventExit, Task: ids[0], Run: 1, Exit: core.ExitOK})
	limits, err := machine.DefineLimits(core.Limits{DeadThreshold: core.Fraction{Num: 1, Den: 3}})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(machine.Phase())
	machine.Step(nil, core.Event{Kind: core.EventLimits, At: 1, Limits: limits})
	fmt.Println(machine.Phase(), machine.HaltReason())
	// Output:
	// running
	// halting too-many-dead
}

func ExampleMachine_DefineLimits() {
	machine, _ := exampleGroup(core.Config{}, 0)
	_, err := machine.DefineLimits(core.Limits{RestartRate: core.Rate{Per: time.Second}})
	var invalid *core.ConfigError
	fmt.Println(errors.As(err, &invalid), invalid.Fields[0].Field)
	first, _ := machine.DefineLimits(core.Limits{RestartRate: core.Rate{Count: 100, Per: time.Second}})
	again, _ := machine.DefineLimits(core.Limits{RestartRate: core.Rate{Count: 100, Per: time.Second}})
	fmt.Println(first, again)
	// Output:
	// true RestartRate
	// 1 1
}

// Three failures stand in a window of which the limit allows four.
func ExampleSupervisorStatus() {
	machine, ids := exampleGroup(core.Config{Limits: core.Limits{Intensity: core.Rate{Count: 4, Per: time.Minute}}}, 1)
	for run := range core.Run(3) {
		at := core.Instant(run) * core.Instant(10*time.Second)
		machine.Step(nil, core.Event{Kind: core.EventExit, At: at, Task: ids[0], Run: run + 1, Exit: core.ExitError})
	}
	status := machine.Supervisor()
	fmt.Println(status.Phase, len(slices.Collect(machine.Crashes())), "of", status.Limits.Intensity.Count)
	// Output: running 3 of 4
}

// The limits of the configuration have the id 0.
func ExampleLimitsID() {
	machine, _ := exampleGroup(core.Config{Limits: core.Limits{ShutdownTimeout: time.Minute}}, 0)
	limits, ok := machine.Limits(0)
	fmt.Println(limits.ShutdownTimeout, ok)
	actions := machine.Step(nil, core.Event{Kind: core.EventLimits, Limits: 1})
	fmt.Println(actions[0].Refusal)
	// Output:
	// 1m0s true
	// unknown-limits
}

// A run is asked every ten seconds whether it is well. The second failure in a row is one too many.
func ExampleProbe() {
	policy := core.DefaultPolicy()
	policy.Probe = core.Probe{Interval: 10 * time.Second, Timeout: time.Second, Failures: 2}
	machine, task := example(policy)
	for range 2 {
		deadline, _ := machine.NextDeadline()
		show(machine.Step(nil, core.Event{Kind: core.EventTick, At: deadline}))
		show(machine.Step(nil, core.Event{Kind: core.EventProbe, At: deadline, Task: task, Run: 1, Exit: core.ExitError}))
	}
	// Output:
	// 10s probe #1 healthy -> healthy probe
	// 10s transition #1 healthy -> healthy probe-failed
	// 20s probe #1 healthy -> healthy probe
	// 20s stop #1 healthy -> stopping watchdog
}

// A task that beats every five seconds, and then hangs.
func ExampleOnMiss() {
	for _, onMiss := range []core.OnMiss{core.MissReport, core.MissRestart} {
		policy := core.DefaultPolicy()
		policy.Watchdog, policy.OnMiss = 5*time.Second, onMiss
		machine, task := example(policy)
		machine.Step(nil, core.Event{Kind: core.EventBeat, At: core.Instant(4 * time.Second), Task: task, Run: 1})
		deadline, _ := machine.NextDeadline()
		show(machine.Step(nil, core.Event{Kind: core.EventTick, At: deadline}))
	}
	// Output:
	// 9s transition #1 healthy -> healthy watchdog
	// 9s stop #1 healthy -> stopping watchdog
}

// A vital task without attempts takes the supervisor with it.
func ExampleOnExhausted() {
	policy := core.DefaultPolicy()
	policy.MaxAttempts, policy.OnExhausted = 0, core.ExhaustedEscalate
	machine, task := example(policy)
	show(machine.Step(nil, core.Event{Kind: core.EventExit, Task: task, Run: 1, Exit: core.ExitError}))
	// Output:
	// 0s transition #1 healthy -> dead exhausted
	// 0s halt #1 none -> none escalated
}

// A status tells why a task does not run.
func ExampleWait() {
	machine, ids := exampleGroup(core.Config{}, 1)
	web := machine.Step(nil, core.Event{Kind: core.EventAdd, Suspended: true})[0].Task
	machine.Step(nil, core.Event{Kind: core.EventNeed, Task: web, Other: ids[0]})
	print := func() {
		status, _ := machine.Status(web)
		fmt.Println(status.Status, status.Wait, status.Need)
	}
	print()
	machine.Step(nil, core.Event{Kind: core.EventExit, Task: ids[0], Run: 1, Exit: core.ExitError})
	machine.Step(nil, core.Event{Kind: core.EventResume, Task: web})
	print()
	deadline, _ := machine.NextDeadline()
	machine.Step(nil, core.Event{Kind: core.EventTick, At: deadline})
	print()
	// Output:
	// created suspended #0
	// created need #1
	// healthy none #0
}

func ExampleMachine_Needs() {
	machine, ids := exampleGroup(core.Config{}, 3)
	machine.Step(nil, core.Event{Kind: core.EventNeed, Task: ids[2], Other: ids[1]})
	machine.Step(nil, core.Event{Kind: core.EventNeed, Task: ids[2], Other: ids[0], Bound: true})
	for other, bound := range machine.Needs(ids[2]) {
		fmt.Println(other, bound)
	}
	// Output:
	// #1 true
	// #2 false
}

func ExampleMachine_NextTimer() {
	machine, ids := exampleGroup(core.Config{}, 2)
	machine.Step(nil, core.Event{Kind: core.EventExit, Task: ids[1], Run: 1, Exit: core.ExitError})
	fmt.Println(machine.NextTimer())
	// Output: #2 2s true
}

// Two tasks come due at the same instant.
func ExampleMachine_Due() {
	machine, ids := exampleGroup(core.Config{}, 3)
	for _, id := range ids[:2] {
		machine.Step(nil, core.Event{Kind: core.EventExit, Task: id, Run: 1, Exit: core.ExitError})
	}
	deadline, _ := machine.NextDeadline()
	var due int
	for range machine.Due(deadline) {
		due++
	}
	for range machine.Due(deadline - 1) {
		fmt.Println("not yet")
	}
	fmt.Println(deadline, due)
	// Output: 2s 2
}

// A run that opted into readiness is starting until it says that it is ready.
func ExamplePolicy_readiness() {
	policy := core.DefaultPolicy()
	policy.Readiness, policy.StartTimeout = true, 30*time.Second
	machine, task := example(policy)
	status, _ := machine.Status(task)
	fmt.Println(status.Status, status.Until)
	show(machine.Step(nil, core.Event{Kind: core.EventReady, At: core.Instant(time.Second), Task: task, Run: 1}))
	// Output:
	// starting 30s
	// 1s transition #1 starting -> healthy ready
}

// A supervisor that is itself a task of another one: it escalates, and its parent restarts it with all below it.
func ExampleMachine_tree() {
	parent, tree := example(core.DefaultPolicy())
	policy := core.DefaultPolicy()
	policy.MaxAttempts, policy.OnExhausted = 0, core.ExhaustedEscalate
	child, task := example(policy)
	for _, action := range child.Step(nil, core.Event{Kind: core.EventExit, Task: task, Run: 1, Exit: core.ExitError}) {
		if action.Kind == core.ActionHalt {
			fmt.Println("the child halts:", action.Why)
			show(parent.Step(nil, core.Event{Kind: core.EventExit, Task: tree, Run: 1, Exit: core.ExitError}))
		}
	}
	// Output:
	// the child halts: escalated
	// 0s transition #1 healthy -> failed failure
}

// A supervisor that has halted is started again: with a new machine, in which everything is as operators have said.
func ExampleMachine_Recreate() {
	machine, ids := exampleGroup(core.Config{}, 3)
	for _, ev := range []core.Event{
		{Kind: core.EventSuspend, Task: ids[0]},
		{Kind: core.EventShutdown},
		{Kind: core.EventExit, Task: ids[0], Run: 1, Exit: core.ExitOK},
		{Kind: core.EventExit, Task: ids[1], Run: 1, Exit: core.ExitOK},
		{Kind: core.EventExit, Task: ids[2], Run: 1, Exit: core.ExitOK},
		{Kind: core.EventKill, Task: ids[1]}, // while the supervisor is down
	} {
		machine.Step(nil, ev)
	}

	next, err := core.New(machine.Config())
	if err != nil {
		fmt.Println(err)
		return
	}
	for ev, policy := range machine.Recreate() {
		if ev.Kind == core.EventAdd {
			ev.Policy, _ = next.Define(policy)
		}
		next.Step(nil, ev)
	}
	next.Step(nil, core.Event{Kind: core.EventStart})
	for status := range next.Tasks() {
		fmt.Println(status.Status, status.Wait, status.Killed())
	}
	// Output:
	// created suspended false
	// dead none true
	// healthy none false
}
