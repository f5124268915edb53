package core

import (
	"iter"

	"github.com/tasksupervisor/tasksupervisor/core/internal/intern"
)

// Now returns the latest instant the machine has seen; before any event, the smallest Instant there is.
func (m *Machine) Now() Instant { return m.now }

// Phase returns where the supervisor is in its life.
func (m *Machine) Phase() Phase { return m.phase }

// HaltReason returns why the supervisor is halting or has halted; before that, ReasonNone.
func (m *Machine) HaltReason() Reason { return m.haltReason }

// Supervisor returns all there is to know about the supervisor as a whole.
func (m *Machine) Supervisor() SupervisorStatus {
	status := SupervisorStatus{
		Phase: m.phase, HaltReason: m.haltReason, Culprit: m.culprit, CulpritRun: m.culpritRun,
		Started: Never, HealthCheckAt: m.checkAt, ShutdownUntil: m.shutdownAt, Limits: m.config.Limits,
	}
	if m.phase != PhaseCreated {
		status.Started = m.started
	}
	return status
}

// Crashes iterates over the instants of the failures counted in the window of Limits.Intensity, oldest first: those that
// led to a restart, at most as many as the limit allows. Some may have left the window since. The machine must not change
// meanwhile.
func (m *Machine) Crashes() iter.Seq[Instant] { return m.crashes.All() }

// Restarts iterates over the instants of the restarts counted in the window of Limits.RestartRate, as [Machine.Crashes]
// does.
func (m *Machine) Restarts() iter.Seq[Instant] { return m.restarts.All() }

// Config returns the configuration that the machine was made with, defaults filled in, and with the limits in force.
func (m *Machine) Config() Config {
	cfg := m.config
	cfg.Policies = make([]Policy, m.policies.Pinned())
	for i := range cfg.Policies {
		cfg.Policies[i] = *m.policies.At(uint32(i))
	}
	return cfg
}

// Policy returns the policy of that id; ok is false if there is none.
func (m *Machine) Policy(id PolicyID) (p Policy, ok bool) {
	slot := m.policies.Slot(uint64(id))
	if slot == intern.None {
		return Policy{}, false
	}
	return *m.policies.At(slot), true
}

// PolicyInUse reports whether a task has the policy of that id, or it is one of Config.Policies.
func (m *Machine) PolicyInUse(id PolicyID) bool {
	slot := m.policies.Slot(uint64(id))
	return slot != intern.None && m.policies.Held(slot)
}

// Policies iterates over the policies that have an id, in the order in which they were defined. The machine must not change
// meanwhile.
func (m *Machine) Policies() iter.Seq2[PolicyID, Policy] {
	return func(yield func(PolicyID, Policy) bool) {
		for slot := m.policies.First(); slot != intern.None; slot = m.policies.After(slot) {
			if !yield(PolicyID(m.policies.ID(slot)), *m.policies.At(slot)) {
				return
			}
		}
	}
}

// Limits returns the limits of that id; ok is false if there are none.
func (m *Machine) Limits(id LimitsID) (l Limits, ok bool) {
	slot := m.limits.Slot(uint64(id))
	if slot == intern.None {
		return Limits{}, false
	}
	return *m.limits.At(slot), true
}

// LimitsInUse reports whether the limits of that id are in force, or those that the machine was made with.
func (m *Machine) LimitsInUse(id LimitsID) bool {
	slot := m.limits.Slot(uint64(id))
	return slot != intern.None && m.limits.Held(slot)
}

// AllLimits iterates over the limits that have an id, in the order in which they were defined. The machine must not change
// meanwhile.
func (m *Machine) AllLimits() iter.Seq2[LimitsID, Limits] {
	return func(yield func(LimitsID, Limits) bool) {
		for slot := m.limits.First(); slot != intern.None; slot = m.limits.After(slot) {
			if !yield(LimitsID(m.limits.ID(slot)), *m.limits.At(slot)) {
				return
			}
		}
	}
}

// Status returns all there is to know about one task; ok is false if there is no such task, or no longer.
func (m *Machine) Status(id TaskID) (status TaskStatus, ok bool) {
	t := m.task(id)
	if t == nil {
		return status, false
	}
	m.describe(t, &status)
	return status, true
}

// Tasks iterates over all tasks in declared order: the order in which they were added. The machine must not change
// meanwhile.
func (m *Machine) Tasks() iter.Seq[TaskStatus] {
	return func(yield func(TaskStatus) bool) {
		var status TaskStatus
		for slot := m.first; slot != noSlot; slot = m.tasks[slot].next {
			m.describe(&m.tasks[slot], &status)
			if !yield(status) {
				return
			}
		}
	}
}

// Needs iterates over the tasks that a task needs, in declared order, and reports of each whether the task is bound to
// it. The machine must not change meanwhile.
func (m *Machine) Needs(id TaskID) iter.Seq2[TaskID, bool] {
	return func(yield func(TaskID, bool) bool) {
		t := m.task(id)
		if t == nil {
			return
		}
		for e := m.graph.FirstNeed(t.slot()); e != nil; e = m.graph.NextNeed(e) {
			if !yield(e.Other, e.Bound) {
				return
			}
		}
	}
}

// Counts returns how many tasks there are, in all and by status. It does not look at the tasks.
func (m *Machine) Counts() Counts {
	return Counts{
		Total:      m.total(),
		Created:    int(m.counts[StatusCreated]),
		Starting:   int(m.counts[StatusStarting]),
		Healthy:    int(m.counts[StatusHealthy]),
		Stopping:   int(m.counts[StatusStopping]),
		Failed:     int(m.counts[StatusFailed]),
		Completed:  int(m.counts[StatusCompleted]),
		Dead:       int(m.counts[StatusDead]),
		Halted:     int(m.counts[StatusHalted]),
		Abandoned:  int(m.counts[StatusAbandoned]),
		LeftBehind: int(m.leftBehind),
	}
}

// NextTimer returns the timer that fires next: its task, or 0 for one of the supervisor as a whole, and its instant. ok
// is false when there is none.
func (m *Machine) NextTimer() (id TaskID, at Instant, ok bool) {
	at, ok = m.NextDeadline()
	if ok && at == m.timers.Next() {
		id = m.timers.First()
	}
	return id, at, ok
}

// Due iterates over the tasks whose timers fire by the instant, in no particular order, in time proportional to their
// number. The machine must not change meanwhile.
//
// A driver whose tasks beat too often to feed every EventBeat looks here before it feeds an event or a tick. Of the tasks
// due by NextDeadline it feeds one EventBeat for each that has reported since that it is alive, and then the tick. It
// repeats that while NextDeadline is not after the event.
func (m *Machine) Due(by Instant) iter.Seq[TaskID] {
	return m.timers.Due(by)
}

// describe fills in a status, all of it, field by field: a literal would be built elsewhere and copied.
func (m *Machine) describe(t *task, status *TaskStatus) {
	status.Task, status.Key, status.Policy = t.id, t.key, PolicyID(m.policies.ID(t.policy))
	status.Status, status.Why, status.Intent = t.status, t.why, t.intent
	status.Run, status.Live, status.Fenced, status.LastExit = t.run, t.is(flagLive), m.fencedRun(t), t.lastExit
	status.Attempts, status.Misses, status.Suspended = m.attemptsNow(t), t.misses, t.suspended()
	status.Held = t.is(flagHeld)
	status.Probing, status.Silent, status.Unready, status.Hung = t.is(flagProbing), t.is(flagSilent), t.is(flagUnready), t.is(flagHung)
	status.Since, status.Until, status.ClearsAt, status.Delay = t.since, m.deadline(t), Never, m.keptDelay(t)
	if t.status == StatusHealthy && status.Attempts > 0 {
		status.ClearsAt = m.clearsAt(t)
	}
	status.Wait, status.Need = m.waitsFor(t)
}

// waitsFor returns what a task without a run waits for, and which task if for one it needs.
func (m *Machine) waitsFor(t *task) (Wait, TaskID) {
	switch {
	case t.status == StatusFailed && t.is(flagDelayPending):
		return WaitOthersStopped, 0
	case t.status == StatusFailed && t.is(flagRateWaiting):
		return WaitRestartRate, 0
	case t.status == StatusFailed:
		return WaitDelay, 0
	case t.status != StatusCreated:
		return WaitNone, 0
	case t.is(flagSuspended):
		return WaitSuspended, 0
	case m.phase == PhaseCreated:
		return WaitSupervisor, 0
	case !m.hasRoom(t):
		return WaitLeftBehind, 0
	}
	if other := m.firstUnmetNeed(t); other != nil {
		return WaitNeed, other.id
	}
	if t.is(flagHeld) {
		return WaitHeld, 0
	}
	return WaitTurn, 0
}
