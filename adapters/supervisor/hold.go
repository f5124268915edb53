package supervisor

import (
	"github.com/tasksupervisor/tasksupervisor/core"
)

// Hold keeps a task from starting until [Supervisor.Release]: because what it needs is not there for now, such as a machine, a
// licence or room on a disk. why is for people: the status, the log and the page say it, and it may be "". A hold touches nothing
// else. A run goes on, a restart delay passes, and then the task waits (see [WaitHeld]); tasks that need it wait for it, and where a
// strategy starts tasks in order, those behind it do not. It is down and not ready, as any task that cannot start.
//
// That is no suspension: neither undoes the other, and [Supervisor.Restart] does not end a hold. It stays in later runs of its
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

// hold has a task held by an operator, or released if by is nil.
func (s *Supervisor) hold(name string, by *HeldError) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	m := s.registry.byName[name]
	if m == nil {
		return ErrUnknownTask
	}
	before := m.said
	kind := core.EventRelease
	if by != nil {
		kind = core.EventHold
	}
	m.said.held, m.said.placed = by, true
	refusal := s.handle(input{Event: core.Event{Kind: kind, Task: m.id}})
	if refusal != core.RefusalNone {
		m.said = before
	}
	if s.fault != nil {
		return s.fault
	}
	return refusalError(refusal)
}

// heldBy returns what holds the task, or nil.
func (m *member) heldBy() error {
	if m.said.held != nil {
		return m.said.held
	}
	return nil
}
