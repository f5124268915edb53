package supervisor

import "time"

// Done returns an error with which a run says that the task's work is done: the task is completed and not restarted,
// whatever its policy. The run returns it, or an error that wraps it. err is only shown, and may be nil.
func Done(err error) error { return &DoneError{err} }

// After returns an error with which a run says when to start its task again: the restart that follows this failure
// comes after d, such as what a server's Retry-After says, and not after the policy's backoff. d is at most what the policy
// caps delays at ([Backoff].Max), and jitter does not shorten it. The failure counts as any other. The run returns the error,
// or one that wraps it; the outermost counts, and [Done] and [Fatal] win. With a d of zero or less the policy decides. After
// returns nil if err is nil.
func After(err error, d time.Duration) error {
	if err == nil {
		return nil
	}
	return &DelayedError{err, d}
}

// Fatal returns an error with which a run says that restarting the task is of no use: the supervisor stops, with an
// [EscalatedError] that wraps it. The run returns it, or an error that wraps it. A nested supervisor that stops so is
// restarted by its parent, as after any other error. err may be nil.
func Fatal(err error) error { return &FatalError{err} }

// Lost returns an error with which a run says that what carried it has failed, and not the task: the machine, the connection or the
// process that did the work. The task is restarted as its policy says, after the delay that its attempts come to; but that is not a
// failure: it costs no attempt and counts for no limit. The restart rate spreads the restarts of all that were lost together. The
// run returns it, or an error that wraps it; [Done] and [Fatal] win. err may be nil.
//
// A run says so only when what it did is over, or can do no more harm: the next one may start at once.
func Lost(err error) error { return &LostError{err} }

// delayOf returns the delay that a run asks for which returned an error that is sound, or 0. What a nested supervisor's tasks
// asked for does not concern the supervisor above.
func delayOf(err error) time.Duration {
	if isPlain(err) {
		return 0
	}
	switch err := err.(type) {
	case *DelayedError:
		return err.Delay
	case *EscalatedError, *DeadTasksError:
		return 0
	case interface{ Unwrap() error }:
		return delayOf(err.Unwrap())
	case interface{ Unwrap() []error }:
		for _, part := range err.Unwrap() {
			if d := delayOf(part); d != 0 {
				return d
			}
		}
	}
	return 0
}
