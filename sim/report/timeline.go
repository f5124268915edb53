// Package report shows what a supervisor did: as a page with a lane per task, as a trace for Perfetto, and as lines for
// a terminal.
//
// All of them are made from a [Timeline], which is made from what a supervisor was told and what it decided, step by
// step. That can come from a simulation:
//
//	timeline := report.New("outage")
//	sim.Run(world, sim.Watch(timeline.Watchers), sim.WatchOutages(timeline.AddOutage))
//	timeline.WriteHTML(file)
//
// or from a recording made in production, see [FromScenario].
package report

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"github.com/tasksupervisor/tasksupervisor/core"
	"github.com/tasksupervisor/tasksupervisor/sim"
)

// Timeline is what happened to each task. It is not safe for concurrent use.
type Timeline struct {
	Title   string
	Lanes   []*Lane      // in the order in which the tasks were first added
	Marks   []Mark       // what concerns a supervisor as a whole, and what operators told it, in order
	Outages []sim.Outage // see AddOutage; in order once the timeline is finished
	Begin   core.Instant // of the first step
	End     core.Instant // of the last one, see EndAt

	// Origin is the date and time of day of instant 0, if they are known. Zone is where the times of day are those of; nil
	// shows all instants as the time since the beginning.
	Origin time.Time
	Zone   *time.Location

	began  bool
	order  int // of what happened last
	byName map[string]*Lane
	lives  []*watcher // of supervisors that were recorded, as far as they may still be shown
}

// Lane is the life of one task.
type Lane struct {
	Name  string // with the supervisors above it, as in "pool-1/shard-3"
	Spans []Span // one after the other
	Notes []Note // what was noted within the spans, in order

	gone    []Span // the instants at which the task was forgotten
	because Cause  // of the next restart
}

// Span is a stretch of time that a task spent in one status, waiting for one thing if it was waiting.
type Span struct {
	From, To core.Instant // To is Timeline.End for the one that is not over
	Status   core.Status
	Run      core.Run
	Started  bool  // that run was started at From
	Cause    Cause // what that restart goes back to; CauseNone if it was none
	Attempts uint32
	Why      core.Reason   // why it entered the status
	Exit     core.ExitKind // how the run had ended, where that was why
	Until    core.Instant  // when the status ends by itself, else Never
	Wait     core.Wait     // what the task waited for
	Need     string        // core.WaitNeed: the lane of the task it needed

	order  int  // of all that happened
	silent bool // no action told of it
}

// Note is something that happened to a task and left its status as it was, such as a missed heartbeat that was only to be
// reported.
type Note struct {
	At     core.Instant
	Status core.Status
	Run    core.Run
	Why    core.Reason
	Exit   core.ExitKind
	Until  core.Instant // when the status will end by itself, else Never

	order int
}

// New returns an empty timeline.
func New(title string) *Timeline {
	return &Timeline{Title: title, byName: map[string]*Lane{}}
}

// EndAt moves the end to an instant, if that is later than the last step.
func (t *Timeline) EndAt(at core.Instant) { t.End = max(t.End, at) }

// AddOutage adds an outage, which no supervisor knows of. It is meant for [sim.WatchOutages].
func (t *Timeline) AddOutage(o sim.Outage) { t.Outages = append(t.Outages, o) }

// Watchers is meant for [sim.Watch].
func (t *Timeline) Watchers(path string) []sim.Watcher {
	return []sim.Watcher{&watcher{timeline: t, path: path, names: map[core.TaskID]string{}}}
}

// Finish closes the spans that are not over, and sorts the outages. Everything that writes a timeline calls it.
func (t *Timeline) Finish() {
	slices.SortStableFunc(t.Outages, func(a, b sim.Outage) int { return cmp.Compare(a.From, b.From) })
	for _, lane := range t.Lanes {
		if last := len(lane.Spans) - 1; last >= 0 && lane.Spans[last].To < lane.Spans[last].From {
			lane.Spans[last].To = t.End
		}
	}
}

// watcher adds what one supervisor does to a timeline.
type watcher struct {
	timeline *Timeline
	path     string
	names    map[core.TaskID]string
	waiting  []core.TaskID // tasks that may wait for something
	adding   core.TaskID   // the task that was added last, until it was told its needs and resumed
	shift    core.Duration // what is added to its instants, if its clock is not that of the timeline
	last     core.Instant  // of its latest step
}

// Watch implements [sim.Watcher].
func (w *watcher) Watch(step *sim.Step) error {
	w.observe(step.Machine, step.Event, step.Name, step.Actions)
	return nil
}

func (w *watcher) observe(m *core.Machine, ev core.Event, name string, actions []core.Action) {
	t := w.timeline
	ev.At = later(ev.At, w.shift)
	at := ev.At
	w.last = max(w.last, at)
	if !t.began {
		t.Begin, t.End, t.began = at, at, true
	}
	t.End = max(t.End, at)
	if ev.Kind == core.EventStart || ev.Kind == core.EventShutdown || ev.Kind == core.EventLimits {
		w.watchCreated(m)
	}
	w.markEvent(m, &ev, name, actions)
	now := causeNow(&ev)
	for i := range actions {
		a := w.shifted(&actions[i])
		switch a.Kind {
		case core.ActionReject, core.ActionProbe:
		case core.ActionHalt:
			w.mark(Mark{At: a.At, Text: "halt: " + a.Why.String()})
		case core.ActionAdd:
			if name == "" {
				name = a.Task.String()
			}
			w.enter(a.Task, name)
			w.change(a, now)
		case core.ActionTransition, core.ActionStart, core.ActionStop, core.ActionAbandon, core.ActionForget:
			w.change(a, now)
		}
	}
	w.lookAtWaiting(m)
}

// shifted returns an action by the timeline's clock.
func (w *watcher) shifted(a *core.Action) *core.Action {
	if w.shift == 0 {
		return a
	}
	moved := *a
	moved.At, moved.Until = later(a.At, w.shift), later(a.Until, w.shift)
	return &moved
}

// later is an instant by a clock that shows so much more. Never stays what it is.
func later(at core.Instant, by core.Duration) core.Instant {
	if at == core.Never {
		return at
	}
	return at + core.Instant(by)
}

func (w *watcher) change(a *core.Action, now Cause) {
	w.timeline.order++
	w.lane(a.Task).change(a, w.timeline.order, now)
	if a.To == core.StatusCreated || a.To == core.StatusFailed {
		w.watch(a.Task)
	}
}

// enter gives a task its lane. Successive runs of a supervisor share the lanes of their tasks.
func (w *watcher) enter(id core.TaskID, name string) {
	full := w.full(name)
	w.names[id] = full
	t := w.timeline
	if t.byName[full] == nil {
		t.byName[full] = &Lane{Name: full}
		t.Lanes = append(t.Lanes, t.byName[full])
	}
}

// rename names a task that had no name. An earlier run of its supervisor may have had one of that name.
func (w *watcher) rename(id core.TaskID, name string) {
	t, lane, full := w.timeline, w.lane(id), w.full(name)
	if lane.Name == full {
		return
	}
	delete(t.byName, lane.Name)
	w.names[id] = full
	if earlier := t.byName[full]; earlier != nil {
		earlier.Spans, earlier.Notes = append(earlier.Spans, lane.Spans...), append(earlier.Notes, lane.Notes...)
		t.Lanes = slices.DeleteFunc(t.Lanes, func(l *Lane) bool { return l == lane })
		return
	}
	lane.Name, t.byName[full] = full, lane
}

// full returns the name of a lane for a task of the supervisor.
func (w *watcher) full(name string) string {
	if w.path == "" {
		return name
	}
	return withoutRuns(w.path) + "/" + name
}

func (w *watcher) lane(id core.TaskID) *Lane {
	if w.names[id] == "" {
		w.enter(id, id.String())
	}
	return w.timeline.byName[w.names[id]]
}

// withoutRuns turns a path such as pool-1#2/shard-3#1 into pool-1/shard-3.
func withoutRuns(path string) string {
	parts := strings.Split(path, "/")
	for i := range parts {
		parts[i], _, _ = strings.Cut(parts[i], "#")
	}
	return strings.Join(parts, "/")
}

// unfinished is Span.To of the span that is not over.
const unfinished = core.Instant(-1 << 63)

func (l *Lane) open(at core.Instant, s *core.TaskStatus) {
	l.Spans = append(l.Spans, Span{
		From: at, To: unfinished, Status: s.Status, Run: s.Run, Attempts: s.Attempts, Why: s.Why, Exit: s.LastExit, Until: s.Until,
	})
	if s.Status == core.StatusFailed && s.Why != core.ReasonFailure {
		l.because = causeOf(s.Why)
	}
}

// change ends the current span and begins the next one, or adds a note if nothing visible changes.
func (l *Lane) change(a *core.Action, order int, now Cause) {
	cause := l.trace(a, now)
	if a.From == a.To {
		l.Notes = append(l.Notes, Note{At: a.At, Status: a.To, Run: a.Run, Why: a.Why, Exit: a.Exit, Until: a.Until, order: order})
		return
	}
	l.close(a.At)
	span := Span{
		From: a.At, To: unfinished, Status: a.To, Run: a.Run, Started: a.Kind == core.ActionStart, Cause: cause, Attempts: a.Attempts,
		Why: a.Why, Exit: a.Exit, Until: a.Until, order: order,
	}
	if a.To == core.StatusNone {
		l.gone = append(l.gone, span)
	} else {
		l.Spans = append(l.Spans, span)
	}
}

func (l *Lane) close(at core.Instant) {
	if last := len(l.Spans) - 1; last >= 0 && l.Spans[last].To == unfinished {
		l.Spans[last].To = at
	}
}
