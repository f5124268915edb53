package oracle

import (
	"github.com/tasksupervisor/tasksupervisor/core"
	"github.com/tasksupervisor/tasksupervisor/sim/spec"
)

// operate applies a command about one task, of an operator or of the driver.
func (o *Oracle) operate(ev core.Event) {
	t, other := o.find(ev.Task), o.find(ev.Other)
	need := ev.Kind == core.EventNeed
	switch {
	case t == nil || need && other == nil:
		o.reject(ev, core.RefusalUnknownTask)
	case t.intent == core.IntentRemove || need && other.intent == core.IntentRemove:
		o.reject(ev, core.RefusalBeingRemoved)
	case need:
		o.need(ev, t)
	case ev.Kind == core.EventRemove:
		o.remove(ev, t)
	case ev.Kind == core.EventRestart:
		o.restart(t)
	case ev.Kind == core.EventKill:
		o.kill(ev, t)
	case ev.Kind == core.EventSuspend:
		o.suspend(ev, t)
	case ev.Kind == core.EventResume:
		o.resume(ev, t)
	case ev.Kind == core.EventHold && !t.held:
		t.held = true
		o.tell(core.ActionTransition, t, t.status, core.ReasonHeld, core.ExitNone)
	case ev.Kind == core.EventRelease && t.held:
		t.held = false
		o.tell(core.ActionTransition, t, t.status, core.ReasonReleased, core.ExitNone)
	case ev.Kind == core.EventHold, ev.Kind == core.EventRelease:
		// It is so already.
	default:
		o.changePolicy(ev, t)
	}
}

// operatorStop stops a running task for an operator: at once, or when those that need it have stopped.
func (o *Oracle) operatorStop(t *task, intent core.Intent, why core.Reason) {
	if o.dependentBlocks(t) {
		o.redirect(t, intent, why)
		return
	}
	o.stop(t, intent, why)
}

func (o *Oracle) need(ev core.Event, t *task) {
	if ev.Other >= ev.Task {
		o.reject(ev, core.RefusalNeedsLaterTask)
		return
	}
	o.needs.Connect(t.id, ev.Other, ev.Bound)
}

func (o *Oracle) remove(ev core.Event, t *task) {
	switch {
	case len(o.needs.Dependents(t.id)) > 0:
		o.reject(ev, core.RefusalNeeded)
	case t.running():
		o.operatorStop(t, core.IntentRemove, core.ReasonRemoved)
	case t.status == core.StatusStopping || t.status == core.StatusAbandoned:
		o.redirect(t, core.IntentRemove, core.ReasonRemoved)
	default:
		o.forgetWhenGone(t, core.ExitNone)
	}
}

func (o *Oracle) restart(t *task) {
	wasSuspended := t.suspended
	t.suspended = false
	t.attempts = 0
	switch {
	case t.status == o.atRest() && wasSuspended:
		o.startIfIdle(t, core.ReasonRestarted)
	case t.status == o.atRest():
		// It will start as it would have.
	case t.status == core.StatusAbandoned && o.phase == core.PhaseRunning && o.makeRoom(t):
		o.startOrWait(t, core.ReasonRestarted, core.ExitNone)
	case spec.Attended(t.seen()):
		o.intend(t, core.IntentRestart, core.ReasonRestarted)
	default:
		o.startOrWait(t, core.ReasonRestarted, core.ExitNone)
	}
}

func (o *Oracle) kill(ev core.Event, t *task) {
	switch {
	case o.seen().Over(t.seen()):
		o.reject(ev, core.RefusalAlreadyEnded)
	case spec.Attended(t.seen()):
		o.intend(t, core.IntentKill, core.ReasonKilled)
	case t.status == core.StatusDead:
		o.explain(t, core.ReasonKilled)
	default:
		o.transition(t, core.StatusDead, core.ReasonKilled, core.ExitNone)
	}
}

// intend changes what is to follow for a task that has a run, unless that is intended already.
func (o *Oracle) intend(t *task, intent core.Intent, why core.Reason) {
	switch {
	case t.intent == intent:
	case t.running():
		o.operatorStop(t, intent, why)
	default:
		o.redirect(t, intent, why)
	}
}

func (o *Oracle) suspend(ev core.Event, t *task) {
	if o.seen().Over(t.seen()) {
		o.reject(ev, core.RefusalAlreadyEnded)
		return
	}
	if t.suspended {
		return
	}
	t.suspended = true
	switch {
	case t.status == o.atRest():
		o.explain(t, core.ReasonSuspended)
	case !spec.Attended(t.seen()):
		o.transition(t, o.atRest(), core.ReasonSuspended, core.ExitNone)
	case t.running():
		o.operatorStop(t, core.IntentSuspend, core.ReasonSuspended)
	default:
		o.redirect(t, core.IntentSuspend, core.ReasonSuspended)
	}
}

func (o *Oracle) resume(ev core.Event, t *task) {
	if !t.suspended {
		o.reject(ev, core.RefusalNotSuspended)
		return
	}
	if spec.Attended(t.seen()) {
		o.redirect(t, core.IntentStartAgain, core.ReasonResumed)
		return
	}
	t.suspended = false
	o.startIfIdle(t, core.ReasonResumed)
}

// startIfIdle starts a task that was suspended and has no run, if it can.
func (o *Oracle) startIfIdle(t *task, why core.Reason) {
	if !o.seen().Ordered() && o.canStart(t) {
		o.start(t, why, core.ExitNone)
		return
	}
	o.explain(t, why)
}

// changePolicy gives t another policy. The alarm of its status begins anew, but a scheduled restart stays so.
func (o *Oracle) changePolicy(ev core.Event, t *task) {
	if _, known := o.Policy(ev.Policy); !known {
		o.reject(ev, core.RefusalUnknownPolicy)
		return
	}
	t.attempts = o.attemptsNow(t) // what is cleared by the old policy stays so
	t.policy = ev.Policy
	o.policies.review(o.policiesInUse())
	if t.status == core.StatusStarting && !o.policyOf(t).Readiness {
		o.ready(t, core.ReasonPolicy)
		return
	}
	t.unready = t.unready && o.policyOf(t).Readiness
	if t.status != core.StatusFailed {
		t.alarm = o.alarmByPolicy(t)
		t.signs = nil
	}
	o.tell(core.ActionTransition, t, t.status, core.ReasonPolicy, core.ExitNone)
	if t.status == core.StatusAbandoned {
		o.resolveAbandoned(t, core.ExitNone)
	}
}
