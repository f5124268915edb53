package clock

import (
	"sync"
	"time"

	"github.com/benbjohnson/clock"

	"github.com/tasksupervisor/tasksupervisor/core"
)

// Bridge is a [Clock] whose sources follow a clock of github.com/benbjohnson/clock: its real one, or a *clock.Mock
// that a test moves. Time set back, which a Mock allows, is passed on as it is.
//
// A source uses its Mock in the one way that has few traps: each deadline is a timer of its own with a function, made in
// the future and never reset. So Add never waits for a receiver, and no deadline is lost with a timer that fires while
// it is reset. A timer counts from the moment when it is made, so a deadline armed while the Mock moves is made again
// until the Mock stands still.
//
// A Mock's Add runs its timers one after the other, and rests for a millisecond of real time behind each, in the hope
// that those it woke have acted by then. A deadline that is armed later than that is met late by this Add, or by the
// next: to be certain, add up to one deadline at a time, and only when everybody has armed.
type Bridge struct {
	Clock clock.Clock // must not be nil
}

// NewSource implements [Clock]. The source's origin is now.
func (b Bridge) NewSource() Source {
	_, movable := b.Clock.(interface{ Add(time.Duration) })
	return &bridgeSource{clock: b.Clock, movable: movable, origin: b.Clock.Now(), wake: newWakeup()}
}

type bridgeSource struct {
	clock   clock.Clock
	movable bool // it stands still unless it is moved
	origin  time.Time
	wake    wakeup

	mu    sync.Mutex
	timer *clock.Timer // the latest deadline's; nil if there is none
}

func (s *bridgeSource) Now() core.Instant { return core.Instant(s.clock.Now().Sub(s.origin)) }

func (s *bridgeSource) Wake() <-chan struct{} { return s.wake }

func (s *bridgeSource) Arm(at core.Instant, ok bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.timer != nil {
		s.timer.Stop()
		s.timer = nil
	}
	s.wake.takeBack()
	if !ok || at == core.Never {
		return
	}
	for {
		now := s.Now()
		d, due := wait(now, at)
		if due { // a Mock's timer without delay would wait for the next Add
			s.wake.send()
			return
		}
		s.timer = s.clock.AfterFunc(d, s.wake.send)
		if !s.movable || s.Now() == now {
			return
		}
		s.timer.Stop()
	}
}
