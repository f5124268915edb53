package core_test

import (
	"errors"
	"fmt"
	"time"

	"github.com/tasksupervisor/tasksupervisor/core"
)

// The loop of a driver in a world in which every run fails one second after its start.
func Example() {
	machine, err := core.New(core.Config{})
	if err != nil {
		fmt.Println(err)
		return
	}
	type run struct {
		ends core.Instant
		task core.TaskID
		run  core.Run
	}
	var running []run
	give := func(event core.Event) {
		for _, action := range machine.Step(nil, event) {
			fmt.Println(action.At, action.Kind, action.Task, action.From, "->", action.To, action.Why)
			if action.Kind == core.ActionStart {
				running = append(running, run{action.At + core.Instant(time.Second), action.Task, action.Run})
			}
		}
	}
	give(core.Event{Kind: core.EventStart})
	give(core.Event{Kind: core.EventAdd})
	for range 4 {
		if len(running) > 0 {
			ended := running[0]
			running = running[1:]
			give(core.Event{Kind: core.EventExit, At: ended.ends, Task: ended.task, Run: ended.run, Exit: core.ExitError})
		} else if deadline, ok := machine.NextDeadline(); ok {
			give(core.Event{Kind: core.EventTick, At: deadline})
		}
	}
	// Output:
	// 0s add #1 none -> created added
	// 0s start #1 created -> healthy added
	// 1s transition #1 healthy -> failed failure
	// 3s start #1 failed -> healthy backoff
	// 4s transition #1 healthy -> failed failure
	// 8s start #1 failed -> healthy backoff
}

// example returns a running machine with one task, added with the policy.
func example(policy core.Policy) (*core.Machine, core.TaskID) {
	machine, err := core.New(core.Config{Policies: []core.Policy{policy}})
	if err != nil {
		panic(err)
	}
	machine.Step(nil, core.Event{Kind: core.EventStart})
	return machine, machine.Step(nil, core.Event{Kind: core.EventAdd})[0].Task
}

func ExampleNew() {
	_, err := core.New(core.Config{
		Limits: core.Limits{DeadThreshold: core.Fraction{Num: 3, Den: 2}, ShutdownTimeout: -time.Second},
	})
	fmt.Println(err)
	// Output: invalid configuration: DeadThreshold is above 1; ShutdownTimeout is negative
}

// A machine is a value that can be forked: what would become of the task if it failed now?
func ExampleMachine_CopyFrom() {
	machine, task := example(core.DefaultPolicy())

	fork := new(core.Machine)
	fork.CopyFrom(machine)
	fork.Step(nil, core.Event{Kind: core.EventExit, At: 5, Task: task, Run: 1, Exit: core.ExitPanic})

	here, _ := machine.Status(task)
	there, _ := fork.Status(task)
	fmt.Println(here.Status, there.Status)
	// Output: healthy failed
}

func ExampleMachine_AppendBinary() {
	machine, task := example(core.DefaultPolicy())
	machine.Step(nil, core.Event{Kind: core.EventExit, Task: task, Run: 1, Exit: core.ExitError})
	snapshot, err := machine.AppendBinary(nil)
	if err != nil {
		fmt.Println(err)
		return
	}

	// In another process:
	restored := new(core.Machine)
	if err := restored.UnmarshalBinary(snapshot); err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(restored.NextDeadline())
	fmt.Println(restored.Digest() == machine.Digest())
	// Output:
	// 2s true
	// true
}

func ExampleMachine_Define() {
	machine, _ := example(core.DefaultPolicy())
	quick := core.DefaultPolicy()
	quick.BaseDelay = 10 * time.Millisecond
	id, err := machine.Define(quick)
	fmt.Println(id, err)
	id, err = machine.Define(core.DefaultPolicy())
	fmt.Println(id, err)
	// Output:
	// 1 <nil>
	// 0 <nil>
}

func ExampleMachine_Tasks() {
	machine, _ := example(core.DefaultPolicy())
	machine.Step(nil, core.Event{Kind: core.EventAdd, At: 7})
	for status := range machine.Tasks() {
		fmt.Println(status.Task, status.Status, "since", status.Since)
	}
	// Output:
	// #1 healthy since 0s
	// #2 healthy since 7ns
}

func ExampleMachine_Check() {
	machine, _ := example(core.DefaultPolicy())
	fmt.Println(machine.Check())
	// Output: <nil>
}

func ExampleConfig() {
	config := core.Config{
		Policies:  []core.Policy{core.DefaultPolicy()},
		Limits:    core.Limits{DeadThreshold: core.Fraction{Num: 1, Den: 2}, AutoShutdown: core.AutoShutdownAll, ShutdownTimeout: 30 * time.Second},
		StopOrder: core.StopReverse,
	}
	_, err := core.New(config)
	fmt.Println(err)
	// Output: <nil>
}

func ExampleConfig_Warnings() {
	policy := core.DefaultPolicy()
	policy.MaxDelay = time.Minute
	config := core.Config{Policies: []core.Policy{policy}}
	for _, warning := range config.Warnings() {
		fmt.Println(warning)
	}
	// Output: Policies[0].MaxDelay is never reached: the longest delay is 32s
}

func ExampleWarning() {
	config := core.Config{Limits: core.Limits{DeadThreshold: core.Fraction{Num: 1, Den: 1}}}
	warning := config.Warnings()[0]
	fmt.Println(warning == core.Warning{Field: "DeadThreshold", Problem: warning.Problem})
	fmt.Println(warning)
	// Output:
	// true
	// DeadThreshold is 1 and can never be exceeded
}

func ExampleConfigError() {
	_, err := core.New(core.Config{MaxTasks: 1 << 30, Policies: []core.Policy{{}}})
	var invalid *core.ConfigError
	if errors.As(err, &invalid) {
		for _, field := range invalid.Fields {
			fmt.Println(field.Field)
		}
	}
	// Output:
	// MaxTasks
	// Policies[0].Factor
}

func ExampleFieldError() {
	machine, _ := example(core.DefaultPolicy())
	_, err := machine.Define(core.Policy{Factor: 2, BaseDelay: -1})
	var field *core.FieldError
	fmt.Println(errors.As(err, &field), field)
	// Output: true BaseDelay is negative
}

func ExampleSnapshotError() {
	err := new(core.Machine).UnmarshalBinary([]byte("what is this?"))
	var invalid *core.SnapshotError
	fmt.Println(errors.As(err, &invalid), errors.Is(err, core.ErrSnapshot))
	fmt.Println(err)
	// Output:
	// true true
	// invalid snapshot: its first bytes are not those of a snapshot
}

func ExampleCorruptError() {
	// Check returns one where there is a defect in package core.
	var err error = &core.CorruptError{Problem: "a status is miscounted"}
	fmt.Println(err)
	// Output: corrupt machine: a status is miscounted
}

func ExamplePolicy() {
	policy := core.DefaultPolicy()
	policy.BaseDelay = 100 * time.Millisecond
	policy.MaxDelay = time.Second
	policy.MaxAttempts = core.Unlimited

	machine, task := example(policy)
	run, now := core.Run(1), core.Instant(0)
	for range 5 {
		failed := machine.Step(nil, core.Event{Kind: core.EventExit, At: now, Task: task, Run: run, Exit: core.ExitError})[0]
		fmt.Println(failed.Until - failed.At)
		machine.Step(nil, core.Event{Kind: core.EventTick, At: failed.Until})
		now, run = failed.Until, run+1
	}
	// Output:
	// 200ms
	// 400ms
	// 800ms
	// 1s
	// 1s
}

func ExamplePolicyID() {
	quick := core.DefaultPolicy()
	quick.BaseDelay = 0
	machine, err := core.New(core.Config{Policies: []core.Policy{core.DefaultPolicy(), quick}})
	if err != nil {
		fmt.Println(err)
		return
	}
	policy, ok := machine.Policy(core.PolicyID(1))
	fmt.Println(policy == quick, ok)
	// Output: true true
}
