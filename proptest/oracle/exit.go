package oracle

import (
	"math"

	"github.com/tasksupervisor/tasksupervisor/core"
)

// exit applies the end of a run.
func (o *Oracle) exit(ev core.Event) {
	t := o.tasks[ev.Task]
	switch {
	case !reportable(ev.Exit):
		o.reject(ev, core.RefusalUnknownExit)
	case t == nil:
		o.reject(ev, core.RefusalUnknownTask)
	case t.fenced != 0 && ev.Run == t.fenced:
		o.fencedEnded(t, ev.Exit)
	case !t.live || ev.Run != t.run:
		o.reject(ev, core.RefusalStaleRun)
	case t.status == core.StatusAbandoned:
		o.abandonedEnded(t)
	case t.status == core.StatusStopping:
		o.stoppingEnded(t)
	default:
		o.runningEnded(t, ev.Exit)
	}
}

// reportable tells whether a driver may report an exit of this kind.
func reportable(exit core.ExitKind) bool { return core.ExitOK <= exit && exit <= core.ExitFatal }

// fencedEnded: a run that was abandoned and replaced has ended after all.
func (o *Oracle) fencedEnded(t *task, exit core.ExitKind) {
	run := t.fenced
	t.fenced = 0
	o.tell(core.ActionTransition, t, t.status, core.ReasonLateExit, exit)
	o.actions[len(o.actions)-1].Run = run
	if t.status == core.StatusAbandoned {
		o.fulfilIfPossible(t, exit)
	}
}

// abandonedEnded: the current run, which was abandoned, has ended after all.
func (o *Oracle) abandonedEnded(t *task) {
	t.live = false
	t.lastExit = verdict(t)
	o.tell(core.ActionTransition, t, t.status, core.ReasonLateExit, t.lastExit)
	o.fulfilIfPossible(t, t.lastExit)
}

// stoppingEnded: a run that was asked to stop has ended.
func (o *Oracle) stoppingEnded(t *task) {
	t.live = false
	t.lastExit = verdict(t)
	o.fulfil(t, t.lastExit)
}

// verdict is how a run that was asked to stop has ended: that is never a failure, whatever it returned. But if it was
// asked because it had failed while it was going, that is what counts.
func verdict(t *task) core.ExitKind {
	if t.intent == core.IntentRetry {
		return t.lastExit
	}
	return core.ExitStopped
}

// runningEnded: a run has ended that had not been asked to stop. If an operator wanted it to, that is what follows.
func (o *Oracle) runningEnded(t *task, exit core.ExitKind) {
	t.attempts = o.attemptsNow(t)
	t.live = false
	t.lastExit = exit
	switch t.intent {
	case core.IntentRestart, core.IntentKill, core.IntentRemove:
		o.fulfil(t, exit)
	case core.IntentStartAgain:
		if t.suspended {
			o.fulfil(t, exit)
			return
		}
		o.decide(t, exit)
	default:
		o.decide(t, exit)
	}
}

// decide decides what follows from the end of a run that came of itself.
func (o *Oracle) decide(t *task, exit core.ExitKind) {
	good := exit == core.ExitOK || exit == core.ExitDone
	switch {
	case o.phase == core.PhaseHalting && !good:
		o.note(t, core.StatusDead, core.ReasonSupervisorStop, exit)
	case o.phase == core.PhaseRunning && exit == core.ExitOK && o.policyOf(t).Restart == core.RestartAlways:
		o.retry(t, 0, core.ReasonRepeat, exit)
	case good:
		o.note(t, core.StatusCompleted, core.ReasonCompleted, exit)
	default:
		o.failed(t, exit)
	}
}

// failed decides what follows from a failure.
func (o *Oracle) failed(t *task, exit core.ExitKind) {
	p := o.policyOf(t)
	switch {
	case exit == core.ExitFatal:
		o.note(t, core.StatusDead, core.ReasonFatal, exit)
		o.beginHalting(core.ReasonEscalated, t)
	case p.Restart == core.RestartNever:
		o.note(t, core.StatusDead, core.ReasonNotRestartable, exit)
	case p.MaxAttempts != core.Unlimited && t.attempts >= p.MaxAttempts:
		o.note(t, core.StatusDead, core.ReasonExhausted, exit)
		if p.OnExhausted == core.ExhaustedEscalate {
			o.beginHalting(core.ReasonEscalated, t)
		}
	case o.oneCrashTooMany():
		o.note(t, core.StatusDead, core.ReasonIntensity, exit)
		o.beginHalting(core.ReasonIntensity, t)
	default:
		o.countCrash()
		if t.attempts < math.MaxUint32 {
			t.attempts++
		}
		o.retry(t, t.attempts, core.ReasonFailure, exit)
	}
}

// retry makes t wait for its n-th restart. Those the strategy takes along are to be stopped; the delay begins when they
// and all that are bound to t are gone.
func (o *Oracle) retry(t *task, n uint32, why core.Reason, exit core.ExitKind) {
	from := t.status
	o.change(t, core.StatusFailed, why)
	for _, s := range o.siblings(t) {
		if s.running() && !s.marked() {
			intent := core.IntentStartAgain
			if o.policyOf(s).Restart == core.RestartNever {
				intent = core.IntentRetire
			}
			s.mark(intent, core.ReasonSibling)
		}
	}
	t.nth = n
	if o.quiet(t) {
		t.until = later(o.now, o.delay(t, n))
	} else {
		t.held = true
	}
	o.tell(core.ActionTransition, t, from, why, exit)
}

// fulfilIfPossible does what was intended with an Abandoned task if the end of one of its runs cleared the way: one
// that returns may do so beside a run that is still alive, if its policy replaces it.
func (o *Oracle) fulfilIfPossible(t *task, exit core.ExitKind) {
	if t.returns() && o.makeRoom(t) || !t.live && t.fenced == 0 {
		o.fulfil(t, exit)
	}
}

// makeRoom tells whether an Abandoned task can have another run: when none is alive, or when its policy replaces an
// abandoned run and only one is alive.
func (o *Oracle) makeRoom(t *task) bool {
	switch {
	case !t.live && t.fenced == 0:
		return true
	case o.policyOf(t).OnAbandon != core.AbandonReplace || t.live && t.fenced != 0:
		return false
	case t.live:
		t.fenced = t.run
		t.live = false
	}
	return true
}

// fulfil does what was intended for t, now that its run is gone, or left to itself.
func (o *Oracle) fulfil(t *task, exit core.ExitKind) {
	switch t.intent {
	case core.IntentRestart:
		o.startOrWait(t, core.ReasonRestarted, exit)
	case core.IntentStartAgain:
		o.startOrWait(t, core.ReasonStartAgain, exit)
	case core.IntentRetire:
		o.note(t, core.StatusDead, core.ReasonNotRestartable, exit)
	case core.IntentRetry:
		o.failed(t, t.lastExit)
	case core.IntentKill:
		o.note(t, core.StatusDead, core.ReasonKilled, exit)
	case core.IntentHalt:
		o.note(t, core.StatusDead, core.ReasonSupervisorStop, exit)
	case core.IntentRemove:
		o.forgetWhenGone(t, exit)
	case core.IntentNone:
		panic("oracle: a stop without an end in view")
	}
}

// forgetWhenGone forgets t, unless an abandoned run of it is alive still.
func (o *Oracle) forgetWhenGone(t *task, exit core.ExitKind) {
	if t.fenced == 0 {
		o.forget(t, exit)
		return
	}
	t.mark(core.IntentRemove, core.ReasonRemoved)
	o.note(t, core.StatusAbandoned, core.ReasonRemoved, exit)
}
