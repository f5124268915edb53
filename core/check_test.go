package core

import (
	"testing"

	"github.com/stretchr/testify/require"
)

// busy returns a machine with a task in every status, a free slot, and one task that has been replaced. The tasks are
// in slots 0 to 9, in the order of the constants below.
func busy(t *testing.T) *Machine {
	t.Helper()
	brief, lasting := DefaultPolicy(), DefaultPolicy()
	brief.StopTimeout, brief.OnAbandon = 1, AbandonReplace
	lasting.BaseDelay, lasting.StopTimeout, lasting.Significant = 100, 100, false
	m, err := New(Config{Policies: []Policy{lasting, brief}, DeadThreshold: Fraction{1, 2}})
	require.NoError(t, err)
	m.Step(nil, Event{Kind: EventStart})
	id := make([]TaskID, slotFree+1)
	for slot := range id {
		policy := PolicyID(0)
		if slot == slotAbandoned || slot == slotReplaced {
			policy = 1
		}
		id[slot] = m.Step(nil, Event{Kind: EventAdd, Policy: policy})[0].Task
		require.Equal(t, slot, id[slot].Slot())
	}
	for _, event := range []Event{
		{Kind: EventKill, Task: id[slotAbandoned]},
		{Kind: EventRestart, Task: id[slotReplaced]},
		{Kind: EventTick, At: 1},
		{Kind: EventExit, Task: id[slotFailed], Run: 1, Exit: ExitError},
		{Kind: EventExit, Task: id[slotFailedToo], Run: 1, Exit: ExitPanic},
		{Kind: EventExit, Task: id[slotCompleted], Run: 1, Exit: ExitOK},
		{Kind: EventKill, Task: id[slotDead]},
		{Kind: EventExit, Task: id[slotDead], Run: 1, Exit: ExitOK},
		{Kind: EventRestart, Task: id[slotStopping]},
		{Kind: EventRemove, Task: id[slotFree]},
		{Kind: EventExit, Task: id[slotFree], Run: 1, Exit: ExitOK},
		{Kind: EventTick, At: 5},
	} {
		m.Step(nil, event)
	}
	require.Equal(t, Counts{
		Total: 9, Healthy: 3, Stopping: 1, Failed: 2, Completed: 1, Dead: 1, Abandoned: 1, Left: 2,
	}, m.Counts())
	require.NoError(t, m.Check())
	return m
}

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
	slotFree
)

// Each of these breaks one rule of the state, and Check names it.
func TestCheckFindsPlantedCorruption(t *testing.T) {
	for _, test := range []struct {
		problem string
		plant   func(m *Machine)
	}{
		{"listed", func(m *Machine) { m.tasks[slotReplaced].next = slotHealthy }},
		{"listed at slot", func(m *Machine) { m.tasks[slotDead].next = slotFree }},
		{"listed at slot", func(m *Machine) { m.tasks[slotDead].id++ }},
		{"task before it", func(m *Machine) { m.tasks[slotDead].prev = slotHealthy }},
		{"out of order", func(m *Machine) { m.tasks[slotHealthy].id += 5 << slotBits }},
		{"out of order", func(m *Machine) { m.tasks[slotHealthyToo].id -= 1 << slotBits }},
		{"never added", func(m *Machine) { m.generation = 8 }},
		{"not every task is listed", func(m *Machine) { m.last = slotHealthy }},
		{"not every task is listed", func(m *Machine) { m.tasks[slotAbandoned].next, m.last = noSlot, slotAbandoned }},
		{"miscounted", func(m *Machine) { m.counts[StatusDead]++ }},
		{"miscounted", func(m *Machine) { m.counts[StatusDead]--; m.counts[StatusHealthy]++ }},
		{"abandoned runs are miscounted", func(m *Machine) { m.left-- }},
		{"abandoned runs are miscounted", func(m *Machine) { m.tasks[slotHealthy].run, m.tasks[slotHealthy].fenced = 2, 1 }},
		{"significant tasks are miscounted", func(m *Machine) { m.significant++ }},
		{"significant tasks are miscounted", func(m *Machine) { m.significantEnded++ }},
		{"unknown policy", func(m *Machine) { m.tasks[slotHealthy].policy = 2 }},
		{"from the future", func(m *Machine) { m.tasks[slotHealthy].since = 6 }},
		{"never started", func(m *Machine) { m.tasks[slotHealthy].run = 0 }},
		{"not an older one", func(m *Machine) { m.tasks[slotReplaced].fenced = 2 }},
		{"healthy without a live run", func(m *Machine) { m.tasks[slotHealthy].unset(flagLive) }},
		{"stopping without a live run", func(m *Machine) { m.tasks[slotStopping].unset(flagLive) }},
		{"dead with a live run", func(m *Machine) { m.tasks[slotDead].set(flagLive) }},
		{"failed with a live run", func(m *Machine) { m.tasks[slotFailed].set(flagLive) }},
		{"abandoned without a live run", func(m *Machine) { m.tasks[slotAbandoned].unset(flagLive) }},
		{"healthy with intent kill", func(m *Machine) { m.tasks[slotHealthy].intent = IntentKill }},
		{"stopping with intent none", func(m *Machine) { m.tasks[slotStopping].intent = IntentNone }},
		{"abandoned with intent none", func(m *Machine) { m.tasks[slotAbandoned].intent = IntentNone }},
		{"should have fired", func(m *Machine) { m.now = 1000 }},
		{"should have fired", func(m *Machine) { m.now = m.timers.next() }},
		{"has a timer though it is healthy", func(m *Machine) { m.timers.arm(m.tasks[slotHealthy].id, 1000) }},
		{"failed without a restart instant", func(m *Machine) { m.timers.disarm(slotFailed) }},
		{"stopping without a deadline", func(m *Machine) { m.timers.disarm(slotStopping) }},
		{"has no status", func(m *Machine) { m.tasks[slotDead].status = StatusNone }},
		{"another number of slots", func(m *Machine) { m.timers.position = append(m.timers.position, 0) }},
		{"a timer is lost", func(m *Machine) { m.timers.heap = append(m.timers.heap, timer{1000, m.tasks[slotFailed].id}) }},
		{"is gone and has a timer", func(m *Machine) { m.timers.heap[m.timers.position[slotFailed]-1].task += 1 << slotBits }},
		{"does not know its timer", func(m *Machine) {
			p := m.timers.position
			p[slotFailed], p[slotFailedToo] = p[slotFailedToo], p[slotFailed]
		}},
		{"too late", func(m *Machine) { m.timers.heap[0].at = 1000 }},
		{"not free, or twice so", func(m *Machine) { m.free[0] = slotHealthy }},
		{"no policies", func(m *Machine) { m.policies, m.tasks, m.free = nil, nil, nil; *m = emptied(m) }},
		{"too many tasks", func(m *Machine) { m.config.MaxTasks = 8 }},
		{"health check is due for nothing", func(m *Machine) { m.config.DeadThreshold.Num, m.checkAt = 0, 1000 }},
		{"health check is due for nothing", func(m *Machine) { m.config.HealthCheckInterval, m.checkAt = 10, 1000 }},
		{"health check is due for nothing", func(m *Machine) { expectCheck(m, m.now) }},
		{"health check is due for nothing", func(m *Machine) { expectCheck(m, 1000); m.phase = PhaseHalting }},
		{"shutdown timeout is set for nothing", func(m *Machine) { m.shutdownAt = 1000 }},
		{"shutdown timeout is set for nothing", func(m *Machine) { m.phase, m.haltReason, m.shutdownAt = PhaseHalting, ReasonShutdown, m.now }},
		{"runs before the supervisor does", func(m *Machine) { m.phase = PhaseCreated }},
		{"halted with 4 tasks to wait for", func(m *Machine) { m.phase, m.haltReason = PhaseHalted, ReasonShutdown }},
		{"start that will not come", func(m *Machine) { m.phase, m.haltReason = PhaseHalting, ReasonShutdown }},
		{"start that will not come", func(m *Machine) { // as many are created as have failed
			m.phase, m.haltReason = PhaseHalting, ReasonShutdown
			for _, slot := range []int{slotHealthy, slotHealthyToo} {
				m.tasks[slot].unset(flagLive)
				m.move(&m.tasks[slot], StatusCreated, ReasonAdded)
			}
		}},
		{"for reason shutdown", func(m *Machine) { m.haltReason = ReasonShutdown }},
		{"too many tasks are dead", func(m *Machine) { m.config.DeadThreshold.Num = 0 }},
	} {
		m := busy(t)
		test.plant(m)
		err := m.Check()
		var corrupt *CorruptError
		require.ErrorAs(t, err, &corrupt, test.problem)
		require.Contains(t, err.Error(), test.problem)
	}
}

// expectCheck lets too many tasks be dead, and a health check of the reference cadence find that.
func expectCheck(m *Machine, at Instant) {
	m.config.DeadThreshold.Num, m.config.HealthCheckInterval, m.checkAt = 0, 10, at
}

func TestCheckAcceptsAPendingHealthCheck(t *testing.T) {
	m := busy(t)
	expectCheck(m, 1000)
	require.NoError(t, m.Check())
}

func TestCheckAcceptsAsManyPoliciesAsThereCanBe(t *testing.T) {
	policies := make([]Policy, policiesMax)
	for i := range policies {
		policies[i] = DefaultPolicy()
	}
	m, err := New(Config{Policies: policies})
	require.NoError(t, err)
	require.NoError(t, m.Check())
}

// emptied returns the machine without tasks and timers.
func emptied(m *Machine) Machine {
	return Machine{
		config: m.config, now: m.now, checkAt: Never, shutdownAt: Never, phase: PhaseRunning,
		first: noSlot, last: noSlot, downFrom: noSlot, upFrom: noSlot,
	}
}

func TestCorruptErrorNamesTheTask(t *testing.T) {
	require.EqualError(t, &CorruptError{Task: makeTaskID(3, 1), Problem: "is odd"}, "corrupt machine: task #3 is odd")
	require.EqualError(t, &CorruptError{Problem: "it is odd"}, "corrupt machine: it is odd")
}

// A list that points outside, or a timer that is nowhere, is corruption to report and no reason to panic.
func TestCheckDoesNotTrustIndices(t *testing.T) {
	for name, plant := range map[string]func(m *Machine){
		"next":      func(m *Machine) { m.tasks[slotDead].next = 1000 },
		"first":     func(m *Machine) { m.first = 1000 },
		"position":  func(m *Machine) { m.timers.position[slotFailed] = 1000 },
		"positions": func(m *Machine) { m.timers.position = m.timers.position[:1] },
		"free":      func(m *Machine) { m.free[0] = 1000 },
	} {
		m := busy(t)
		plant(m)
		var corrupt *CorruptError
		require.NotPanics(t, func() { require.ErrorAs(t, m.Check(), &corrupt, name) }, name)
	}
}
