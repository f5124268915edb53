package proptest

import (
	"math"

	"pgregory.net/rapid"

	"github.com/tasksupervisor/tasksupervisor/core"
	"github.com/tasksupervisor/tasksupervisor/proptest/oracle"
)

// world draws events one after the other, with an eye to what the earlier ones led to.
type world struct {
	oracle *oracle.Oracle
	cfg    core.Config
	limits int // how many there are, those of the configuration included
	mix    Mix
	events []core.Event
	issued []core.TaskID     // every id so far, those of removed tasks included
	tasks  []core.TaskStatus // what there is
	crash  core.Instant      // the latest crash that was followed by a restart; Never if there was none
}

func newWorld(c Case, mix Mix) *world {
	return &world{oracle: c.oracle(), cfg: c.Config, limits: 1 + len(c.Limits), mix: mix, crash: core.Never}
}

// crowd adds and starts the tasks that a mix wants before all else.
func (w *world) crowd(t *rapid.T) {
	for range w.mix.Crowd {
		w.happen(w.add(t))
	}
	if w.mix.Crowd == 0 {
		return
	}
	for range evenly(t, w.mix.Need+1, "needs") {
		w.happen(w.need(t))
	}
	w.happen(core.Event{Kind: core.EventStart})
}

// next draws one event and feeds it. When all is over, it mostly ends the case.
func (w *world) next(t *rapid.T) {
	if w.oracle.Phase() == core.PhaseHalted && !oneIn(t, 8, "after the end") {
		return
	}
	ev := w.event(t)
	ev.At = w.instant(t)
	w.happen(ev)
}

func (w *world) happen(ev core.Event) {
	w.events = append(w.events, ev)
	actions := w.oracle.Step(ev)
	w.tasks = w.oracle.Tasks()
	for _, a := range actions {
		if a.Kind == core.ActionAdd {
			w.issued = append(w.issued, a.Task)
		}
		if a.Why == core.ReasonFailure {
			w.crash = a.At
		}
	}
}

// event draws an event without its instant.
func (w *world) event(t *rapid.T) core.Event {
	start, add := w.mix.Start, w.mix.Add
	tasks := len(w.tasks)
	if w.oracle.Phase() == core.PhaseCreated {
		start += 1 + tasks
		add += 4
	}
	if tasks < 2 {
		add += 4
	}
	operators := 0 // while the supervisor halts, which is brief, they must be rejected
	if w.oracle.Phase() == core.PhaseHalting {
		operators = 2
	}
	about := func(kind core.EventKind) func() core.Event {
		return func() core.Event { return core.Event{Kind: kind, Task: w.task(t)} }
	}
	ev := pick(t, "event", []choice[core.Event]{
		{w.mix.Tick, func() core.Event { return core.Event{Kind: core.EventTick} }},
		{add, func() core.Event { return w.add(t) }},
		{start, func() core.Event { return core.Event{Kind: core.EventStart} }},
		{w.mix.Fail, func() core.Event {
			return w.exit(t, rapid.SampledFrom([]core.ExitKind{core.ExitError, core.ExitPanic, core.ExitGoexit}).Draw(t, "exit"))
		}},
		{w.mix.Fatal, func() core.Event { return w.exit(t, core.ExitFatal) }},
		{w.mix.End, func() core.Event {
			return w.exit(t, rapid.SampledFrom([]core.ExitKind{core.ExitOK, core.ExitOK, core.ExitDone, core.ExitLost}).Draw(t, "exit"))
		}},
		{w.mix.Report + operators, func() core.Event { return w.report(t) }},
		{w.mix.Restart + operators, about(core.EventRestart)},
		{w.mix.Kill + operators, about(core.EventKill)},
		{w.mix.Remove + operators, about(core.EventRemove)},
		{w.mix.Suspend + operators, func() core.Event { return w.suspend(t) }},
		{w.mix.Hold + operators, func() core.Event { return w.hold(t) }},
		{w.mix.Need + operators, func() core.Event { return w.need(t) }},
		{w.mix.Change + operators, func() core.Event { return w.change(t) }},
		{w.mix.Shutdown, func() core.Event { return core.Event{Kind: core.EventShutdown} }},
		{w.mix.Again, func() core.Event { return w.again(t) }},
	})
	if w.mix.Foreign > 0 && oneIn(t, 16, "foreign") {
		w.spoil(t, &ev)
	}
	return ev
}

func (w *world) add(t *rapid.T) core.Event {
	ev := core.Event{
		Kind:      core.EventAdd,
		Key:       rapid.OneOf(rapid.Uint32Range(0, 9), rapid.Uint32()).Draw(t, "key"),
		Policy:    w.policy(t),
		Suspended: w.mix.Suspend > 0 && oneIn(t, 8, "suspended"),
		Held:      w.mix.Hold > 0 && oneIn(t, 8, "held"),
	}
	if w.mix.LeftBehind > 0 && oneIn(t, 3, "left behind") {
		ev.Run = core.Run(rapid.Uint64Range(0, 3).Draw(t, "run left behind"))
		ev.Fenced = core.Run(rapid.Uint64Range(0, 3).Draw(t, "another"))
	}
	return ev
}

func (w *world) policy(t *rapid.T) core.PolicyID {
	return core.PolicyID(rapid.IntRange(0, max(1, len(w.cfg.Policies))-1).Draw(t, "policy"))
}

// exit ends a run that is alive, and sometimes one that is not. It prefers those that have a stop pending.
func (w *world) exit(t *rapid.T, how core.ExitKind) core.Event {
	var asked core.Duration
	if oneIn(t, 5, "asks for a delay") {
		asked = Durations().Draw(t, "delay")
	}
	var alive, marked []core.Event
	for _, status := range w.tasks {
		ev := core.Event{Kind: core.EventExit, Task: status.Task, Exit: how, Delay: asked}
		if status.Live {
			ev.Run = status.Run
			alive = append(alive, ev)
			if status.Intent != core.IntentNone && status.Status != core.StatusStopping && status.Status != core.StatusAbandoned {
				marked = append(marked, ev)
			}
		}
		if status.Fenced != 0 {
			ev.Run = status.Fenced
			alive = append(alive, ev)
		}
	}
	if len(marked) > 0 && oneIn(t, 3, "marked") {
		alive = marked
	}
	return w.of(t, alive, core.Event{Kind: core.EventExit, Exit: how})
}

// report draws what a live run reports, mostly what it is expected to.
func (w *world) report(t *rapid.T) core.Event {
	var expected []core.Event
	for _, status := range w.tasks {
		p, _ := w.oracle.Policy(status.Policy)
		ev := core.Event{Task: status.Task, Run: status.Run}
		switch {
		case status.Status == core.StatusStarting:
			ev.Kind = core.EventReady
		case status.Unready && oneIn(t, 2, "ready again"):
			ev.Kind = core.EventReady
		case status.Status == core.StatusHealthy && p.Readiness && oneIn(t, 3, "unready"):
			ev.Kind = core.EventUnready
		case status.Status == core.StatusHealthy && p.Watchdog > 0:
			ev.Kind = core.EventBeat
		case status.Status == core.StatusHealthy && p.Probe.Interval > 0:
			ev.Kind = core.EventProbe
		default:
			continue
		}
		expected = append(expected, ev)
	}
	other := core.Event{Kind: rapid.SampledFrom([]core.EventKind{core.EventReady, core.EventBeat, core.EventProbe, core.EventUnready}).Draw(t, "report")}
	ev := w.of(t, expected, other)
	ev.Exit = rapid.SampledFrom([]core.ExitKind{core.ExitError, core.ExitOK}).Draw(t, "answer")
	if oneIn(t, 4, "within") {
		ev.Within = Durations().Draw(t, "within")
	}
	return ev
}

// of draws one of the events about runs, and sometimes another one about whatever run. If there are none, mostly time
// passes.
func (w *world) of(t *rapid.T, events []core.Event, other core.Event) core.Event {
	switch {
	case len(events) == 0 && !oneIn(t, 4, "none"):
		return core.Event{Kind: core.EventTick}
	case len(events) == 0 || oneIn(t, 10, "another") || w.oracle.Phase() == core.PhaseHalting && oneIn(t, 2, "another"):
		other.Task = w.task(t)
		other.Run = core.Run(rapid.Uint32Range(0, 3).Draw(t, "run"))
		return other
	default:
		return rapid.SampledFrom(events).Draw(t, "run")
	}
}

// suspend suspends a task, or resumes one that is.
func (w *world) suspend(t *rapid.T) core.Event {
	for _, status := range w.tasks {
		if status.Suspended && oneIn(t, 2, "resume") {
			return core.Event{Kind: core.EventResume, Task: status.Task}
		}
	}
	kind := core.EventSuspend
	if oneIn(t, 6, "resume any") {
		kind = core.EventResume
	}
	return core.Event{Kind: kind, Task: w.task(t)}
}

// hold holds a task, or releases one that is held.
func (w *world) hold(t *rapid.T) core.Event {
	for _, status := range w.tasks {
		if status.Held && oneIn(t, 2, "release") {
			return core.Event{Kind: core.EventRelease, Task: status.Task}
		}
	}
	kind := core.EventHold
	if oneIn(t, 6, "release any") {
		kind = core.EventRelease
	}
	return core.Event{Kind: kind, Task: w.task(t)}
}

// need has a task need another, mostly one that was added before it.
func (w *world) need(t *rapid.T) core.Event {
	ev := core.Event{Kind: core.EventNeed, Task: w.task(t), Other: w.task(t), Bound: oneIn(t, 2, "bound")}
	if ev.Other > ev.Task && !oneIn(t, 8, "against the order") {
		ev.Task, ev.Other = ev.Other, ev.Task
	}
	return ev
}

// change gives a task another policy, or the supervisor other limits.
func (w *world) change(t *rapid.T) core.Event {
	if w.limits > 1 && oneIn(t, 3, "limits") {
		return core.Event{Kind: core.EventLimits, Limits: core.LimitsID(evenly(t, w.limits, "limits"))}
	}
	return core.Event{Kind: core.EventPolicy, Task: w.task(t), Policy: w.policy(t)}
}

// task draws a task that exists, and sometimes one that was removed. It prefers tasks that are needed by one with a
// stop pending: they cannot be stopped before that has stopped.
func (w *world) task(t *rapid.T) core.TaskID {
	var needed []core.TaskID
	for _, status := range w.tasks {
		if status.Intent == core.IntentNone || status.Status == core.StatusAbandoned {
			continue
		}
		for _, need := range w.oracle.Needs(status.Task) {
			needed = append(needed, need.Task)
		}
	}
	if len(needed) > 0 && oneIn(t, 2, "needed") {
		return rapid.SampledFrom(needed).Draw(t, "task")
	}
	if len(w.tasks) > 0 && !oneIn(t, 10, "of any time") {
		return rapid.SampledFrom(w.tasks).Draw(t, "task").Task
	}
	if len(w.issued) > 0 {
		return rapid.SampledFrom(w.issued).Draw(t, "task")
	}
	return core.TaskID(rapid.Uint64().Draw(t, "task"))
}

func (w *world) again(t *rapid.T) core.Event {
	if len(w.events) == 0 {
		return core.Event{Kind: core.EventTick}
	}
	return rapid.SampledFrom(w.events).Draw(t, "event before")
}

// spoil gives one field of an event a value that makes no sense.
func (w *world) spoil(t *rapid.T, ev *core.Event) {
	switch rapid.IntRange(0, 8).Draw(t, "spoiled") {
	case 0:
		ev.Kind = core.EventKind(rapid.Uint8Range(uint8(core.EventShutdown)+1, math.MaxUint8).Draw(t, "unknown kind"))
	case 1:
		ev.Policy = core.PolicyID(rapid.Uint64().Draw(t, "any policy"))
	case 2:
		ev.Exit = core.ExitKind(rapid.Uint8().Draw(t, "any exit"))
	case 3:
		ev.Run += rapid.SampledFrom([]core.Run{1, 2, math.MaxUint64, math.MaxUint64 - 1, 1 << 32}).Draw(t, "run off by")
	case 4:
		ev.Task ^= core.TaskID(1) << rapid.IntRange(0, 63).Draw(t, "flipped bit of the task")
	case 5:
		ev.Limits = core.LimitsID(rapid.Uint64().Draw(t, "any limits"))
	case 6:
		ev.Fenced = core.Run(rapid.SampledFrom([]uint64{1, 1 << 63, 1<<63 - 1, 2}).Draw(t, "any run left behind"))
	case 7:
		ev.Other ^= core.TaskID(1) << rapid.IntRange(0, 63).Draw(t, "flipped bit of the other")
	default:
		if len(w.issued) > 0 {
			ev.Task = rapid.SampledFrom(w.issued).Draw(t, "task of any time")
		}
	}
}
