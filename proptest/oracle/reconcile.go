package oracle

import (
	"slices"

	"github.com/tasksupervisor/tasksupervisor/core"
	"github.com/tasksupervisor/tasksupervisor/sim/spec"
)

// reconcile applies the first rule that applies, again and again, until none does.
func (o *Oracle) reconcile() {
	for o.stopBound() || o.stopNext() || o.tellPlanned() || o.beginDelay() || o.enforceLimits() || o.startNext() || o.halt() {
	}
}

// stopBound plans to stop a task that is bound to one that is down, and to start it again behind that one.
func (o *Oracle) stopBound() bool {
	if o.phase != core.PhaseRunning {
		return false
	}
	seen := o.seen()
	for _, t := range o.tasks {
		if t.running() && !t.stopPending() && seen.DownNeed(t.seen()) != nil {
			t.planStop(core.IntentStartAgain, core.ReasonDependency)
			return true
		}
	}
	return false
}

// stopNext asks the last task to stop that may be asked.
func (o *Oracle) stopNext() bool {
	seen := o.seen()
	for _, t := range slices.Backward(o.tasks) {
		if seen.MayStop(t.seen()) {
			o.stop(t, t.intent, t.why)
			return true
		}
	}
	return false
}

// tellPlanned tells of the last task whose stop was planned and has to wait.
func (o *Oracle) tellPlanned() bool {
	for _, t := range slices.Backward(o.tasks) {
		if t.planned && t.stopPending() {
			t.planned = false
			o.explain(t, t.why)
			return true
		}
	}
	return false
}

// beginDelay begins the restart delay of the first task that waited for others to stop and need not any more.
func (o *Oracle) beginDelay() bool {
	if o.phase != core.PhaseRunning {
		return false
	}
	for _, t := range o.tasks {
		if t.delayPending() && !o.delayBlocked(t) {
			t.begun = o.past()
			t.alarm = o.restartAlarm(t)
			o.tell(core.ActionTransition, t, t.status, core.ReasonDelayBegins, core.ExitNone)
			return true
		}
	}
	return false
}

// startNext starts the first task that waits for its start and can have it.
func (o *Oracle) startNext() bool {
	seen := o.seen()
	for _, t := range o.tasks {
		if seen.CanStart(t.seen()) {
			o.start(t, t.why, core.ExitNone)
			return true
		}
	}
	return false
}

// halt halts a supervisor that stops and has no run left to wait for.
func (o *Oracle) halt() bool {
	waited := o.those(func(t *task) bool { return spec.Waited(t.seen()) })
	if o.phase != core.PhaseHalting || len(waited) > 0 {
		return false
	}
	o.phase = core.PhaseHalted
	o.shutdownEnd = alarm{}
	o.actions = append(o.actions, core.Action{
		At:         o.now,
		Until:      core.Never,
		Task:       o.culprit,
		Run:        o.culpritRun,
		LeftBehind: uint32(o.Counts().LeftBehind),
		Kind:       core.ActionHalt,
		Why:        o.haltReason,
	})
	return true
}
