package fuzz

import (
	"encoding/binary"
	"iter"

	"github.com/tasksupervisor/tasksupervisor/core"
)

// Reader decodes bytes into configurations and events. Beyond the end it reads zeros.
type Reader struct {
	data []byte
	any  bool // fields of a configuration may have invalid values
}

// NewReader returns a reader of data, which it does not change.
func NewReader(data []byte) *Reader { return &Reader{data: data} }

// More tells whether there is anything left to read.
func (r *Reader) More() bool { return len(r.data) > 0 }

// World is what a reader has to know of a machine to decode an event for it. A [*core.Machine] is one.
type World interface {
	Now() core.Instant
	NextDeadline() (at core.Instant, ok bool)
	Tasks() iter.Seq[core.TaskStatus]
}

// What happens, in the low half of an event's first byte. The high half says to which task.
const (
	whatTick byte = iota
	whatStart
	whatAdd
	whatAddToo
	whatRemove
	whatRestart
	whatKill
	whatError // its latest run ends
	whatOK
	whatPanic
	whatGoexit
	whatErrorToo
	whatFenced // its fenced run ends
	whatOtherRun
	whatShutdown
	whatAnything
)

// When it happens, in the low half of the second byte. The high half is a number that some of them use.
const (
	whenNow      byte = 0        // to 2
	whenDeadline byte = iota + 2 // from 3 on
	whenDeadlineToo
	whenDeadlineAlso
	whenAroundDeadline // less one, plus the number
	whenAroundTimer
	whenAroundStability
	whenLater // by nanoseconds
	whenLaterToo
	whenSeconds
	whenEarlier
	whenAnyLater
	whenEnd // of time
	whenEver
)

// Event decodes the next event, in two bytes and at times some more: what happens to which task, and when. Most events are
// about tasks and runs there are, at instants at which something can happen; one in sixteen has arbitrary fields.
func (r *Reader) Event(w World) core.Event {
	what := r.byte()
	task, found := pick(w, int(what>>4))
	at := r.instant(w, &task)
	ev := core.Event{At: at, Task: task.Task}
	switch what & 15 {
	case whatTick:
		return core.Event{Kind: core.EventTick, At: at}
	case whatStart:
		return core.Event{Kind: core.EventStart, At: at}
	case whatAdd, whatAddToo:
		ev = core.Event{Kind: core.EventAdd, At: at, Policy: core.PolicyID(what >> 4 & 3), Key: uint32(r.byte())}
	case whatRemove:
		ev.Kind = core.EventRemove
	case whatRestart:
		ev.Kind = core.EventRestart
	case whatKill:
		ev.Kind = core.EventKill
	case whatError, whatOK, whatPanic, whatGoexit, whatErrorToo:
		ev.Kind, ev.Run, ev.Exit = core.EventExit, task.Run, exits[what&15-whatError]
	case whatFenced:
		ev.Kind, ev.Run, ev.Exit = core.EventExit, task.Fenced, core.ExitOK
	case whatOtherRun:
		ev.Kind, ev.Run, ev.Exit = core.EventExit, task.Run+core.Run(r.byte())-8, core.ExitError
	case whatShutdown:
		return core.Event{Kind: core.EventShutdown, At: at}
	default:
		ev = r.anyEvent(at)
	}
	// Without tasks, events about them are about one that is not.
	if !found && ev.Task == 0 && what&15 < whatShutdown && ev.Kind != core.EventAdd {
		ev.Task = 1
	}
	return ev
}

// exits are the ends of a run, by what the event's byte says.
var exits = [...]core.ExitKind{core.ExitError, core.ExitOK, core.ExitPanic, core.ExitGoexit, core.ExitError}

// pick returns the n-th of the first sixteen tasks, counted around.
func pick(w World, n int) (task core.TaskStatus, found bool) {
	var first [16]core.TaskStatus
	count := 0
	for task := range w.Tasks() {
		first[count] = task
		if count++; count == len(first) {
			break
		}
	}
	if count == 0 {
		return core.TaskStatus{ClearsAt: core.Never, Until: core.Never}, false
	}
	return first[n%count], true
}

// instant decodes when an event happens: at once, around the next deadline, around what the task waits for, a little
// later or earlier, or at any instant at all.
func (r *Reader) instant(w World, task *core.TaskStatus) core.Instant {
	now := w.Now()
	if now < -1<<62 {
		now = 0 // nothing has happened yet
	}
	deadline, ok := w.NextDeadline()
	if !ok {
		deadline = now + 1
	}
	mode := r.byte()
	number := core.Instant(mode >> 4)
	switch mode & 15 {
	case whenDeadline, whenDeadlineToo, whenDeadlineAlso:
		return deadline
	case whenAroundDeadline:
		return deadline - 1 + number&3
	case whenAroundTimer:
		return or(task.Until, now) - 1 + number&3
	case whenAroundStability:
		return or(task.ClearsAt, now) - 1 + number&3
	case whenLater, whenLaterToo:
		return now + number
	case whenSeconds:
		return now + number*1_000_000_000
	case whenEarlier:
		return now - number
	case whenAnyLater:
		return now + core.Instant(r.uint64()>>1)
	case whenEnd:
		return core.Never - number
	case whenEver:
		return core.Instant(r.uint64())
	default: // whenNow
		return now
	}
}

// or returns the instant, or other if it is Never.
func or(at, other core.Instant) core.Instant {
	if at == core.Never {
		return other
	}
	return at
}

// anyEvent decodes an event whose fields need not fit together.
func (r *Reader) anyEvent(at core.Instant) core.Event {
	return core.Event{
		At:     at,
		Kind:   core.EventKind(r.byte() % 16),
		Task:   core.TaskID(uint64(r.byte())<<24 | uint64(r.byte())),
		Run:    core.Run(r.uint32()),
		Exit:   core.ExitKind(r.byte() % 16),
		Policy: core.PolicyID(r.byte()),
		Key:    r.uint32(),
	}
}

// Config decodes a valid configuration, in about a dozen bytes for each policy.
func (r *Reader) Config() core.Config {
	cfg := r.config()
	if _, err := core.New(cfg); err != nil {
		// What is left to go wrong is that a delay is beyond the end of time.
		for i := range cfg.Policies {
			cfg.Policies[i].MaxDelay = min(cfg.Policies[i].MaxDelay, 1<<40)
		}
	}
	return cfg
}

// AnyConfig decodes a configuration that need not be valid.
func (r *Reader) AnyConfig() core.Config {
	r.any = true
	cfg := r.config()
	r.any = false
	return cfg
}

// Policy decodes a policy, valid apart from that its delays may be beyond the end of time.
func (r *Reader) Policy() core.Policy {
	enums := r.byte()
	p := core.Policy{
		Restart:     core.Restart(r.enum(enums, 3)),
		OnAbandon:   core.OnAbandon(r.enum(enums/3, 3)),
		Significant: enums < 128,
		BaseDelay:   r.duration(),
		Factor:      r.uint32(),
		MaxExponent: r.uint32(),
		MaxDelay:    r.duration(),
		Jitter:      r.fraction(),
		MaxAttempts: r.uint32(),
		StableAfter: r.duration(),
		StopTimeout: r.duration(),
	}
	if !r.any {
		p.Factor = max(p.Factor, 1)
	}
	return p
}

func (r *Reader) config() core.Config {
	shape, enums := r.byte(), r.byte()
	cfg := core.Config{
		AutoShutdown:        core.AutoShutdown(r.enum(enums, 3)),
		StopOrder:           core.StopOrder(r.enum(enums/3, 2)),
		DeadThreshold:       r.fraction(),
		ShutdownTimeout:     r.duration(),
		HealthCheckInterval: r.duration(),
		MaxTasks:            uint32(shape >> 4),
		Seed:                uint64(r.byte()),
	}
	if r.any {
		cfg.MaxTasks = r.uint32()
	}
	for range shape & 3 {
		cfg.Policies = append(cfg.Policies, r.Policy())
	}
	return cfg
}

// enum returns one of n values, or any value at all.
func (r *Reader) enum(value byte, n byte) byte {
	if r.any {
		return value
	}
	return value % n
}

// duration decodes nanoseconds up to 127, seconds up to 63, powers of two, and Forever in one byte, and any other
// duration in nine.
func (r *Reader) duration() core.Duration {
	b := r.byte()
	switch {
	case b < 128:
		return core.Duration(b)
	case b < 192:
		return core.Duration(b-128) * 1_000_000_000
	case b < 224:
		return core.Duration(1) << (b - 192 + 31)
	case b < 232:
		return core.Forever
	case b < 240:
		return core.Forever - core.Duration(b-231)
	case r.any:
		return core.Duration(r.uint64())
	}
	return core.Duration(r.uint64() >> 1)
}

// fraction decodes no fraction, or one of small numbers in one byte, and any fraction in nine.
func (r *Reader) fraction() core.Fraction {
	b := r.byte()
	f := core.Fraction{Num: uint32(b & 15), Den: uint32(b>>4) + 1}
	switch b {
	case 0:
		return core.Fraction{}
	case 255:
		f = core.Fraction{Num: uint32(r.uint64()), Den: uint32(r.uint64())}
	}
	if !r.any {
		f.Den = max(f.Den, 1)
		f.Num = min(f.Num, f.Den)
	}
	return f
}

// uint32 decodes numbers up to 239 and the largest ones in one byte, and any other in five.
func (r *Reader) uint32() uint32 {
	switch b := r.byte(); {
	case b < 240:
		return uint32(b)
	case b < 248:
		return ^uint32(0) - uint32(b-240)
	}
	var raw [4]byte
	for i := range raw {
		raw[i] = r.byte()
	}
	return binary.LittleEndian.Uint32(raw[:])
}

func (r *Reader) uint64() uint64 {
	var raw [8]byte
	for i := range raw {
		raw[i] = r.byte()
	}
	return binary.LittleEndian.Uint64(raw[:])
}

func (r *Reader) byte() byte {
	if len(r.data) == 0 {
		return 0
	}
	b := r.data[0]
	r.data = r.data[1:]
	return b
}
