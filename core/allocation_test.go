package core_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/tasksupervisor/tasksupervisor/core"
)

// fleet is a supervisor of tasks that fail, wait and start again for ever.
type fleet struct {
	machine *core.Machine
	actions []core.Action
	pending []started // runs to fail, one per step
	next    int       // the first of them that has not failed
}

type started struct {
	task core.TaskID
	run  core.Run
}

// newFleet returns a fleet whose tasks all run.
func newFleet(tb testing.TB, tasks int) *fleet {
	tb.Helper()
	policy := core.DefaultPolicy()
	policy.MaxAttempts, policy.StableAfter = core.Unlimited, core.Forever
	policy.Jitter = core.Fraction{Num: 1, Den: 2}
	f := &fleet{
		machine: newMachine(tb, core.Config{
			Policies:      []core.Policy{policy},
			DeadThreshold: core.Fraction{Num: 1, Den: 2},
		}),
		pending: make([]started, 0, tasks),
	}
	f.machine.Step(nil, core.Event{Kind: core.EventStart})
	for i := range tasks {
		f.actions = f.machine.Step(f.actions[:0], core.Event{Kind: core.EventAdd, Key: uint32(i), At: core.Instant(i)})
		f.pending = append(f.pending, started{f.actions[1].Task, 1})
	}
	return f
}

// step feeds one event: the failure of a run that was started, or, when there is none, the next tick.
func (f *fleet) step() {
	if f.next < len(f.pending) {
		due := f.pending[f.next]
		f.next++
		f.actions = f.machine.Step(f.actions[:0], core.Event{
			Kind: core.EventExit, At: f.machine.Now() + 1000, Task: due.task, Run: due.run, Exit: core.ExitError,
		})
	} else {
		f.pending, f.next = f.pending[:0], 0
		at, _ := f.machine.NextDeadline()
		f.actions = f.machine.Step(f.actions[:0], core.Event{Kind: core.EventTick, At: at})
	}
	for i := range f.actions {
		if action := &f.actions[i]; action.Kind == core.ActionStart {
			f.pending = append(f.pending, started{action.Task, action.Run})
		}
	}
}

func TestStepDoesNotAllocate(t *testing.T) {
	f := newFleet(t, 1000)
	for range 10_000 {
		f.step()
	}
	require.Zero(t, testing.AllocsPerRun(10_000, f.step))
	require.NoError(t, f.machine.Check())
}

// No kind of event allocates, rejected ones included, once the machine has room for its tasks.
func TestNoEventAllocates(t *testing.T) {
	policy := core.DefaultPolicy()
	policy.StopTimeout, policy.OnAbandon = 1, core.AbandonReplace
	machine := newMachine(t, core.Config{Policies: []core.Policy{policy}})
	machine.Step(nil, core.Event{Kind: core.EventStart})
	actions := make([]core.Action, 0, 16)
	add := func() core.TaskID {
		actions = machine.Step(actions[:0], core.Event{Kind: core.EventAdd})
		return actions[0].Task
	}
	give := func(event core.Event) {
		event.At = machine.Now()
		actions = machine.Step(actions[:0], event)
	}
	cycle := func() {
		task := add()
		give(core.Event{Kind: core.EventExit, Task: task, Run: 1, Exit: core.ExitError})
		give(core.Event{Kind: core.EventRestart, Task: task})
		give(core.Event{Kind: core.EventRestart, Task: task})
		actions = machine.Step(actions[:0], core.Event{Kind: core.EventTick, At: machine.Now() + 1})
		give(core.Event{Kind: core.EventExit, Task: task, Run: 2, Exit: core.ExitOK})
		give(core.Event{Kind: core.EventKill, Task: task})
		give(core.Event{Kind: core.EventExit, Task: task, Run: 3, Exit: core.ExitOK})
		give(core.Event{Kind: core.EventExit, Task: task, Run: 3, Exit: core.ExitOK})
		give(core.Event{Kind: core.EventRemove, Task: task})
		give(core.Event{Kind: core.EventRemove, Task: task})
		give(core.Event{Kind: core.EventStart})
		give(core.Event{Kind: 99})
	}
	for range 10 {
		cycle()
	}
	require.Zero(t, testing.AllocsPerRun(1000, cycle))
	require.Equal(t, core.Counts{}, machine.Counts())
}

// Queries do not allocate either: a status page of a large fleet makes no garbage.
func TestQueriesDoNotAllocate(t *testing.T) {
	f := newFleet(t, 100)
	var seen int
	require.Zero(t, testing.AllocsPerRun(100, func() {
		for status := range f.machine.Tasks() {
			if again, ok := f.machine.Status(status.Task); ok && again == status {
				seen++
			}
		}
		if _, ok := f.machine.NextDeadline(); ok || f.machine.Counts().Total != 100 || f.machine.Digest() == 0 {
			seen = 0
		}
	}))
	require.Equal(t, 101*100, seen)
}

func TestCopyFromDoesNotAllocateOnReuse(t *testing.T) {
	f := newFleet(t, 1000)
	for range 1500 {
		f.step()
	}
	copied := new(core.Machine)
	copied.CopyFrom(f.machine)
	require.Zero(t, testing.AllocsPerRun(100, func() { copied.CopyFrom(f.machine) }))
	require.Equal(t, f.machine.Digest(), copied.Digest())

	// Nor does a snapshot into memory that has room.
	snapshot, err := f.machine.AppendBinary(nil)
	require.NoError(t, err)
	require.Zero(t, testing.AllocsPerRun(100, func() { snapshot, err = f.machine.AppendBinary(snapshot[:0]) }))
	require.NoError(t, err)
}
