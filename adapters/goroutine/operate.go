package goroutine

import (
	"context"
	"hash/fnv"
	"unique"

	"github.com/tasksupervisor/tasksupervisor/core"
)

// Add adds a task under a name that no other task of the supervisor has. Options given here go before those given to
// [New]. If the supervisor runs, the task is started at once; otherwise it is started by Run, in the order in which
// the tasks were added.
//
// The error is a [*TaskError] that wraps [ErrNoName], [ErrNilTask], [ErrDuplicateName], [ErrTooManyTasks],
// core.ErrTooManyPolicies, [ErrShuttingDown], [ErrStopped], a [*ConfigError] or a [*FaultError]; nothing was added
// then.
func (s *Supervisor) Add(name string, task Task, options ...TaskOption) error {
	if err := s.add(name, task, options); err != nil {
		return &TaskError{"add", name, err}
	}
	return nil
}

// Remove stops a task, if it runs, and forgets it as soon as it does not. Until then the name is taken. It does not
// wait for that; [Supervisor.RemoveWait] does. Of a supervisor that has stopped, it forgets a task at once.
//
// The error is a [*TaskError] that wraps [ErrUnknownTask], [ErrBeingRemoved], [ErrShuttingDown], a [*FaultError] or,
// of a supervisor that has stopped, a [*LeftBehindError] if the task still runs.
func (s *Supervisor) Remove(name string) error {
	_, err := s.remove(name)
	return err
}

// RemoveWait does what [Supervisor.Remove] does, and waits until the task is gone and its name is free. If its run is
// given up on instead, it returns a [*LeftBehindError]; the task will be gone when the run is. If ctx ends first, it
// returns the cause of that, and the removal goes on. A task that removes itself passes the context of its run.
func (s *Supervisor) RemoveWait(ctx context.Context, name string) error {
	if ctx == nil {
		return &TaskError{"remove", name, ErrNilContext}
	}
	m, err := s.remove(name)
	if err != nil {
		return err
	}
	return s.await(ctx, "remove", m, func() bool { return m.id == 0 })
}

// Restart runs a task afresh, whatever its status: it stops the run it has, if it has one, and starts the next as soon
// as that is gone. Restarts counted so far are forgotten, and a restart that was scheduled is withdrawn. It waits for
// none of this.
//
// The error is a [*TaskError] that wraps [ErrUnknownTask], [ErrBeingRemoved], [ErrShuttingDown], [ErrStopped] or a
// [*FaultError].
func (s *Supervisor) Restart(name string) error {
	_, _, err := s.operate("restart", core.EventRestart, name)
	return err
}

// Kill stops a task for good: it is dead as soon as it has no run, and only [Supervisor.Restart] starts it again. A
// restart that was scheduled is withdrawn. It does not wait for the run to end; [Supervisor.KillWait] does.
//
// The error is a [*TaskError] that wraps [ErrUnknownTask], [ErrAlreadyEnded], [ErrBeingRemoved], [ErrShuttingDown],
// [ErrStopped] or a [*FaultError].
func (s *Supervisor) Kill(name string) error {
	_, _, err := s.operate("kill", core.EventKill, name)
	return err
}

// KillWait does what [Supervisor.Kill] does, and waits until the run that the task had is gone. If that is given up on
// instead, it returns a [*LeftBehindError]. If ctx ends first, it returns the cause of that, and the task is killed
// nevertheless. A task that kills itself passes the context of its run.
func (s *Supervisor) KillWait(ctx context.Context, name string) error {
	if ctx == nil {
		return &TaskError{"kill", name, ErrNilContext}
	}
	m, r, err := s.operate("kill", core.EventKill, name)
	if err != nil {
		return err
	}
	return s.await(ctx, "kill", m, func() bool { return r == nil || r.over })
}

func (s *Supervisor) add(name string, task Task, options []TaskOption) error {
	if name == "" {
		return ErrNoName
	}
	if isNil(task) {
		return ErrNilTask
	}
	settings := taskSettings{policy: s.settings.task.policy, stopTimeoutSet: s.settings.task.stopTimeoutSet}
	for _, option := range options {
		if option == nil {
			settings.problem("nil", "is no option")
			continue
		}
		option.applyToTask(&settings)
	}
	if _, ok := task.(*Supervisor); ok && !settings.stopTimeoutSet {
		settings.policy.StopTimeout = core.Forever
	}
	if err := settings.refusal(nil); err != nil {
		return err
	}
	m := &member{name: name, task: task, policy: unique.Make(settings.policy)}

	s.mu.Lock()
	defer s.mu.Unlock()
	if s.members[name] != nil && s.machine.Phase() <= core.PhaseRunning {
		return ErrDuplicateName
	}
	return s.register(m)
}

// register makes a task known to the machine.
func (s *Supervisor) register(m *member) error {
	policy, err := s.define(m.policy.Value())
	if err != nil {
		return (&taskSettings{}).refusal(err)
	}
	key := fnv.New32a()
	_, _ = key.Write([]byte(m.name)) // never fails
	refusal := s.handle(core.Event{Kind: core.EventAdd, Key: key.Sum32(), Policy: policy}, nil, m)
	if s.fault != nil {
		return s.fault
	}
	return refusalError(refusal)
}

// operate has the machine do something to a task. It returns the task and the run it had.
func (s *Supervisor) operate(op string, kind core.EventKind, name string) (*member, *run, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	var id core.TaskID // 0, which the machine refuses, if there is no such task
	var r *run
	m := s.members[name]
	if m != nil {
		id, r = m.id, m.current
	}
	refusal := s.handle(core.Event{Kind: kind, Task: id}, nil, nil)
	if s.fault != nil {
		return nil, nil, &TaskError{op, name, s.fault}
	}
	if err := refusalError(refusal); err != nil {
		return nil, nil, &TaskError{op, name, err}
	}
	return m, r, nil
}

func (s *Supervisor) remove(name string) (*member, error) {
	if m, err, stopped := s.removeStopped(name); stopped {
		return m, err
	}
	m, _, err := s.operate("remove", core.EventRemove, name)
	return m, err
}

// removeStopped removes a task of a supervisor that has stopped, without the machine, which has halted.
func (s *Supervisor) removeStopped(name string) (_ *member, err error, stopped bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.session == nil || s.running {
		return nil, nil, false
	}
	m := s.members[name]
	switch {
	case m == nil:
		return nil, &TaskError{"remove", name, ErrUnknownTask}, true
	case m.current != nil || m.fenced != nil:
		return nil, &TaskError{"remove", name, &LeftBehindError{m.left(nil, s)}}, true
	}
	was := s.status(m)
	s.leave(m)
	if s.events != nil {
		s.publish(&core.Action{
			At: was.At, Kind: core.ActionForget, From: was.Status, Why: core.ReasonRemoved, Run: was.Run,
			Attempts: was.Attempts, Until: core.Never,
		}, m, nil)
	}
	return m, nil, true
}

// await waits until something has come true of a task, or its run is given up on. The condition is looked at with mu
// held.
func (s *Supervisor) await(ctx context.Context, op string, m *member, come func() bool) error {
	for {
		s.mu.Lock()
		var err error
		done := come()
		if !done {
			left := m.left(nil, s)
			switch {
			case s.fault != nil:
				done, err = true, s.fault
			case len(left) > 0 && (m.current == nil || m.current.abandoned):
				done, err = true, &LeftBehindError{left}
			}
		}
		changed := s.watched[m]
		if !done && changed == nil {
			changed = make(chan struct{})
			if s.watched == nil {
				s.watched = make(map[*member]chan struct{})
			}
			s.watched[m] = changed
		}
		s.mu.Unlock()
		if done {
			if err != nil {
				return &TaskError{op, m.name, err}
			}
			return nil
		}
		select {
		case <-changed:
		case <-ctx.Done():
			return &TaskError{op, m.name, context.Cause(ctx)}
		}
	}
}
