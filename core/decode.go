package core

import "github.com/tasksupervisor/tasksupervisor/core/internal/ratelimit"

// ErrSnapshot is wrapped by the errors of [Machine.UnmarshalBinary].
const ErrSnapshot sentinel = "not a snapshot of this machine's format"

// SnapshotError says what is wrong with the bytes given to [Machine.UnmarshalBinary].
type SnapshotError struct {
	Problem string
}

func (e *SnapshotError) Error() string { return "invalid snapshot: " + e.Problem }

// Unwrap returns ErrSnapshot.
func (e *SnapshotError) Unwrap() error { return ErrSnapshot }

// UnmarshalBinary replaces the state by one that AppendBinary wrote. Foreign, damaged and contradictory bytes are
// refused with a [*SnapshotError], and then the machine is as it was before; it takes no more memory than a small
// multiple of the bytes given, and what the rates in it count.
func (m *Machine) UnmarshalBinary(data []byte) error {
	restored, problem := decode(data)
	if problem != "" {
		return &SnapshotError{problem}
	}
	*m = *restored
	return nil
}

// decode returns the machine, or says why there is none.
func decode(data []byte) (m *Machine, problem string) {
	const trailer = 8
	switch {
	case len(data) < len(snapshotMagic)+trailer:
		return nil, "it is too short"
	case string(data[:len(snapshotMagic)-1]) != snapshotMagic[:len(snapshotMagic)-1]:
		return nil, "it does not begin like one"
	case data[len(snapshotMagic)-1] != snapshotMagic[len(snapshotMagic)-1]:
		return nil, "its version is unknown"
	}
	d := decoder{data: data[len(snapshotMagic) : len(data)-trailer]}
	m = d.machine()
	switch {
	case d.bad:
		return nil, "a number in it is cut off or out of range"
	case len(d.data) > 0:
		return nil, "it is followed by other bytes"
	}
	cfg := m.Config()
	if err := cfg.validate(); err != nil {
		return nil, err.Error()
	}
	if err := m.Check(); err != nil {
		return nil, err.Error()
	}
	digest := m.Digest()
	for _, b := range data[len(data)-trailer:] {
		if b != byte(digest) {
			return nil, "its digest does not match"
		}
		digest >>= 8
	}
	return m, ""
}

// decoder reads the integers that an encoder wrote. After the first bad one it reads zeros.
type decoder struct {
	data []byte
	bad  bool
}

// uint reads an integer of at most limit. It must be as short as it can be: a state has one snapshot.
func (d *decoder) uint(limit uint64) uint64 {
	var x uint64
	for i, b := range d.data {
		if i == 9 && b > 1 || i > 9 || i > 0 && b == 0 {
			break
		}
		x |= uint64(b&0x7f) << (7 * i)
		if b < 0x80 {
			if x > limit {
				break
			}
			d.data = d.data[i+1:]
			return x
		}
	}
	d.bad = true
	d.data = nil
	return 0
}

func (d *decoder) uint32() uint32 { return uint32(d.uint(1<<32 - 1)) }

func (d *decoder) int() int64 {
	x := d.uint(^uint64(0))
	return int64(x>>1) ^ -int64(x&1)
}

func (d *decoder) bool() bool { return d.uint(1) == 1 }

// count reads the length of a list whose elements take at least so many bytes each: no list is longer than the rest
// of the data has room for.
func (d *decoder) count(bytesEach int) int { return int(d.uint(uint64(len(d.data) / bytesEach))) }

func (d *decoder) duration() Duration { return Duration(d.int()) }

func (d *decoder) instant() Instant { return Instant(d.int()) }

func (d *decoder) fraction() Fraction { return Fraction{Num: d.uint32(), Den: d.uint32()} }

func (d *decoder) machine() *Machine {
	m := &Machine{first: noSlot, last: noSlot, lastTerminatingHint: noSlot, firstNotUpHint: noSlot}
	m.config = Config{
		Seed:                d.uint(^uint64(0)),
		Strategy:            Strategy(d.uint(uint64(strategies) - 1)),
		StopOrder:           StopOrder(d.uint(uint64(stopOrders) - 1)),
		HealthCheckInterval: d.duration(),
		MaxTasks:            d.uint32(),
	}
	m.independent = m.config.Strategy == OneForOne && !m.reverse()
	m.policies = make([]Policy, d.count(20))
	for i := range m.policies {
		m.policies[i] = d.policy()
	}
	m.config.Limits = d.limits()
	m.limits = make([]Limits, d.count(8))
	for i := range m.limits {
		m.limits[i] = d.limits()
	}
	d.window(&m.crashes, m.config.Intensity)
	d.window(&m.restarts, m.config.RestartRate)
	m.now = d.instant()
	m.started = d.instant()
	m.checkAt = d.instant()
	m.shutdownAt = d.instant()
	m.phase = Phase(d.uint(uint64(phases) - 1))
	m.haltReason = Reason(d.uint(uint64(reasons) - 1))
	m.culprit = TaskID(d.uint(^uint64(0)))
	m.culpritRun = Run(d.uint32())
	m.generation = d.uint(generationsMax)
	m.free = make([]uint32, d.count(1))
	for i := range m.free {
		m.free[i] = uint32(d.uint(slotMask))
	}
	d.tasks(m)
	m.lastTerminatingHint, m.firstNotUpHint = m.last, m.first
	return m
}

func (d *decoder) tasks(m *Machine) {
	total := d.count(16)
	if total+len(m.free) > MaxTasks {
		d.bad = true
		return
	}
	m.tasks = make([]task, total+len(m.free))
	for range total {
		t, deadline := d.task()
		slot := t.slot()
		if d.bad || uint64(slot) >= uint64(len(m.tasks)) || m.tasks[slot].id != 0 ||
			t.id.Generation() == 0 || int(t.policy) >= len(m.policies) {
			d.bad = true
			return
		}
		m.tasks[slot] = t
		m.link(slot)
		if t.is(flagRateWaiting) {
			m.rateQueue.Arm(t.id, deadline)
		} else {
			m.timers.Arm(t.id, deadline)
		}
		m.counts[t.status]++
		if m.policies[t.policy].Significant {
			m.significant++
			if t.ended() {
				m.significantEnded++
			}
		}
		m.leftBehind += t.abandonedRuns()
		if t.is(flagDelayPending) {
			m.delayPending++
		}
		if t.terminating() && !m.independent {
			m.terminating++
		}
		d.needs(m, &m.tasks[slot])
	}
}

// needs reads what a task needs: tasks read before it.
func (d *decoder) needs(m *Machine, t *task) {
	before := TaskID(0)
	for range d.count(2) {
		slot, bound := d.uint(slotMask), d.bool()
		if slot >= uint64(len(m.tasks)) || m.tasks[slot].id <= before || m.tasks[slot].id >= t.id {
			d.bad = true
			return
		}
		before = m.tasks[slot].id
		m.connect(t, &m.tasks[slot], bound)
	}
}

func (d *decoder) limits() Limits {
	return Limits{
		DeadThreshold:   d.fraction(),
		Intensity:       d.rate(),
		RestartRate:     d.rate(),
		AutoShutdown:    AutoShutdown(d.uint(uint64(autoShutdowns) - 1)),
		ShutdownTimeout: d.duration(),
	}
}

func (d *decoder) rate() Rate { return Rate{Count: d.uint32(), Per: d.duration()} }

func (d *decoder) window(w *ratelimit.Window[Instant], rate Rate) {
	n := d.count(1)
	if uint64(n) > uint64(rate.Count) || rate.Count > rateMax {
		d.bad = true
		return
	}
	w.SetLimit(rate.Count, rate.Per)
	for range n {
		w.Record(d.instant())
	}
}

func (d *decoder) policy() Policy {
	return Policy{
		Restart:      Restart(d.uint(uint64(restarts) - 1)),
		BaseDelay:    d.duration(),
		Factor:       d.uint32(),
		MaxExponent:  d.uint32(),
		MaxDelay:     d.duration(),
		Jitter:       d.fraction(),
		MaxAttempts:  d.uint32(),
		StableAfter:  d.duration(),
		StopTimeout:  d.duration(),
		OnAbandon:    OnAbandon(d.uint(uint64(onAbandons) - 1)),
		OnExhausted:  OnExhausted(d.uint(uint64(onExhausteds) - 1)),
		Readiness:    d.bool(),
		StartTimeout: d.duration(),
		Watchdog:     d.duration(),
		Probe:        Probe{Interval: d.duration(), Timeout: d.duration(), Failures: uint8(d.uint(1<<8 - 1))},
		OnMiss:       OnMiss(d.uint(uint64(onMisses) - 1)),
		Significant:  d.bool(),
	}
}

func (d *decoder) task() (t task, deadline Instant) {
	generation := d.uint(generationsMax)
	t.id = makeTaskID(generation, uint32(d.uint(slotMask)))
	t.since = d.instant()
	deadline = d.instant()
	t.key = d.uint32()
	t.run = Run(d.uint32())
	t.fenced = Run(d.uint32())
	t.attempts = d.uint32()
	t.policy = PolicyID(d.uint(policiesMax - 1))
	t.status = Status(d.uint(uint64(statuses) - 1))
	t.why = Reason(d.uint(uint64(reasons) - 1))
	t.intent = Intent(d.uint(uint64(intents) - 1))
	t.lastExit = ExitKind(d.uint(uint64(exitKinds) - 1))
	t.flags = flags(d.uint(uint64(flagsAll)))
	t.misses = uint8(d.uint(1<<8 - 1))
	return t, deadline
}
