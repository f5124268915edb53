package supervisor

import (
	"errors"
)

// Why a run's context was cancelled: context.Cause of it is one of these, wraps one, or is a [*ProbeError].
//
// Of a shutdown that came with the end of the context given to [Supervisor.Run], the cause wraps that context's cause
// too: in a tree, errors.Is finds the reason at the root. Of one that a task brought about, it wraps the [*EscalatedError].
var (
	ErrShutdown  = errors.New("the supervisor is shutting down its tasks")
	ErrRemoved   = errors.New("the task is being removed")
	ErrKilled    = errors.New("the task is being killed")
	ErrRestarted = errors.New("the task is being restarted")
	ErrSuspended = errors.New("the task is being suspended")
	ErrRunEnded  = errors.New("the run has ended") // for what a run leaves behind that still holds its context

	ErrSibling      = errors.New("a sibling is being restarted, and the task with it") // see WithStrategy
	ErrDependency   = errors.New("a task that this one needs went down")               // see WithBoundTo
	ErrStartTimeout = errors.New("the run was not ready in time")                      // see WithStartTimeout
	ErrMissedBeat   = errors.New("the run missed a heartbeat")                         // see WithWatchdog
)

// causedShutdown is ErrShutdown with a cause of its own.
type causedShutdown struct{ cause error }

func (e *causedShutdown) Error() string { return ErrShutdown.Error() + ": " + e.cause.Error() }

func (e *causedShutdown) Unwrap() []error { return []error{ErrShutdown, e.cause} }

// stopCause returns why a run is asked to stop.
func (r *run) stopCause(why Reason) error {
	switch why {
	case ReasonRemoved:
		return ErrRemoved
	case ReasonKilled:
		return ErrKilled
	case ReasonRestarted:
		return ErrRestarted
	case ReasonSuspended:
		return ErrSuspended
	case ReasonSibling:
		return ErrSibling
	case ReasonDependency:
		return ErrDependency
	case ReasonStartTimeout:
		return ErrStartTimeout
	case ReasonWatchdog:
		return r.missCause()
	default: // ReasonSupervisorStop
		return r.session.shutdown
	}
}

// missCause returns what a run did not do that has a watchdog or probes.
func (r *run) missCause() error {
	probe := r.member.policy.Value().Probe
	if probe.Interval == 0 {
		return ErrMissedBeat
	}
	return &ProbeError{int(probe.Failures), r.health.Load().err}
}
