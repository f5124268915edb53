package checkers

import "github.com/tasksupervisor/tasksupervisor/core"

// refusal returns the rejection among the actions of a step.
func refusal(actions []core.Action) (reject core.Action, ok bool) {
	for _, a := range actions {
		if a.Kind == core.ActionReject {
			return a, true
		}
	}
	return core.Action{}, false
}

// endedAt returns the index of the first action that followed from the end of a run which the event reported: the
// actions before it are those of timers. It is -1 if the event reported none or was rejected.
func endedAt(ev core.Event, actions []core.Action) int {
	if ev.Kind != core.EventExit {
		return -1
	}
	for i, a := range actions {
		// Out of Abandoned the first to tell is a late exit. Any other is of a run that failed before and was just replaced.
		replaced := a.From == core.StatusAbandoned && a.Why != core.ReasonLateExit
		if a.Task == ev.Task && a.Exit != core.ExitNone && !replaced {
			return i
		}
	}
	return -1
}

// heeded tells whether the event is of this kind and was not rejected.
func heeded(kind core.EventKind, ev core.Event, actions []core.Action) bool {
	if ev.Kind != kind {
		return false
	}
	_, rejected := refusal(actions)
	return !rejected
}

// fires tells whether an action is the first of a task's timer that fires. A failed probe can be told by an event, too.
func fires(a core.Action) bool {
	switch a.Why {
	case core.ReasonBackoff, core.ReasonRestartRate:
		return a.From == core.StatusFailed
	case core.ReasonStopTimeout, core.ReasonStartTimeout, core.ReasonWatchdog, core.ReasonProbe, core.ReasonProbeFailed:
		return a.From != core.StatusCreated // where it is why the task waited
	default:
		return false
	}
}

// isRunning tells whether a status is one of a run that was not asked to stop.
func isRunning(s core.Status) bool { return s == core.StatusStarting || s == core.StatusHealthy }

// isTimed tells whether a status can have a timer.
func isTimed(s core.Status) bool {
	return isRunning(s) || s == core.StatusFailed || s == core.StatusStopping
}

// halts tells whether an action belongs to the halt of the supervisor.
func halts(a core.Action) bool {
	return a.Kind == core.ActionHalt || a.Why == core.ReasonSupervisorStop
}

// concerns tells whether an action is about one task, and decides something.
func concerns(a core.Action) bool { return a.Kind != core.ActionReject && a.Kind != core.ActionHalt }
