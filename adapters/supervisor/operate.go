package supervisor

import (
	"context"
	"sync"

	"github.com/tasksupervisor/tasksupervisor/core"
)

// Add adds a task under a name that no other task of the supervisor has. Options given here override those given to
// [New]. A name is valid UTF-8, from 1 to 255 bytes, without slashes and control characters.
//
// If the supervisor runs, the task is started as soon as it may; otherwise it is started by Run, in the order in which the
// tasks were added. The tasks it needs (see [WithNeeds]) must have been added; [WithTask] takes a whole list of tasks in any
// order.
//
// A supervisor can be one task, of one supervisor, at a time: see [TreeError].
//
// The error is a [*TaskError] that wraps [ErrNoName], a [*NameError], [ErrNilTask], [ErrNotMade], [ErrDuplicateName],
// [ErrTooManyTasks], [ErrShuttingDown], [ErrStopped], a [*UnknownNeedError], a [*CycleError], a
// [*TreeError], a [*ConfigError] or a [*FaultError]; nothing was added then.
func (s *Supervisor) Add(name string, task Task, options ...TaskOption) error {
	err := s.made()
	if err == nil {
		err = s.add(name, task, options)
	}
	if err != nil {
		return &TaskError{"add", name, err}
	}
	return nil
}

// Remove stops a task, if it runs, and forgets it as soon as its run has ended. Until then the name is taken. It does not
// wait for that; [Supervisor.RemoveWait] does. It can be called whether the supervisor runs or not.
//
// The error is a [*TaskError] that wraps [ErrUnknownTask], a [*NeededError] if another task needs it, [ErrBeingRemoved] or a
// [*FaultError].
func (s *Supervisor) Remove(path string) error {
	return s.about("remove", path, func(at *Supervisor, name string) error {
		_, err := at.remove(name)
		return err
	})
}

// RemoveWait does what [Supervisor.Remove] does, and waits until the task is removed and its name is free. If its run
// is abandoned instead, it returns a [*LeftBehindError]; the task is removed when the run ends after all. If ctx ends first,
// it returns the cause of that, and the removal continues. A task that removes itself passes the context of its run.
func (s *Supervisor) RemoveWait(ctx context.Context, path string) error {
	return s.about("remove", path, func(at *Supervisor, name string) error {
		if ctx == nil {
			return ErrNilContext
		}
		m, err := at.remove(name)
		if err != nil {
			return err
		}
		return at.await(ctx, m, func() bool { return m.id == 0 })
	})
}

// Restart starts a task afresh, whatever its status: it stops the run it has, if it has one, and starts the next as soon
// as that has ended. Restarts counted so far are cleared, and a scheduled restart is withdrawn. It waits for none of
// this. A task that is a [*Supervisor] is stopped with all of its own tasks, which then start afresh. In a nested supervisor that is
// down, the task starts with it.
//
// The error is a [*TaskError] that wraps [ErrUnknownTask], [ErrBeingRemoved], [ErrShuttingDown], [ErrStopped] or a
// [*FaultError].
func (s *Supervisor) Restart(path string) error { return s.operate("restart", core.EventRestart, path) }

// Kill stops a task for good: it is dead as soon as its run has ended, and only [Supervisor.Restart] starts it again. A
// scheduled restart is withdrawn. It stays dead in later runs of its supervisor, and can be killed while that is down. It does not
// wait for the run to end; [Supervisor.KillWait] does.
//
// The error is a [*TaskError] that wraps [ErrUnknownTask], [ErrAlreadyEnded], [ErrBeingRemoved] or a [*FaultError].
func (s *Supervisor) Kill(path string) error { return s.operate("kill", core.EventKill, path) }

// KillWait does what [Supervisor.Kill] does, and waits until the run that the task had has ended. If that is
// abandoned instead, it returns a [*LeftBehindError]. If ctx ends first, it returns the cause of that, and the task is killed
// nevertheless. A task that kills itself passes the context of its run.
func (s *Supervisor) KillWait(ctx context.Context, path string) error {
	return s.about("kill", path, func(at *Supervisor, name string) error {
		if ctx == nil {
			return ErrNilContext
		}
		m, r, err := at.command(core.EventKill, name)
		if err != nil {
			return err
		}
		return at.await(ctx, m, func() bool { return r == nil || r.over })
	})
}

// about makes a call about the task to which a path leads. The error is a *TaskError.
func (s *Supervisor) about(op, path string, call func(at *Supervisor, name string) error) error {
	err := s.made()
	if err == nil {
		err = call(s.locate(path))
	}
	if err != nil {
		return &TaskError{op, path, err}
	}
	return nil
}

func (s *Supervisor) add(name string, task Task, options []TaskOption) error {
	m, policy, err := s.newMember(name, task, options)
	if err != nil {
		return err
	}
	if err := s.overForGood(); err != nil {
		return err
	}
	if err := s.enroll(m, policy); err != nil {
		m.disown()
		return err
	}
	return nil
}

// enroll gives the supervisor a task. If it cannot, that may have claimed the task.
func (s *Supervisor) enroll(m *member, policy core.Policy) error {
	name := m.name
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.registry.byName[name] != nil {
		return ErrDuplicateName
	}
	if err := s.unmet(m); err != nil {
		return err
	}
	if err := s.claim(m); err != nil {
		return err
	}
	return s.register(m, policy)
}

// newMember returns a task that was not added yet, and its policy.
func (s *Supervisor) newMember(name string, task Task, options []TaskOption) (*member, core.Policy, error) {
	if err := checkName(name); err != nil {
		return nil, core.Policy{}, err
	}
	if err := checkTask(task); err != nil {
		return nil, core.Policy{}, err
	}
	_, isSupervisor := task.(*Supervisor)
	settings := &s.settings.task
	if len(options) > 0 || isSupervisor {
		own := spareSettings.Get().(*taskSettings)
		defer own.spare()
		given := own.given
		*own = s.settings.task
		own.given = given
		own.chosen = chosen{} // the defaults of New are for other tasks than supervisors
		own.apply(options, isSupervisor)
		settings = own
	}
	if err := settings.refusal(nil); err != nil {
		return nil, core.Policy{}, err
	}
	m := &member{
		name: name, task: task, beside: settings.kept(), rarities: none, said: said{state: initially(settings.suspended), held: settings.held},
		isSupervisor: isSupervisor,
	}
	if settings != &s.settings.task {
		m.chosen = settings.chosen
	}
	if len(settings.needs) > 0 {
		m.rare().needs = settings.needs
	}
	return m, settings.policy, nil
}

// spareSettings are settings whose tasks have been made: of the settings with which a task is added, only what it keeps is left.
var spareSettings = sync.Pool{New: func() any { return new(taskSettings) }}

// spare gives up settings that nothing refers to any more.
func (t *taskSettings) spare() {
	*t = taskSettings{given: t.given[:0]}
	spareSettings.Put(t)
}

// apply applies options to a task's settings.
func (t *taskSettings) apply(options []TaskOption, isSupervisor bool) {
	for i, option := range options {
		if !t.refuseNil(i, option) {
			option.applyToTask(t)
		}
	}
	if isSupervisor {
		t.forSupervisor()
	}
	t.requireCheck()
}

// forSupervisor makes the settings those of a task that is a supervisor: its tasks have timeouts of their own, which it
// leaves time for, and it does not beat.
func (t *taskSettings) forSupervisor() {
	if !t.chosen.stopTimeout {
		t.policy.StopTimeout = Forever
	}
	if !t.chosen.startTimeout {
		t.policy.StartTimeout = Forever
	}
	if !t.chosen.probe {
		t.policy.Probe, t.check = Probe{}, nil
	}
	if !t.chosen.watchdog {
		t.policy.Watchdog = 0
	}
	if !t.chosen.readiness {
		t.readiness = readinessProbe{}
	}
	if t.readiness.check != nil {
		t.problem("WithReadinessProbe", "is not for a supervisor: it is ready when its tasks are")
	}
	if t.policy.Watchdog > 0 {
		t.problem("WithWatchdog", "is not for a supervisor: it does not beat")
	}
}

func (t *taskSettings) requireCheck() {
	if t.policy.Probe.Interval > 0 && t.check == nil {
		t.problem("WithProbe", "is missing: the policy has probes, and there is no function")
	}
}

// register makes a task known to the machine.
func (s *Supervisor) register(m *member, policy core.Policy) error {
	id, err := s.engine.define(policy)
	if err != nil {
		return (&taskSettings{}).refusal(err)
	}
	m.hasPolicy(id)
	s.beginGate(m)
	add := core.Event{
		Kind: core.EventAdd, Key: keyOf(m.name), Policy: id, Suspended: m.said.state == saidSuspended || len(m.needs) > 0,
		Held: m.said.held != nil || m.keeper != nil,
	}
	for i, run := range m.outlived() { // two at most
		if i == 0 {
			add.Run = run
		} else {
			add.Fenced = run
		}
	}
	refusal := s.handle(input{Event: add, entry: m})
	if refusal == core.RefusalNone && len(m.needs) > 0 && s.fault == nil {
		s.declareNeeds(m)
	}
	if s.fault != nil {
		return s.fault
	}
	return refusalError(refusal)
}

// keyOf returns a task's key: the 32-bit FNV-1a hash of its name, as package hash/fnv has it.
func keyOf(name string) uint32 {
	key := uint32(2166136261)
	for i := range len(name) {
		key = (key ^ uint32(name[i])) * 16777619
	}
	return key
}

// operate carries out an operator command about a task.
func (s *Supervisor) operate(op string, kind core.EventKind, path string) error {
	return s.about(op, path, func(at *Supervisor, name string) error {
		if kind == core.EventRestart {
			if err := at.overForGood(); err != nil { // it would never start
				return err
			}
		}
		_, _, err := at.command(kind, name)
		return err
	})
}

// command gives the machine an operator command about a task. It returns the task and the run it had.
func (s *Supervisor) command(kind core.EventKind, name string) (*member, *run, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	var id core.TaskID // 0, which the machine refuses, if there is no such task
	var r *run
	m := s.registry.byName[name]
	if m != nil {
		id, r = m.id, m.current
	}
	refusal := s.handle(input{Event: core.Event{Kind: kind, Task: id}})
	switch {
	case s.fault != nil:
		return nil, nil, s.fault
	case refusal == core.RefusalNeeded:
		return nil, nil, &NeededError{s.neededBy(m).name}
	case refusal == core.RefusalNone:
		m.said.note(kind)
	}
	return m, r, refusalError(refusal)
}

func (s *Supervisor) remove(name string) (*member, error) {
	m, _, err := s.command(core.EventRemove, name)
	return m, err
}
