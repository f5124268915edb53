package supervisor

// Done returns an error with which a run says that the task's work is done: the task is completed and not restarted,
// whatever its policy. The run returns it, or an error that wraps it. err is only shown, and may be nil.
func Done(err error) error { return &DoneError{err} }

// Fatal returns an error with which a run says that restarting the task is of no use: the supervisor stops, with an
// [EscalatedError] that wraps it. The run returns it, or an error that wraps it. A nested supervisor that stops so is
// restarted by its parent, as after any other error. err may be nil.
func Fatal(err error) error { return &FatalError{err} }
