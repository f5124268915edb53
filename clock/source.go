package clock

import "github.com/tasksupervisor/tasksupervisor/core"

// Clock makes sources. Its method may be called by several goroutines at once.
type Clock interface {
	// NewSource returns a source that is not armed. In a testing/synctest bubble, make the source where it is used.
	NewSource() Source
}

// Source tells the time and wakes its owner at one deadline. All methods may be called by several goroutines at once,
// and none of them blocks.
type Source interface {
	// Now returns the current instant.
	Now() core.Instant

	// Arm replaces the deadline by at, and takes back a wake-up that was not received yet. If at is not in the
	// future, the wake-up comes at once. If ok is false or at is core.Never, there is no deadline any more.
	//
	// Its parameters are the results of core.Machine.NextDeadline.
	Arm(at core.Instant, ok bool)

	// Wake returns the channel that receives a value when the deadline has come. The deadline is then used up. It is
	// the same channel every time. It holds one value, and a wake-up that finds it full is dropped: the sender never
	// waits. A wake-up for a deadline that was replaced in the same moment may still come through.
	Wake() <-chan struct{}
}
