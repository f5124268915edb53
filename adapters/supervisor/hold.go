package supervisor

import (
	"github.com/tasksupervisor/tasksupervisor/core"
)

// Hold keeps a task from starting until [Supervisor.Release]: because what it needs is not there for now, such as a machine, a
// licence or room on a disk. why is for people: the status, the log and the page say it, and it may be "". A hold touches nothing
// else. A run goes on, a restart delay passes, and then the task waits (see [WaitHeld]); tasks that need it wait for it, and where a
// strategy starts tasks in order, those behind it do not. It is down and not ready, as any task that cannot start.
//
// That is not a suspension: neither undoes the other, and [Supervisor.Restart] does not end a hold. It stays in later runs of its
// supervisor, and a task can be held while that is down. A task that is held already is held for the reason given last. To have the
// supervisor find out by itself when a task can start, see [WithGate].
//
// The error is a [*TaskError] that wraps [ErrUnknownTask], [ErrBeingRemoved] or a [*FaultError].
func (s *Supervisor) Hold(path, why string) error {
	return s.about("hold", path, func(at *Supervisor, name string) error { return at.hold(name, &HeldError{why}) })
}

// Release takes back a [Supervisor.Hold] or [WithHeld]: the task starts at once, unless it waits for something else. Of a task that
// is not held by an operator it changes nothing. It does not open a gate (see [WithGate]).
//
// The error is a [*TaskError] that wraps [ErrUnknownTask], [ErrBeingRemoved] or a [*FaultError].
func (s *Supervisor) Release(path string) error {
	return s.about("release", path, func(at *Supervisor, name string) error { return at.hold(name, nil) })
}

// hold has a task held by an operator, or released if by is nil. A gate that is shut goes on holding it.
func (s *Supervisor) hold(name string, by *HeldError) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	m := s.registry.byName[name]
	switch {
	case m == nil:
		return ErrUnknownTask
	case s.fault != nil:
		return s.fault
	}
	kind := core.EventHold
	if by == nil && (m.keeper == nil || m.keeper.open) {
		kind = core.EventRelease
	}
	s.bringUp()
	before, _ := s.engine.machine.Status(m.id)
	said := m.said
	m.said.held, m.said.placed = by, true
	refusal := s.handle(input{Event: core.Event{Kind: kind, Task: m.id}})
	switch {
	case s.fault != nil:
		return s.fault
	case refusal != core.RefusalNone:
		m.said = said
		return refusalError(refusal)
	}
	if before.Held == (kind == core.EventHold) && !said.held.says(by) { // the machine had nothing to tell
		if by == nil {
			s.tellHold(m, ReasonReleased, nil)
		} else {
			s.tellHold(m, ReasonHeld, by)
		}
	}
	s.consider(m)
	s.askInTurn()
	return nil
}

// says reports whether two holds say the same. Either can be nil.
func (e *HeldError) says(other *HeldError) bool {
	return e == nil && other == nil || e != nil && other != nil && *e == *other
}

// heldBy returns what holds the task at an instant, or nil.
func (m *member) heldBy(now Instant) error {
	switch k := m.keeper; {
	case m.said.held != nil:
		return m.said.held
	case k == nil || k.gate == nil:
		return nil
	case k.refusal == nil:
		return ErrGateSilent
	case k.asking != nil && (k.asking.late || now-k.asking.asked >= Instant(k.gate.retry)):
		return &gateSilent{k.refusal}
	default:
		return k.refusal
	}
}

// completeHold fills in what a status says of holds. The machine holds a task with a gate also while that runs, so that it does not
// start again unasked.
func (m *member) completeHold(t *TaskStatus) {
	if k := m.keeper; k != nil && m.said.held == nil {
		t.Held = t.Wait == WaitHeld && k.gate != nil
		if t.Wait == WaitHeld && k.gate == nil {
			t.Wait = WaitTurn
		}
	}
	if t.Held {
		t.HeldBy = m.heldBy(t.At)
	}
}
