package core

import (
	"github.com/tasksupervisor/tasksupervisor/core/internal/graph"
	"github.com/tasksupervisor/tasksupervisor/core/internal/intern"
	"github.com/tasksupervisor/tasksupervisor/core/internal/ratelimit"
	"github.com/tasksupervisor/tasksupervisor/core/timers"
)

// Machine is the state of one supervisor. Make it with [New], or fill one with [Machine.UnmarshalBinary] or
// [Machine.CopyFrom]. It is not safe for concurrent use: one owner makes all calls.
type Machine struct {
	scalars
	policies intern.Table[Policy]      // those of the configuration are pinned, at least one
	limits   intern.Table[Limits]      // those of the configuration are pinned
	crashes  ratelimit.Window[Instant] // failures that led to a restart
	restarts ratelimit.Window[Instant] // restarts after a delay, those to come included

	tasks     []task          // by slot
	delays    aside[Duration] // what runs asked for whose restart delays have not begun
	fenced    aside[Run]      // runs that were left behind and have not ended: the latest ones, or older ones
	free      []uint32
	timers    timerQueue          // of the tasks
	rateQueue timerQueue          // tasks that wait for the restart rate, by when their delays passed
	graph     graph.Graph[TaskID] // which tasks need which

	// What follows is empty between steps.
	stops   queue    // tasks to look at: can they be asked to stop? Complements of ids, so that the last comes first
	retries queue    // does their restart delay begin?
	starts  queue    // can they start?
	downs   []uint32 // slots of tasks that went down
	planned queue    // tasks whose stop was planned and not told of, as in stops
}

// scalars are what a copy of a machine takes as it is.
type scalars struct {
	config  Config // without its policies
	inForce uint32 // the slot of the limits in force, which are in config, too

	now        Instant // the latest instant seen
	started    Instant // when the supervisor started; the health checks' grid begins here
	checkAt    Instant // the health check that will find too many tasks dead, or Never
	shutdownAt Instant // when the shutdown has taken too long, or Never
	phase      Phase
	haltReason Reason
	culprit    TaskID // the task that the halt is about, if about one
	culpritRun Run

	generation uint64 // tasks ever added
	first      uint32 // the ends of the list of tasks in declared order, as slots
	last       uint32

	counts           [statuses]uint32
	leftBehind       uint32 // runs that were left behind and are alive
	significant      uint32 // significant tasks
	significantEnded uint32 // of these, Completed or Dead
	delaysPending    uint32 // Failed tasks whose restart delay has not begun
	terminating      uint32 // tasks on their way to stop; not counted in an independent machine

	// What follows can be worked out from the rest, or is zero between steps.
	independent         bool     // what happens to a task affects no other, needs aside
	lastTerminatingHint uint32   // no task behind this slot is terminating
	firstNotUpHint      uint32   // no task in front of this slot is coming up
	asked               Duration // how long the run that has just failed asks to wait for its restart
}

// timerQueue is a queue of instants, at most one for each task, in the order of (instant, task).
type timerQueue = timers.Queue[Instant, TaskID]

// Step decides what follows from one event, and appends these decisions to dst in the order in which they are to be
// carried out. Timers that are due by the event's instant fire before it, each at its own deadline (D3), and no timer
// is left due behind it.
//
// Every event is accepted, or answered by one ActionReject. Apart from growing dst, and the machine's own tables when a task
// is added, Step does not allocate.
func (m *Machine) Step(dst []Action, ev Event) []Action {
	if ev.At > m.now {
		dst = m.fireTimers(dst, ev.At)
		m.now = ev.At
	}
	dst = m.apply(dst, &ev)
	dst = m.reconcile(dst)
	return m.fireTimers(dst, m.now)
}

// NextDeadline returns the instant at which the next EventTick is due. ok is false when nothing is scheduled: then
// only another event can lead to a decision.
//
// It is later than every instant the machine has seen. Ask again after every Step: the deadline can move either way.
func (m *Machine) NextDeadline() (at Instant, ok bool) {
	at = min(m.timers.Next(), m.rateWaitEnds(), m.checkAt, m.shutdownAt)
	return at, at != Never
}

// fireTimers fires what is due by the instant, in the order of deadlines. Of timers due at one instant the tasks'
// come first, in declared order, then the restart rate, then the health check, then the shutdown timeout.
func (m *Machine) fireTimers(dst []Action, by Instant) []Action {
	for {
		at, ok := m.NextDeadline()
		if !ok || at > by {
			return dst
		}
		m.now = max(m.now, at)
		switch at {
		case m.timers.Next():
			dst = m.fireTask(dst, m.timers.First())
		case m.rateWaitEnds():
			dst = m.startWithinRate(dst, m.task(m.rateQueue.First()))
		case m.checkAt:
			m.checkAt = Never
			dst = m.beginHalt(dst, ReasonTooManyDead, nil)
		default:
			m.shutdownAt = Never
			dst = m.abandonAll(dst)
		}
		dst = m.reconcile(dst)
	}
}

func (m *Machine) apply(dst []Action, ev *Event) []Action {
	switch ev.Kind {
	case EventTick:
		return dst
	case EventStart:
		return m.start(dst, ev)
	case EventAdd:
		return m.add(dst, ev)
	case EventExit:
		return m.exit(dst, ev)
	case EventReady, EventBeat, EventProbe, EventUnready:
		return m.report(dst, ev)
	case EventRemove, EventRestart, EventKill, EventSuspend, EventResume, EventPolicy, EventNeed, EventHold, EventRelease:
		return m.command(dst, ev)
	case EventLimits:
		return m.changeLimits(dst, ev)
	case EventShutdown:
		if m.phase >= PhaseHalting {
			return m.reject(dst, ev, m.tooLate())
		}
		return m.beginHalt(dst, ReasonShutdown, nil)
	case eventKinds:
	}
	return m.reject(dst, ev, RefusalUnknownEvent)
}

func (m *Machine) start(dst []Action, ev *Event) []Action {
	switch m.phase {
	case PhaseRunning:
		return m.reject(dst, ev, RefusalAlreadyStarted)
	case PhaseHalting, PhaseHalted:
		return m.reject(dst, ev, m.tooLate())
	case PhaseCreated, phases:
	}
	m.phase = PhaseRunning
	m.started = m.now
	for slot := m.first; slot != noSlot; slot = m.tasks[slot].next {
		t := &m.tasks[slot]
		if t.status != StatusCreated {
			continue
		}
		m.set(t, t.status, t.intent, ReasonSupervisorStart)
		if m.config.Strategy == OneForOne && m.canStart(t) {
			dst = m.startRun(dst, t, ReasonSupervisorStart)
		}
	}
	return dst
}

// tooLate returns why the supervisor can no longer be started or shut down.
func (m *Machine) tooLate() Refusal {
	if m.phase == PhaseHalting {
		return RefusalShuttingDown
	}
	return RefusalSupervisorDone
}

func (m *Machine) reject(dst []Action, ev *Event, refusal Refusal) []Action {
	dst = append(dst, Action{})
	a := &dst[len(dst)-1] // filled in place: a literal would be built elsewhere and copied
	a.Kind, a.At, a.Until, a.Task, a.Run, a.Refusal = ActionReject, m.now, Never, ev.Task, ev.Run, refusal
	if t := m.task(ev.Task); t != nil {
		a.From, a.To, a.Attempts = t.status, t.status, m.attemptsNow(t)
	}
	return dst
}
