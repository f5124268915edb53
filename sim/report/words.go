package report

import (
	"github.com/tasksupervisor/tasksupervisor/core"
	"github.com/tasksupervisor/tasksupervisor/internal/look"
)

// Down reports whether the task was not at work although no operator had asked for that: it had failed, was dead or
// abandoned, was being stopped because of others or because it hung, waited to be started again, or its new run was not
// ready. Its first start is not counted, nor is a suspension.
func (s *Span) Down() bool {
	switch s.Status {
	case core.StatusFailed, core.StatusDead, core.StatusAbandoned:
		return true
	case core.StatusCreated:
		return s.Run > 0 && s.Wait != core.WaitSuspended
	case core.StatusStarting:
		return s.Run > 1
	case core.StatusStopping:
		return s.class() != look.Stopping
	case core.StatusNone, core.StatusHealthy, core.StatusCompleted, core.StatusHalted:
	}
	return false
}

func (s *Span) class() look.Class { return look.Of(s.Status, s.Wait, s.Why) }

// waits says what the task waited for, where that needs saying.
func (s *Span) waits() string {
	switch s.Wait {
	case core.WaitSuspended:
		return "suspended"
	case core.WaitNeed:
		return "waits for " + s.Need
	case core.WaitTurn:
		return "waits for its turn"
	case core.WaitLeftBehind:
		return "waits for a run that was left behind"
	case core.WaitHeld:
		return "waits for a place"
	case core.WaitOthersStopped:
		return "waits until the others have stopped"
	case core.WaitRestartRate:
		return "waits for the restart rate"
	case core.WaitNone, core.WaitSupervisor, core.WaitDelay:
	}
	return ""
}
