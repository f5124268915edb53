// Package wakeup is what the sources of all clocks have in common: the channel that wakes their owner, and how long to
// wait.
package wakeup

import "github.com/tasksupervisor/tasksupervisor/core"

// Channel is the channel of a source. It holds one wake-up.
type Channel chan struct{}

// New returns an empty channel.
func New() Channel { return make(Channel, 1) }

// Send wakes the owner. It never waits: a channel that is full stays as it is.
func (c Channel) Send() {
	select {
	case c <- struct{}{}:
	default:
	}
}

// Withdraw takes back a wake-up that was not received yet.
func (c Channel) Withdraw() {
	select {
	case <-c:
	default:
	}
}

// Delay returns how long it is from now until at, at most [core.Forever]. due reports whether at is not in the future.
func Delay(now, at core.Instant) (d core.Duration, due bool) {
	if at <= now {
		return 0, true
	}
	if d = core.Duration(at - now); d < 0 { // more than 292 years
		d = core.Forever
	}
	return d, false
}
