package core

import "math"

// Instant is a point in time: nanoseconds since an origin the driver picks, which is never a wall-clock date.
// Only differences between instants mean anything (contract clause D5), so any monotonic source will do.
type Instant int64

// Never is the instant of what will not happen: the deadline of a task that has no timer.
const Never Instant = math.MaxInt64

// beginning is the instant before any other: where a machine is that has seen no event.
const beginning Instant = math.MinInt64

// Forever is the duration that never ends. It switches a limit off: no delay cap, no stop timeout, no stability.
const Forever Duration = math.MaxInt64

// after returns the instant d later. It saturates at Never, and d must not be negative.
func (at Instant) after(d Duration) Instant {
	if d == Forever || int64(at) > math.MaxInt64-int64(d) {
		return Never
	}
	return at + Instant(d)
}

// since returns how much time passed from earlier to at. It saturates, and is never negative.
func (at Instant) since(earlier Instant) Duration {
	if at <= earlier {
		return 0
	}
	if elapsed := int64(at) - int64(earlier); elapsed > 0 {
		return Duration(elapsed)
	}
	return Forever
}
