package report

import (
	"slices"

	"github.com/tasksupervisor/tasksupervisor/core"
)

// Cause says what a restart goes back to.
type Cause uint8

const (
	CauseNone    Cause = iota // there was no restart
	CauseFailure              // a failure: the task's own, or that of a task with which it was stopped
	CauseGoodEnd              // the run before ended well, and the policy restarts it all the same
	CauseLoss                 // the run was lost with what carried it: the task's own, or that of a task with which it was stopped
	CauseCommand              // an operator command, about the task or about one with which it was stopped

	causes // how many there are; keep it last
)

// String returns a word for it, such as "failure".
func (c Cause) String() string {
	switch c {
	case CauseFailure:
		return "failure"
	case CauseGoodEnd:
		return "good end"
	case CauseLoss:
		return "loss"
	case CauseCommand:
		return "command"
	case CauseNone, causes:
	}
	return "none"
}

// Restarts returns the instants at which runs were started that were not the first of their task, in order.
func (t *Timeline) Restarts() []core.Instant {
	var at []core.Instant
	for _, lane := range t.Lanes {
		for i := range lane.Spans {
			if s := &lane.Spans[i]; s.Cause != CauseNone {
				at = append(at, s.From)
			}
		}
	}
	slices.Sort(at)
	return at
}

// trace keeps what the next restart of the task will go back to. If the action is that restart, it returns it.
func (l *Lane) trace(a *core.Action, now Cause) Cause {
	switch {
	case a.Kind == core.ActionStart:
		cause := l.because
		l.because = CauseNone
		switch {
		case a.Run <= 1:
			return CauseNone
		case a.Why == core.ReasonRestarted, a.Why == core.ReasonResumed:
			return CauseCommand
		case cause == CauseNone:
			return now
		}
		return cause
	case a.To == core.StatusFailed && a.From != core.StatusFailed:
		l.because = causeOf(a.Why)
	case (a.Why == core.ReasonSibling || a.Why == core.ReasonDependency) && l.because == CauseNone:
		l.because = now // the step in which its stop is decided is that of the failure, or of the command
	}
	return CauseNone
}

// causeOf returns what the restart of a failed task goes back to, by why it has failed.
func causeOf(why core.Reason) Cause {
	switch why {
	case core.ReasonRepeat:
		return CauseGoodEnd
	case core.ReasonLost:
		return CauseLoss
	default:
		return CauseFailure
	}
}

// causeNow returns what a stop that is decided in the step of an event goes back to.
func causeNow(ev *core.Event) Cause {
	switch {
	case isCommand(ev.Kind):
		return CauseCommand
	case ev.Kind == core.EventExit && ev.Exit == core.ExitLost:
		return CauseLoss
	default:
		return CauseFailure
	}
}
