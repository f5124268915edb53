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
			Policies: []core.Policy{policy},
			Limits:   core.Limits{DeadThreshold: core.Fraction{Num: 1, Den: 2}},
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

// rounds is a group of tasks whose first one fails again and again: all others are stopped with it and started again.
type rounds struct {
	machine *core.Machine
	actions []core.Action
	ids     []core.TaskID
	first   core.TaskID
	failed  core.Run // how often the first one has
}

func newRounds(tb testing.TB, config core.Config, tasks int) *rounds {
	tb.Helper()
	policy := core.DefaultPolicy()
	policy.MaxAttempts, policy.StableAfter = core.Unlimited, core.Forever
	config.Policies = []core.Policy{policy}
	r := &rounds{machine: newMachine(tb, config)}
	r.machine.Step(nil, core.Event{Kind: core.EventStart})
	for range tasks {
		r.ids = append(r.ids, r.machine.Step(nil, core.Event{Kind: core.EventAdd})[0].Task)
	}
	r.first = r.ids[0]
	return r
}

// bind has every task but the first one be bound to it.
func (r *rounds) bind() *rounds {
	for _, id := range r.ids[1:] {
		r.machine.Step(nil, core.Event{Kind: core.EventNeed, Task: id, Other: r.first, Bound: true})
	}
	return r
}

// round has the first task fail, and all that are asked to stop obey, and time pass until all run again.
func (r *rounds) round() {
	r.failed++
	at := r.machine.Now()
	r.actions = r.machine.Step(r.actions[:0], core.Event{
		Kind: core.EventExit, At: at, Task: r.first, Run: r.failed, Exit: core.ExitError,
	})
	for i := 0; i < len(r.actions); i++ {
		if action := r.actions[i]; action.Kind == core.ActionStop {
			r.actions = r.machine.Step(r.actions, core.Event{
				Kind: core.EventExit, At: at, Task: action.Task, Run: action.Run, Exit: core.ExitOK,
			})
		}
	}
	deadline, _ := r.machine.NextDeadline()
	r.actions = r.machine.Step(r.actions[:0], core.Event{Kind: core.EventTick, At: deadline})
}

// Nor does a round, whatever it is that takes tasks along.
func TestRoundsDoNotAllocate(t *testing.T) {
	rates := core.Config{Limits: core.Limits{Intensity: core.Rate{Count: 1 << 10, Per: 1}, RestartRate: core.Rate{Count: 1 << 10, Per: 1}}}
	for _, r := range []*rounds{
		newRounds(t, core.Config{Strategy: core.OneForAll}, 50),
		newRounds(t, core.Config{Strategy: core.OneForAll, StopOrder: core.StopTogether}, 50),
		newRounds(t, core.Config{Strategy: core.RestForOne}, 50).bind(),
		newRounds(t, rates, 50).bind(),
	} {
		for range 1100 { // until the windows are full
			r.round()
			require.Equal(t, 50, r.machine.Counts().Healthy)
		}
		require.Zero(t, testing.AllocsPerRun(20, r.round))
		require.Equal(t, core.Run(1100+21), r.failed)
		require.NoError(t, r.machine.Check())
	}
}

// Beats, readiness and probes are cheap: they allocate nothing, and a beat decides nothing.
func TestSignsOfLifeDoNotAllocate(t *testing.T) {
	watched, probed := core.DefaultPolicy(), core.DefaultPolicy()
	watched.Watchdog = 5
	probed.Readiness, probed.Probe = true, core.Probe{Interval: 5, Timeout: core.Forever, Failures: 1}
	machine := newMachine(t, core.Config{Policies: []core.Policy{watched, probed}})
	machine.Step(nil, core.Event{Kind: core.EventStart})
	beating := machine.Step(nil, core.Event{Kind: core.EventAdd})[0].Task
	asked := machine.Step(nil, core.Event{Kind: core.EventAdd, Policy: 1})[0].Task
	actions := machine.Step(nil, core.Event{Kind: core.EventReady, Task: asked, Run: 1})
	at := core.Instant(0)
	require.Zero(t, testing.AllocsPerRun(1000, func() {
		for range 5 {
			at++
			actions = machine.Step(actions[:0], core.Event{Kind: core.EventBeat, At: at, Task: beating, Run: 1, Within: 3})
		}
		actions = machine.Step(actions[:0], core.Event{Kind: core.EventProbe, At: at, Task: asked, Run: 1, Exit: core.ExitOK})
		actions = machine.Step(actions[:0], core.Event{Kind: core.EventReady, At: at, Task: asked, Run: 1})
	}))
	require.Empty(t, actions)
	require.Equal(t, 2, machine.Counts().Healthy)
	require.NoError(t, machine.Check())
}

// Words about needs, suspensions, policies and limits allocate nothing either, once there is room for them.
func TestLiveChangesDoNotAllocate(t *testing.T) {
	other := core.DefaultPolicy()
	other.Watchdog = 1e9
	machine := newMachine(t, core.Config{Policies: []core.Policy{core.DefaultPolicy(), other}})
	limits, err := machine.DefineLimits(core.Limits{DeadThreshold: core.Fraction{Num: 1, Den: 1}})
	require.NoError(t, err)
	machine.Step(nil, core.Event{Kind: core.EventStart})
	needed := machine.Step(nil, core.Event{Kind: core.EventAdd})[0].Task
	actions := make([]core.Action, 0, 16)
	cycle := func() {
		actions = machine.Step(actions[:0], core.Event{Kind: core.EventAdd, Suspended: true})
		task := actions[0].Task
		for _, event := range [...]core.Event{
			{Kind: core.EventNeed, Other: needed, Bound: true},
			{Kind: core.EventResume},
			{Kind: core.EventPolicy, Policy: 1},
			{Kind: core.EventLimits, Limits: limits},
			{Kind: core.EventLimits},
			{Kind: core.EventSuspend},
			{Kind: core.EventExit, Run: 1, Exit: core.ExitOK},
			{Kind: core.EventRemove},
		} {
			event.Task = task
			actions = machine.Step(actions[:0], event)
		}
	}
	for range 10 {
		cycle()
	}
	require.Zero(t, testing.AllocsPerRun(1000, cycle))
	require.Equal(t, core.Counts{Total: 1, Healthy: 1}, machine.Counts())
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
	group := newRounds(t, core.Config{Strategy: core.RestForOne, Limits: core.Limits{Intensity: core.Rate{Count: 9, Per: 1}}}, 100).bind()
	group.round()
	copied.CopyFrom(group.machine)
	require.Zero(t, testing.AllocsPerRun(100, func() { copied.CopyFrom(group.machine) }))
	require.Equal(t, group.machine.Digest(), copied.Digest())

	// Nor does a snapshot into memory that has room.
	snapshot, err := f.machine.AppendBinary(nil)
	require.NoError(t, err)
	require.Zero(t, testing.AllocsPerRun(100, func() { snapshot, err = f.machine.AppendBinary(snapshot[:0]) }))
	require.NoError(t, err)
}
