package checkers

import "github.com/tasksupervisor/tasksupervisor/core"

// intent is what will become of a task when its run is gone, as the actions tell it. That a task is to stop because of a
// sibling, of a task it needs or of a shutdown is not told before it is asked to; see group for these.
type intent struct {
	word      core.Intent
	suspended bool
}

// begins takes the intent from a status.
func (t *intent) begins(s core.TaskStatus) { *t = intent{s.Intent, s.Suspended} }

// decided takes note of an action about the task that is not a rejection.
func (t *intent) decided(ev core.Event, a core.Action) {
	switch {
	case a.Kind == core.ActionAdd:
		*t = intent{suspended: ev.Suspended}
		return
	case a.Kind == core.ActionStart: // it bears the reason for which the task waited
		*t = intent{}
		return
	}
	switch a.Why {
	case core.ReasonSuspended:
		*t = intent{core.IntentSuspend, true}
	case core.ReasonResumed:
		t.suspended = false
		if t.word == core.IntentSuspend {
			t.word = core.IntentStartAgain
		}
	case core.ReasonKilled:
		*t = intent{word: core.IntentKill}
	case core.ReasonRestarted:
		*t = intent{word: core.IntentRestart}
	case core.ReasonRemoved:
		*t = intent{word: core.IntentRemove}
	case core.ReasonSupervisorStop:
		*t = intent{word: core.IntentHalt}
	case core.ReasonSibling, core.ReasonDependency:
		if t.word == core.IntentNone {
			t.word = core.IntentStartAgain
		}
	case core.ReasonStartTimeout, core.ReasonWatchdog:
		if a.Kind == core.ActionStop && (t.word == core.IntentNone || t.word == core.IntentStartAgain) {
			t.word = core.IntentRetry
		}
	default:
	}
	switch a.To {
	case core.StatusCreated, core.StatusFailed:
		t.word = core.IntentNone
	case core.StatusCompleted, core.StatusDead, core.StatusHalted, core.StatusNone:
		*t = intent{}
	default:
	}
}
