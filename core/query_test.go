package core_test

import (
	"math"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/tasksupervisor/tasksupervisor/core"
)

// Tasks come in the order in which they were added, whatever slots they are in.
func TestTasksAreInDeclaredOrder(t *testing.T) {
	machine := newMachine(t, core.Config{})
	add := func() core.TaskID { return machine.Step(nil, core.Event{Kind: core.EventAdd})[0].Task }
	first, second, third := add(), add(), add()
	machine.Step(nil, core.Event{Kind: core.EventRemove, Task: first})
	fourth := add()
	require.Equal(t, first.Slot(), fourth.Slot())
	machine.Step(nil, core.Event{Kind: core.EventRemove, Task: third})
	fifth := add()

	var order []core.TaskID
	for status := range machine.Tasks() {
		order = append(order, status.Task)
		again, ok := machine.Status(status.Task)
		require.True(t, ok)
		require.Equal(t, again, status)
	}
	require.Equal(t, []core.TaskID{second, fourth, fifth}, order)

	for status := range machine.Tasks() {
		require.Equal(t, second, status.Task)
		break
	}
}

func TestQueriesOfAFreshMachine(t *testing.T) {
	machine := newMachine(t, core.Config{})
	require.Equal(t, core.PhaseCreated, machine.Phase())
	require.Equal(t, core.ReasonNone, machine.HaltReason())
	require.Equal(t, core.Instant(math.MinInt64), machine.Now())
	require.Equal(t, core.Counts{}, machine.Counts())
	_, ok := machine.NextDeadline()
	require.False(t, ok)
	_, ok = machine.Status(1)
	require.False(t, ok)
	for range machine.Tasks() {
		t.Fatal("a fresh machine has no tasks")
	}
	require.NoError(t, machine.Check())
	require.Equal(t, core.Config{
		Policies: []core.Policy{core.DefaultPolicy()}, MaxTasks: core.MaxTasks,
	}, machine.Config(), "the defaults are filled in")
}

func TestNeedsAreInDeclaredOrder(t *testing.T) {
	machine := newMachine(t, core.Config{})
	var ids []core.TaskID
	for range 6 {
		ids = append(ids, machine.Step(nil, core.Event{Kind: core.EventAdd})[0].Task)
	}
	last := ids[5]
	for _, other := range []int{3, 0, 4, 1, 3} {
		bound := other == 4 || other == 0
		require.Empty(t, machine.Step(nil, core.Event{Kind: core.EventNeed, Task: last, Other: ids[other], Bound: bound}))
	}
	var needs []core.TaskID
	for other, bound := range machine.Needs(last) {
		needs = append(needs, other)
		require.Equal(t, other == ids[4] || other == ids[0], bound)
	}
	require.Equal(t, []core.TaskID{ids[0], ids[1], ids[3], ids[4]}, needs)
	for other := range machine.Needs(last) {
		require.Equal(t, ids[0], other)
		break
	}
	for _, id := range []core.TaskID{ids[0], 0, 99} {
		for range machine.Needs(id) {
			t.Fatal("it needs nothing")
		}
	}
	require.NoError(t, machine.Check())
}

// Who looks for the tasks that are due can stop at any of them.
func TestDueStopsWhenItIsTold(t *testing.T) {
	f := newFleet(t, 50)
	for range 50 {
		f.step()
	}
	for limit := 1; limit <= 50; limit++ {
		seen := 0
		for range f.machine.Due(core.Never) {
			if seen++; seen == limit {
				break
			}
		}
		require.Equal(t, limit, seen)
	}
}

// The limits that Config tells of are those in force, and the configuration is complete but for those that are not.
func TestConfigTellsTheLimitsInForce(t *testing.T) {
	config := core.Config{
		Policies: []core.Policy{core.DefaultPolicy()}, Seed: 1, Limits: core.Limits{DeadThreshold: core.Fraction{Num: 1, Den: 2}, Intensity: core.Rate{Count: 1, Per: 2}, RestartRate: core.Rate{Count: 3, Per: 4}, AutoShutdown: core.AutoShutdownAll, ShutdownTimeout: 5},
		Strategy:  core.OneForAll,
		StopOrder: core.StopReverse, HealthCheckInterval: 6,
		MaxTasks: 7,
	}
	machine := newMachine(t, config)
	require.Equal(t, config, machine.Config())
	limits := core.Limits{
		DeadThreshold: core.Fraction{Num: 1, Den: 3}, Intensity: core.Rate{Count: 8, Per: 9}, RestartRate: core.Rate{Count: 10, Per: 11},
		AutoShutdown: core.AutoShutdownAny, ShutdownTimeout: 12,
	}
	id, err := machine.DefineLimits(limits)
	require.NoError(t, err)
	require.Equal(t, config, machine.Config())
	machine.Step(nil, core.Event{Kind: core.EventLimits, Limits: id})
	config.DeadThreshold, config.Intensity, config.RestartRate = limits.DeadThreshold, limits.Intensity, limits.RestartRate
	config.AutoShutdown, config.ShutdownTimeout = limits.AutoShutdown, limits.ShutdownTimeout
	require.Equal(t, config, machine.Config())
}

func TestSentinelErrors(t *testing.T) {
	require.EqualError(t, core.ErrSnapshot, "not a snapshot of this machine's format")
}
