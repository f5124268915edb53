package supervisor

import (
	"context"
	"slices"

	"github.com/tasksupervisor/tasksupervisor/core"
)

// The functions of this file are what happens to the machine. They are called with mu held.

// step is where every event meets the machine.
func (s *Supervisor) step(ev core.Event, become *member) []core.Action {
	switch {
	case s.recorder == nil:
		s.actions = s.machine.Step(s.actions[:0], ev)
	case ev.Kind == core.EventAdd:
		s.actions = s.recorder.Add(s.actions[:0], become.name, ev)
	default:
		s.actions = s.recorder.Step(s.actions[:0], ev)
	}
	return s.actions
}

// define makes a policy known to the machine.
func (s *Supervisor) define(p Policy) (core.PolicyID, error) {
	s.hasHealthChecks = s.hasHealthChecks || p.Watchdog > 0 || p.Probe.Interval > 0
	if s.recorder == nil {
		return s.machine.Define(p)
	}
	return s.recorder.Define(p)
}

// defineLimits makes limits known to the machine.
func (s *Supervisor) defineLimits(l Limits) (core.LimitsID, error) {
	if s.recorder == nil {
		return s.machine.DefineLimits(l)
	}
	return s.recorder.DefineLimits(l)
}

// handle gives the machine an event, which gets its instant here, and carries out what follows. ended is the run that an
// EventExit is about, become the task that an EventAdd is about, or what an EventPolicy makes of a task. It returns why
// the event was refused, or RefusalNone.
func (s *Supervisor) handle(ev core.Event, ended *run, become *member) (refusal core.Refusal) {
	if s.fault != nil {
		return core.RefusalNone
	}
	defer s.guard()
	if s.session != nil {
		ev.At = s.session.source.Now()
		s.catchUp(ev.At)
	}
	return s.feed(ev, ended, become)
}

// catchUp has the machine fire its timers up to an instant, instant by instant, where beats that it has not been told of
// may move them.
func (s *Supervisor) catchUp(by Instant) {
	for s.hasHealthChecks {
		at, ok := s.machine.NextDeadline()
		if !ok || at > by {
			return
		}
		s.due = slices.AppendSeq(s.due[:0], s.machine.Due(at))
		for _, id := range s.due {
			if r := s.slots[id.Slot()].current; r != nil && r.beats() {
				s.deliverBeat(r, at)
			}
		}
		if next, ok := s.machine.NextDeadline(); ok && next <= at {
			s.feed(core.Event{At: at, Kind: core.EventTick}, nil, nil)
		}
	}
}

// feed gives the machine an event that has its instant.
func (s *Supervisor) feed(ev core.Event, ended *run, become *member) (refusal core.Refusal) {
	actions := s.step(ev, become)
	s.arm()
	if s.session != nil && s.session.tooMany == nil && s.machine.HaltReason() == ReasonTooManyDead {
		s.session.noteThreshold(s.machine, actions)
	}
	for i := range actions {
		if actions[i].Kind == core.ActionReject {
			refusal = actions[i].Refusal
		} else {
			s.carryOut(&actions[i], ended, become)
		}
	}
	if s.session != nil {
		s.session.noteReadiness(s.machine)
	}
	if cap(s.actions) > 1024 { // all tasks were started or stopped, which is rare
		s.actions = nil
	}
	return refusal
}

// carryOut does what an action asks for, and tells of it.
func (s *Supervisor) carryOut(a *core.Action, ended *run, become *member) {
	var m *member
	if a.Kind == ActionAdd {
		m = become
		s.enter(m, a.Task)
	} else if a.Task != 0 {
		m = s.slots[a.Task.Slot()]
	}
	if a.Exit != ExitNone && ended != nil && ended.member == m {
		s.detach(m, ended, a.Exit) // only now: before its end came what was due, which can be about this very run
	}
	if a.Why == ReasonPolicy {
		m.policy, m.check = become.policy, become.check
	}
	if m != nil && m.current != nil {
		if a.From == StatusAbandoned && a.To != StatusAbandoned {
			m.fenced, m.current = m.current, nil // it is alive, and the task goes on without it
		} else if s.hasHealthChecks {
			m.current.watchProbe(a)
			m.current.watchBeats(a)
		}
	}
	switch a.Kind {
	case ActionStart:
		go s.newRun(m, a).main()
	case ActionStop:
		s.stop(m, a.Why)
	case ActionAbandon:
		s.abandon(m, a)
	case ActionProbe:
		s.probe(m.current)
	case ActionForget:
		s.leave(m)
	case ActionHalt:
		s.noteHalt(a.Why)
	case ActionTransition, ActionAdd, core.ActionReject:
	}
	if s.session != nil && s.session.escalated == nil {
		s.escalate(m, a)
	}
	if changed, ok := s.watched[m]; ok {
		delete(s.watched, m)
		close(changed)
	}
	if s.events != nil && !s.renewing {
		s.publish(a, m, ended)
	}
}

// arm arms the clock if it has to ring earlier than it will. To ring too early is harmless. It is done before anybody
// can know what was decided: then a test that learns of it can move its clock on.
func (s *Supervisor) arm() {
	if at, ok := s.machine.NextDeadline(); ok && at < s.armed {
		s.armed = at
		s.session.source.Arm(at, true)
	}
}

// takeExits tells the machine of some runs that have ended; more tells that there may be others.
func (s *Supervisor) takeExits() (more bool) {
	s.batch = s.exits.take(s.batch[:0])
	for i, r := range s.batch {
		s.feedExit(r)
		s.batch[i] = nil
	}
	return len(s.batch) == cap(s.batch)
}

// runEnded takes note that a run has ended. It is called by the run, without mu.
func (s *Supervisor) runEnded(r *run) {
	switch wake, ok := s.exits.add(r); {
	case !ok:
		s.mu.Lock()
		defer s.mu.Unlock()
		s.feedExit(r)
	case wake:
		r.session.wakeUp()
	}
}

// feedExit takes note of the end of a run.
func (s *Supervisor) feedExit(r *run) {
	r.over = true
	s.alive--
	r.member.runs.Ended++
	refusal := s.handle(core.Event{Kind: core.EventExit, Task: r.member.id, Run: r.number, Exit: r.exit}, r, nil)
	if refusal != core.RefusalNone {
		s.fail(refusalError(refusal)) // of runs that it started the machine accepts every end
	}
	s.detach(r.member, r, r.exit) // where handle, after a fault, did not
}

// detach has the task forget a run that has ended, and how. Of a run that was stopped for its failure, that is known.
func (s *Supervisor) detach(m *member, r *run, exit ExitKind) {
	switch r {
	case m.current:
		m.current = nil
		if exit != ExitStartTimeout && exit != ExitWatchdog {
			m.lastErr = r.err
		}
	case m.fenced:
		m.fenced = nil
	}
	if health := r.health.Load(); health != nil && health.going != nil {
		health.going.drop(s.machine.Now())
	}
}

func (s *Supervisor) newRun(m *member, a *core.Action) *run {
	r := &run{session: s.session, member: m, number: a.Run}
	r.Context, r.cancel = context.WithCancelCause(s.session.values)
	m.current = r
	m.runs.Started++
	s.alive++
	if s.hasHealthChecks {
		r.watchBeats(a)
	}
	return r
}

// stop asks a run to stop. If it is stopped for its failure, that is the task's last error from now on.
func (s *Supervisor) stop(m *member, why Reason) {
	cause := m.current.stopCause(why)
	if why.Hangs() {
		status, _ := s.machine.Status(m.id)
		if status.LastExit == ExitStartTimeout || status.LastExit == ExitWatchdog {
			m.lastErr = cause
		}
	}
	m.current.cancel(cause)
}

func (s *Supervisor) abandon(m *member, a *core.Action) {
	r := m.current
	r.abandoned, r.why, r.abandonedAt = true, a.Why, a.At
	m.runs.Abandoned++
}

// enter makes a task known under its id and name.
func (s *Supervisor) enter(m *member, id core.TaskID) {
	for id.Slot() >= len(s.slots) {
		s.slots = append(s.slots, nil)
	}
	m.id = id
	s.slots[id.Slot()] = m
	s.members[m.name] = m
}

// leave forgets a task.
func (s *Supervisor) leave(m *member) {
	s.slots[m.id.Slot()] = nil
	delete(s.members, m.name)
	m.id = 0
	s.orphans = append(s.orphans, m)
	s.dropOrphans()
}

// guard turns a panic into a fault of the supervisor.
func (s *Supervisor) guard() {
	if value := recover(); value != nil {
		s.fail(value)
	}
}

// fail stops a supervisor whose own state can not be trusted any more: nothing is started, everything is asked to stop,
// and nothing is waited for.
func (s *Supervisor) fail(value any) {
	if s.fault != nil {
		return
	}
	s.fault = &FaultError{Value: value, Stack: callers(0)}
	for _, m := range s.members {
		for _, r := range []*run{m.current, m.fenced} {
			if r != nil {
				r.cancel(s.fault)
			}
		}
	}
	for m, changed := range s.watched {
		delete(s.watched, m)
		close(changed)
	}
	if s.session == nil || s.session.over {
		return
	}
	s.session.verdict = s.fault
	s.session.end()
	if s.events != nil {
		s.events.publish(Transition{Supervisor: s.path, Kind: ActionHalt, Until: Never, Err: s.fault})
	}
}
