package goroutine

import (
	"context"

	"github.com/tasksupervisor/tasksupervisor/core"
)

// The functions of this file are what happens to the machine. They are called with mu held.

// step is where every event gets its instant and meets the machine.
func (s *Supervisor) step(ev core.Event, added *member) []core.Action {
	if s.session != nil {
		ev.At = s.session.source.Now()
	}
	switch {
	case s.written == nil:
		s.actions = s.machine.Step(s.actions[:0], ev)
	case added != nil:
		s.actions = s.written.Add(s.actions[:0], added.name, ev)
	default:
		s.actions = s.written.Step(s.actions[:0], ev)
	}
	return s.actions
}

// define makes a policy known to the machine.
func (s *Supervisor) define(p core.Policy) (core.PolicyID, error) {
	if s.written == nil {
		return s.machine.Define(p)
	}
	return s.written.Define(p)
}

// handle gives the machine an event and carries out what follows. ended is the run that an EventExit is about, added
// the task that an EventAdd is about. It returns why the event was refused, or ReasonNone.
func (s *Supervisor) handle(ev core.Event, ended *run, added *member) (refusal core.Reason) {
	if s.fault != nil {
		return core.ReasonNone
	}
	defer s.guard()
	actions := s.step(ev, added)
	s.arm()
	if s.session != nil && s.session.tooMany == nil && s.machine.HaltReason() == core.ReasonTooManyDead {
		s.session.crossed(s.machine, actions)
	}
	for i := range actions {
		if actions[i].Kind == core.ActionReject {
			refusal = actions[i].Why
		} else {
			s.carryOut(&actions[i], ended, added)
		}
	}
	if cap(s.actions) > 1024 { // all tasks were started or stopped, which is rare
		s.actions = nil
	}
	return refusal
}

// carryOut does what an action asks for, and tells of it.
func (s *Supervisor) carryOut(a *core.Action, ended *run, added *member) {
	var m *member
	if a.Kind == core.ActionAdd {
		m = added
		s.enter(m, a.Task)
	} else if a.Task != 0 {
		m = s.slots[a.Task.Slot()]
	}
	if a.Exit != core.ExitNone && ended != nil && ended.member == m {
		m.takeOff(ended) // only now: before its end came what was due, which can be about this very run
	}
	switch a.Kind {
	case core.ActionStart:
		go s.newRun(m, a.Run).main()
	case core.ActionStop:
		m.current.cancel(s.session.stopCause(a.Why))
	case core.ActionAbandon:
		s.abandon(m, a)
	case core.ActionForget:
		s.leave(m)
	case core.ActionHalt:
		s.halt(a.Why)
	case core.ActionNote, core.ActionAdd, core.ActionReject:
	}
	if changed, ok := s.watched[m]; ok {
		delete(s.watched, m)
		close(changed)
	}
	if s.events != nil {
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
		s.ended(r)
		s.batch[i] = nil
	}
	return len(s.batch) == cap(s.batch)
}

// report takes note that a run has ended. It is called by the run, without mu.
func (s *Supervisor) report(r *run) {
	switch wake, ok := s.exits.add(r); {
	case !ok:
		s.mu.Lock()
		defer s.mu.Unlock()
		s.ended(r)
	case wake:
		r.session.ring()
	}
}

// ended takes note of the end of a run.
func (s *Supervisor) ended(r *run) {
	r.over = true
	s.alive--
	r.member.runs.Ended++
	refusal := s.handle(core.Event{Kind: core.EventExit, Task: r.member.id, Run: r.number, Exit: r.exit}, r, nil)
	if refusal != core.ReasonNone {
		s.fail(refusalError(refusal)) // of runs that it started the machine accepts every end
	}
	r.member.takeOff(r) // where handle, after a fault, did not
}

// takeOff has the task forget a run that has ended.
func (m *member) takeOff(r *run) {
	switch r {
	case m.current:
		m.current, m.lastErr = nil, r.err
	case m.fenced:
		m.fenced = nil
	}
}

func (s *Supervisor) newRun(m *member, number core.Run) *run {
	r := &run{session: s.session, member: m, number: number}
	r.Context, r.cancel = context.WithCancelCause(s.session.values)
	if m.current != nil {
		m.fenced = m.current // it was abandoned, and is replaced
	}
	m.current = r
	m.runs.Started++
	s.alive++
	return r
}

func (s *Supervisor) abandon(m *member, a *core.Action) {
	r := m.current
	r.abandoned, r.why, r.abandonedAt = true, a.Why, a.At
	m.runs.Abandoned++
	if s.session.escalated == nil && s.machine.HaltReason() == core.ReasonEscalated &&
		m.policy.Value().OnAbandon == core.AbandonEscalate {
		s.session.escalated = &EscalatedError{m.name, r.number}
	}
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
	s.settle()
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
	s.fault = &FaultError{Value: value, Stack: callers()}
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
		s.events.publish(Event{Supervisor: s.path, Kind: core.ActionHalt, Until: core.Never, Err: s.fault})
	}
}
