package supervisor

import (
	"github.com/tasksupervisor/tasksupervisor/core"
)

// Suspend stops a task, if it runs, and keeps it from starting until [Supervisor.Resume]: the context of its run ends with
// [ErrSuspended], a scheduled restart is withdrawn. Restarts counted so far stay. It waits for none of this.
// [Supervisor.Restart] and [Supervisor.Kill] end a suspension, too. A task that is suspended already stays so, and it stays so in
// later runs of its supervisor. It can be suspended while that is down.
//
// The error is a [*TaskError] that wraps [ErrUnknownTask], [ErrAlreadyEnded], [ErrBeingRemoved] or a [*FaultError].
func (s *Supervisor) Suspend(path string) error {
	return s.operate("suspend", core.EventSuspend, path)
}

// Resume lets a suspended task start again: at once, or when the run it had has ended.
//
// The error is a [*TaskError] that wraps [ErrUnknownTask], [ErrNotSuspended], [ErrBeingRemoved] or a [*FaultError].
func (s *Supervisor) Resume(path string) error {
	return s.operate("resume", core.EventResume, path)
}

// SetPolicy changes how a task is supervised: the options given, and nothing else. The change holds for all later
// decisions, and in later runs of the supervisor. A restart that is scheduled stays scheduled; the timeouts of the current
// run begin anew. What a task needs cannot be changed.
//
// The error is a [*TaskError] that wraps [ErrUnknownTask], [ErrBeingRemoved], a
// [*ConfigError] or a [*FaultError]; nothing has changed then.
func (s *Supervisor) SetPolicy(path string, options ...TaskOption) error {
	return s.about("change", path, func(at *Supervisor, name string) error { return at.setPolicy(name, options) })
}

// Policy returns how a task is supervised. The error is a [*TaskError] that wraps [ErrUnknownTask].
func (s *Supervisor) Policy(path string) (policy Policy, err error) {
	err = s.about("policy of", path, func(at *Supervisor, name string) error {
		at.mu.Lock()
		defer at.mu.Unlock()
		m := at.registry.byName[name]
		if m == nil {
			return ErrUnknownTask
		}
		policy = at.policyOf(m)
		return nil
	})
	return policy, err
}

// SetLimits changes the limits of a supervisor: the options given, and nothing else; [WithLimits] with zero limits removes
// all. The change holds at once, and in later runs of the supervisor.
//
// The error is a [*ConfigError] or a [*FaultError]; nothing has
// changed then.
func (s *Supervisor) SetLimits(options ...LimitOption) error {
	if err := s.made(); err != nil {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	changed := limitSettings{Limits: s.settings.limits.Limits}
	for i, option := range options {
		if !changed.refuseNil(i, option) {
			option.applyToLimits(&changed)
		}
	}
	if err := changed.refusal(nil); err != nil {
		return err
	}
	id, err := s.engine.defineLimits(changed.Limits)
	if err := changed.refusal(err); err != nil {
		return err
	}
	refusal := s.handle(input{Event: core.Event{Kind: core.EventLimits, Limits: id}})
	switch {
	case s.fault != nil:
		return s.fault
	case refusal == core.RefusalNone:
		s.settings.limits.Limits, s.limitsSaid = changed.Limits, true
	}
	return refusalError(refusal)
}

// Limits returns the limits of the supervisor.
func (s *Supervisor) Limits() Limits {
	if s.made() != nil {
		return Limits{}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.settings.limits.Limits
}

func (s *Supervisor) setPolicy(name string, options []TaskOption) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	m := s.registry.byName[name]
	if m == nil {
		return ErrUnknownTask
	}
	changed := s.settingsOf(m)
	changed.apply(options, m.isSupervisor)
	if len(changed.needs) > 0 {
		changed.problem("WithNeeds", "cannot be changed: remove the task and add it again")
	}
	if changed.suspended {
		changed.problem("WithSuspended", "is for new tasks: call Suspend")
	}
	if changed.held != nil {
		changed.problem("WithHeld", "is for new tasks: call Hold")
	}
	if err := changed.refusal(nil); err != nil {
		return err
	}
	if err := s.change(m, changed, false); err != nil {
		return err
	}
	m.said.policy = true
	return nil
}

// settingsOf returns what the task's options have come to.
func (s *Supervisor) settingsOf(m *member) taskSettings {
	return taskSettings{policy: s.policyOf(m), beside: *m.beside, chosen: m.chosen}
}

// policyOf returns how a task is supervised.
func (s *Supervisor) policyOf(m *member) core.Policy {
	return m.policyIn(s.engine.machine)
}

// policyIn is policyOf while the task's policy is one of that machine.
func (m *member) policyIn(machine *core.Machine) core.Policy {
	if m.bequeathed != nil {
		return *m.bequeathed
	}
	policy, _ := machine.Policy(m.policy)
	return policy
}

// change gives a task other settings. If it is quiet, observers are not told.
func (s *Supervisor) change(m *member, changed taskSettings, quiet bool) (err error) {
	id, err := s.engine.define(changed.policy)
	if err != nil {
		return changed.refusal(err)
	}
	if before := m.gate; before != changed.gate && s.fault == nil {
		s.changeGate(m, changed.gate) // before the machine can start the task because of its policy
		defer func() {
			if err != nil {
				s.changeGate(m, before)
			}
		}()
	}
	refusal := s.handle(input{
		Event: core.Event{Kind: core.EventPolicy, Task: m.id, Policy: id}, beside: changed.kept(), quiet: quiet,
	})
	if s.fault != nil {
		return s.fault
	}
	if refusal == core.RefusalNone {
		m.chosen = changed.chosen
	}
	return refusalError(refusal)
}

// learnThatItMakes learns that a task makes supervisors for its runs: from then on it has the defaults of a task that is a
// supervisor. The error is a *ConfigError if its options are none for a supervisor.
func (s *Supervisor) learnThatItMakes(m *member) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if m.isSupervisor || m.id == 0 || s.fault != nil {
		return nil
	}
	changed := s.settingsOf(m)
	changed.forSupervisor()
	if err := changed.refusal(nil); err != nil {
		return err
	}
	if changed.policy == s.policyOf(m) || s.change(m, changed, true) == nil {
		m.isSupervisor = true
	}
	return nil
}
