package loop

import (
	"hash/fnv"

	"github.com/tasksupervisor/tasksupervisor/core"
)

// Add adds a task, which is started, if the loop was, as soon as those it needs are up.
func (l *Loop) Add(name string, does Task) error {
	return l.do(func() error {
		if l.names[name] != nil {
			return ErrName
		}
		for _, need := range does.Needs {
			if why := l.notNeedable(need.Task); why != core.RefusalNone {
				return Refusal(why)
			}
		}
		return l.add(&task{Task: does, name: name, live: make(map[core.Run]*run)})
	})
}

// notNeedable returns why the machine will not have a task needed.
func (l *Loop) notNeedable(name string) core.Refusal {
	t := l.names[name]
	if t == nil {
		return core.RefusalUnknownTask
	}
	if status, _ := l.machine.Machine().Status(t.id); status.Intent == core.IntentRemove {
		return core.RefusalBeingRemoved
	}
	return core.RefusalNone
}

// add adds a task. If it has needs, it is suspended until all of them are known.
func (l *Loop) add(t *task) error {
	id, err := l.machine.Define(t.Policy)
	if err != nil {
		return err
	}
	key := fnv.New32a()
	_, _ = key.Write([]byte(t.name)) // never fails
	err = l.tell(core.Event{
		Kind: core.EventAdd, Key: key.Sum32(), Policy: id, Suspended: t.Suspended || len(t.Needs) > 0, Held: t.Held,
	}, t)
	if err != nil || len(t.Needs) == 0 {
		return err
	}
	for _, need := range t.Needs {
		ev := core.Event{Kind: core.EventNeed, Task: t.id, Other: l.names[need.Task].id, Bound: need.Bound}
		_ = l.tell(ev, nil) // is refused only if the loop has begun to stop, with this task
	}
	if !t.Suspended {
		_ = l.tell(core.Event{Kind: core.EventResume, Task: t.id}, nil)
	}
	return nil
}

// Remove stops a task, and forgets it when its runs have ended.
func (l *Loop) Remove(name string) error { return l.operate(name, core.Event{Kind: core.EventRemove}) }

// Restart runs a task afresh.
func (l *Loop) Restart(name string) error {
	return l.operate(name, core.Event{Kind: core.EventRestart})
}

// Kill stops a task for good.
func (l *Loop) Kill(name string) error { return l.operate(name, core.Event{Kind: core.EventKill}) }

// Suspend stops a task until it is resumed.
func (l *Loop) Suspend(name string) error {
	return l.operate(name, core.Event{Kind: core.EventSuspend})
}

// Resume lets a suspended task start again.
func (l *Loop) Resume(name string) error { return l.operate(name, core.Event{Kind: core.EventResume}) }

// Hold keeps a task from starting: there is no place for a run of it.
func (l *Loop) Hold(name string) error { return l.operate(name, core.Event{Kind: core.EventHold}) }

// Release lets a held task start.
func (l *Loop) Release(name string) error {
	return l.operate(name, core.Event{Kind: core.EventRelease})
}

func (l *Loop) operate(name string, ev core.Event) error {
	return l.do(func() error { return l.about(name, ev) })
}

// about tells the machine something about a task.
func (l *Loop) about(name string, ev core.Event) error {
	if t := l.names[name]; t != nil {
		ev.Task = t.id
	} // else it is about task 0, and is rejected
	return l.tell(ev, nil)
}

// SetPolicy gives a task another policy.
func (l *Loop) SetPolicy(name string, policy core.Policy) error {
	return l.do(func() error {
		id, err := l.machine.Define(policy)
		if err != nil {
			return err
		}
		return l.about(name, core.Event{Kind: core.EventPolicy, Policy: id})
	})
}

// SetLimits gives the loop other limits.
func (l *Loop) SetLimits(limits core.Limits) error {
	return l.do(func() error {
		id, err := l.machine.DefineLimits(limits)
		if err != nil {
			return err
		}
		return l.tell(core.Event{Kind: core.EventLimits, Limits: id}, nil)
	})
}

// Shutdown stops everything.
func (l *Loop) Shutdown() {
	_ = l.do(func() error { return l.tell(core.Event{Kind: core.EventShutdown}, nil) })
}

// Close ends the loop, whatever is going on.
func (l *Loop) Close() error {
	close(l.closed)
	return nil
}
