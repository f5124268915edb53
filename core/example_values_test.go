package core_test

import (
	"fmt"
	"time"

	"github.com/tasksupervisor/tasksupervisor/core"
)

func ExampleEvent() {
	machine, task := example(core.DefaultPolicy())
	event := core.Event{Kind: core.EventExit, At: 3, Task: task, Run: 1, Exit: core.ExitOK}
	for _, action := range machine.Step(nil, event) {
		fmt.Println(action.To)
	}
	fmt.Println(event == core.Event{Kind: core.EventExit, At: 3, Task: task, Run: 1, Exit: core.ExitOK})
	// Output:
	// completed
	// true
}

func ExampleEventKind() {
	fmt.Println(core.EventTick, core.EventShutdown, core.EventKind(31))
	// Output: tick shutdown EventKind(31)
}

func ExampleAction() {
	machine, task := example(core.DefaultPolicy())
	kill := core.Event{Kind: core.EventKill, At: core.Instant(time.Second), Task: task}
	for _, action := range machine.Step(nil, kill) {
		fmt.Println(action.Kind, action.Task, "run", action.Run, action.From, "->", action.To, action.Why, "until", action.Until)
	}
	for _, action := range machine.Step(nil, core.Event{Kind: core.EventAdd, Policy: 9}) {
		fmt.Println(action.Kind, action.Refusal)
	}
	// Output:
	// stop #1 run 1 healthy -> stopping killed until 11s
	// reject unknown-policy
}

func ExampleRefusal() {
	machine, task := example(core.DefaultPolicy())
	late := core.Event{Kind: core.EventExit, Task: task, Run: 7, Exit: core.ExitOK}
	fmt.Println(machine.Step(nil, late)[0].Refusal)
	// Output: stale-run
}

func ExampleActionKind() {
	fmt.Println(core.ActionStart, core.ActionStop, core.ActionAbandon, core.ActionForget)
	// Output: start stop abandon forget
}

func ExampleReason() {
	fmt.Println(core.ReasonSupervisorStart, core.RefusalStaleRun)
	// Output: supervisor-start stale-run
}

// An end of a run that was asked to stop is not a failure, whatever it returned.
func ExampleExitKind() {
	machine, task := example(core.DefaultPolicy())
	machine.Step(nil, core.Event{Kind: core.EventRestart, Task: task})
	machine.Step(nil, core.Event{Kind: core.EventExit, Task: task, Run: 1, Exit: core.ExitPanic})
	status, _ := machine.Status(task)
	fmt.Println(status.LastExit, status.Attempts)
	// Output: stopped 0
}

func ExampleStatus() {
	machine, task := example(core.DefaultPolicy())
	for _, event := range []core.Event{
		{Kind: core.EventExit, Task: task, Run: 1, Exit: core.ExitError},
		{Kind: core.EventTick, At: core.Instant(2 * time.Second)},
		{Kind: core.EventKill, Task: task},
		{Kind: core.EventExit, Task: task, Run: 2, Exit: core.ExitOK},
	} {
		machine.Step(nil, event)
		status, _ := machine.Status(task)
		fmt.Println(status.Status)
	}
	// Output:
	// failed
	// healthy
	// stopping
	// dead
}

func ExampleIntent() {
	machine, task := example(core.DefaultPolicy())
	machine.Step(nil, core.Event{Kind: core.EventRestart, Task: task})
	status, _ := machine.Status(task)
	fmt.Println(status.Status, status.Intent)
	machine.Step(nil, core.Event{Kind: core.EventRemove, Task: task})
	status, _ = machine.Status(task)
	fmt.Println(status.Status, status.Intent)
	// Output:
	// stopping restart
	// stopping remove
}

func ExamplePhase() {
	machine, task := example(core.DefaultPolicy())
	fmt.Println(machine.Phase(), machine.HaltReason())
	machine.Step(nil, core.Event{Kind: core.EventShutdown})
	fmt.Println(machine.Phase(), machine.HaltReason())
	machine.Step(nil, core.Event{Kind: core.EventExit, Task: task, Run: 1, Exit: core.ExitOK})
	fmt.Println(machine.Phase(), machine.HaltReason())
	// Output:
	// running none
	// halting shutdown
	// halted shutdown
}

// A status says why a task is not running, when it will, and since when.
func ExampleTaskStatus() {
	machine, task := example(core.DefaultPolicy())
	machine.Step(nil, core.Event{Kind: core.EventExit, At: 5e9, Task: task, Run: 1, Exit: core.ExitPanic})
	s, _ := machine.Status(task)
	fmt.Printf("%v since %v after a %v, attempt %d starts at %v\n", s.Status, s.Since, s.LastExit, s.Attempts, s.Until)
	// Output: failed since 5s after a panic, attempt 1 starts at 7s
}

func ExampleCounts() {
	machine, task := example(core.DefaultPolicy())
	machine.Step(nil, core.Event{Kind: core.EventAdd})
	machine.Step(nil, core.Event{Kind: core.EventExit, Task: task, Run: 1, Exit: core.ExitOK})
	counts := machine.Counts()
	fmt.Println(counts.Total, counts.Healthy, counts.Completed)
	// Output: 2 1 1
}

func ExampleRestart() {
	policy := core.DefaultPolicy()
	policy.Restart = core.RestartNever
	machine, task := example(policy)
	failure := core.Event{Kind: core.EventExit, Task: task, Run: 1, Exit: core.ExitError}
	fmt.Println(policy.Restart, machine.Step(nil, failure)[0].Why)
	// Output: never not-restartable
}

// A run that ignores its stop does not hold up its replacement.
func ExampleOnAbandon() {
	policy := core.DefaultPolicy()
	policy.OnAbandon = core.AbandonReplace
	machine, task := example(policy)
	machine.Step(nil, core.Event{Kind: core.EventRestart, Task: task})
	deadline, _ := machine.NextDeadline()
	for _, action := range machine.Step(nil, core.Event{Kind: core.EventTick, At: deadline}) {
		fmt.Println(action.At, action.Kind, "run", action.Run)
	}
	// Output:
	// 10s abandon run 1
	// 10s start run 2
}

func ExampleAutoShutdown() {
	machine, err := core.New(core.Config{Limits: core.Limits{AutoShutdown: core.AutoShutdownAll}})
	if err != nil {
		fmt.Println(err)
		return
	}
	machine.Step(nil, core.Event{Kind: core.EventStart})
	task := machine.Step(nil, core.Event{Kind: core.EventAdd})[0].Task
	for _, action := range machine.Step(nil, core.Event{Kind: core.EventExit, Task: task, Run: 1, Exit: core.ExitOK}) {
		fmt.Println(action.Kind, action.Why)
	}
	// Output:
	// transition completed
	// halt all-ended
}

func ExampleStopOrder() {
	for _, order := range []core.StopOrder{core.StopTogether, core.StopReverse} {
		machine, err := core.New(core.Config{StopOrder: order})
		if err != nil {
			fmt.Println(err)
			return
		}
		machine.Step(nil, core.Event{Kind: core.EventAdd})
		machine.Step(nil, core.Event{Kind: core.EventAdd})
		machine.Step(nil, core.Event{Kind: core.EventStart})
		for _, action := range machine.Step(nil, core.Event{Kind: core.EventShutdown}) {
			fmt.Println(order, action.Kind, action.Task, action.Why)
		}
	}
	// Output:
	// together stop #2 supervisor-stop
	// together stop #1 supervisor-stop
	// reverse stop #2 supervisor-stop
	// reverse transition #1 supervisor-stop
}

func ExampleTaskID() {
	machine, first := example(core.DefaultPolicy())
	machine.Step(nil, core.Event{Kind: core.EventRemove, Task: first})
	machine.Step(nil, core.Event{Kind: core.EventExit, Task: first, Run: 1, Exit: core.ExitOK})
	second := machine.Step(nil, core.Event{Kind: core.EventAdd})[0].Task
	fmt.Println(first, first.Generation(), first.Slot())
	fmt.Println(second, second.Generation(), second.Slot())
	// Output:
	// #1 1 0
	// #2 2 0
}

// The end of a run that is not the live one is refused.
func ExampleRun() {
	machine, task := example(core.DefaultPolicy())
	late := core.Event{Kind: core.EventExit, Task: task, Run: core.Run(7), Exit: core.ExitError}
	fmt.Println(machine.Step(nil, late)[0].Refusal)
	// Output: stale-run
}

func ExampleInstant() {
	fmt.Println(core.Instant(1_500_000_000), core.Instant(-1), core.Never)
	// Output: 1.5s -1ns never
}

func ExampleDuration() {
	policy := core.DefaultPolicy()
	policy.StopTimeout = core.Forever
	policy.StableAfter = 10 * time.Second
	fmt.Println(policy.StableAfter, policy.StopTimeout == core.Duration(1<<63-1))
	// Output: 10s true
}

func ExampleFraction() {
	fmt.Println(core.Fraction{Num: 1, Den: 3})
	// Output: 1/3
}

// Any value of an enumeration has a name, and all of them can be listed.
func ExampleEnum() {
	for status := range core.ValuesFrom(core.StatusCreated) {
		fmt.Print(status, " ")
	}
	fmt.Println()
	// Output: created starting healthy stopping failed completed dead halted abandoned
}
