package scenario

import (
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/tasksupervisor/tasksupervisor/core"
)

// Ring keeps the last minutes of what several machines do, such as those of a tree of supervisors, in bounded memory: a flight
// recorder, which a program leaves on, and asks when something has gone wrong. [Ring.WriteTo] writes what it keeps as a
// recording (see [Recording]), which begins, for each machine, with the state that it had then, and ends with the digest of the
// state that it has now.
//
// To keep an event takes some ten nanoseconds (see BenchmarkTrack) and does not allocate: it is kept as a [Log], and what the machine decided is
// worked out when the ring is written. What a ring keeps goes back in steps, from one copy of a machine to the next, which are
// made when the events since the last one take as much room.
//
// Its methods may be called by several goroutines at once, and its tracks used by one goroutine each.
type Ring struct {
	limits RingLimits
	turn   atomic.Uint64 // counts how often another machine's event came next

	mu     sync.Mutex
	tracks []*Track // in the order in which they began
	over   []*Track // those that have ended, in the order in which they did
	closed []*chunk // that may be dropped, in the order in which they were closed
	free   []*chunk // for use again
	size   int      // of the chunks
	serial uint64   // of the latest chunk

	readers int // what they read is not used again
}

// RingLimits says how much a [Ring] keeps.
type RingLimits struct {
	// MinAge is how long an event is kept at least, as far as MaxBytes allows. Time comes from the events, so nothing becomes
	// older while nothing happens. What a track keeps that has ended becomes older by the dates of the others, if the heads say
	// the origins. 0 or less: as long as there is room.
	MinAge core.Duration

	// MaxBytes is how much memory the ring takes. It comes before MinAge. It takes more if it has to: for each machine
	// that has not ended, it keeps two copies, of about 100 bytes a task each, and the latest events, of which there are a few
	// for each task. 0 or less: 8 MiB.
	MaxBytes int
}

// defaultRingBytes is the MaxBytes of a ring that does not say.
const defaultRingBytes = 8 << 20

// NewRing returns an empty ring.
func NewRing(limits RingLimits) *Ring {
	if limits.MaxBytes <= 0 {
		limits.MaxBytes = defaultRingBytes
	}
	if limits.MinAge <= 0 {
		limits.MinAge = core.Forever
	}
	return &Ring{limits: limits}
}

// chunk is a stretch of what a machine was told, with the state that it begins with. It changes only while it is a track's current
// one, and then nothing changes that it has already.
type chunk struct {
	track  *Track
	serial uint64 // counts all of the ring
	base   core.Machine
	names  []string     // of the tasks in base, by slot
	log    Log          // what follows
	turns  []turn       // which parts of the log come when
	began  core.Instant // when the first event came
	size   int          // when it was closed
}

// turn says that from an offset of a log on, what follows has that place among what all machines were told.
type turn struct {
	offset int
	number uint64
}

// A track's log is closed when it takes this many bytes, unless the ring or the machine asks for another measure.
const (
	chunkMost   = 64 << 10
	chunkLeast  = 1 << 10
	chunkEach   = 32  // for each task
	chunksEach  = 8   // how many chunks the ring is to have for each machine
	stateEach   = 100 // about what a copy of a machine takes for each task
	stateFixed  = 2 << 10
	freeMost    = 4
	trackWeight = 512
)

// newChunk returns a chunk for a track, and how long its log may become.
func (r *Ring) newChunk(t *Track) (c *chunk, most int) {
	if last := len(r.free) - 1; last >= 0 {
		c, r.free = r.free[last], r.free[:last]
	} else {
		c = new(chunk)
	}
	r.serial++
	c.track, c.serial = t, r.serial
	most = min(max(r.limits.MaxBytes/chunksEach/max(len(r.tracks)-len(r.over), 1), chunkLeast), chunkMost)
	return c, max(most, chunkEach*len(t.names))
}

// close takes over a chunk that a track has filled, and drops what is too old and what is too much. The track's next chunk begins
// at an instant.
func (r *Ring) close(c *chunk, at core.Instant) {
	t := c.track
	c.size = c.weight()
	r.size += c.size
	r.closed = append(r.closed, c)
	t.closed = append(t.closed, c)
	for len(t.closed) > 1 && r.isOld(t.closed[1].began, at) {
		r.drop(t.closed[0])
	}
	if now, ok := t.head.Date(at); ok && r.limits.MinAge != core.Forever {
		r.forgetOld(now)
	}
	r.limit()
}

// forgetOld drops what ended long ago.
func (r *Ring) forgetOld(now time.Time) {
	for len(r.over) > 0 && !r.over[0].end.IsZero() && now.Sub(r.over[0].end) >= time.Duration(r.limits.MinAge) {
		r.forget(r.over[0])
	}
}

// isOld reports whether an instant is longer ago than anything has to be kept.
func (r *Ring) isOld(then, now core.Instant) bool {
	return now > then && uint64(now-then) >= uint64(r.limits.MinAge) && r.limits.MinAge != core.Forever
}

// limit drops the oldest chunks until there is room. Of each track that goes on, the chunk before the current one is kept.
func (r *Ring) limit() {
	for i := 0; r.size > r.limits.MaxBytes && i < len(r.closed); {
		c := r.closed[i]
		switch t := c.track; {
		case t.ended && len(t.closed) == 1:
			r.forget(t)
		case t.ended || len(t.closed) > 1:
			r.drop(c)
		default:
			i++
		}
	}
}

// drop drops the oldest chunk of a track.
func (r *Ring) drop(c *chunk) {
	t := c.track
	t.closed = slices.Delete(t.closed, 0, 1)
	r.closed = remove(r.closed, c)
	r.size -= c.size
	if len(r.free) < freeMost && r.readers == 0 && c != t.current {
		r.free = append(r.free, c)
	}
}

// forget drops all of a track that has ended.
func (r *Ring) forget(t *Track) {
	for len(t.closed) > 0 {
		r.drop(t.closed[0])
	}
	r.tracks, r.over = remove(r.tracks, t), remove(r.over, t)
	r.size -= trackWeight
	t.forgotten = true
}

func remove[T comparable](all []T, one T) []T {
	if i := slices.Index(all, one); i >= 0 {
		return slices.Delete(all, i, i+1)
	}
	return all
}

// weight returns about how much memory the chunk takes.
func (c *chunk) weight() int {
	return stateFixed + (stateEach+16)*len(c.names) + cap(c.log.data) + 16*cap(c.turns)
}

// Track keeps the last minutes of one machine in a [Ring]. The driver tells it of every event before the machine gets that, and
// of definitions after the machine has got them. It reads the machine, and never steps it.
type Track struct {
	ring    *Ring
	machine *core.Machine
	look    func(look func())
	head    Head
	names   []string // of the tasks, by slot
	current *chunk
	most    int          // how long its log may become
	until   core.Instant // when it has become old
	turn    uint64       // of its latest event
	failed  bool         // the machine has

	// Guarded by the ring's mu.
	closed    []*chunk // before the current one, in order
	ended     bool
	end       time.Time // when it has ended; zero if that is not known
	forgotten bool      // the ring does not know it any more
}

// NewTrack returns a track of what a machine does from now on. The head says what it is of; its Part is numbered when the ring is
// written.
//
// Whoever writes the ring calls look, which has to call its argument while neither the track nor its machine is in use.
func (r *Ring) NewTrack(head Head, m *core.Machine, look func(look func())) *Track {
	t := &Track{ring: r, machine: m, look: look, head: head}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.tracks = append(r.tracks, t)
	r.size += trackWeight
	t.current, t.most = r.newChunk(t)
	t.begin()
	r.limit()
	return t
}

// SetHead says what the track is of, where that was not known when it began.
func (t *Track) SetHead(head Head) { t.head = head }

// Name says what a task is called. That of an added task is said after the event, and of one that was there before the track
// began at any time.
func (t *Track) Name(name string, task core.TaskID) {
	t.names = setName(t.names, name, task)
	if t.current.log.Len() == 0 {
		t.current.names = setName(t.current.names, name, task)
	}
}

func setName(names []string, name string, task core.TaskID) []string {
	for task.Slot() >= len(names) {
		names = append(names, "")
	}
	names[task.Slot()] = name
	return names
}

// Event keeps an event that the machine gets next. The name is, for an EventAdd, that of the new task.
func (t *Track) Event(name string, ev *core.Event) {
	if len(t.current.log.data) >= t.most || ev.At >= t.until {
		t.next(ev.At)
	}
	if len(t.current.turns) == 0 || t.ring.turn.Load() != t.turn {
		t.take(ev.At)
	}
	t.current.log.Event(name, ev)
}

// take takes the next turn.
func (t *Track) take(at core.Instant) {
	c := t.current
	if len(c.turns) == 0 {
		c.began = at // until now the state that it begins with has not changed
		if age := core.Instant(t.ring.limits.MinAge / 2); t.ring.limits.MinAge != core.Forever && at <= core.Never-age {
			t.until = at + age
		}
	}
	t.turn = t.ring.turn.Add(1)
	c.turns = append(c.turns, turn{len(c.log.data), t.turn})
}

// Define keeps the definition of a policy that has got this id.
func (t *Track) Define(id core.PolicyID, p *core.Policy) { t.current.log.Define(id, p) }

// DefineLimits keeps the definition of limits that have got this id.
func (t *Track) DefineLimits(id core.LimitsID, l *core.Limits) { t.current.log.DefineLimits(id, l) }

// Fail says that the machine has failed: it is not asked for anything any more.
func (t *Track) Fail() { t.failed = true }

// End says that nothing more is expected of the machine. What it is told nevertheless is kept as far as there is room.
func (t *Track) End() {
	r := t.ring
	r.mu.Lock()
	defer r.mu.Unlock()
	if t.ended {
		return
	}
	now := t.machine.Now()
	t.ended = true
	t.end, _ = t.head.Date(now)
	r.over = append(r.over, t)
	r.close(t.current, now)
}

// next closes the current chunk and begins another.
func (t *Track) next(at core.Instant) {
	r, c := t.ring, t.current
	r.mu.Lock()
	if !t.ended {
		r.close(c, at)
	}
	t.current, t.most = r.newChunk(t)
	if t.ended && !t.forgotten {
		r.close(t.current, at)
	}
	r.mu.Unlock()
	t.begin()
}

// begin has the current chunk begin with the machine as it is.
func (t *Track) begin() {
	c := t.current
	c.base.CopyFrom(t.machine)
	c.names = append(c.names[:0], t.names...)
	c.turns = c.turns[:0]
	c.log.Reset()
	t.until = core.Never
}

// Size returns about how many bytes of memory the ring takes.
func (r *Ring) Size() int {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.size
}
