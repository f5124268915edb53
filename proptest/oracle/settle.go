package oracle

import "github.com/tasksupervisor/tasksupervisor/core"

// settle lets happen what follows by itself from where the tasks are: the first rule that applies, again and again,
// until none does.
func (o *Oracle) settle() {
	for o.markBound() || o.askNext() || o.beginDelay() || o.enforceLimits() || o.startNext() || o.halt() {
	}
}

// markBound: whoever is bound to a task that is down is to be stopped, and to come back behind it.
func (o *Oracle) markBound() bool {
	if o.phase != core.PhaseRunning {
		return false
	}
	for _, t := range o.declared() {
		if !t.running() || t.marked() {
			continue
		}
		for id, bound := range t.needs {
			if bound && !o.tasks[id].up() {
				t.mark(core.IntentStartAgain, core.ReasonDependency)
				return true
			}
		}
	}
	return false
}

// askNext: the last task that is marked and may be asked to stop is asked.
func (o *Oracle) askNext() bool {
	if o.phase != core.PhaseRunning && o.phase != core.PhaseHalting {
		return false
	}
	for _, t := range o.reversed() {
		if o.mayAsk(t) {
			o.stop(t, t.intent, t.why)
			return true
		}
	}
	return false
}

// beginDelay: when all that its failure stopped are gone, a task's restart delay begins.
func (o *Oracle) beginDelay() bool {
	if o.phase != core.PhaseRunning {
		return false
	}
	for _, t := range o.declared() {
		if t.status == core.StatusFailed && t.held && o.quiet(t) {
			t.held = false
			t.until = later(o.now, o.delay(t, t.nth))
			o.tell(core.ActionTransition, t, t.status, core.ReasonDelayBegins, core.ExitNone)
			return true
		}
	}
	return false
}

// startNext: the first task that waits to start and may, starts.
func (o *Oracle) startNext() bool {
	for _, t := range o.declared() {
		if t.status == core.StatusCreated && o.canStart(t) {
			o.start(t, t.why, core.ExitNone)
			return true
		}
	}
	return false
}
