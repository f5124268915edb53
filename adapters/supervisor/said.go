package supervisor

import "github.com/tasksupervisor/tasksupervisor/core"

// What is said about a task by hand belongs to the task, and not to one session of its supervisor: that it is suspended, held,
// killed or being removed, its policy, and the limits of a supervisor. The machine of a session carries it out, in any phase, and
// the member remembers it for the machine of the next. A task that is made anew for every run of its parent, because a factory
// makes the supervisor, has it from the task of the same name in the supervisor that was made before.

// said is what an operator has said about a task, as far as it outlives a session.
type said struct {
	state  saidState
	spoken bool       // an operator has decided about the state: it is not what the task was added with
	policy bool       // the policy was set by hand
	placed bool       // an operator has decided whether it is held: it is not what the task was added with
	held   *HeldError // an operator holds it; nil: none does
}

type saidState uint8

const (
	saidNothing saidState = iota
	saidSuspended
	saidKilled
	saidRemoved
)

func initially(suspended bool) saidState {
	if suspended {
		return saidSuspended
	}
	return saidNothing
}

// note records a command that the machine has accepted.
func (s *said) note(kind core.EventKind) {
	switch kind {
	case core.EventSuspend:
		s.state, s.spoken = saidSuspended, true
	case core.EventKill:
		s.state, s.spoken = saidKilled, true
	case core.EventRemove:
		s.state, s.spoken = saidRemoved, true
	case core.EventRestart, core.EventResume:
		s.state, s.spoken = saidNothing, true
	default:
	}
}

// again returns what the next machine has to be told when it has been given the task; ok is false if that is nothing.
func (s *said) again() (kind core.EventKind, ok bool) {
	switch s.state {
	case saidKilled:
		return core.EventKill, true
	case saidRemoved:
		return core.EventRemove, true
	case saidNothing, saidSuspended:
	}
	return 0, false
}

// overForGood says why nothing will start here any more by itself: the supervisor is stopping or has stopped, and no parent
// will run it again. The error is ErrShuttingDown or ErrStopped.
func (s *Supervisor) overForGood() error {
	s.mu.Lock()
	phase, session, failed := s.phase(), s.session, s.fault != nil
	s.mu.Unlock()
	switch {
	case phase <= PhaseRunning || session == nil || failed:
		return nil
	case session.isTask():
		return session.parent.session.supervisor.overForGood()
	case phase == PhaseHalting:
		return ErrShuttingDown
	}
	return ErrStopped
}
