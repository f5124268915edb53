package explore

import (
	"slices"

	"github.com/tasksupervisor/tasksupervisor/core"
)

// moves lists the events that are tried in a state. How many there are, and which, depends on nothing but the state's
// identity, apart from the ids and run numbers in them.
type moves struct {
	model    *Model
	policies int
	limits   []core.Limits
	tried    [noKind + 1]bool // by kind, the last of which is none
	events   []core.Event
	at       []core.Instant
}

// noKind is no kind of event at all.
const noKind = core.EventRelease + 1

func newMoves(model *Model, policies int, limits []core.Limits) moves {
	l := moves{model: model, policies: policies, limits: limits}
	for kind := range l.tried {
		l.tried[kind] = kind == len(l.tried)-1 || model.tries(core.EventKind(kind))
	}
	return l
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
		l.add(core.Event{Kind: noKind, At: at})
		// The last one is a policy that does not exist, and limits that do not.
		for policy := range l.policies + 1 {
			l.add(core.Event{Kind: core.EventAdd, At: at, Policy: core.PolicyID(policy)})
		}
		if l.tried[core.EventResume] {
			l.add(core.Event{Kind: core.EventAdd, At: at, Suspended: true})
		}
		if l.tried[core.EventRelease] {
			l.add(core.Event{Kind: core.EventAdd, At: at, Held: true})
		}
		if l.model.LeftBehind {
			l.add(core.Event{Kind: core.EventAdd, At: at, Run: 1 << 63}) // no run at all
			for policy := range l.policies {
				l.add(core.Event{Kind: core.EventAdd, At: at, Policy: core.PolicyID(policy), Run: 1})
				l.add(core.Event{Kind: core.EventAdd, At: at, Policy: core.PolicyID(policy), Run: 1, Fenced: 2})
			}
		}
		for limits := range len(l.limits) + 1 {
			l.add(core.Event{Kind: core.EventLimits, At: at, Limits: core.LimitsID(limits)})
		}
		unknown := core.TaskStatus{Task: unknownTask(v), Run: 1}
		l.operate(&unknown, at)
		l.report(&unknown, at)
		l.add(core.Event{Kind: core.EventExit, At: at, Task: unknown.Task, Run: 1, Exit: core.ExitOK})
		for i := range v.tasks[:v.count] {
			t := &v.tasks[i]
			l.operate(t, at)
			l.exits(t, at)
			l.report(t, at)
			l.needs(v, i, at)
		}
	}
}

func (l *moves) listInstants(m *core.Machine, v *view, id *identifier) {
	now := m.Now()
	l.at = append(l.at[:0], now)
	if l.model.Instants == InstantsAll {
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
	for i := range v.tasks[:v.count] {
		if boundary := id.enoughAt(v, &v.tasks[i]); boundary != core.Never {
			l.around(boundary, now)
		}
	}
	if v.phase == core.PhaseRunning {
		limits := &v.supervisor.Limits
		if boundary, ok := v.crashes.freeAt(now, limits.Intensity); ok {
			l.around(boundary, now)
		}
		if boundary, ok := v.restarts.freeAt(now, limits.RestartRate); ok {
			l.around(boundary, now)
		}
	}
	slices.Sort(l.at)
	l.at = slices.Compact(l.at)
}

// around adds a boundary, which is later than now, and its neighbours.
func (l *moves) around(boundary, now core.Instant) {
	l.at = append(l.at, boundary)
	if l.model.Instants != InstantsAt {
		l.at = append(l.at, max(boundary-1, now), boundary+1)
	}
}

// operate adds the commands about a task, of operators and of the driver.
func (l *moves) operate(t *core.TaskStatus, at core.Instant) {
	for _, kind := range [...]core.EventKind{
		core.EventRestart, core.EventKill, core.EventRemove, core.EventSuspend, core.EventResume, core.EventHold, core.EventRelease,
	} {
		l.add(core.Event{Kind: kind, At: at, Task: t.Task})
	}
	// The last one is a policy that does not exist.
	for policy := range l.policies + 1 {
		l.add(core.Event{Kind: core.EventPolicy, At: at, Task: t.Task, Policy: core.PolicyID(policy)})
	}
}

// exits adds ends of the task's latest run if it is live, of its fenced run if it has one, of its next run, which a timer
// may start at that very instant, and of a run that is over.
func (l *moves) exits(t *core.TaskStatus, at core.Instant) {
	exit := func(run core.Run, kind core.ExitKind) {
		l.add(core.Event{Kind: core.EventExit, At: at, Task: t.Task, Run: run, Exit: kind})
	}
	exit(overRun(t), core.ExitOK)
	exit(overRun(t), core.ExitError)
	exit(t.Run+1, core.ExitError)
	if t.Live {
		exit(t.Run, core.ExitOK)
		exit(t.Run, core.ExitError)
		exit(t.Run, core.ExitPanic)
		exit(t.Run, core.ExitGoexit)
		exit(t.Run, core.ExitDone)
		exit(t.Run, core.ExitFatal)
		exit(t.Run, core.ExitStopped)
		exit(t.Run+1, core.ExitOK)
		if l.model.Losses {
			exit(t.Run, core.ExitLost)
		}
		l.asking(t, at)
	}
	if t.Fenced != 0 {
		exit(t.Fenced, core.ExitOK)
		exit(t.Fenced, core.ExitError)
		exit(t.Fenced, core.ExitNone)
		if l.model.Losses {
			exit(t.Fenced, core.ExitLost)
		}
	}
}

// asking adds ends of the task's live run that ask for a delay.
func (l *moves) asking(t *core.TaskStatus, at core.Instant) {
	for _, delay := range l.model.Delays {
		for _, kind := range [...]core.ExitKind{core.ExitError, core.ExitPanic, core.ExitGoexit, core.ExitOK} {
			l.add(core.Event{Kind: core.EventExit, At: at, Task: t.Task, Run: t.Run, Exit: kind, Delay: delay})
		}
	}
}

// report adds what the task's live run says of itself, the next one, and one that is over.
func (l *moves) report(t *core.TaskStatus, at core.Instant) {
	report := func(run core.Run) {
		l.add(core.Event{Kind: core.EventReady, At: at, Task: t.Task, Run: run})
		l.add(core.Event{Kind: core.EventUnready, At: at, Task: t.Task, Run: run})
		l.add(core.Event{Kind: core.EventBeat, At: at, Task: t.Task, Run: run})
		l.add(core.Event{Kind: core.EventProbe, At: at, Task: t.Task, Run: run, Exit: core.ExitError})
	}
	report(overRun(t))
	report(t.Run + 1)
	if t.Live {
		report(t.Run)
		l.add(core.Event{Kind: core.EventBeat, At: at, Task: t.Task, Run: t.Run, Within: 1})
		l.add(core.Event{Kind: core.EventBeat, At: at, Task: t.Task, Run: t.Run, Within: core.Forever})
		l.add(core.Event{Kind: core.EventProbe, At: at, Task: t.Task, Run: t.Run, Exit: core.ExitOK})
		l.add(core.Event{Kind: core.EventProbe, At: at, Task: t.Task, Run: t.Run, Exit: core.ExitPanic}) // no answer
	}
}

// needs adds that the i-th task needs each task there is, itself and one that does not exist included.
func (l *moves) needs(v *view, i int, at core.Instant) {
	need := func(other core.TaskID) {
		for _, bound := range [...]bool{false, true} {
			l.add(core.Event{Kind: core.EventNeed, At: at, Task: v.tasks[i].Task, Other: other, Bound: bound})
		}
	}
	for j := range v.tasks[:v.count] {
		need(v.tasks[j].Task)
	}
	need(unknownTask(v))
}

func (l *moves) add(ev core.Event) {
	if l.tried[ev.Kind] {
		l.events = append(l.events, ev)
	}
}

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
