package explore

import (
	"slices"

	"github.com/tasksupervisor/tasksupervisor/core"
)

// moves lists the events that are tried in a state. How many there are, and which, depends on nothing but the state's
// identity, apart from the ids and run numbers in them.
type moves struct {
	instants Instants
	policies int
	events   []core.Event
	at       []core.Instant
}

// list fills events: at each instant first a tick, then all the others.
func (l *moves) list(m *core.Machine, v *view, id *identifier) {
	l.listInstants(m, v, id)
	l.events = l.events[:0]
	// Time that runs backwards counts as standing still (D2).
	l.add(core.Event{Kind: core.EventTick, At: m.Now() - 1})
	for _, at := range l.at {
		l.add(core.Event{Kind: core.EventTick, At: at})
		l.add(core.Event{Kind: core.EventStart, At: at})
		l.add(core.Event{Kind: core.EventShutdown, At: at})
		l.add(core.Event{Kind: core.EventShutdown + 1, At: at}) // no kind at all
		// The last one is a policy that does not exist.
		for policy := range l.policies + 1 {
			l.add(core.Event{Kind: core.EventAdd, At: at, Policy: core.PolicyID(policy)})
		}
		l.operate(unknownTask(v), at)
		l.add(core.Event{Kind: core.EventExit, At: at, Task: unknownTask(v), Run: 1, Exit: core.ExitOK})
		for i := range v.tasks[:v.count] {
			l.operate(v.tasks[i].Task, at)
			l.exits(&v.tasks[i], at)
		}
	}
}

func (l *moves) listInstants(m *core.Machine, v *view, id *identifier) {
	now := m.Now()
	l.at = append(l.at[:0], now)
	if l.instants == InstantsAll {
		l.at = append(l.at, now+1)
	}
	if deadline, ok := m.NextDeadline(); ok {
		l.around(deadline, now)
	}
	for i := range v.tasks[:v.count] {
		if boundary := id.clearsAt(v, &v.tasks[i]); boundary != core.Never {
			l.around(boundary, now)
		}
	}
	slices.Sort(l.at)
	l.at = slices.Compact(l.at)
}

// around adds a boundary, which is later than now, and its neighbours.
func (l *moves) around(boundary, now core.Instant) {
	l.at = append(l.at, boundary)
	if l.instants != InstantsAt {
		l.at = append(l.at, max(boundary-1, now), boundary+1)
	}
}

func (l *moves) operate(task core.TaskID, at core.Instant) {
	l.add(core.Event{Kind: core.EventRestart, At: at, Task: task})
	l.add(core.Event{Kind: core.EventKill, At: at, Task: task})
	l.add(core.Event{Kind: core.EventRemove, At: at, Task: task})
}

// exits adds ends of the task's latest run, whether it is live or not, of its fenced run if it has one, of its next
// run, which a timer may start at that very instant, and of a run that is long over.
func (l *moves) exits(t *core.TaskStatus, at core.Instant) {
	exit := func(run core.Run, kind core.ExitKind) {
		l.add(core.Event{Kind: core.EventExit, At: at, Task: t.Task, Run: run, Exit: kind})
	}
	exit(t.Run, core.ExitOK)
	exit(t.Run, core.ExitError)
	exit(t.Run+1, core.ExitError)
	exit(overRun(t), core.ExitError)
	if t.Live {
		exit(t.Run, core.ExitPanic)
		exit(t.Run, core.ExitGoexit)
		exit(t.Run, core.ExitStopped)
		exit(t.Run+1, core.ExitOK)
	}
	if t.Fenced != 0 {
		exit(t.Fenced, core.ExitOK)
		exit(t.Fenced, core.ExitError)
		exit(t.Fenced, core.ExitNone)
	}
}

func (l *moves) add(ev core.Event) { l.events = append(l.events, ev) }

// overRun returns the number of a run of the task that is neither live nor fenced: the one before the latest where
// there is such, or the 0 of no run.
func overRun(t *core.TaskStatus) core.Run {
	run := t.Run
	for run > 0 {
		if run--; run != t.Fenced {
			return run
		}
	}
	return 0
}

// unknownTask returns an id that no task has: the one of the task that was added just before the first one, had it
// been in the same slot.
func unknownTask(v *view) core.TaskID {
	if v.count == 0 {
		return 0
	}
	const generation = core.MaxTasks
	return v.tasks[0].Task - generation
}
