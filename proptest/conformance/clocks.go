package conformance

import (
	"testing/synctest"
	"time"

	mockclock "github.com/benbjohnson/clock"

	"github.com/tasksupervisor/tasksupervisor/clock"
	"github.com/tasksupervisor/tasksupervisor/clock/benclock"
	"github.com/tasksupervisor/tasksupervisor/core"
)

// ClockKind is a kind of virtual time. Whatever it is, all happens in a testing/synctest bubble.
type ClockKind uint8

const (
	// BubbleClock is clock.System in the bubble: the time that package time tells there.
	BubbleClock ClockKind = iota

	// VirtualClock is a clock.Virtual.
	VirtualClock

	// MockClock is the bridge of clock/benclock to a Mock of github.com/benbjohnson/clock.
	MockClock
)

// String returns the kind's name, which is also the name of its subtest.
func (k ClockKind) String() string {
	switch k {
	case BubbleClock:
		return "bubble"
	case VirtualClock:
		return "virtual"
	case MockClock:
		return "mock"
	}
	return "unknown clock"
}

// world is a clock, and what moves it to the next deadline and the next, letting all settle at each, up to an instant.
type world struct {
	clock clock.Clock
	move  func(time.Duration)
}

// newWorld must be called in a bubble.
func newWorld(kind ClockKind) world {
	switch kind {
	case BubbleClock:
		return world{clock.System{}, time.Sleep}
	case VirtualClock:
		virtual := new(clock.Virtual)
		return world{virtual, func(d time.Duration) { moveVirtual(virtual, virtual.Now()+core.Instant(d)) }}
	case MockClock:
		mock := mockclock.NewMock()
		return world{benclock.New(mock), mock.Add} // in a bubble, Add lets all settle at each deadline
	}
	panic("conformance: " + kind.String())
}

func moveVirtual(virtual *clock.Virtual, target core.Instant) {
	for at, ok := virtual.Deadline(); ok && at <= target; at, ok = virtual.Deadline() {
		virtual.Set(at)
		synctest.Wait()
	}
	virtual.Set(target)
}
