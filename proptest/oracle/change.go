package oracle

import (
	"slices"

	"github.com/tasksupervisor/tasksupervisor/core"
	"github.com/tasksupervisor/tasksupervisor/sim/spec"
)

// change gives t a status. What belongs to the status it leaves ends with it: the alarm, probes, and all about a restart that
// it waited for. Its new status may have an alarm by the policy.
func (o *Oracle) change(t *task, to core.Status, why core.Reason) {
	t.status = to
	t.why = why
	t.since = o.now
	t.signs, t.asked, t.unready = nil, why, false
	t.nth, t.ownDelay, t.begun, t.passed = 0, 0, alarm{}, alarm{}
	t.planned = t.planned && t.stopPending()
	t.alarm = o.alarmByPolicy(t)
	switch to {
	case core.StatusCreated, core.StatusFailed:
		t.intent = core.IntentNone
	case core.StatusHalted:
		t.intent = core.IntentNone
	case core.StatusCompleted, core.StatusDead:
		t.intent = core.IntentNone
		t.suspended = false
	case core.StatusNone, core.StatusStarting, core.StatusHealthy, core.StatusStopping, core.StatusAbandoned:
	}
}

// alarmByPolicy returns when the status of t ends by itself if it begins now.
func (o *Oracle) alarmByPolicy(t *task) alarm {
	p := o.policyOf(t)
	switch {
	case t.status == core.StatusStarting:
		return o.alarmIn(p.StartTimeout)
	case t.status == core.StatusHealthy && p.Watchdog > 0:
		return o.alarmIn(p.Watchdog)
	case t.status == core.StatusHealthy && p.Probe.Interval > 0:
		return o.alarmIn(p.Probe.Interval)
	case t.status == core.StatusStopping:
		return o.alarmIn(spec.StopLimit(&p, t.hung()))
	default:
		return alarm{}
	}
}

// tell records the decision that took t from a status to the one it has now.
func (o *Oracle) tell(kind core.ActionKind, t *task, from core.Status, why core.Reason, exit core.ExitKind) {
	o.actions = append(o.actions, core.Action{
		At:       o.now,
		Until:    t.alarm.shown(),
		Task:     t.id,
		Run:      t.run,
		Attempts: o.attemptsTold(t, from),
		Kind:     kind,
		From:     from,
		To:       t.status,
		Why:      why,
		Exit:     exit,
	})
}

// attemptsTold returns the attempts that an action shows: a task that becomes healthy shows which attempt it is, even if it is
// stable at once.
func (o *Oracle) attemptsTold(t *task, from core.Status) uint32 {
	if t.status == core.StatusHealthy && from != core.StatusHealthy {
		return t.attempts
	}
	return o.attemptsNow(t)
}

// transition gives t a status that asks nothing of the driver.
func (o *Oracle) transition(t *task, to core.Status, why core.Reason, exit core.ExitKind) {
	from := t.status
	o.change(t, to, why)
	o.tell(core.ActionTransition, t, from, why, exit)
}

// explain leaves t in its status, with another reason from now on. Its alarm stays.
func (o *Oracle) explain(t *task, why core.Reason) {
	t.why = why
	o.tell(core.ActionTransition, t, t.status, why, core.ExitNone)
}

// planStop changes what follows when the run of t has stopped, for the sake of others. It is told when it has to wait.
func (t *task) planStop(intent core.Intent, why core.Reason) {
	t.intend(intent, why)
	t.planned = true
}

// intend changes what follows when the run of t has stopped, and tells no one. A task is suspended only as long as that is
// what is intended.
func (t *task) intend(intent core.Intent, why core.Reason) {
	t.intent = intent
	t.why = why
	if intent != core.IntentSuspend {
		t.suspended = false
	}
}

// redirect changes what follows when the run of t has stopped, and tells.
func (o *Oracle) redirect(t *task, intent core.Intent, why core.Reason) {
	t.intend(intent, why)
	o.explain(t, why)
}

// startOrWait starts t, at once or when it can.
func (o *Oracle) startOrWait(t *task, why core.Reason, exit core.ExitKind) {
	if !o.seen().Ordered() && o.canStart(t) {
		o.start(t, why, exit)
		return
	}
	o.transition(t, o.atRest(), why, exit)
}

// atRest returns the status of a task that waits for its start: once its supervisor stops, it does so for that.
func (o *Oracle) atRest() core.Status {
	if o.seen().Stops() {
		return core.StatusHalted
	}
	return core.StatusCreated
}

// start begins a new run of t.
func (o *Oracle) start(t *task, why core.Reason, exit core.ExitKind) {
	from, to := t.status, core.StatusHealthy
	if o.policyOf(t).Readiness {
		to = core.StatusStarting
	}
	t.intent = core.IntentNone
	o.change(t, to, why)
	t.run++
	t.live = true
	o.tell(core.ActionStart, t, from, why, exit)
}

// ready makes t Healthy. If its stop is pending, it stays so.
func (o *Oracle) ready(t *task, why core.Reason) {
	told := why
	if t.stopPending() {
		why = t.why
	}
	o.change(t, core.StatusHealthy, why)
	o.tell(core.ActionTransition, t, core.StatusStarting, told, core.ExitNone)
}

// stop asks the run of t to stop. If it is stable by now, its attempts are cleared.
func (o *Oracle) stop(t *task, intent core.Intent, why core.Reason) {
	from := t.status
	t.attempts = o.attemptsNow(t)
	t.intend(intent, why)
	o.change(t, core.StatusStopping, why)
	o.tell(core.ActionStop, t, from, why, core.ExitNone)
}

// abandon gives up waiting for the run of t, which lives on.
func (o *Oracle) abandon(t *task, why core.Reason) {
	from := t.status
	o.change(t, core.StatusAbandoned, why)
	o.tell(core.ActionAbandon, t, from, why, core.ExitNone)
}

// forget removes t, with what it needs, and frees its slot.
func (o *Oracle) forget(t *task, exit core.ExitKind) {
	from := t.status
	o.change(t, core.StatusNone, core.ReasonRemoved)
	o.tell(core.ActionForget, t, from, core.ReasonRemoved, exit)
	o.needs.Forget(t.id)
	o.tasks = slices.DeleteFunc(o.tasks, func(other *task) bool { return other == t })
	o.freed = append(o.freed, t.id.Slot())
	o.policies.review(o.policiesInUse())
}
