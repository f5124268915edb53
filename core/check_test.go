package core

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/tasksupervisor/tasksupervisor/core/internal/intern"
)

// Each of these breaks one rule of the state, and Check names it.
func TestCheckFindsPlantedCorruption(t *testing.T) {
	findsPlanted(t, busy, []plant{
		{"listed", func(m *Machine) { m.tasks[slotWaitingToo].next = slotHealthy }},
		{"does not exist", func(m *Machine) { m.tasks[slotDead].next = uint32(len(m.tasks)) }},
		{"listed at slot", func(m *Machine) { m.tasks[slotDead].next = slotFree }},
		{"listed at slot", func(m *Machine) { m.tasks[slotDead].id++ }},
		{"task before it", func(m *Machine) { m.tasks[slotDead].prev = slotHealthy }},
		{"out of order", func(m *Machine) { m.tasks[slotHealthy].id += 5 << slotBits }},
		{"out of order", func(m *Machine) { m.tasks[slotHealthyToo].id -= 1 << slotBits }},
		{"never added", func(m *Machine) { m.generation = slotFree - 1 }},
		{"not every task is listed", func(m *Machine) { m.last = slotHealthy }},
		{"not every task is listed", func(m *Machine) { m.tasks[slotWaiting].next, m.last = noSlot, slotWaiting }},
		{"miscounted", func(m *Machine) { m.counts[StatusDead]++ }},
		{"miscounted", func(m *Machine) { m.counts[StatusDead]--; m.counts[StatusHealthy]++ }},
		{"runs left behind are miscounted", func(m *Machine) { m.leftBehind-- }},
		{"runs left behind are miscounted", func(m *Machine) { m.tasks[slotHealthy].run, m.fenced[slotHealthy] = 2, 1 }},
		{"significant tasks are miscounted", func(m *Machine) { m.significant++ }},
		{"significant tasks are miscounted", func(m *Machine) { m.significantEnded++ }},
		{"unknown policy", func(m *Machine) { m.tasks[slotHealthy].policy = 5 }},
		{"from the future", func(m *Machine) { m.tasks[slotHealthy].since = 6 }},
		{"never started", func(m *Machine) { m.tasks[slotHealthy].run = 0 }},
		{"not an older one", func(m *Machine) { m.fenced[slotReplaced] = 2 }},
		{"healthy without a live run", func(m *Machine) { m.tasks[slotHealthy].drop(flagLive) }},
		{"stopping without a live run", func(m *Machine) { m.tasks[slotStopping].drop(flagLive) }},
		{"dead with a live run", func(m *Machine) { m.tasks[slotDead].raise(flagLive) }},
		{"failed with a live run", func(m *Machine) { m.tasks[slotFailed].raise(flagLive) }},
		{"abandoned without a live run", func(m *Machine) { m.tasks[slotAbandoned].drop(flagLive) }},
		{"healthy with intent retry", func(m *Machine) { m.tasks[slotHealthy].intent = IntentRetry }},
		{"failed with intent restart", func(m *Machine) { m.tasks[slotFailed].intent = IntentRestart }},
		{"stopping with intent none", func(m *Machine) { m.tasks[slotStopping].intent = IntentNone }},
		{"abandoned with intent none", func(m *Machine) { m.tasks[slotAbandoned].intent = IntentNone }},
		{"should have fired", func(m *Machine) { m.now = 1000 }},
		{"should have fired", func(m *Machine) { m.now = m.timers.Next() }},
		{"suspended though it is healthy", func(m *Machine) { m.tasks[slotHealthy].raise(flagSuspended) }},
		{"suspended though it is stopping", func(m *Machine) { m.tasks[slotStopping].raise(flagSuspended) }},
		{"remembers a restart though it is healthy", func(m *Machine) { m.tasks[slotHealthy].raise(flagDelayPending) }},
		{"remembers a restart though it is dead", func(m *Machine) { m.tasks[slotDead].raise(flagRateWaiting) }},
		{"is silent and should not be", func(m *Machine) { m.tasks[slotHealthy].raise(flagSilent) }},
		{"is silent and should not be", func(m *Machine) { silence(m, slotHealthy, MissRestart) }},
		{"is silent and should not be", func(m *Machine) { silence(m, slotDead, MissReport) }},
		{"being removed though another task needs it", func(m *Machine) { m.tasks[slotHeld].intent = IntentRemove }},
		{"remembers a restart though it is failed", func(m *Machine) { m.tasks[slotWaiting].raise(flagDelayPending) }},
		{"remembers probes though it is stopping", func(m *Machine) { m.tasks[slotStopping].misses = 1 }},
		{"probed for nothing", func(m *Machine) { m.tasks[slotHealthy].raise(flagProbing) }},
		{"probed for nothing", func(m *Machine) { m.tasks[slotStopping].raise(flagProbing) }},
		{"watched for nothing", func(m *Machine) { m.timers.Arm(m.tasks[slotHealthy].id, 1000) }},
		{"has a timer though it is dead", func(m *Machine) { m.timers.Arm(m.tasks[slotDead].id, 1000) }},
		{"has a restart instant though its delay", func(m *Machine) { m.timers.Arm(m.tasks[slotHeld].id, 1000) }},
		{"failed without a timer", func(m *Machine) { m.timers.Disarm(slotFailed) }},
		{"stopping without a timer", func(m *Machine) { m.timers.Disarm(slotStopping) }},
		{"starting without a timer", func(m *Machine) { m.timers.Disarm(slotStarting) }},
		{"healthy without a timer", func(m *Machine) { m.timers.Disarm(slotProbing) }},
		{"healthy without a timer", func(m *Machine) { m.timers.Disarm(slotProbing); m.tasks[slotProbing].drop(flagProbing) }},
		{"before its delay has passed", func(m *Machine) { m.rateQueue.Arm(m.tasks[slotWaiting].id, 6) }},
		{"is not in its queue", func(m *Machine) { m.rateQueue.Disarm(slotWaiting) }},
		{"is in the wrong queue", func(m *Machine) { m.timers.Arm(m.tasks[slotWaiting].id, 1000) }},
		{"is in the wrong queue", func(m *Machine) { m.rateQueue.Arm(m.tasks[slotFailed].id, 5) }},
		{"has been removed and has a timer", func(m *Machine) { m.timers.Arm(m.tasks[slotFailed].id+1<<slotBits, 1000) }},
		{"has been removed and has a timer", func(m *Machine) { m.rateQueue.Arm(makeTaskID(1000, 1000), 5) }},
		{"has no status", func(m *Machine) { m.tasks[slotDead].status = StatusNone }},
		{"not free, or twice so", func(m *Machine) { m.free[0] = slotHealthy }},
		{"not free, or twice so", func(m *Machine) { m.fenced.set(slotFree, 1, len(m.tasks)) }},
		{"not free, or twice so", func(m *Machine) { m.delays.set(slotFree, 1, len(m.tasks)) }},
		{"not free, or twice so", func(m *Machine) { m.tasks, m.free = append(m.tasks, task{}), append(m.free, m.free[0]) }},
		{"is down", func(m *Machine) { m.connect(&m.tasks[slotProbing], &m.tasks[slotDead], true) }},
		{"has a need that does not exist", func(m *Machine) { m.graph.Connect(m.tasks[slotNeedy].id+1<<slotBits, m.tasks[slotFailed].id) }},
		{"has a need that does not exist", func(m *Machine) { m.graph.Connect(m.tasks[slotNeedy].id, m.tasks[slotFailed].id-1<<slotBits) }},
		{"task #13 has a need out of order", func(m *Machine) { m.graph.Connect(m.tasks[slotNeedy].id, m.tasks[slotTaken].id) }},
		{"graph of needs has a need out of order", func(m *Machine) { m.graph.Connect(makeTaskID(1, slotFree), makeTaskID(2, slotDead)) }},
		{"graph of needs has a need out of order", func(m *Machine) { m.graph.Connect(makeTaskID(1, slotFree+1), makeTaskID(2, slotDead)) }},
		{"a task that was removed needs another", func(m *Machine) { m.graph.Connect(makeTaskID(100, slotFree), m.tasks[slotDead].id) }},
		{"dependents that are on their way to stop", func(m *Machine) { m.graph.SetTerminating(m.graph.FirstDependent(slotHeld), false) }},
		{"dependents that are on their way to stop", func(m *Machine) { m.graph.SetTerminating(m.graph.FirstDependent(slotDead), true) }},
		{"a task is left to look at", func(m *Machine) { m.stops.push(m.tasks[slotHealthy].id) }},
		{"a task is left to look at", func(m *Machine) { m.retries.push(m.tasks[slotHealthy].id) }},
		{"a task is left to look at", func(m *Machine) { m.starts.push(m.tasks[slotHealthy].id) }},
		{"a task is left to look at", func(m *Machine) { m.downs = append(m.downs, 1) }},
		{"or to tell of", func(m *Machine) { m.planned = append(m.planned, 1) }},
		{"pending restart delays are miscounted", func(m *Machine) { m.delaysPending++ }},
		{"should have been asked to stop", func(m *Machine) { m.tasks[slotHealthyToo].intent = IntentKill }},
		{"should have been started", func(m *Machine) { m.tasks[slotSuspended].drop(flagSuspended) }},
		{"no limits in force", func(m *Machine) { m.limits = intern.Table[Limits]{} }},
		{"no limits in force", func(m *Machine) { m.inForce = 9 }},
		{"in its limits, the holders of a value are miscounted", func(m *Machine) { m.inForce = 1 }},
		{"other limits are in force", func(m *Machine) { m.config.ShutdownTimeout++ }},
		{"invalid limits", func(m *Machine) { limitBy(m, func(l *Limits) { l.RestartRate.Per = -1 }) }},
		{"has an unknown policy", func(m *Machine) { m.tasks[slotDead].policy = 9 }},
		{"in its policies, the holders of a value are miscounted", func(m *Machine) { m.tasks[slotDead].policy++ }},
		{"invalid limits", func(m *Machine) { m.config.AutoShutdown = 9 }},
		{"window of restarts is out of order", func(m *Machine) { m.config.RestartRate.Count = 0; m.config.RestartRate.Per = 0 }},
		{"window of restarts is out of order", func(m *Machine) { m.restarts.Record(6) }},
		{"window of restarts is out of order", func(m *Machine) { m.crashes.Record(0) }},
		{"window of restarts is out of order", func(m *Machine) { m.config.Intensity.Per++ }},
		{"no policies", func(m *Machine) { *m = emptied(m) }},
		{"too many tasks", func(m *Machine) { m.config.MaxTasks = 19 }},
		{"health check is due for nothing", func(m *Machine) { m.config.DeadThreshold.Num, m.checkAt = 0, 1000 }},
		{"health check is due for nothing", func(m *Machine) { m.config.HealthCheckInterval, m.checkAt = 10, 1000 }},
		{"health check is due for nothing", func(m *Machine) { expectCheck(m, m.now) }},
		{"shutdown timeout is set for nothing", func(m *Machine) { m.shutdownAt = 1000 }},
		{"runs before the supervisor does", func(m *Machine) { m.phase = PhaseCreated }},
		{"for reason shutdown", func(m *Machine) { m.haltReason = ReasonShutdown }},
		{"too many tasks are dead", func(m *Machine) { m.config.DeadThreshold.Num = 0 }},
	})
}

// The same for what only matters where order does.
func TestCheckFindsPlantedDisorder(t *testing.T) {
	findsPlanted(t, grouped, []plant{
		{"on its way to stop, and is not looked for", func(m *Machine) { m.lastTerminatingHint = 1 }},
		{"coming up, and is not looked for", func(m *Machine) { m.firstNotUpHint = 2 }},
		{"coming up, and is not looked for", func(m *Machine) { m.firstNotUpHint = noSlot }},
		{"tasks on their way to stop are miscounted", func(m *Machine) { m.terminating++ }},
		{"pending restart delays are miscounted", func(m *Machine) { m.delaysPending = 0 }},
		{"should have been asked to stop", func(m *Machine) { m.config.StopOrder = StopTogether }},
		{"should have begun its restart delay", func(m *Machine) {
			m.config.StopOrder = StopTogether // so that none should have been asked
			for _, slot := range []int{2, 3} {
				t := &m.tasks[slot]
				t.drop(flagLive)
				m.timers.Disarm(t.slot())
				m.move(t, StatusDead, ReasonKilled)
			}
		}},
		{"should have been started", func(m *Machine) {
			for _, slot := range []int{1, 2, 3} {
				t := &m.tasks[slot]
				t.drop(flagLive)
				m.timers.Disarm(t.slot())
				m.move(t, StatusDead, ReasonKilled)
			}
		}},
	})
}

// Where all stop together, a task waits while another has failed, and for nothing else.
func TestCheckFindsPlantedDelayOfAGroup(t *testing.T) {
	findsPlanted(t, func(t *testing.T) *Machine {
		m, err := New(Config{Strategy: OneForAll})
		require.NoError(t, err)
		m.Step(nil, Event{Kind: EventStart})
		m.Step(nil, Event{Kind: EventAdd})
		return m
	}, []plant{{"should have been started", func(m *Machine) {
		m.tasks[0].drop(flagLive)
		m.move(&m.tasks[0], StatusCreated, ReasonAdded)
	}}})
}

// The same for what is only wrong while the supervisor stops.
func TestCheckFindsPlantedRevivals(t *testing.T) {
	findsPlanted(t, busyHalting, []plant{
		{"runs on, or retries", func(m *Machine) { m.tasks[slotHealthy].intent = IntentNone }},
		{"runs on, or retries", func(m *Machine) { m.tasks[slotHealthy].intent = IntentRetire }},
		{"runs on, or retries", func(m *Machine) { m.tasks[slotAbandoned].intent = IntentRetry }},
		{"start that will not come", func(m *Machine) { m.move(&m.tasks[slotDead], StatusCreated, ReasonAdded) }},
		{"start that will not come", func(m *Machine) {
			m.move(&m.tasks[slotDead], StatusFailed, ReasonFailure)
			m.timers.Arm(m.tasks[slotDead].id, 1000)
		}},
		{"start that will not come", func(m *Machine) {
			m.move(&m.tasks[slotDead], StatusFailed, ReasonFailure)
			m.timers.Arm(m.tasks[slotDead].id, 1000)
			m.move(&m.tasks[slotCompleted], StatusCreated, ReasonAdded)
		}},
		{"halted with 1 tasks to wait for", func(m *Machine) {
			stopping, task := runningTask(t, DefaultPolicy())
			stopping.Step(nil, Event{Kind: EventKill, Task: task.id})
			stopping.phase, stopping.haltReason = PhaseHalted, ReasonShutdown
			*m = *stopping
		}},
		{"halting with 0 tasks to wait for", func(m *Machine) {
			m.Step(nil, Event{Kind: EventTick, At: 2000})
			m.phase = PhaseHalting
		}},
		{"health check is due for nothing", func(m *Machine) { m.checkAt = 1000 }},
		{"shutdown timeout is set for nothing", func(m *Machine) { m.shutdownAt = m.now }},
		{"halting for reason none", func(m *Machine) { m.haltReason = ReasonNone }},
	})
}

// plant is a corruption and how Check tells of it.
type plant struct {
	problem string
	plant   func(m *Machine)
}

func findsPlanted(t *testing.T, fixture func(*testing.T) *Machine, plants []plant) {
	t.Helper()
	for _, test := range plants {
		m := fixture(t)
		test.plant(m)
		err := m.Check()
		var corrupt *CorruptError
		require.ErrorAs(t, err, &corrupt, test.problem)
		require.Contains(t, err.Error(), test.problem)
	}
}

// silence marks a task that has a watchdog as one that missed its beat.
func silence(m *Machine, slot int, onMiss OnMiss) {
	t := &m.tasks[slot]
	watched := *m.policyOf(t)
	watched.Watchdog, watched.OnMiss = 1, onMiss
	id := m.policies.Define(&watched, hashOfPolicy(&watched))
	m.policies.Release(t.policy)
	t.policy = m.policies.Slot(id)
	m.policies.Hold(t.policy)
	t.raise(flagSilent)
}

// expectCheck lets too many tasks be dead, and a health check of the reference cadence find that.
func expectCheck(m *Machine, at Instant) {
	limitBy(m, func(l *Limits) { l.DeadThreshold.Num = 0 })
	m.config.HealthCheckInterval, m.checkAt = 10, at
}

func TestCheckAcceptsAPendingHealthCheck(t *testing.T) {
	m := busy(t)
	expectCheck(m, 1000)
	require.NoError(t, m.Check())
}

// emptied returns the machine without tasks and timers.
func emptied(m *Machine) Machine {
	empty := Machine{limits: m.limits, scalars: scalars{
		config: m.config, inForce: m.inForce, now: m.now, checkAt: Never, shutdownAt: Never, phase: PhaseRunning,
		first: noSlot, last: noSlot, lastTerminatingHint: noSlot, firstNotUpHint: noSlot,
	}}
	empty.setRates(empty.config.Limits)
	return empty
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
		"free":      func(m *Machine) { m.free[0] = 1000 },
		"edge":      func(m *Machine) { m.graph.FirstNeed(slotNeedy).Dependent = 1000 },
		"other":     func(m *Machine) { m.graph.FirstNeed(slotNeedy).Other = 1000 },
		"dependent": func(m *Machine) { m.graph.FirstDependent(slotHeld).Dependent = makeTaskID(1000, slotTaken) },
	} {
		m := busy(t)
		plant(m)
		var corrupt *CorruptError
		require.NotPanics(t, func() { require.ErrorAs(t, m.Check(), &corrupt, name) }, name)
	}
}
