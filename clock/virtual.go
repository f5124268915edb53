package clock

import (
	"sync"

	"github.com/tasksupervisor/tasksupervisor/clock/internal/wakeup"
	"github.com/tasksupervisor/tasksupervisor/core"
)

// Virtual is a clock that stands still until it is moved by [Virtual.Advance], [Virtual.Set] or [Virtual.Next]. Its
// time begins at 0, and all its sources share it. The zero Virtual is ready for use; it must not be copied.
//
// To move it wakes the sources whose deadlines have come, in the order of their deadlines, and of equal deadlines in
// the order in which the sources were made. It never waits for those it wakes. A deadline that is armed in answer to a
// wake-up is therefore not part of the move that is going on: to have goroutines act at each deadline in turn, move
// with Next and let them settle in between, in a testing/synctest bubble by synctest.Wait.
//
// All methods may be called by several goroutines at once.
type Virtual struct {
	mu    sync.Mutex
	now   core.Instant
	made  uint64
	armed []*virtualSource // in no particular order
}

// NewSource implements [Clock].
func (v *Virtual) NewSource() Source {
	v.mu.Lock()
	defer v.mu.Unlock()
	v.made++
	return &virtualSource{clock: v, number: v.made, wake: wakeup.New()}
}

// Now returns the current instant.
func (v *Virtual) Now() core.Instant {
	v.mu.Lock()
	defer v.mu.Unlock()
	return v.now
}

// Deadline returns the earliest deadline of all sources; ok is false if none is armed.
func (v *Virtual) Deadline() (at core.Instant, ok bool) {
	v.mu.Lock()
	defer v.mu.Unlock()
	if first := v.first(); first >= 0 {
		return v.armed[first].at, true
	}
	return core.Never, false
}

// Next moves to the earliest deadline of all sources and wakes those whose deadline it is. ok is false, and nothing
// happens, if none is armed.
func (v *Virtual) Next() (at core.Instant, ok bool) {
	v.mu.Lock()
	defer v.mu.Unlock()
	first := v.first()
	if first < 0 {
		return core.Never, false
	}
	at = v.armed[first].at
	v.set(at)
	return at, true
}

// Advance moves by d, at most to the end of time, and wakes every source whose deadline has come.
func (v *Virtual) Advance(d core.Duration) {
	v.mu.Lock()
	defer v.mu.Unlock()
	at := v.now + core.Instant(d)
	if d > 0 && at < v.now {
		at = core.Never
	}
	v.set(at)
}

// Set moves to an instant, and wakes every source whose deadline has come. Time can be set back too, as a clock that
// is corrected does; that wakes no source.
func (v *Virtual) Set(at core.Instant) {
	v.mu.Lock()
	defer v.mu.Unlock()
	v.set(at)
}

func (v *Virtual) set(at core.Instant) {
	for v.wakeNext(at) != nil {
		continue
	}
	v.now = at
}

// wakeNext wakes the first of the sources that are due by an instant, and returns it, or nil if none is.
func (v *Virtual) wakeNext(by core.Instant) *virtualSource {
	first := v.first()
	if first < 0 || v.armed[first].at > by {
		return nil
	}
	source := v.armed[first]
	v.disarm(source)
	source.wake.Send()
	return source
}

// first returns the index of the source to be woken first, or -1.
func (v *Virtual) first() int {
	first := -1
	for i, source := range v.armed {
		if first < 0 || source.before(v.armed[first]) {
			first = i
		}
	}
	return first
}

func (v *Virtual) disarm(source *virtualSource) {
	for i, armed := range v.armed {
		if armed == source {
			last := len(v.armed) - 1
			v.armed[i] = v.armed[last]
			v.armed[last] = nil
			v.armed = v.armed[:last]
			return
		}
	}
}

type virtualSource struct {
	clock  *Virtual
	number uint64
	wake   wakeup.Channel
	at     core.Instant // guarded by clock.mu
}

func (s *virtualSource) before(other *virtualSource) bool {
	return s.at < other.at || s.at == other.at && s.number < other.number
}

func (s *virtualSource) Now() core.Instant { return s.clock.Now() }

func (s *virtualSource) Wake() <-chan struct{} { return s.wake }

func (s *virtualSource) Arm(at core.Instant, ok bool) {
	s.clock.mu.Lock()
	defer s.clock.mu.Unlock()
	s.clock.disarm(s)
	s.wake.Withdraw()
	switch {
	case !ok || at == core.Never:
	case at <= s.clock.now:
		s.wake.Send()
	default:
		s.at = at
		s.clock.armed = append(s.clock.armed, s)
	}
}
