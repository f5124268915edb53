package supervisor

// Done returns an error with which a run says that the task's work is done: the task is completed and not restarted,
// whatever its policy. The run returns it, or an error that wraps it. err is only shown, and may be nil.
func Done(err error) error { return &DoneError{err} }

// Fatal returns an error with which a run says that restarting the task is of no use: the supervisor stops, with an
// [EscalatedError] that wraps it. The run returns it, or an error that wraps it. A nested supervisor that stops so is
// restarted by its parent, as after any other error. err may be nil.
func Fatal(err error) error { return &FatalError{err} }

// exitOf returns how a run that returned err ended. An error that wraps several is as fatal as the most fatal of them. What
// a supervisor returned is only an error, whatever its tasks said.
func exitOf(err error) ExitKind {
	if err == nil {
		return ExitOK
	}
	switch err := err.(type) {
	case *FatalError:
		return ExitFatal
	case *DoneError:
		return ExitDone
	case *EscalatedError, *DeadTasksError:
		return ExitError
	case interface{ Unwrap() error }:
		return max(ExitError, exitOf(err.Unwrap()))
	case interface{ Unwrap() []error }:
		exit := ExitError // the kinds grow from here to done and fatal
		for _, part := range err.Unwrap() {
			exit = max(exit, exitOf(part))
		}
		return exit
	}
	return ExitError
}
