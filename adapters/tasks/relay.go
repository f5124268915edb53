package tasks

import (
	"fmt"
	"runtime/debug"
)

// relayed is a panic in a goroutine that a run has started. The run panics with it, so that the supervisor is told.
type relayed struct {
	value any
	stack []byte
}

func (r *relayed) Error() string {
	return fmt.Sprintf("%v\n\nin another goroutine of the run:\n%s", r.value, r.stack)
}

// Unwrap returns the value if it is an error.
func (r *relayed) Unwrap() error {
	err, _ := r.value.(error)
	return err
}

// relay calls a function, and sends what it panicked with, or nil. The end of the goroutine counts as a panic.
func relay(to chan<- *relayed, f func()) {
	panicked := &relayed{value: "runtime.Goexit was called"}
	defer func() {
		if panicked != nil {
			if value := recover(); value != nil {
				panicked.value = value
			}
			panicked.stack = debug.Stack()
		}
		to <- panicked
	}()
	f()
	panicked = nil
}
