package supervisor

// Done makes an error that says of a run that returns it, or an error that wraps it: the task's work is done. The task is
// completed and not restarted, whatever its policy. err may be nil, and is otherwise only shown.
func Done(err error) error { return &DoneError{err} }

// DoneError is what [Done] makes.
type DoneError struct {
	Err error // nil if there is nothing to tell
}

func (e *DoneError) Error() string { return verdictText("done", e.Err) }

// Unwrap returns the error given to [Done].
func (e *DoneError) Unwrap() error { return e.Err }

// Fatal makes an error that says of a run that returns it, or an error that wraps it: there is no use in restarting the
// task. The supervisor stops, with an [EscalatedError] that wraps it. For a supervisor that is the task of another, that
// is an error like any other: the other restarts it. err may be nil.
func Fatal(err error) error { return &FatalError{err} }

// FatalError is what [Fatal] makes.
type FatalError struct {
	Err error // nil if there is nothing to tell
}

func (e *FatalError) Error() string { return verdictText("fatal", e.Err) }

// Unwrap returns the error given to [Fatal].
func (e *FatalError) Unwrap() error { return e.Err }

func verdictText(verdict string, err error) string {
	if err == nil {
		return verdict
	}
	return verdict + ": " + err.Error()
}

// exitOf returns how a run ended that returned err. An error that wraps several is as fatal as the most fatal of them.
// What a supervisor returned is an error and no more, whatever its tasks said.
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
