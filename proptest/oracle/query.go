package oracle

import "github.com/tasksupervisor/tasksupervisor/core"

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

// Status returns what there is to know of one task; ok is false when there is no such task, or not any more.
func (o *Oracle) Status(id core.TaskID) (status core.TaskStatus, ok bool) {
	t := o.tasks[id]
	if t == nil {
		return core.TaskStatus{}, false
	}
	return core.TaskStatus{
		Task:     t.id,
		Status:   t.status,
		Why:      t.why,
		Intent:   t.intent,
		LastExit: t.lastExit,
		Policy:   t.policyID,
		Key:      t.key,
		Run:      t.run,
		Live:     t.live,
		Fenced:   t.fenced,
		Attempts: o.attemptsNow(t),
		Since:    t.since,
		Until:    t.until,
		ClearsAt: o.clearsAtShown(t),
	}, true
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
	for _, t := range o.declared() {
		status, _ := o.Status(t.id)
		statuses = append(statuses, status)
	}
	return statuses
}

// Policy returns the policy that id names.
func (o *Oracle) Policy(id core.PolicyID) (p core.Policy, ok bool) {
	if int(id) >= len(o.policies) {
		return core.Policy{}, false
	}
	return o.policies[id], true
}

// Counts recounts the tasks by status.
func (o *Oracle) Counts() core.Counts {
	var counts core.Counts
	for _, t := range o.tasks {
		counts.Total++
		switch t.status {
		case core.StatusNone, core.StatusStarting:
		case core.StatusCreated:
			counts.Created++
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
		case core.StatusAbandoned:
			counts.Abandoned++
			if t.live {
				counts.Left++
			}
		}
		if t.fenced != 0 {
			counts.Left++
		}
	}
	return counts
}
