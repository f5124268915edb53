package otel

import (
	"context"
	"fmt"

	"go.opentelemetry.io/otel/codes"

	"github.com/tasksupervisor/tasksupervisor/adapters/supervisor"
)

// outcome is how a run ended, as its span says it.
type outcome struct {
	status    codes.Code // Error for failures; Unset for the rest
	exception exception  // zero: there is none
}

type exception struct{ kind, message, stack string }

// The kinds of exceptions that are no errors.
const (
	kindPanic  = "panic"
	kindGoexit = "runtime.Goexit"
)

// outcomeOf returns the outcome of a run that has returned, with the cause for which it was asked to stop, or nil.
//
// A run that was asked to stop because it hangs has failed. What another returns that was asked to stop is not a failure, but it is told
// if it is more than the context's own error.
func outcomeOf(cause, err error) outcome {
	switch {
	case hangs(cause):
		return failed(cause)
	case err == nil, searched(err, isDone) && !searched(err, isFatal):
		return outcome{}
	case cause != nil && isOwn(err, cause):
		return outcome{}
	}
	return failed(err)
}

func failed(err error) outcome {
	return outcome{codes.Error, exception{kind: fmt.Sprintf("%T", err), message: text(err)}}
}

func panicked(value any, stack []byte) outcome {
	return outcome{codes.Error, exception{kindPanic, limited(fmt.Sprint(value)), string(stack)}}
}

func goexit(stack []byte) outcome {
	return outcome{codes.Error, exception{kindGoexit, "the run ended its goroutine", string(stack)}}
}

// hangs reports whether a run was stopped because it hangs.
func hangs(cause error) bool {
	return searched(cause, func(err error) bool {
		_, probe := err.(*supervisor.ProbeError)
		return probe || err == supervisor.ErrMissedBeat || err == supervisor.ErrStartTimeout
	})
}

func isDone(err error) bool {
	_, is := err.(*supervisor.DoneError)
	return is
}

func isFatal(err error) bool {
	_, is := err.(*supervisor.FatalError)
	return is
}

// isOwn reports whether a run that was stopped returned no more than its context's error.
func isOwn(err, cause error) bool {
	return searched(err, func(part error) bool { return part == context.Canceled || part == cause })
}

// partsMax is how many errors within an error are looked at. There are some that unwrap to themselves.
const partsMax = 100

// searched reports whether an error is or wraps one that is looked for. It calls what comes from outside, which may panic.
func searched(err error, wanted func(error) bool) (found bool) {
	defer func() { _ = recover() }()
	parts := []error{err}
	for i := 0; i < len(parts) && i < partsMax; i++ {
		if parts[i] == nil {
			continue
		}
		if wanted(parts[i]) {
			return true
		}
		switch part := parts[i].(type) {
		case interface{ Unwrap() error }:
			parts = append(parts, part.Unwrap())
		case interface{ Unwrap() []error }:
			parts = append(parts, part.Unwrap()...)
		}
	}
	return false
}

// text returns the text of an error, whatever its Error method does.
func text(err error) string {
	if err == nil {
		return ""
	}
	return limited(fmt.Sprint(err))
}

// limited cuts a text that is too long for an attribute.
func limited(text string) string {
	const most = 4096
	if len(text) > most {
		return text[:most] + "..."
	}
	return text
}
