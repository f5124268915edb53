package core

import (
	"github.com/tasksupervisor/tasksupervisor/core/internal/intern"
	"github.com/tasksupervisor/tasksupervisor/core/internal/ratelimit"
)

// codec visits every part of a machine's state in one fixed order, each once, whether it hashes, writes or reads it: so
// what is written is read, and is in the digest. What can be derived from other parts is left out, and so is what no
// decision depends on, such as the layout of the timer queue.
//
// The state is a sequence of integers, of which those of either sign are folded so that small magnitudes are small. They
// are written with seven bits to a byte, the lowest first, in as few bytes as there can be: a state has one snapshot.
type codec struct {
	mode mode
	bad  bool   // reading: a number was cut off or out of range; from there on all are zero
	hash uint64 // hashing and writing: of the integers so far
	data []byte // writing: what is written; reading: what is left
}

type mode uint8

const (
	hashing mode = iota
	writing
	reading
)

// unsigned is any type of which the codec takes the underlying integer.
type unsigned interface {
	~uint8 | ~uint16 | ~uint32 | ~uint64
}

func (c *codec) machine(m *Machine) {
	number(c, &m.config.Seed)
	enum(c, &m.config.Strategy)
	enum(c, &m.config.StopOrder)
	signed(c, &m.config.HealthCheckInterval)
	number(c, &m.config.MaxTasks)
	definitions(c, &m.policies, 20)
	definitions(c, &m.limits, 8)
	c.limitsInForce(m)
	c.window(&m.crashes, m.config.Intensity)
	c.window(&m.restarts, m.config.RestartRate)
	signed(c, &m.now)
	signed(c, &m.started)
	signed(c, &m.checkAt)
	signed(c, &m.shutdownAt)
	enum(c, &m.phase)
	enum(c, &m.haltReason)
	number(c, &m.culprit)
	number(c, &m.culpritRun)
	limited(c, &m.generation, generationsMax)
	for i := range sized(c, &m.free, 1) {
		limited(c, &m.free[i], slotMask)
	}
	if total := c.length(m.total(), 16); c.mode == reading {
		c.readTasks(m, total)
	} else {
		c.writeTasks(m)
	}
	idleDefinitions(c, &m.policies)
	idleDefinitions(c, &m.limits)
}

func (c *codec) policy(p *Policy) {
	enum(c, &p.Restart)
	signed(c, &p.BaseDelay)
	number(c, &p.Factor)
	number(c, &p.MaxExponent)
	signed(c, &p.MaxDelay)
	c.fraction(&p.Jitter)
	number(c, &p.MaxAttempts)
	signed(c, &p.StableAfter)
	signed(c, &p.MinUptime)
	signed(c, &p.StopTimeout)
	signed(c, &p.HungStopTimeout)
	enum(c, &p.OnAbandon)
	enum(c, &p.OnExhausted)
	c.bool(&p.Readiness)
	signed(c, &p.StartTimeout)
	signed(c, &p.Watchdog)
	signed(c, &p.Probe.Interval)
	signed(c, &p.Probe.Timeout)
	number(c, &p.Probe.Failures)
	enum(c, &p.OnMiss)
	c.bool(&p.Significant)
}

func (c *codec) limits(l *Limits) {
	c.fraction(&l.DeadThreshold)
	c.rate(&l.Intensity)
	c.rate(&l.RestartRate)
	enum(c, &l.AutoShutdown)
	signed(c, &l.ShutdownTimeout)
}

func (c *codec) fraction(f *Fraction) {
	number(c, &f.Num)
	number(c, &f.Den)
}

func (c *codec) rate(r *Rate) {
	number(c, &r.Count)
	signed(c, &r.Per)
}

// window visits what a window remembers, the oldest first.
func (c *codec) window(w *ratelimit.Window[Instant], rate Rate) {
	n := c.length(w.Len(), 1)
	if c.mode != reading {
		for at := range w.All() {
			signed(c, &at)
		}
		return
	}
	if uint64(n) > uint64(rate.Count) || rate.Count > rateMax {
		c.fail()
		return
	}
	w.SetLimit(rate.Count, rate.Per)
	for range n {
		var at Instant
		signed(c, &at)
		w.Record(at)
	}
}

// task visits a task, when its timer is due, or if it waits for the restart rate, since when, and its fenced run.
func (c *codec) task(t *task, timer *Instant, fenced *Run) {
	generation, slot := t.id.Generation(), t.slot()
	limited(c, &generation, generationsMax)
	limited(c, &slot, slotMask)
	if c.mode == reading {
		t.id = makeTaskID(generation, slot)
	}
	signed(c, &t.since)
	signed(c, timer)
	number(c, &t.key)
	number(c, &t.run)
	number(c, fenced)
	number(c, &t.attempts)
	enum(c, &t.status)
	enum(c, &t.why)
	enum(c, &t.intent)
	enum(c, &t.lastExit)
	limited(c, &t.flags, flagsAll)
	number(c, &t.misses)
}

// need visits an edge from a task to one it needs.
func (c *codec) need(other *uint32, bound *bool) {
	limited(c, other, slotMask)
	c.bool(bound)
}

func (c *codec) writeTasks(m *Machine) {
	for slot := m.first; slot != noSlot; slot = m.tasks[slot].next {
		t := &m.tasks[slot]
		timer, fenced := m.queueOf(t).Deadline(slot), m.fencedRun(t)
		c.task(t, &timer, &fenced)
		policy := m.policies.ID(t.policy)
		number(c, &policy)
		delay := m.keptDelay(t)
		signed(c, &delay)
		needs := 0
		for e := m.graph.FirstNeed(slot); e != nil; e = m.graph.NextNeed(e) {
			needs++
		}
		c.length(needs, 2)
		for e := m.graph.FirstNeed(slot); e != nil; e = m.graph.NextNeed(e) {
			other := uint32(e.Other & slotMask)
			c.need(&other, &e.Bound)
		}
	}
}

// readTasks reads the tasks and derives all that is not written.
func (c *codec) readTasks(m *Machine, total int) {
	m.independent = m.config.Strategy == OneForOne && !m.reverse()
	if total+len(m.free) > MaxTasks {
		c.fail()
		return
	}
	m.tasks = make([]task, total+len(m.free))
	for range total {
		var t task
		var timer Instant
		var fenced Run
		c.task(&t, &timer, &fenced)
		slot := t.slot()
		var policy uint64
		number(c, &policy)
		t.policy = m.policies.Slot(policy)
		var delay Duration
		signed(c, &delay)
		if c.bad || uint64(slot) >= uint64(len(m.tasks)) || m.tasks[slot].id != 0 ||
			t.id.Generation() == 0 || t.policy == intern.None {
			c.fail()
			return
		}
		m.tasks[slot] = t
		m.policies.Hold(t.policy)
		m.keepDelay(&t, delay)
		m.setFenced(&t, fenced)
		m.link(slot)
		m.queueOf(&t).Arm(t.id, timer)
		m.countRestored(&t)
		c.readNeeds(m, &m.tasks[slot])
	}
}

// readNeeds reads what a task needs: tasks read before it, in declared order.
func (c *codec) readNeeds(m *Machine, t *task) {
	before := TaskID(0)
	for range c.length(0, 2) {
		var other uint32
		var bound bool
		c.need(&other, &bound)
		if uint64(other) >= uint64(len(m.tasks)) || m.tasks[other].id <= before || m.tasks[other].id >= t.id {
			c.fail()
			return
		}
		before = m.tasks[other].id
		m.connect(t, &m.tasks[other], bound)
	}
}

// queueOf returns the queue in which the task's timer is, if it has one.
func (m *Machine) queueOf(t *task) *timerQueue {
	if t.is(flagRateWaiting) {
		return &m.rateQueue
	}
	return &m.timers
}

// number visits an integer that can have every value of its type.
func number[N unsigned](c *codec, n *N) { limited(c, n, ^N(0)) }

// limited visits an integer of at most limit.
func limited[N unsigned](c *codec, n *N, limit N) {
	if c.mode == reading {
		*n = N(c.read(uint64(limit)))
	} else {
		c.write(uint64(*n))
	}
}

// signed visits an integer of either sign.
func signed[N ~int64](c *codec, n *N) {
	if c.mode == reading {
		x := c.read(^uint64(0))
		*n = N(x>>1) ^ -N(x&1)
	} else {
		c.write(uint64(*n)<<1 ^ uint64(*n>>63))
	}
}

// enum visits a value of an enumeration.
func enum[E Enum](c *codec, e *E) {
	if c.mode == reading {
		*e = E(c.read(uint64(end[E]() - 1)))
	} else {
		c.write(uint64(*e))
	}
}

func (c *codec) bool(b *bool) {
	switch {
	case c.mode == reading:
		*b = c.read(1) == 1
	case *b:
		c.write(1)
	default:
		c.write(0)
	}
}

// sized visits the length of a list and returns the list; what is in it the caller has yet to visit. Each element takes at
// least so many bytes.
func sized[T any](c *codec, list *[]T, bytesEach int) []T {
	n := c.length(len(*list), bytesEach)
	if c.mode == reading {
		*list = make([]T, n)
	}
	return *list
}

// length visits the length of a list whose elements take at least so many bytes each, and returns it. No list is longer
// than what is left of the data has room for, so nothing makes a reader allocate more than a multiple of that.
func (c *codec) length(n, bytesEach int) int {
	if c.mode == reading {
		return int(c.read(uint64(len(c.data) / bytesEach)))
	}
	c.write(uint64(n))
	return n
}

func (c *codec) write(x uint64) {
	c.hash = mix(c.hash ^ x + 0x9e3779b97f4a7c15)
	if c.mode == hashing {
		return
	}
	for x >= 0x80 {
		c.data = append(c.data, byte(x)|0x80)
		x >>= 7
	}
	c.data = append(c.data, byte(x))
}

func (c *codec) read(limit uint64) uint64 {
	var x uint64
	for i, b := range c.data {
		if i == 9 && b > 1 || i > 9 || i > 0 && b == 0 {
			break
		}
		x |= uint64(b&0x7f) << (7 * i)
		if b < 0x80 {
			if x > limit {
				break
			}
			c.data = c.data[i+1:]
			return x
		}
	}
	c.fail()
	return 0
}

// fail gives up reading.
func (c *codec) fail() { c.bad, c.data = true, nil }
