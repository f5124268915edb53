package proptest

import (
	"math"
	"math/bits"

	"pgregory.net/rapid"

	"github.com/tasksupervisor/tasksupervisor/core"
	"github.com/tasksupervisor/tasksupervisor/proptest/oracle"
)

// world draws events one after the other, in view of what the earlier ones led to.
type world struct {
	oracle *oracle.Oracle
	mix    Mix
	events []core.Event
	issued []core.TaskID     // every id so far, also those that are gone
	tasks  []core.TaskStatus // what there is
}

// crowd adds and starts the tasks there are to be before all else.
func (w *world) crowd(t *rapid.T) {
	for range w.mix.Crowd {
		w.happen(w.add(t))
	}
	if w.mix.Crowd > 0 {
		w.happen(core.Event{Kind: core.EventStart})
	}
}

// next draws one event and lets it happen. When all is over, it mostly leaves it at that.
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
	operators := 0 // the short time in which the supervisor halts is when they are to be heard no more
	if w.oracle.Phase() == core.PhaseHalting {
		operators = 3
	}
	ev := pick(t, "event", []choice[core.Event]{
		{w.mix.Tick, func() core.Event { return core.Event{Kind: core.EventTick} }},
		{add, func() core.Event { return w.add(t) }},
		{start, func() core.Event { return core.Event{Kind: core.EventStart} }},
		{w.mix.Fail, func() core.Event {
			return w.exit(t, rapid.SampledFrom([]core.ExitKind{core.ExitError, core.ExitPanic, core.ExitGoexit}).Draw(t, "exit"))
		}},
		{w.mix.End, func() core.Event { return w.exit(t, core.ExitOK) }},
		{w.mix.Restart + operators, func() core.Event { return core.Event{Kind: core.EventRestart, Task: w.task(t)} }},
		{w.mix.Kill + operators, func() core.Event { return core.Event{Kind: core.EventKill, Task: w.task(t)} }},
		{w.mix.Remove + operators, func() core.Event { return core.Event{Kind: core.EventRemove, Task: w.task(t)} }},
		{w.mix.Shutdown, func() core.Event { return core.Event{Kind: core.EventShutdown} }},
		{w.mix.Again, func() core.Event { return w.again(t) }},
	})
	if w.mix.Foreign > 0 && oneIn(t, 16, "foreign") {
		w.spoil(t, &ev)
	}
	return ev
}

func (w *world) add(t *rapid.T) core.Event {
	policies := 0
	for {
		if _, ok := w.oracle.Policy(core.PolicyID(policies)); !ok {
			break
		}
		policies++
	}
	return core.Event{
		Kind:   core.EventAdd,
		Key:    rapid.OneOf(rapid.Uint32Range(0, 9), rapid.Uint32()).Draw(t, "key"),
		Policy: core.PolicyID(rapid.IntRange(0, policies-1).Draw(t, "policy")),
	}
}

// exit ends a run that is alive, and sometimes one that is not. If none is alive, mostly time passes.
func (w *world) exit(t *rapid.T, how core.ExitKind) core.Event {
	ev := core.Event{Kind: core.EventExit, Exit: how}
	var alive []core.Event
	for _, status := range w.tasks {
		ev.Task = status.Task
		if status.Live {
			ev.Run = status.Run
			alive = append(alive, ev)
		}
		if status.Fenced != 0 {
			ev.Run = status.Fenced
			alive = append(alive, ev)
		}
	}
	if len(alive) == 0 && !oneIn(t, 4, "none alive") {
		return core.Event{Kind: core.EventTick}
	}
	if len(alive) == 0 || oneIn(t, 10, "not alive") {
		ev.Task = w.task(t)
		ev.Run = core.Run(rapid.Uint32Range(0, 3).Draw(t, "run"))
		return ev
	}
	return rapid.SampledFrom(alive).Draw(t, "run")
}

// task draws a task that there is, and sometimes one that there was.
func (w *world) task(t *rapid.T) core.TaskID {
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

// spoil makes one field of an event something that nobody could mean.
func (w *world) spoil(t *rapid.T, ev *core.Event) {
	switch rapid.IntRange(0, 5).Draw(t, "spoiled") {
	case 0:
		ev.Kind = core.EventKind(rapid.Uint8Range(uint8(core.EventShutdown)+1, math.MaxUint8).Draw(t, "unknown kind"))
	case 1:
		ev.Policy = core.PolicyID(rapid.Uint16().Draw(t, "any policy"))
	case 2:
		ev.Exit = core.ExitKind(rapid.Uint8().Draw(t, "any exit"))
	case 3:
		ev.Run += core.Run(rapid.SampledFrom([]uint32{1, math.MaxUint32, math.MaxUint32 - 1, 2}).Draw(t, "run off by"))
	case 4:
		ev.Task ^= core.TaskID(1) << rapid.IntRange(0, 63).Draw(t, "flipped bit of the task")
	default:
		if len(w.issued) > 0 {
			ev.Task = rapid.SampledFrom(w.issued).Draw(t, "task of any time")
		}
	}
}

// instant draws when the next event happens.
func (w *world) instant(t *rapid.T) core.Instant {
	now := w.oracle.Now()
	if len(w.events) == 0 {
		return rapid.OneOf(rapid.Just(core.Instant(0)), rapid.SampledFrom([]core.Instant{-5, 7, 1 << 40, math.MinInt64})).Draw(t, "origin")
	}
	due := w.due()
	deadline := w.mix.Deadline
	if len(due) == 0 {
		deadline = 0
	}
	return pick(t, "time", []choice[core.Instant]{
		{w.mix.Still, func() core.Instant { return now }},
		{w.mix.Step, func() core.Instant { return shifted(now, rapid.Int64Range(1, 8).Draw(t, "step")) }},
		{deadline, func() core.Instant {
			return shifted(rapid.SampledFrom(due).Draw(t, "deadline"), rapid.SampledFrom([]int64{0, -1, 1}).Draw(t, "off by"))
		}},
		{w.mix.Leap, func() core.Instant {
			return shifted(now, int64(min(Durations().Draw(t, "leap"), 1<<40)))
		}},
		{w.mix.Back, func() core.Instant { return shifted(now, -rapid.Int64Range(1, 1<<40).Draw(t, "back")) }},
		{w.mix.Edge, func() core.Instant {
			return rapid.SampledFrom([]core.Instant{math.MinInt64, math.MaxInt64 - 9, math.MaxInt64}).Draw(t, "edge")
		}},
	})
}

// due lists the instants at which something changes if nothing happens before: the next timer, and for every run
// that has attempts to clear, when it counts as stable.
func (w *world) due() []core.Instant {
	var due []core.Instant
	if at, ok := w.oracle.NextDeadline(); ok {
		due = append(due, at)
	}
	for _, status := range w.tasks {
		if status.ClearsAt != core.Never {
			due = append(due, status.ClearsAt)
		}
	}
	return due
}

// shifted is an instant some nanoseconds later, or the edge of time.
func shifted(at core.Instant, by int64) core.Instant {
	sum := at + core.Instant(by)
	switch {
	case by > 0 && sum < at:
		return math.MaxInt64
	case by < 0 && sum > at:
		return math.MinInt64
	default:
		return sum
	}
}

// choice is one of several things to do, and how likely it is in comparison to the others.
type choice[V any] struct {
	weight int
	draw   func() V
}

// pick draws one of the choices with a weight, or the first if none has any.
func pick[V any](t *rapid.T, label string, choices []choice[V]) V {
	total := 0
	for _, c := range choices {
		total += c.weight
	}
	if total == 0 {
		return choices[0].draw()
	}
	n := evenly(t, total, label)
	for _, c := range choices {
		if n < c.weight {
			return c.draw()
		}
		n -= c.weight
	}
	panic("proptest: a choice beyond the last")
}

// oneIn is true once in n times.
func oneIn(t *rapid.T, n int, label string) bool { return evenly(t, n, label) == n-1 }

// evenly draws from [0, n), each with nearly the same likelihood. Rapid's own integers prefer small ones.
func evenly(t *rapid.T, n int, label string) int {
	drawn := 0
	width := bits.Len(uint(n)) + 3
	for range width {
		drawn <<= 1
		if coin.Draw(t, label) {
			drawn |= 1
		}
	}
	return drawn * n >> width
}

var coin = rapid.Bool()
