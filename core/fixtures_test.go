package core

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/tasksupervisor/tasksupervisor/core/internal/intern"
)

// The slots of the tasks of busy, in declared order, each named for what the task is doing.
const (
	slotHealthy = iota
	slotHealthyToo
	slotFailed
	slotFailedToo
	slotStopping
	slotCompleted
	slotDead
	slotAbandoned
	slotReplaced
	slotStarting
	slotProbing
	slotSuspended
	slotNeedy   // waits for the dead one
	slotMarked  // is to be restarted when the next one has stopped
	slotGoing   // is bound to the one before it, and stopping for that
	slotHeld    // has failed, and its delay begins when the next one has stopped
	slotTaken   // is bound to the one before it, and stopping for that
	slotEager   // took the only place in the restart rate
	slotWaiting // waits for a place
	slotWaitingToo
	slotFree
)

// limitBy puts other limits in force, whether or not they make sense.
func limitBy(m *Machine, change func(*Limits)) {
	change(&m.config.Limits)
	m.limits, m.inForce = intern.Table[Limits]{}, 0
	m.limits.Pin(&m.config.Limits, hashOfLimits(&m.config.Limits))
	m.limits.Hold(m.inForce)
}

// busy returns a machine with a task in every status and every situation, and a free slot.
func busy(t *testing.T) *Machine {
	t.Helper()
	brief, lasting := DefaultPolicy(), DefaultPolicy()
	brief.StopTimeout, brief.OnAbandon = 1, AbandonReplace
	lasting.BaseDelay, lasting.StopTimeout, lasting.Significant = 100, 100, false
	eager, ready, probed := lasting, lasting, lasting
	eager.BaseDelay = 0
	ready.Readiness, ready.StartTimeout = true, 100
	probed.Probe = Probe{Interval: 1, Timeout: 100, Failures: 2}
	m, err := New(Config{
		Policies: []Policy{lasting, brief, eager, ready, probed}, Limits: Limits{DeadThreshold: Fraction{1, 2}, Intensity: Rate{9, 1000}, RestartRate: Rate{1, 1000}},
	})
	require.NoError(t, err)
	_, err = m.DefineLimits(Limits{ShutdownTimeout: 1000})
	require.NoError(t, err)
	m.Step(nil, Event{Kind: EventStart})
	policies := map[int]PolicyID{
		slotAbandoned: 1, slotReplaced: 1, slotEager: 2, slotWaiting: 2, slotWaitingToo: 2, slotStarting: 3, slotProbing: 4,
	}
	id := make([]TaskID, slotFree+1)
	for slot := range id {
		suspended := slot == slotSuspended || slot == slotNeedy
		id[slot] = m.Step(nil, Event{Kind: EventAdd, Policy: policies[slot], Suspended: suspended})[0].Task
		require.Equal(t, slot, id[slot].Slot())
	}
	for _, event := range []Event{
		{Kind: EventNeed, Task: id[slotNeedy], Other: id[slotDead]},
		{Kind: EventNeed, Task: id[slotNeedy], Other: id[slotHealthy]},
		{Kind: EventNeed, Task: id[slotGoing], Other: id[slotMarked], Bound: true},
		{Kind: EventNeed, Task: id[slotGoing], Other: id[slotHealthy], Bound: true},
		{Kind: EventNeed, Task: id[slotTaken], Other: id[slotHeld], Bound: true},
		{Kind: EventKill, Task: id[slotAbandoned]},
		{Kind: EventRestart, Task: id[slotReplaced]},
		{Kind: EventTick, At: 1},
		{Kind: EventProbe, Task: id[slotProbing], Run: 1, Exit: ExitError},
		{Kind: EventExit, Task: id[slotFailed], Run: 1, Exit: ExitError},
		{Kind: EventExit, Task: id[slotFailedToo], Run: 1, Exit: ExitPanic},
		{Kind: EventExit, Task: id[slotCompleted], Run: 1, Exit: ExitOK},
		{Kind: EventKill, Task: id[slotDead]},
		{Kind: EventExit, Task: id[slotDead], Run: 1, Exit: ExitOK},
		{Kind: EventResume, Task: id[slotNeedy]},
		{Kind: EventRestart, Task: id[slotStopping]},
		{Kind: EventRestart, Task: id[slotMarked]},
		{Kind: EventExit, Task: id[slotHeld], Run: 1, Exit: ExitError},
		{Kind: EventExit, Task: id[slotEager], Run: 1, Exit: ExitError},
		{Kind: EventExit, Task: id[slotWaiting], Run: 1, Exit: ExitError},
		{Kind: EventExit, Task: id[slotWaitingToo], Run: 1, Exit: ExitError},
		{Kind: EventRemove, Task: id[slotFree]},
		{Kind: EventExit, Task: id[slotFree], Run: 1, Exit: ExitOK},
		{Kind: EventTick, At: 5},
	} {
		m.Step(nil, event)
	}
	require.Equal(t, Counts{
		Total: 20, Created: 2, Starting: 1, Healthy: 6, Stopping: 3, Failed: 5, Completed: 1, Dead: 1, Abandoned: 1, LeftBehind: 2,
	}, m.Counts())
	for slot, wait := range map[int]Wait{
		slotSuspended: WaitSuspended, slotNeedy: WaitNeed, slotFailed: WaitDelay, slotHeld: WaitOthersStopped, slotWaiting: WaitRestartRate,
		slotWaitingToo: WaitRestartRate,
	} {
		var status TaskStatus
		m.describe(&m.tasks[slot], &status)
		require.Equal(t, wait, status.Wait)
	}
	require.True(t, m.tasks[slotMarked].stopPending())
	require.True(t, m.tasks[slotProbing].is(flagProbing))
	require.Equal(t, uint8(1), m.tasks[slotProbing].misses)
	require.NoError(t, m.Check())
	return m
}

// grouped returns a machine in the middle of a round: the second of five tasks has failed, the last one has stopped, the one
// before it is stopping, and the one before that is to be asked next. The first one runs.
func grouped(t *testing.T) *Machine {
	t.Helper()
	m, err := New(Config{Strategy: RestForOne})
	require.NoError(t, err)
	m.Step(nil, Event{Kind: EventStart})
	id := make([]TaskID, 5)
	for i := range id {
		id[i] = m.Step(nil, Event{Kind: EventAdd})[0].Task
	}
	m.Step(nil, Event{Kind: EventExit, Task: id[1], Run: 1, Exit: ExitError, At: 1})
	m.Step(nil, Event{Kind: EventExit, Task: id[4], Run: 1, Exit: ExitOK, At: 2})
	require.Equal(t, Counts{Total: 5, Created: 1, Healthy: 2, Stopping: 1, Failed: 1}, m.Counts())
	require.Equal(t, slotOf(3), m.lastTerminatingHint)
	require.Equal(t, slotOf(1), m.firstNotUpHint)
	require.NoError(t, m.Check())
	return m
}

func slotOf(i int) uint32 { return uint32(i) }
