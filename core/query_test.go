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

func TestSentinelErrors(t *testing.T) {
	require.EqualError(t, core.ErrTooManyPolicies, "too many policies: a machine can have 65536")
	require.EqualError(t, core.ErrSnapshot, "not a snapshot of this machine's format")
}
