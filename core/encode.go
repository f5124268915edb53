package core

import "github.com/tasksupervisor/tasksupervisor/core/internal/ratelimit"

// Digest returns a hash of the whole state: machines of equal state have equal digests, on every GOARCH and in every
// process. It takes time in proportion to the number of tasks, and does not allocate.
func (m *Machine) Digest() uint64 {
	e := encoder{hashOnly: true}
	m.encode(&e)
	return e.hash
}

// AppendBinary appends the whole state, configuration and policies included, to b. The format carries a version; a
// later version of this package reads what an earlier one wrote. The error is always nil.
func (m *Machine) AppendBinary(b []byte) ([]byte, error) {
	e := encoder{buf: append(b, snapshotMagic...)}
	m.encode(&e)
	digest := e.hash
	for range 8 {
		e.buf = append(e.buf, byte(digest))
		digest >>= 8
	}
	return e.buf, nil
}

// MarshalBinary returns the state in the form of [Machine.AppendBinary].
func (m *Machine) MarshalBinary() ([]byte, error) { return m.AppendBinary(nil) }

// CopyFrom makes m an independent copy of src, in m's own memory as far as it reaches: copying into a machine that
// was as large before does not allocate.
func (m *Machine) CopyFrom(src *Machine) {
	old := *m
	*m = *src
	m.policies = append(old.policies[:0], src.policies...)
	m.tasks = append(old.tasks[:0], src.tasks...)
	m.free = append(old.free[:0], src.free...)
	m.limits = append(old.limits[:0], src.limits...)
	m.timers, m.rateQueue = old.timers, old.rateQueue
	m.timers.CopyFrom(&src.timers)
	m.rateQueue.CopyFrom(&src.rateQueue)
	m.needs, m.crashes, m.restarts = old.needs, old.crashes, old.restarts
	m.needs.copyFrom(&src.needs)
	m.crashes.CopyFrom(&src.crashes)
	m.restarts.CopyFrom(&src.restarts)
	m.stops, m.retries, m.starts, m.downs = old.stops[:0], old.retries[:0], old.starts[:0], old.downs[:0]
}

// snapshotMagic names the format and its version.
const snapshotMagic = "tsv\x02"

// encoder takes a sequence of integers and hashes it, and appends it as variable-length integers unless only the
// hash is wanted.
type encoder struct {
	buf      []byte
	hash     uint64
	hashOnly bool
}

func (e *encoder) uint(x uint64) {
	e.hash = mix(e.hash ^ x + 0x9e3779b97f4a7c15)
	if e.hashOnly {
		return
	}
	for x >= 0x80 {
		e.buf = append(e.buf, byte(x)|0x80)
		x >>= 7
	}
	e.buf = append(e.buf, byte(x))
}

// int encodes small magnitudes of either sign in few bytes.
func (e *encoder) int(x int64) { e.uint(uint64(x)<<1 ^ uint64(x>>63)) }

func (e *encoder) bool(b bool) {
	if b {
		e.uint(1)
	} else {
		e.uint(0)
	}
}

// encode visits every part of the state in one fixed order. What can be derived from other parts is left out, and
// so is the layout of the timer heap, which no decision depends on.
func (m *Machine) encode(e *encoder) {
	e.uint(m.config.Seed)
	e.uint(uint64(m.config.Strategy))
	e.uint(uint64(m.config.StopOrder))
	e.int(int64(m.config.HealthCheckInterval))
	e.uint(uint64(m.config.MaxTasks))
	e.uint(uint64(len(m.policies)))
	for i := range m.policies {
		m.policies[i].encode(e)
	}
	m.config.Limits.encode(e)
	e.uint(uint64(len(m.limits)))
	for i := range m.limits {
		m.limits[i].encode(e)
	}
	e.window(&m.crashes)
	e.window(&m.restarts)
	e.int(int64(m.now))
	e.int(int64(m.started))
	e.int(int64(m.checkAt))
	e.int(int64(m.shutdownAt))
	e.uint(uint64(m.phase))
	e.uint(uint64(m.haltReason))
	e.uint(uint64(m.culprit))
	e.uint(uint64(m.culpritRun))
	e.uint(m.generation)
	e.uint(uint64(len(m.free)))
	for _, slot := range m.free {
		e.uint(uint64(slot))
	}
	e.uint(uint64(m.total()))
	for slot := m.first; slot != noSlot; slot = m.tasks[slot].next {
		t := &m.tasks[slot]
		t.encode(e, m.timerAt(t))
		m.encodeNeeds(e, t)
	}
}

// timerAt returns when the task's timer is due; of a task that waits for the restart budget, since when.
func (m *Machine) timerAt(t *task) Instant {
	if t.is(flagRateWaiting) {
		return m.rateQueue.Deadline(t.slot())
	}
	return m.timers.Deadline(t.slot())
}

// encodeNeeds writes how many needs the task has, then each.
func (m *Machine) encodeNeeds(e *encoder, t *task) {
	n := uint64(0)
	for i := t.needs; i != 0; i = m.edge(i).next {
		n++
	}
	e.uint(n)
	for i := t.needs; i != 0; i = m.edge(i).next {
		e.uint(uint64(m.edge(i).other))
		e.bool(m.edge(i).bound)
	}
}

func (l Limits) encode(e *encoder) {
	e.uint(uint64(l.DeadThreshold.Num))
	e.uint(uint64(l.DeadThreshold.Den))
	l.Intensity.encode(e)
	l.RestartRate.encode(e)
	e.uint(uint64(l.AutoShutdown))
	e.int(int64(l.ShutdownTimeout))
}

func (r Rate) encode(e *encoder) {
	e.uint(uint64(r.Count))
	e.int(int64(r.Per))
}

func (e *encoder) window(w *ratelimit.Window[Instant]) {
	e.uint(uint64(w.Len()))
	for at := range w.All() {
		e.int(int64(at))
	}
}

func (p *Policy) encode(e *encoder) {
	e.uint(uint64(p.Restart))
	e.int(int64(p.BaseDelay))
	e.uint(uint64(p.Factor))
	e.uint(uint64(p.MaxExponent))
	e.int(int64(p.MaxDelay))
	e.uint(uint64(p.Jitter.Num))
	e.uint(uint64(p.Jitter.Den))
	e.uint(uint64(p.MaxAttempts))
	e.int(int64(p.StableAfter))
	e.int(int64(p.StopTimeout))
	e.uint(uint64(p.OnAbandon))
	e.uint(uint64(p.OnExhausted))
	e.bool(p.Readiness)
	e.int(int64(p.StartTimeout))
	e.int(int64(p.Watchdog))
	e.int(int64(p.Probe.Interval))
	e.int(int64(p.Probe.Timeout))
	e.uint(uint64(p.Probe.Failures))
	e.uint(uint64(p.OnMiss))
	e.bool(p.Significant)
}

func (t *task) encode(e *encoder, deadline Instant) {
	e.uint(t.id.Generation())
	e.uint(uint64(t.slot()))
	e.int(int64(t.since))
	e.int(int64(deadline))
	e.uint(uint64(t.key))
	e.uint(uint64(t.run))
	e.uint(uint64(t.fenced))
	e.uint(uint64(t.attempts))
	e.uint(uint64(t.policy))
	e.uint(uint64(t.status))
	e.uint(uint64(t.why))
	e.uint(uint64(t.intent))
	e.uint(uint64(t.lastExit))
	e.uint(uint64(t.flags))
	e.uint(uint64(t.misses))
}
