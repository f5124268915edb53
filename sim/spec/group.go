package spec

import "github.com/tasksupervisor/tasksupervisor/core"

// Ordered reports whether tasks depend on each other by the order in which they were declared.
func (s *Supervisor) Ordered() bool { return s.Config.Strategy != core.OneForOne }

// OneByOne reports whether tasks that stop for one cause stop one after the other now, the last declared first.
func (s *Supervisor) OneByOne() bool {
	reverse := s.Config.StopOrder == core.StopReverse || s.Config.StopOrder == core.StopByStrategy && s.Ordered()
	return reverse && (s.Ordered() || s.Phase == core.PhaseHalting)
}

// Sibling reports whether the strategy stops one task when another failed.
func (s *Supervisor) Sibling(failed, other core.TaskID) bool {
	switch s.Config.Strategy {
	case core.OneForAll:
		return other != failed
	case core.RestForOne:
		return other > failed
	case core.OneForOne:
	}
	return false
}

// UnmetNeed returns the first task in declared order that a task needs and that is not up, or nil.
func (s *Supervisor) UnmetNeed(t *core.TaskStatus) *core.TaskStatus {
	var first *core.TaskStatus
	for _, need := range s.Needs.Needs(t.Task) {
		if other := s.Find(need.Task); !Up(other) && (first == nil || other.Task < first.Task) {
			first = other
		}
	}
	return first
}

// DownNeed returns a task that a task is bound to and that does not hold it, or nil: while there is one, the task must not run on.
func (s *Supervisor) DownNeed(t *core.TaskStatus) *core.TaskStatus {
	for _, need := range s.Needs.Needs(t.Task) {
		if other := s.Find(need.Task); need.Bound && !Holds(other) {
			return other
		}
	}
	return nil
}

// BlockingDependent returns a task that needs another and has to stop before that one is stopped or started, or nil: it is
// terminating, or bound and running.
func (s *Supervisor) BlockingDependent(t *core.TaskStatus) *core.TaskStatus {
	for _, dependent := range s.Needs.Dependents(t.Task) {
		if other := s.Find(dependent.Task); Terminating(other) || dependent.Bound && Running(other) {
			return other
		}
	}
	return nil
}

// StopsBefore returns a task that has to stop before a terminating task is asked to, because of the stop order, or nil.
func (s *Supervisor) StopsBefore(t *core.TaskStatus) *core.TaskStatus {
	if !s.OneByOne() || !Together(t.Intent) {
		return nil
	}
	all := s.Phase == core.PhaseHalting // then all that run are to stop
	return s.first(func(other *core.TaskStatus) bool {
		return other.Task > t.Task && (Terminating(other) || all && Running(other))
	})
}

// MayStop reports whether a task is to be asked to stop, and nothing is in the way of that.
func (s *Supervisor) MayStop(t *core.TaskStatus) bool {
	return StopPending(t) && s.BlockingDependent(t) == nil && s.StopsBefore(t) == nil
}

// DelayBlocker returns a task that has to stop before the restart delay of a failed one begins, or nil.
func (s *Supervisor) DelayBlocker(t *core.TaskStatus) *core.TaskStatus {
	if s.Ordered() {
		return s.first(Terminating)
	}
	return s.BlockingDependent(t)
}

// StartsBefore returns a task that has to stop or to be up before another starts, because of the strategy, or nil.
func (s *Supervisor) StartsBefore(t *core.TaskStatus) *core.TaskStatus {
	if !s.Ordered() {
		return nil
	}
	return s.first(func(other *core.TaskStatus) bool {
		switch {
		case other.Task == t.Task:
			return false
		case other.Status == core.StatusFailed:
			return other.Task < t.Task || s.Config.Strategy == core.OneForAll
		case (other.Status == core.StatusStarting || other.Unready) && other.Task < t.Task:
			return true
		default:
			return Terminating(other)
		}
	})
}

// Stops reports whether the supervisor stops, or has stopped: nothing starts any more.
func (s *Supervisor) Stops() bool { return s.Phase == core.PhaseHalting || s.Phase == core.PhaseHalted }

// Over reports whether a task has come to an end that keeps it from starting. Once its supervisor stops, only a kill does:
// whatever else has ended starts again with the supervisor.
func (s *Supervisor) Over(t *core.TaskStatus) bool {
	if s.Stops() {
		return t.Status == core.StatusDead && t.Why == core.ReasonKilled
	}
	return Ended(t.Status)
}

// HasRoom reports whether a task that has no run of its own can have one: runs that it left behind are waited for, all of
// them, or all but one where its policy replaces what it abandons.
func (s *Supervisor) HasRoom(t *core.TaskStatus) bool {
	alive := 0
	for _, is := range [...]bool{t.Live, t.Fenced != 0} {
		if is {
			alive++
		}
	}
	return alive == 0 || alive == 1 && s.Policy(t).OnAbandon == core.AbandonReplace
}

// CanStart reports whether a task waits for its start, and nothing is in the way of that.
func (s *Supervisor) CanStart(t *core.TaskStatus) bool {
	return s.Phase == core.PhaseRunning && t.Status == core.StatusCreated && !t.Suspended && !t.Held && s.HasRoom(t) &&
		s.UnmetNeed(t) == nil && s.BlockingDependent(t) == nil && s.StartsBefore(t) == nil
}

// Wait returns what a task that waits for a start waits for, and which task if for one that it needs. That its driver holds it is
// said when it waits neither for an operator nor for a run or a task that it needs: what it waits for is a place. What a failed task
// waits for is up to its timers: it is as its status says.
func (s *Supervisor) Wait(t *core.TaskStatus) (core.Wait, core.TaskID) {
	switch {
	case t.Status == core.StatusFailed:
		return t.Wait, 0
	case t.Status != core.StatusCreated:
		return core.WaitNone, 0
	case t.Suspended:
		return core.WaitSuspended, 0
	case s.Phase == core.PhaseCreated:
		return core.WaitSupervisor, 0
	case !s.HasRoom(t):
		return core.WaitLeftBehind, 0
	}
	if other := s.UnmetNeed(t); other != nil {
		return core.WaitNeed, other.Task
	}
	if t.Held {
		return core.WaitHeld, 0
	}
	return core.WaitTurn, 0
}

// Waited reports whether a supervisor that stops waits for a task: it has a run that was not abandoned.
func Waited(t *core.TaskStatus) bool { return Running(t) || t.Status == core.StatusStopping }
