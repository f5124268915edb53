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
		o.reject(ev, core.ReasonUnknownExit)
	case t == nil:
		o.reject(ev, core.ReasonUnknownTask)
	case t.fenced != 0 && ev.Run == t.fenced:
		o.fencedEnded(t, ev.Exit)
	case !t.live || ev.Run != t.run:
		o.reject(ev, core.ReasonStaleRun)
	case t.status == core.StatusAbandoned:
		o.abandonedEnded(t)
	case t.status == core.StatusStopping:
		o.stoppingEnded(t)
	default:
		o.healthyEnded(t, ev.Exit)
	}
}

// reportable tells whether a driver may report an exit of this kind.
func reportable(exit core.ExitKind) bool {
	switch exit {
	case core.ExitOK, core.ExitError, core.ExitPanic, core.ExitGoexit:
		return true
	default:
		return false
	}
}

// fencedEnded: a run that was abandoned and replaced has ended after all.
func (o *Oracle) fencedEnded(t *task, exit core.ExitKind) {
	run := t.fenced
	t.fenced = 0
	o.tellOfRun(core.ActionNote, t, run, t.status, core.ReasonLateExit, exit)
	if t.status == core.StatusAbandoned {
		o.settle(t, exit)
	}
}

// abandonedEnded: the current run, which was abandoned, has ended after all.
func (o *Oracle) abandonedEnded(t *task) {
	t.live = false
	t.lastExit = core.ExitStopped
	o.tell(core.ActionNote, t, t.status, core.ReasonLateExit, core.ExitStopped)
	o.settle(t, core.ExitStopped)
}

// settle does what was intended with an Abandoned task, if the end of one of its runs cleared the way.
func (o *Oracle) settle(t *task, exit core.ExitKind) {
	if t.intent == core.IntentRestart {
		o.startBesideAbandoned(t, exit)
		return
	}
	if t.live || t.fenced != 0 {
		return
	}
	o.finish(t, exit)
}

// stoppingEnded: a run that was asked to stop has ended. That is never a failure, whatever it returned.
func (o *Oracle) stoppingEnded(t *task) {
	t.live = false
	t.lastExit = core.ExitStopped
	switch {
	case t.intent == core.IntentRestart:
		o.start(t, core.ReasonRestarted, core.ExitStopped)
	case t.intent == core.IntentRemove && t.fenced != 0:
		o.note(t, core.StatusAbandoned, core.ReasonRemoved, core.ExitStopped)
	default:
		o.finish(t, core.ExitStopped)
	}
}

// finish ends a stop that was not for a restart.
func (o *Oracle) finish(t *task, exit core.ExitKind) {
	switch t.intent {
	case core.IntentKill:
		o.note(t, core.StatusDead, core.ReasonKilled, exit)
	case core.IntentRemove:
		o.forget(t, exit)
	case core.IntentHalt:
		o.note(t, core.StatusDead, core.ReasonHalted, exit)
	case core.IntentNone, core.IntentRestart:
		panic("oracle: a stop without an end in view")
	}
}

// healthyEnded: a run has ended that nobody had asked to stop.
func (o *Oracle) healthyEnded(t *task, exit core.ExitKind) {
	t.attempts = o.attemptsNow(t)
	t.live = false
	t.lastExit = exit
	good := exit == core.ExitOK
	switch {
	case o.phase == core.PhaseHalting && good:
		o.note(t, core.StatusCompleted, core.ReasonCompleted, exit)
	case o.phase == core.PhaseHalting:
		o.note(t, core.StatusDead, core.ReasonHalted, exit)
	case good && t.policy.Restart == core.RestartAlways:
		o.scheduleRestart(t, 0, core.ReasonRepeat, exit)
	case good:
		o.note(t, core.StatusCompleted, core.ReasonCompleted, exit)
	case t.policy.Restart == core.RestartNever:
		o.note(t, core.StatusDead, core.ReasonNotRestartable, exit)
	case t.policy.MaxAttempts != core.Unlimited && t.attempts >= t.policy.MaxAttempts:
		o.note(t, core.StatusDead, core.ReasonExhausted, exit)
	default:
		if t.attempts < math.MaxUint32 {
			t.attempts++
		}
		o.scheduleRestart(t, t.attempts, core.ReasonFailure, exit)
	}
}

// scheduleRestart makes t wait for its n-th restart.
func (o *Oracle) scheduleRestart(t *task, n uint32, why core.Reason, exit core.ExitKind) {
	from := t.status
	o.change(t, core.StatusFailed, why)
	t.until = later(o.now, o.delay(t, n))
	o.tell(core.ActionNote, t, from, why, exit)
}
