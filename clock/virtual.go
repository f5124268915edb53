package clock

import (
	"sync"

	"github.com/tasksupervisor/tasksupervisor/clock/internal/wakeup"
	"github.com/tasksupervisor/tasksupervisor/core"
	"github.com/tasksupervisor/tasksupervisor/core/timers"
)

// Virtual is a clock that stands still until it is moved by [Virtual.Advance], [Virtual.Set] or [Virtual.Next]. Its
// time begins at 0, and all its sources share it. The zero Virtual is ready for use; it must not be copied.
//
// To move it wakes the sources whose deadlines have come, in the order of their deadlines, and of equal deadlines in
// the order in which the sources were made. It never waits for those it wakes. A deadline that is armed in answer to a
// wake-up is therefore not part of the move that is going on: to have goroutines act at each deadline in turn, move
// with Next and let them settle in between, in a testing/synctest bubble by synctest.Wait.
//
// To arm a source and to wake one take time in proportion to the logarithm of the number of armed sources, of which there can be
// 16 million.
//
// All methods may be called by several goroutines at once.
type Virtual struct {
	mu        sync.Mutex
	now       core.Instant
	made      uint64
	deadlines timers.Queue[core.Instant, uint64] // by virtualSource.key
	armed     []*virtualSource                   // by slot, so that of the sources only those that are armed are kept
	free      []uint32                           // the slots without a source
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
	at = v.deadlines.Next()
	return at, at != core.Never
}

// Next moves to the earliest deadline of all sources and wakes those whose deadline it is. ok is false, and nothing
// happens, if none is armed.
func (v *Virtual) Next() (at core.Instant, ok bool) {
	v.mu.Lock()
	defer v.mu.Unlock()
	if at = v.deadlines.Next(); at == core.Never {
		return at, false
	}
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
	if v.deadlines.Len() == 0 || v.deadlines.Next() > by {
		return nil
	}
	slot := uint32(v.deadlines.First() & (1<<timers.SlotBits - 1))
	source := v.armed[slot]
	v.disarm(slot)
	source.wake.Send()
	return source
}

// arm gives a deadline to a source that has none.
func (v *Virtual) arm(source *virtualSource, at core.Instant) {
	if len(v.free) == 0 {
		v.free = append(v.free, uint32(len(v.armed)))
		v.armed = append(v.armed, nil)
	}
	last := len(v.free) - 1
	source.slot, source.armed = v.free[last], true
	v.free = v.free[:last]
	v.armed[source.slot] = source
	v.deadlines.Arm(source.key(), at)
}

func (v *Virtual) disarm(slot uint32) {
	v.deadlines.Disarm(slot)
	v.armed[slot].armed = false
	v.armed[slot] = nil
	v.free = append(v.free, slot)
}

type virtualSource struct {
	clock  *Virtual
	number uint64
	wake   wakeup.Channel
	armed  bool   // guarded by clock.mu, as is slot
	slot   uint32 // if armed
}

// key makes the source that was made first be woken first, of those with equal deadlines.
func (s *virtualSource) key() uint64 { return s.number<<timers.SlotBits | uint64(s.slot) }

func (s *virtualSource) Now() core.Instant { return s.clock.Now() }

func (s *virtualSource) Wake() <-chan struct{} { return s.wake }

func (s *virtualSource) Arm(at core.Instant, ok bool) {
	s.clock.mu.Lock()
	defer s.clock.mu.Unlock()
	if s.armed {
		s.clock.disarm(s.slot)
	}
	s.wake.Withdraw()
	switch {
	case !ok || at == core.Never:
	case at <= s.clock.now:
		s.wake.Send()
	default:
		s.clock.arm(s, at)
	}
}
