package core

import (
	"math"
	"math/bits"
)

// Instant is a point in time: nanoseconds since an origin the driver picks, which is never a wall-clock date.
// Only differences between instants mean anything (contract clause D5), so any monotonic source will do.
type Instant int64

// Never is the instant of what will not happen: the deadline of a task that has no timer.
const Never Instant = math.MaxInt64

// beginning is the instant before any other: where a machine is that has seen no event.
const beginning Instant = math.MinInt64

// Forever is the duration that never ends. It switches a limit off: no delay cap, no stop timeout, no stability.
const Forever Duration = math.MaxInt64

// after returns the instant d later, and Never after Forever. d must not be negative.
func (at Instant) after(d Duration) Instant {
	if d == Forever {
		return Never
	}
	return at.plus(uint64(d))
}

// plus returns the instant so many nanoseconds later. It saturates at Never.
func (at Instant) plus(ns uint64) Instant {
	if ns >= Never.since(at) {
		return Never
	}
	return at + Instant(ns)
}

// since returns how many nanoseconds passed from earlier to at. That can be twice as many as a Duration has room for.
func (at Instant) since(earlier Instant) uint64 { return uint64(at) - uint64(earlier) }

// multiply saturates.
func multiply(a, b uint64) uint64 {
	high, low := bits.Mul64(a, b)
	if high != 0 {
		return ^uint64(0)
	}
	return low
}

// saturate converts to a duration, at most Forever.
func saturate(ns uint64) Duration {
	return Duration(min(ns, uint64(Forever)))
}
