package report

import "github.com/tasksupervisor/tasksupervisor/core"

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
		return s.class() != classStopping
	case core.StatusNone, core.StatusHealthy, core.StatusCompleted, core.StatusHalted:
	}
	return false
}

// class is what a span looks like: its status, where that says enough.
type class int

const (
	classCreated class = iota
	classWaiting
	classSuspended
	classStarting
	classHealthy
	classStopping
	classStoppingWithOthers
	classStoppingMissed
	classFailed
	classOthersStop
	classRestartRate
	classCompleted
	classDead
	classHalted
	classAbandoned

	classes // how many there are; keep it last
)

func (s *Span) class() class {
	switch s.Status {
	case core.StatusStarting:
		return classStarting
	case core.StatusHealthy:
		return classHealthy
	case core.StatusStopping:
		switch {
		case s.Why == core.ReasonSibling, s.Why == core.ReasonDependency:
			return classStoppingWithOthers
		case s.Why.Hangs():
			return classStoppingMissed
		}
		return classStopping
	case core.StatusCompleted:
		return classCompleted
	case core.StatusDead:
		return classDead
	case core.StatusHalted:
		return classHalted
	case core.StatusAbandoned:
		return classAbandoned
	case core.StatusNone, core.StatusCreated, core.StatusFailed:
	}
	switch s.Wait {
	case core.WaitSuspended:
		return classSuspended
	case core.WaitNeed, core.WaitTurn, core.WaitLeftBehind:
		return classWaiting
	case core.WaitOthersStopped:
		return classOthersStop
	case core.WaitRestartRate:
		return classRestartRate
	case core.WaitNone, core.WaitSupervisor, core.WaitDelay:
	}
	if s.Status == core.StatusFailed {
		return classFailed
	}
	return classCreated
}

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
	case core.WaitOthersStopped:
		return "waits until the others have stopped"
	case core.WaitRestartRate:
		return "waits for the restart rate"
	case core.WaitNone, core.WaitSupervisor, core.WaitDelay:
	}
	return ""
}
