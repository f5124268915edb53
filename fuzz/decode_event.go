package fuzz

import "github.com/tasksupervisor/tasksupervisor/core"

// What happens, in the lower five bits of an event's first byte. The higher three say to which task.
const (
	whatTick byte = iota
	whatStart
	whatAdd
	whatAddHeld
	whatAddSuspended
	whatRemove
	whatRestart
	whatKill
	whatSuspend
	whatResume
	whatNeed // an earlier task
	whatBind // to an earlier task
	whatPolicy
	whatLimits
	whatReady // its latest run says so; a healthy one takes it back
	whatHold  // it is released if it is held
	whatBeat
	whatBeatWithin
	whatProbeOK
	whatProbeFailed
	whatError // its latest run ends
	whatLost
	whatErrorAsking // for a delay
	whatOK
	whatPanic
	whatGoexit
	whatDone
	whatFatal
	whatFenced // its fenced run ends
	whatOtherRun
	whatShutdown
	whatAnything

	whatMask = whatAnything
	whatTask = 5 // by how many bits the task is shifted
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
// about tasks and runs there are, at instants at which something can happen; one in 32 has arbitrary fields.
func (r *Reader) Event(w World) core.Event {
	first := r.byte()
	what, number := first&whatMask, first>>whatTask
	task, found := pick(w, int(number))
	ev := core.Event{At: r.instant(w, &task)}
	switch what {
	case whatTick:
		return ev
	case whatStart:
		ev.Kind = core.EventStart
		return ev
	case whatShutdown:
		ev.Kind = core.EventShutdown
		return ev
	case whatLimits:
		ev.Kind, ev.Limits = core.EventLimits, core.LimitsID(number)
		return ev
	case whatAdd, whatAddHeld, whatAddSuspended:
		ev.Kind, ev.Policy, ev.Key = core.EventAdd, core.PolicyID(number&3), uint32(r.byte())
		ev.Suspended, ev.Held = what == whatAddSuspended, what == whatAddHeld
		if number&4 != 0 {
			left := r.byte()
			ev.Run, ev.Fenced = core.Run(left&3), core.Run(left>>2&3)
		}
		return ev
	case whatAnything:
		return r.anyEvent(ev.At)
	}
	if ev.Task = task.Task; !found {
		ev.Task = 1 // none that there is
	}
	r.aboutTask(&ev, w, what, &task)
	return ev
}

// aboutTask decodes what happens to a task.
func (r *Reader) aboutTask(ev *core.Event, w World, what byte, task *core.TaskStatus) {
	switch what {
	case whatRemove:
		ev.Kind = core.EventRemove
	case whatRestart:
		ev.Kind = core.EventRestart
	case whatKill:
		ev.Kind = core.EventKill
	case whatSuspend:
		ev.Kind = core.EventSuspend
	case whatResume:
		ev.Kind = core.EventResume
	case whatNeed, whatBind:
		other, _ := pick(w, int(r.byte()))
		ev.Kind, ev.Bound = core.EventNeed, what == whatBind
		ev.Task, ev.Other = max(task.Task, other.Task), min(task.Task, other.Task)
	case whatPolicy:
		ev.Kind, ev.Policy = core.EventPolicy, core.PolicyID(r.byte()&3)
	case whatHold:
		ev.Kind = core.EventHold
		if task.Held {
			ev.Kind = core.EventRelease
		}
	case whatReady:
		ev.Kind, ev.Run = core.EventReady, task.Run
		if task.Status == core.StatusHealthy && !task.Unready {
			ev.Kind = core.EventUnready
		}
	case whatBeat:
		ev.Kind, ev.Run = core.EventBeat, task.Run
	case whatBeatWithin:
		ev.Kind, ev.Run, ev.Within = core.EventBeat, task.Run, r.duration()
	case whatProbeOK:
		ev.Kind, ev.Run, ev.Exit = core.EventProbe, task.Run, core.ExitOK
	case whatProbeFailed:
		ev.Kind, ev.Run, ev.Exit = core.EventProbe, task.Run, core.ExitError
	case whatFenced:
		ev.Kind, ev.Run, ev.Exit = core.EventExit, task.Fenced, core.ExitOK
	case whatOtherRun:
		ev.Kind, ev.Run, ev.Exit = core.EventExit, task.Run+core.Run(r.byte())-8, core.ExitError
	default:
		ev.Kind, ev.Run, ev.Exit = core.EventExit, task.Run, exits[what-whatError]
		if what == whatErrorAsking {
			ev.Delay = r.duration()
		}
	}
}

// exits are the ends of a run, by what the event's byte says.
var exits = [...]core.ExitKind{
	core.ExitError, core.ExitLost, core.ExitError, core.ExitOK, core.ExitPanic, core.ExitGoexit, core.ExitDone, core.ExitFatal,
}

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
	ev := core.Event{
		At:     at,
		Kind:   core.EventKind(r.byte() % 32),
		Task:   r.task(),
		Run:    core.Run(r.uint32()),
		Exit:   core.ExitKind(r.byte() % 16),
		Policy: core.PolicyID(r.byte()),
		Key:    r.uint32(),
		Other:  r.task(),
		Within: core.Duration(r.uint64()),
		Limits: core.LimitsID(r.byte()),
	}
	flags := r.byte()
	ev.Bound, ev.Suspended = flags&1 != 0, flags&2 != 0
	if flags&4 != 0 {
		ev.Run += 1 << 32
	}
	if flags&8 != 0 {
		ev.Fenced = core.Run(r.byte())
	}
	ev.Held = flags&64 != 0
	if flags&32 != 0 {
		ev.Delay = core.Duration(r.uint64())
	}
	if flags&16 != 0 {
		ev.Run |= 1 << 63
	}
	return ev
}

// task decodes the id of a task that may exist: its generation and its slot.
func (r *Reader) task() core.TaskID { return core.TaskID(uint64(r.byte())<<24 | uint64(r.byte())) }
