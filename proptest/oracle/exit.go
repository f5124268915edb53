package oracle

import (
	"math"
	"slices"

	"github.com/tasksupervisor/tasksupervisor/core"
	"github.com/tasksupervisor/tasksupervisor/sim/spec"
)

// exit applies the end of a run.
func (o *Oracle) exit(ev core.Event) {
	t := o.find(ev.Task)
	switch {
	case !spec.CanEnd(ev.Exit):
		o.reject(ev, core.RefusalUnknownExit)
	case t == nil:
		o.reject(ev, core.RefusalUnknownTask)
	case slices.Contains(t.left, ev.Run):
		o.leftEnded(t, ev)
	case !t.live || ev.Run != t.run:
		o.reject(ev, core.RefusalStaleRun)
	case t.status == core.StatusAbandoned:
		o.abandonedEnded(t)
	case t.status == core.StatusStopping:
		o.stoppingEnded(t)
	default:
		if spec.Asks(ev.Exit) && ev.Delay > 0 {
			o.ownDelay = ev.Delay
		}
		o.runningEnded(t, ev.Exit)
		o.ownDelay = 0
	}
}

// leftEnded applies the late end of a run that was left to itself.
func (o *Oracle) leftEnded(t *task, ev core.Event) {
	t.left = slices.DeleteFunc(t.left, func(run core.Run) bool { return run == ev.Run })
	o.tell(core.ActionTransition, t, t.status, core.ReasonLateExit, ev.Exit)
	o.actions[len(o.actions)-1].Run = ev.Run
	if t.status == core.StatusAbandoned {
		o.resolveAbandoned(t, ev.Exit)
	}
}

// abandonedEnded applies the late end of the current run, which was abandoned.
func (o *Oracle) abandonedEnded(t *task) {
	t.live = false
	t.lastExit = verdict(t)
	o.tell(core.ActionTransition, t, t.status, core.ReasonLateExit, t.lastExit)
	o.resolveAbandoned(t, t.lastExit)
}

// stoppingEnded applies the end of a run that was asked to stop.
func (o *Oracle) stoppingEnded(t *task) {
	t.live = false
	t.lastExit = verdict(t)
	o.carryOutIntent(t, t.lastExit)
}

// verdict returns how a run that was asked to stop has ended: that is never a failure, whatever it returned, unless it was
// asked because it had failed while it was running.
func verdict(t *task) core.ExitKind {
	if t.intent == core.IntentRetry {
		return t.lastExit
	}
	return core.ExitStopped
}

// runningEnded applies the end of a run that had not been asked to stop. What an operator intended for it follows.
func (o *Oracle) runningEnded(t *task, exit core.ExitKind) {
	t.attempts = o.attemptsNow(t)
	t.live = false
	switch t.intent {
	case core.IntentRestart, core.IntentKill, core.IntentRemove, core.IntentSuspend:
		t.lastExit = exit
		o.carryOutIntent(t, exit)
	default:
		healthy := t.since
		if t.status != core.StatusHealthy {
			healthy = core.Never
		}
		if p := o.policyOf(t); o.phase == core.PhaseRunning && spec.TooQuick(&p, exit, healthy, o.now) {
			exit = core.ExitTooQuick
		}
		t.lastExit = exit
		o.decide(t, exit)
	}
}

// decide decides what follows from an end that no one had asked for.
func (o *Oracle) decide(t *task, exit core.ExitKind) {
	good := exit == core.ExitOK || exit == core.ExitDone
	switch {
	case o.phase == core.PhaseHalting && !good:
		o.transition(t, core.StatusHalted, core.ReasonSupervisorStop, exit)
	case o.phase == core.PhaseRunning && exit == core.ExitOK && o.policyOf(t).Restart == core.RestartAlways:
		o.retry(t, 0, core.ReasonRepeat, exit)
	case good:
		o.transition(t, core.StatusCompleted, core.ReasonCompleted, exit)
	case spec.Lost(exit) && o.policyOf(t).Restart != core.RestartNever:
		o.retry(t, t.attempts, core.ReasonLost, exit)
	default:
		o.failed(t, exit)
	}
}

// failed decides what follows from a failure.
func (o *Oracle) failed(t *task, exit core.ExitKind) {
	p := o.policyOf(t)
	switch {
	case exit == core.ExitFatal:
		o.transition(t, core.StatusDead, core.ReasonFatal, exit)
		o.beginHalting(core.ReasonEscalated, t)
	case p.Restart == core.RestartNever:
		o.transition(t, core.StatusDead, core.ReasonNotRestartable, exit)
	case p.MaxAttempts != core.Unlimited && t.attempts >= p.MaxAttempts:
		o.transition(t, core.StatusDead, core.ReasonExhausted, exit)
		if p.OnExhausted == core.ExhaustedEscalate {
			o.beginHalting(core.ReasonEscalated, t)
		}
	case o.crashes.Full(o.now):
		o.transition(t, core.StatusDead, core.ReasonIntensity, exit)
		o.beginHalting(core.ReasonIntensity, t)
	default:
		o.crashes.Record(o.now)
		if t.attempts < math.MaxUint32 {
			t.attempts++
		}
		o.retry(t, t.attempts, core.ReasonFailure, exit)
	}
}

// retry makes t wait for its n-th restart. Its siblings are stopped; the delay begins when they and all that are bound to t
// have stopped.
func (o *Oracle) retry(t *task, n uint32, why core.Reason, exit core.ExitKind) {
	from := t.status
	o.change(t, core.StatusFailed, why)
	for _, s := range o.tasks {
		if o.seen().Sibling(t.id, s.id) && s.running() && !s.stopPending() {
			intent := core.IntentStartAgain
			if o.policyOf(s).Restart == core.RestartNever {
				intent = core.IntentRetire
			}
			s.planStop(intent, core.ReasonSibling)
		}
	}
	t.nth, t.ownDelay = n, o.ownDelay
	if !o.delayBlocked(t) {
		t.begun = o.past()
		t.alarm = o.restartAlarm(t)
	}
	o.tell(core.ActionTransition, t, from, why, exit)
}

// resolveAbandoned carries out the intent of an Abandoned task if the end of one of its runs allows that: one that
// returns may do so beside a run that is still alive, if its policy replaces it.
func (o *Oracle) resolveAbandoned(t *task, exit core.ExitKind) {
	if o.phase == core.PhaseRunning && spec.Returns(t.intent) && o.makeRoom(t) || t.alive() == 0 {
		o.carryOutIntent(t, exit)
	}
}

// makeRoom reports whether an Abandoned task can have another run, and if so leaves the one that is alive to itself.
func (o *Oracle) makeRoom(t *task) bool {
	if !o.seen().HasRoom(t.seen()) {
		return false
	}
	if t.live {
		t.live, t.left = false, []core.Run{t.run}
	}
	return true
}

// carryOutIntent does what was intended for t, now that its run has stopped or is left to itself.
func (o *Oracle) carryOutIntent(t *task, exit core.ExitKind) {
	switch t.intent {
	case core.IntentRestart:
		o.startOrWait(t, core.ReasonRestarted, exit)
	case core.IntentStartAgain:
		o.startOrWait(t, core.ReasonStartAgain, exit)
	case core.IntentSuspend:
		o.transition(t, o.atRest(), core.ReasonSuspended, exit)
	case core.IntentRetire:
		o.transition(t, core.StatusDead, core.ReasonNotRestartable, exit)
	case core.IntentRetry:
		o.failed(t, t.lastExit)
	case core.IntentKill:
		o.transition(t, core.StatusDead, core.ReasonKilled, exit)
	case core.IntentHalt:
		o.transition(t, core.StatusHalted, core.ReasonSupervisorStop, exit)
	case core.IntentRemove:
		o.forgetWhenGone(t, exit)
	case core.IntentNone:
		panic("oracle: a stop without an end in view")
	}
}

// forgetWhenGone forgets t, unless an abandoned run of it is still alive.
func (o *Oracle) forgetWhenGone(t *task, exit core.ExitKind) {
	if t.alive() == 0 {
		o.forget(t, exit)
		return
	}
	if len(t.left) == 2 { // the newer one is waited for like any latest run
		t.live, t.left = true, t.left[:1]
	}
	t.intend(core.IntentRemove, core.ReasonRemoved)
	o.transition(t, core.StatusAbandoned, core.ReasonRemoved, exit)
}
