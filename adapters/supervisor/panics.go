package supervisor

import (
	"fmt"
	"runtime"
	"strings"
	"sync"
)

// Stack is where a goroutine was, innermost call first: program counters, which are cheap to keep, and turned into
// names and lines when printed. Of deep stacks the outermost calls are missing.
type Stack []uintptr

const stackDepth = 64

// String prints the calls as the runtime does: the function, and the file and line below it.
func (s Stack) String() string {
	var text strings.Builder
	frames := s.Frames()
	for more := len(s) > 0; more; {
		var frame runtime.Frame
		frame, more = frames.Next()
		fmt.Fprintf(&text, "%s\n\t%s:%d\n", frame.Function, frame.File, frame.Line)
	}
	return text.String()
}

// Frames returns the calls one by one.
func (s Stack) Frames() *runtime.Frames { return runtime.CallersFrames(s) }

// stacks are buffers for callers. As a variable, one would make a new goroutine's own stack grow.
var stacks = sync.Pool{New: func() any { return new([stackDepth]uintptr) }}

// unreturned is the failure of a function that did not return. The deferred function that calls this has recovered
// value.
func unreturned(value any) error {
	stack := callers(1)
	if value == nil {
		return &GoexitError{Stack: stack}
	}
	failure := &PanicError{Value: value, Stack: stack}
	failure.examine(contained)
	return failure
}

// callers returns the stack of the call that panicked or ended the goroutine. It is called by a deferred function, or by
// something that many calls below one.
func callers(up int) Stack {
	buffer := stacks.Get().(*[stackDepth]uintptr)
	defer stacks.Put(buffer)
	n := runtime.Callers(3+up, buffer[:])
	return append(Stack(nil), buffer[:n]...)
}
