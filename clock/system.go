package clock

import (
	"sync"
	"time"

	"github.com/tasksupervisor/tasksupervisor/clock/internal/wakeup"
	"github.com/tasksupervisor/tasksupervisor/core"
)

// System is the process's monotonic clock: changes of the wall clock do not move it. The zero System is ready for use.
//
// Its sources hold one runtime timer each, made when a deadline is first armed. Made inside a testing/synctest bubble,
// a source tells the bubble's time and belongs to that bubble.
type System struct{}

// NewSource implements [Clock]. The source's origin is now.
func (System) NewSource() Source {
	return &systemSource{origin: time.Now(), wake: wakeup.New()}
}

type systemSource struct {
	origin time.Time
	wake   wakeup.Channel

	mu    sync.Mutex
	timer *time.Timer // nil until first armed
}

func (s *systemSource) Now() core.Instant { return core.Instant(time.Since(s.origin)) }

// Date implements [Dated]. It reads the clock once, so that what it says of the present is exact.
func (s *systemSource) Date(at core.Instant) time.Time {
	now := time.Now()
	return now.Round(0).Add(-now.Sub(s.origin)).Add(time.Duration(at))
}

func (s *systemSource) Wake() <-chan struct{} { return s.wake }

func (s *systemSource) Arm(at core.Instant, ok bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.timer != nil {
		s.timer.Stop()
	}
	s.wake.Withdraw()
	if !ok || at == core.Never {
		return
	}
	d, due := wakeup.Delay(s.Now(), at)
	switch {
	case due:
		s.wake.Send()
	case s.timer == nil:
		s.timer = time.AfterFunc(d, s.wake.Send)
	default:
		s.timer.Reset(d)
	}
}
