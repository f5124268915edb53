package goroutine

import (
	"errors"

	"github.com/tasksupervisor/tasksupervisor/core"
)

// Why a run's context was cancelled: context.Cause of it is one of these, or wraps one.
//
// Of a shutdown that came with the end of the context given to [Supervisor.Run], the cause wraps that context's cause
// too: in a tree, errors.Is finds the reason at the root.
var (
	ErrShutdown  = errors.New("the supervisor is shutting down its tasks")
	ErrRemoved   = errors.New("the task is being removed")
	ErrKilled    = errors.New("the task is being killed")
	ErrRestarted = errors.New("the task is being restarted")
	ErrRunEnded  = errors.New("the run has ended") // for what a run leaves behind that still holds its context
)

// causedShutdown is ErrShutdown with a cause of its own.
type causedShutdown struct{ cause error }

func (e *causedShutdown) Error() string { return ErrShutdown.Error() + ": " + e.cause.Error() }

func (e *causedShutdown) Unwrap() []error { return []error{ErrShutdown, e.cause} }

var stopCauses = map[core.Reason]error{
	core.ReasonRemoved:   ErrRemoved,
	core.ReasonKilled:    ErrKilled,
	core.ReasonRestarted: ErrRestarted,
}

// stopCause returns why a run is asked to stop.
func (s *session) stopCause(why core.Reason) error {
	if cause := stopCauses[why]; cause != nil {
		return cause
	}
	return s.shutdown
}
