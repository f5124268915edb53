package supervisor

import (
	"slices"

	"github.com/tasksupervisor/tasksupervisor/clock"
	"github.com/tasksupervisor/tasksupervisor/core"
	"github.com/tasksupervisor/tasksupervisor/core/scenario"
)

// engine is the state machine and what drives it.
//
// If there is a recording, the recorder owns the machine: then every step and definition goes through it, so that the
// recording is complete. The track of a flight recorder is told of them, too. Only the methods of this file know of either. The
// rest of the package only queries the machine.
type engine struct {
	machine  *core.Machine
	recorder *scenario.Recorder // nil without a recording
	track    *scenario.Track    // nil without a flight recorder
	files    *flightFiles       // of that; nil without

	stopAt          core.Instant              // when the machine is told of the shutdown that was asked for; Never: at no time
	armed           core.Instant              // when the clock's source wakes the loop, at the latest; Never: it will not
	hasHealthChecks bool                      // some policy has, or had, a watchdog or probes
	actions         []core.Action             // room for the results of a step
	due             []core.TaskID             // room for tasks whose timers are due
	ill             int                       // how many tasks are in trouble, see illness
	recoveries      recoveries                // for those who watch
	asks            looks                     // gates to be looked at again
	behind          map[core.TaskID][]*member // tasks with gates, by those that they need
	latest          definition                // that was made
}

// definition is a policy that the machine knows. Many tasks in a row have the same.
type definition struct {
	policy core.Policy
	id     core.PolicyID
	known  bool
}

// reset begins anew with another machine. Timers of the previous one are no longer armed.
func (e *engine) reset(machine *core.Machine) {
	if e.track != nil {
		e.track.End()
		e.track = nil
	}
	e.machine, e.armed, e.recorder, e.recoveries, e.latest = machine, core.Never, nil, nil, definition{}
	e.stopAt, e.ill, e.asks, e.behind = Never, 0, nil, nil
}

// record begins a part of a recording, and a track of a flight recorder, as far as there are any.
func (e *engine) record(to *watching, head scenario.Head, look func(func())) {
	if to.recording != nil {
		e.recorder = to.recording.NewRecorder(head, e.machine)
	}
	if to.flight != nil {
		e.track, e.files = to.flight.ring.NewTrack(head, e.machine, look), to.flight.files
	}
}

// name says what a task is called that was there before the recording began.
func (e *engine) name(to *watching, name string, id core.TaskID) {
	if to.recording != nil {
		e.recorder.Bind(name, id)
	}
	if to.flight != nil {
		e.track.Name(name, id)
	}
}

// setHead says what is recorded.
func (e *engine) setHead(head scenario.Head) {
	if e.recorder != nil {
		e.recorder.SetHead(head)
	}
	if e.track != nil {
		e.track.SetHead(head)
	}
}

// step is where every event meets the machine. The result is valid until the next step.
func (e *engine) step(in input) []core.Action {
	name := ""
	if in.Kind == core.EventAdd {
		name = in.entry.name
	}
	if e.track != nil {
		e.track.Event(name, &in.Event) // before the machine has it, which may fail
		if e.files != nil {
			e.files.plan()
		}
	}
	switch {
	case e.recorder == nil:
		e.actions = e.machine.Step(e.actions[:0], in.Event)
	case in.Kind == core.EventAdd:
		e.actions = e.recorder.Add(e.actions[:0], name, in.Event)
	default:
		e.actions = e.recorder.Step(e.actions[:0], in.Event)
	}
	if e.track != nil && in.Kind == core.EventAdd && e.actions[0].Kind == core.ActionAdd {
		e.track.Name(name, e.actions[0].Task)
	}
	return e.actions
}

// define makes a policy known to the machine.
func (e *engine) define(p core.Policy) (core.PolicyID, error) {
	e.hasHealthChecks = e.hasHealthChecks || p.Watchdog > 0 || p.Probe.Interval > 0
	if e.recorder == nil && e.latest.known && e.latest.policy == p && e.machine.PolicyInUse(e.latest.id) {
		return e.latest.id, nil // which is quicker than to look for it
	}
	define := e.machine.Define
	if e.recorder != nil {
		define = e.recorder.Define
	}
	id, err := define(p)
	e.latest = definition{p, id, err == nil}
	if e.track != nil && err == nil && !e.machine.PolicyInUse(id) {
		e.track.Define(id, &p)
	}
	return id, err
}

// defineLimits makes limits known to the machine.
func (e *engine) defineLimits(l core.Limits) (core.LimitsID, error) {
	define := e.machine.DefineLimits
	if e.recorder != nil {
		define = e.recorder.DefineLimits
	}
	id, err := define(l)
	if e.track != nil && err == nil && !e.machine.LimitsInUse(id) {
		e.track.DefineLimits(id, &l)
	}
	return id, err
}

// arm arms the clock's source if it has to wake the loop earlier than it would. To wake it too early is harmless.
func (e *engine) arm(source clock.Source) {
	at := min(e.recoveries.next(), e.asks.next(), e.stopAt)
	if deadline, ok := e.machine.NextDeadline(); ok {
		at = min(at, deadline)
	}
	if at < e.armed {
		e.armed = at
		source.Arm(at, true)
	}
}

// dueBy returns the instant of the earliest timers if they are due by an instant, and the tasks that they belong to.
func (e *engine) dueBy(by core.Instant) (at core.Instant, tasks []core.TaskID, ok bool) {
	at, ok = e.machine.NextDeadline()
	if !ok || at > by {
		return 0, nil, false
	}
	e.due = slices.AppendSeq(e.due[:0], e.machine.Due(at))
	return at, e.due, true
}

// fail says that the machine is not to be trusted any more.
func (e *engine) fail() {
	if e.track != nil {
		e.track.Fail()
	}
}

// trim frees memory after a step in which all tasks were started or stopped, which is rare.
func (e *engine) trim() {
	if cap(e.actions) > 1024 {
		e.actions = nil
	}
}
