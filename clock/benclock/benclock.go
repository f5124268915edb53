// Package benclock bridges to github.com/benbjohnson/clock: its clocks, real or mock, drive a supervisor.
//
//	mock := clock.NewMock() // of benbjohnson/clock
//	sup, err := supervisor.New(supervisor.WithClock(benclock.New(mock)))
//	...
//	mock.Add(2 * time.Second)
//
// It is for programs that already test with that package; others move a [clock.Virtual]. If a Mock is set back, so is the
// time of its sources.
//
// # Traps of a Mock
//
// A source uses its Mock in the one way that has few traps: each deadline is a timer of its own with a function, made in
// the future and never reset. So Add never waits for a receiver, and no deadline is lost with a timer that fires while
// it is reset. A timer counts from the moment when it is made, so a deadline armed while the Mock moves is made again
// until the Mock stands still.
//
// A Mock's Add runs its timers one after the other, and sleeps for a millisecond of real time after each, in the hope
// that whatever it woke has acted by then. A deadline that is armed later than that is met late, by this Add or by the
// next. To be certain, advance to one deadline at a time, and only when every source has armed its next.
package benclock

import (
	"sync"
	"time"

	benbjohnson "github.com/benbjohnson/clock"

	"github.com/tasksupervisor/tasksupervisor/clock"
	"github.com/tasksupervisor/tasksupervisor/clock/internal/wakeup"
	"github.com/tasksupervisor/tasksupervisor/core"
)

// New returns a clock whose sources follow c: their origin is the moment they are made. It returns nil if c is nil.
func New(c benbjohnson.Clock) clock.Clock {
	if c == nil {
		return nil
	}
	return bridge{c}
}

type bridge struct{ clock benbjohnson.Clock }

func (b bridge) NewSource() clock.Source {
	_, movable := b.clock.(interface{ Add(time.Duration) })
	return &source{clock: b.clock, movable: movable, origin: b.clock.Now(), wake: wakeup.New()}
}

type source struct {
	clock   benbjohnson.Clock
	movable bool // it stands still unless it is moved
	origin  time.Time
	wake    wakeup.Channel

	mu    sync.Mutex
	timer *benbjohnson.Timer // the latest deadline's; nil if there is none
}

func (s *source) Now() core.Instant { return core.Instant(s.clock.Now().Sub(s.origin)) }

// Date implements [clock.Dated].
func (s *source) Date(at core.Instant) time.Time {
	now := s.clock.Now()
	return now.Round(0).Add(-now.Sub(s.origin)).Add(time.Duration(at))
}

func (s *source) Wake() <-chan struct{} { return s.wake }

func (s *source) Arm(at core.Instant, ok bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.timer != nil {
		s.timer.Stop()
		s.timer = nil
	}
	s.wake.Withdraw()
	if !ok || at == core.Never {
		return
	}
	for {
		now := s.Now()
		d, due := wakeup.Delay(now, at)
		if due { // a Mock's timer without delay would wait for the next Add
			s.wake.Send()
			return
		}
		s.timer = s.clock.AfterFunc(d, s.wake.Send)
		if !s.movable || s.Now() == now {
			return
		}
		s.timer.Stop()
	}
}
