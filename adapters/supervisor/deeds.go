package supervisor

import (
	"runtime"
	"slices"
	"sync"
)

// Deeds are what decisions ask for outside the supervisor's own books: to launch the goroutine of a run or probe, and to
// cancel its context, which takes as long as there are contexts derived from that. A decision is made, entered in the books
// and given to the observers with mu held. Its deeds are done as soon as mu has been released, by whoever held it. So no call
// waits for the deeds of another, and a call that has returned has done its own.
//
// Deeds are done in the order of the decisions. Only where several callers decide at the same time does each go at its own
// pace, which makes no difference: what follows from a deed is decided when a run does something, and so after it was launched.
// A deed about a run that another caller has yet to launch launches it first.
type deed struct {
	of    job
	stop  bool // cancel its context; else launch it
	cause error
}

// job is a goroutine with a context of its own, a run or a probe.
type job interface {
	// launch starts the goroutine, the first time it is called.
	launch()

	// stop cancels the context of a job that was launched.
	stop(cause error)
}

// mutex is a mutex whose Unlock does the deeds that were decided on while it was held.
type mutex struct {
	mutex   sync.Mutex
	deeds   *deeds    // nil if there are none
	awaited []awaited // observers that have to be told before anything goes on
}

func (m *mutex) Lock() { m.mutex.Lock() }

// Unlock unlocks the mutex, does the deeds, and waits for the observers that want that. It is not called while the mutex of
// another supervisor is held, unless nothing was decided on.
func (m *mutex) Unlock() {
	deeds, awaited := m.unlock()
	if deeds != nil {
		deeds.do()
	}
	await(awaited)
}

// UnlockInLoop is Unlock for the supervisor's loop, and for Beat and Ready, which tasks call. They do not wait until a few
// contexts of other tasks have been cancelled. Hundreds they cancel themselves: otherwise the loop would compete for the lock
// with everything that those runs do at their end.
func (m *mutex) UnlockInLoop() {
	deeds, awaited := m.unlock()
	switch {
	case deeds == nil:
	case len(deeds.list) <= deedsAtATime && slices.ContainsFunc(deeds.list, func(d deed) bool { return d.stop }):
		go deeds.do()
	default:
		deeds.do()
	}
	await(awaited)
}

func (m *mutex) unlock() (*deeds, []awaited) {
	deeds, awaited := m.deeds, m.awaited
	m.deeds, m.awaited = nil, nil
	m.mutex.Unlock()
	return deeds, awaited
}

// launch has a job launched when the mutex is unlocked.
func (m *mutex) launch(j job) { m.add(deed{of: j}) }

// stop has the context of a job cancelled when the mutex is unlocked.
func (m *mutex) stop(j job, cause error) { m.add(deed{j, true, cause}) }

func (m *mutex) add(d deed) {
	m.expect(1)
	m.deeds.list = append(m.deeds.list, d)
}

// expect makes room for so many more deeds.
func (m *mutex) expect(n int) {
	if m.deeds == nil {
		m.deeds = spareDeeds.Get().(*deeds)
	}
	m.deeds.list = slices.Grow(m.deeds.list, n)
}

// deeds are to be done in order.
type deeds struct{ list []deed }

var spareDeeds = sync.Pool{New: func() any { return new(deeds) }}

// deedsAtATime is after how many deeds other goroutines get their turn.
const deedsAtATime = 256

func (d *deeds) do() {
	for i := range d.list {
		if i > 0 && i%deedsAtATime == 0 {
			runtime.Gosched() // else thousands of goroutines that can run would hold up all others
		}
		d.list[i].do()
	}
	if cap(d.list) <= 4*deedsAtATime {
		clear(d.list)
		d.list = d.list[:0]
		spareDeeds.Put(d)
	}
}

func (d *deed) do() {
	d.of.launch()
	if d.stop {
		d.of.stop(d.cause)
	}
}
