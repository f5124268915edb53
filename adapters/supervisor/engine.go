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
// recording is complete. Only the methods of this file know which of the two it is. The rest of the package only queries
// the machine.
type engine struct {
	machine  *core.Machine
	recorder *scenario.Recorder // nil without a recording

	armed           core.Instant  // when the clock's source wakes the loop, at the latest; Never: it will not
	hasHealthChecks bool          // some policy has, or had, a watchdog or probes
	actions         []core.Action // room for the results of a step
	due             []core.TaskID // room for tasks whose timers are due
	recoveries      recoveries    // for those who watch
	latest          definition    // that was made
}

// definition is a policy that the machine knows. Many tasks in a row have the same.
type definition struct {
	policy core.Policy
	id     core.PolicyID
	known  bool
}

// reset begins anew with another machine. Timers of the previous one are no longer armed.
func (e *engine) reset(machine *core.Machine) {
	e.machine, e.armed, e.recorder, e.recoveries, e.latest = machine, core.Never, nil, nil, definition{}
}

// record begins a part of a recording, unless there is none.
func (e *engine) record(to *recording, head scenario.Head) {
	if to != nil {
		e.recorder = to.NewRecorder(head, e.machine)
	}
}

// step is where every event meets the machine. The result is valid until the next step.
func (e *engine) step(in input) []core.Action {
	switch {
	case e.recorder == nil:
		e.actions = e.machine.Step(e.actions[:0], in.Event)
	case in.Kind == core.EventAdd:
		e.actions = e.recorder.Add(e.actions[:0], in.entry.name, in.Event)
	default:
		e.actions = e.recorder.Step(e.actions[:0], in.Event)
	}
	return e.actions
}

// define makes a policy known to the machine.
func (e *engine) define(p core.Policy) (core.PolicyID, error) {
	e.hasHealthChecks = e.hasHealthChecks || p.Watchdog > 0 || p.Probe.Interval > 0
	if e.recorder != nil {
		return e.recorder.Define(p)
	}
	if e.latest.known && e.latest.policy == p && e.machine.PolicyInUse(e.latest.id) {
		return e.latest.id, nil // which is quicker than to look for it
	}
	id, err := e.machine.Define(p)
	e.latest = definition{p, id, err == nil}
	return id, err
}

// defineLimits makes limits known to the machine.
func (e *engine) defineLimits(l core.Limits) (core.LimitsID, error) {
	if e.recorder == nil {
		return e.machine.DefineLimits(l)
	}
	return e.recorder.DefineLimits(l)
}

// arm arms the clock's source if it has to wake the loop earlier than it would. To wake it too early is harmless.
func (e *engine) arm(source clock.Source) {
	at := e.recoveries.next()
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

// trim frees memory after a step in which all tasks were started or stopped, which is rare.
func (e *engine) trim() {
	if cap(e.actions) > 1024 {
		e.actions = nil
	}
}
