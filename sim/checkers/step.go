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
		if a.Task == ev.Task && a.Exit != core.ExitNone {
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

// waits tells whether a status has a timer.
func waits(s core.Status) bool { return s == core.StatusFailed || s == core.StatusStopping }

// halts tells whether an action belongs to the halt of the supervisor.
func halts(a core.Action) bool { return a.Kind == core.ActionHalt || a.Why == core.ReasonHalted }
