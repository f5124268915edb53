package control

import (
	"errors"
	"fmt"
	"strings"

	"github.com/tasksupervisor/tasksupervisor/adapters/process/cmd/taskvisor/internal/taskfile"
)

// Code says what kind of refusal an [Error] is. It is for programs, and a promise.
type Code string

// The codes.
const (
	CodeBadRequest   Code = "bad-request"
	CodeUnknownTask  Code = "unknown-task"
	CodeAlreadyEnded Code = "already-ended"
	CodeNotSuspended Code = "not-suspended"
	CodeBeingRemoved Code = "being-removed"
	CodeShuttingDown Code = "shutting-down"
	CodeUnsupported  Code = "unsupported" // there is no such command for this task
	CodeNotUp        Code = "not-up"      // the command was carried out, and the task did not come up
	CodeTimeout      Code = "timeout"     // the command was carried out, and what was waited for has not come about
	CodeBadFile      Code = "bad-file"
	CodeFailed       Code = "failed"
)

// Error is a refusal.
type Error struct {
	Code    Code   `json:"code"`
	Message string `json:"message"`
}

func (e *Error) Error() string { return e.Message }

// UnknownTask returns the refusal of what is about a task that does not exist. It names the known task that may have been meant.
func UnknownTask(path string, known []string) *Error {
	return &Error{CodeUnknownTask, fmt.Sprintf("there is no task %q%s", path, taskfile.DidYouMeanTask(path, known))}
}

// RunningError says that there is a taskvisor already that runs the file.
type RunningError struct {
	Socket string
	PID    int // 0 if it does not say
}

func (e *RunningError) Error() string {
	if e.PID == 0 {
		return "another taskvisor runs this already (it answers on " + e.Socket + ")"
	}
	return fmt.Sprintf("another taskvisor runs this already: pid %d (it answers on %s)", e.PID, e.Socket)
}

// NoPlaceError says why a control socket cannot be made anywhere.
type NoPlaceError struct {
	Errs []error // of each place
}

func (e *NoPlaceError) Error() string {
	if len(e.Errs) == 0 {
		return "there is no place for a control socket"
	}
	texts := make([]string, len(e.Errs))
	for i, err := range e.Errs {
		texts[i] = err.Error()
	}
	return "there is no place for a control socket: " + strings.Join(texts, "; ")
}

// Unwrap returns the error of each place.
func (e *NoPlaceError) Unwrap() []error { return e.Errs }

// NotRunningError says that no taskvisor answers.
type NotRunningError struct {
	Places []string // where its socket would be
}

func (e *NotRunningError) Error() string {
	if len(e.Places) == 0 {
		return "no taskvisor runs here"
	}
	return "no taskvisor runs here (there is nothing on " + e.Places[0] + ")"
}

// NotAnsweringError says that there is a taskvisor, and that it does not answer: it may have been stopped by Ctrl-Z.
type NotAnsweringError struct {
	Socket string
	PID    int // 0 if it is not known
	Err    error
}

func (e *NotAnsweringError) Error() string {
	who := "the taskvisor on " + e.Socket
	if e.PID > 0 {
		who += fmt.Sprintf(" (pid %d)", e.PID)
	}
	return who + " does not answer: " + e.Err.Error()
}

// Unwrap returns what came in place of an answer.
func (e *NotAnsweringError) Unwrap() error { return e.Err }

var (
	errNotOwn    = errors.New("it is not this user's alone")
	errNoSocket  = errors.New("there is a file of that name which is not a socket")
	errTooLong   = fmt.Errorf("the path of a socket has at most %d bytes", longestSocket)
	errNotInTime = errors.New("it took too long; was it stopped, by Ctrl-Z?")
)
