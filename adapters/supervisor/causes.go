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
