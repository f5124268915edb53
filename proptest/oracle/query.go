package oracle

import (
	"cmp"
	"slices"

	"github.com/tasksupervisor/tasksupervisor/core"
	"github.com/tasksupervisor/tasksupervisor/sim/spec"
)

// Now is the latest instant the oracle has seen.
func (o *Oracle) Now() core.Instant { return o.now }

// Phase is where the supervisor is in its life.
func (o *Oracle) Phase() core.Phase { return o.phase }

// HaltReason says why the supervisor is halting or has halted; ReasonNone before that.
func (o *Oracle) HaltReason() core.Reason { return o.haltReason }

// NextDeadline returns the instant of the earliest timer; ok is false when there is none.
func (o *Oracle) NextDeadline() (at core.Instant, ok bool) {
	timers := o.timers()
	if len(timers) == 0 {
		return 0, false
	}
	return timers[0].at, true
}

// NextTimer returns whose timer fires next, and when: 0 stands for the supervisor as a whole. ok is false when there is
// none.
func (o *Oracle) NextTimer() (id core.TaskID, at core.Instant, ok bool) {
	at, ok = o.NextDeadline()
	if ok && o.timers()[0].task != nil {
		id = o.timers()[0].task.id
	}
	return id, at, ok
}

// Due returns the tasks whose timers fire by an instant, in declared order.
func (o *Oracle) Due(by core.Instant) []core.TaskID {
	var due []core.TaskID
	for _, t := range o.tasks {
		if t.alarm.fires(by) {
			due = append(due, t.id)
		}
	}
	return due
}

// Config returns the configuration, with the limits in force.
func (o *Oracle) Config() core.Config {
	cfg := o.cfg
	cfg.Policies = nil
	for id := range o.policies.configured {
		cfg.Policies = append(cfg.Policies, o.policies.known[id])
	}
	return cfg
}

// Needs returns the tasks that a task needs, in declared order.
func (o *Oracle) Needs(id core.TaskID) []spec.Need {
	return slices.SortedFunc(slices.Values(o.needs.Needs(id)), func(a, b spec.Need) int { return cmp.Compare(a.Task, b.Task) })
}

// Status returns what there is to know of one task; ok is false when there is no such task, or not any more.
func (o *Oracle) Status(id core.TaskID) (status core.TaskStatus, ok bool) {
	t := o.find(id)
	if t == nil {
		return core.TaskStatus{}, false
	}
	wait, need := o.waitOf(t)
	return core.TaskStatus{
		Task:      t.id,
		Status:    t.status,
		Why:       t.why,
		Intent:    t.intent,
		Wait:      wait,
		Need:      need,
		LastExit:  t.lastExit,
		Policy:    t.policy,
		Key:       t.key,
		Run:       t.run,
		Live:      t.seen().Live,
		Fenced:    t.seen().Fenced,
		Attempts:  o.attemptsNow(t),
		Misses:    uint8(t.misses()),
		Probing:   t.awaited(),
		Silent:    t.silent(),
		Unready:   t.unready,
		Hung:      t.hung(),
		Suspended: t.suspended,
		Held:      t.held,
		Delay:     o.askedShown(t),
		Since:     t.since,
		Until:     t.alarm.shown(),
		ClearsAt:  o.clearsAtShown(t),
	}, true
}

// waitOf returns what a task without a run waits for, and which task it needs if that is it.
func (o *Oracle) waitOf(t *task) (wait core.Wait, need core.TaskID) {
	switch {
	case t.delayPending():
		return core.WaitOthersStopped, 0
	case t.rateWaiting():
		return core.WaitRestartRate, 0
	case t.status == core.StatusFailed:
		return core.WaitDelay, 0
	default:
		return o.seen().Wait(t.seen())
	}
}

// askedShown is 0 when the delay has begun.
func (o *Oracle) askedShown(t *task) core.Duration {
	if !t.delayPending() {
		return 0
	}
	return t.ownDelay
}

// clearsAtShown is Never unless there are attempts left to clear.
func (o *Oracle) clearsAtShown(t *task) core.Instant {
	if t.status != core.StatusHealthy || o.attemptsNow(t) == 0 {
		return core.Never
	}
	return o.clearsAt(t)
}

// Tasks returns the status of every task in the order in which they were added.
func (o *Oracle) Tasks() []core.TaskStatus {
	var statuses []core.TaskStatus
	for _, t := range o.tasks {
		status, _ := o.Status(t.id)
		statuses = append(statuses, status)
	}
	return statuses
}

// Counts recounts the tasks by status.
func (o *Oracle) Counts() core.Counts {
	var counts core.Counts
	for _, t := range o.tasks {
		counts.Total++
		switch t.status {
		case core.StatusNone:
		case core.StatusCreated:
			counts.Created++
		case core.StatusStarting:
			counts.Starting++
		case core.StatusHealthy:
			counts.Healthy++
		case core.StatusStopping:
			counts.Stopping++
		case core.StatusFailed:
			counts.Failed++
		case core.StatusCompleted:
			counts.Completed++
		case core.StatusDead:
			counts.Dead++
		case core.StatusHalted:
			counts.Halted++
		case core.StatusAbandoned:
			counts.Abandoned++
			if t.live {
				counts.LeftBehind++
			}
		}
		counts.LeftBehind += len(t.left)
	}
	return counts
}
