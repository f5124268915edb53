package conformance

import (
	"context"
	"errors"

	"github.com/tasksupervisor/tasksupervisor/core"
	"github.com/tasksupervisor/tasksupervisor/core/scenario"
)

func (c *crooked) Start(ctx context.Context) error {
	var started *scenario.Recorder
	err := c.do(func() error {
		switch c.machine.Machine().Phase() {
		case core.PhaseHalted:
			if err := c.renew(); err != nil {
				return err
			}
			c.parent = ctx
		case core.PhaseCreated:
			c.parent = ctx
		case core.PhaseRunning, core.PhaseHalting:
		}
		started = c.machine
		return c.step(core.Event{Kind: core.EventStart}, nil)
	})
	if err == nil && c.defect != ignoresContext {
		context.AfterFunc(ctx, func() {
			_ = c.do(func() error {
				if c.machine != started && c.defect != heedsOldContext {
					return nil
				}
				return c.step(core.Event{Kind: core.EventShutdown}, nil)
			})
		})
	}
	return err
}

func (c *crooked) Add(name string, task Task) error {
	return c.do(func() error {
		if c.names[name] != nil && c.defect != sharesNames {
			return errCrookedName
		}
		for _, need := range task.Needs {
			if why := c.notNeedable(need.Task); why != core.RefusalNone {
				return crookedRefusal(why)
			}
		}
		if c.defect == ignoresPolicy {
			task.Policy.StopTimeout++
		}
		id, err := c.machine.Define(task.Policy)
		if err != nil {
			return err
		}
		t := &crookedTask{Task: task, name: name, live: make(map[core.Run]*crookedRun)}
		if c.defect == keepsEndings {
			t.last = c.endings[name]
		}
		return c.add(t, core.Event{Kind: core.EventAdd, Policy: id, Suspended: task.Suspended, Held: task.Held})
	})
}

func (c *crooked) notNeedable(name string) core.Refusal {
	t := c.names[name]
	if t == nil {
		return core.RefusalUnknownTask
	}
	if status, _ := c.machine.Machine().Status(t.id); status.Intent == core.IntentRemove {
		return core.RefusalBeingRemoved
	}
	return core.RefusalNone
}

func (c *crooked) add(t *crookedTask, ev core.Event) error {
	if len(t.Needs) == 0 {
		return c.step(ev, t)
	}
	ev.Suspended = ev.Suspended || c.defect != startsBeforeNeeds
	if err := c.step(ev, t); err != nil {
		return err
	}
	for i, need := range t.Needs {
		if c.defect == forgetsNeeds && i > 0 {
			break
		}
		bound := need.Bound && c.defect != ignoresBound
		_ = c.step(core.Event{Kind: core.EventNeed, Task: t.id, Other: c.names[need.Task].id, Bound: bound}, nil)
	}
	if !t.Suspended && ev.Suspended {
		_ = c.step(core.Event{Kind: core.EventResume, Task: t.id}, nil)
	}
	return nil
}

func (c *crooked) Remove(name string) error {
	err := c.operate(core.EventRemove, name)
	if err == nil && c.defect == freesNamesEarly {
		_ = c.do(func() error {
			delete(c.names, name)
			return nil
		})
	}
	return err
}

func (c *crooked) Kill(name string) error { return c.operate(core.EventKill, name) }

func (c *crooked) Restart(name string) error {
	if c.defect == dropsCalls {
		return nil
	}
	if c.defect == callsTwice {
		_ = c.operate(core.EventRestart, name)
	}
	return c.operate(core.EventRestart, name)
}

func (c *crooked) Suspend(name string) error {
	if c.defect == dropsSuspensions {
		return nil
	}
	if c.defect == suspendsTwice {
		_ = c.operate(core.EventSuspend, name)
	}
	return c.operate(core.EventSuspend, name)
}

func (c *crooked) Hold(name string) error {
	if c.defect == dropsHolds {
		return nil
	}
	if c.defect == suspendsToHold {
		return c.operate(core.EventSuspend, name)
	}
	return c.operate(core.EventHold, name)
}

func (c *crooked) Release(name string) error { return c.operate(core.EventRelease, name) }

func (c *crooked) Resume(name string) error {
	if c.defect == restartsToResume {
		return c.operate(core.EventRestart, name)
	}
	return c.operate(core.EventResume, name)
}

func (c *crooked) SetPolicy(name string, policy core.Policy) error {
	return c.do(func() error {
		id, err := c.machine.Define(policy)
		if err != nil || c.defect == dropsPolicies {
			return err
		}
		err = c.about(name, core.Event{Kind: core.EventPolicy, Policy: id})
		if t := c.names[name]; err == nil && t != nil {
			t.changed = &policy
		}
		return err
	})
}

func (c *crooked) SetLimits(limits core.Limits) error {
	return c.do(func() error {
		id, err := c.machine.DefineLimits(limits)
		if err != nil {
			return err
		}
		if c.defect == keepsLimits {
			id = 0
		}
		err = c.step(core.Event{Kind: core.EventLimits, Limits: id}, nil)
		if err == nil {
			c.nest.limits = &limits
		}
		return err
	})
}

func (c *crooked) operate(kind core.EventKind, name string) error {
	err := c.do(func() error { return c.about(name, core.Event{Kind: kind}) })
	if c.defect == hidesRefusals {
		return nil
	}
	return err
}

func (c *crooked) about(name string, ev core.Event) error {
	t := c.names[name]
	if t != nil {
		ev.Task = t.id
	}
	err := c.step(ev, nil)
	switch {
	case err != nil || t == nil || ev.Kind == core.EventPolicy:
	case ev.Kind == core.EventHold, ev.Kind == core.EventRelease:
		t.Held = ev.Kind == core.EventHold
	default:
		t.said = ev.Kind
	}
	return err
}

func (c *crooked) Status(name string) (status Status, err error) {
	var wait chan struct{}
	err = c.do(func() error {
		t := c.names[name]
		if t == nil {
			return crookedRefusal(core.RefusalUnknownTask)
		}
		status.TaskStatus, _ = c.machine.Machine().Status(t.id)
		if c.defect == remembersStatus {
			if t.seen.Task == 0 {
				t.seen = status.TaskStatus
			}
			status.TaskStatus = t.seen
		}
		status.Ending, wait = t.last, t.gone
		if c.defect == beatsItself {
			return c.step(core.Event{Kind: core.EventBeat, Task: t.id, Run: t.latest}, nil)
		}
		return nil
	})
	if c.defect == waitsForTasks && wait != nil {
		<-wait
	}
	return status, err
}

func (c *crooked) Shutdown() {
	_ = c.do(func() error { return c.step(core.Event{Kind: core.EventShutdown}, nil) })
}

func (c *crooked) Wait() error {
	<-*c.halted.Load()
	waited, outcome := 0, crookedHalt{}
	_ = c.do(func() error {
		c.waited++
		waited, outcome = c.waited, c.outcome
		return nil
	})
	if outcome.why == crookedReason(core.ReasonShutdown) && (c.defect != tellsOnce || waited == 1) {
		return nil
	}
	return &outcome
}

func (c *crooked) Report() (report Report) {
	_ = c.do(func() error {
		report = c.counts
		for _, t := range c.tasks {
			for number, r := range t.live {
				if r.abandoned && !r.legacy && c.defect != hidesLeft {
					report.Left = append(report.Left, LeftRun{t.name, number})
				}
			}
		}
		return nil
	})
	c.reportNested(&report)
	return report
}

func (c *crooked) Refusal(err error) core.Refusal {
	refusal := crookedRefusal(core.RefusalNone)
	if c.defect != refusesWithoutReason {
		errors.As(err, &refusal)
	}
	return core.Refusal(refusal)
}

func (c *crooked) Reason(err error) core.Reason {
	reason := crookedReason(core.ReasonNone)
	errors.As(err, &reason)
	if c.defect == tellsOneCause && (reason == crookedReason(core.ReasonSibling) || reason == crookedReason(core.ReasonWatchdog)) {
		return core.ReasonSupervisorStop
	}
	return core.Reason(reason)
}

func (c *crooked) Culprit(err error) (task string, run core.Run) {
	halt := (*crookedHalt)(nil)
	if !errors.As(err, &halt) || c.defect == hidesCulprit {
		return "", 0
	}
	return halt.task, halt.run
}

func (c *crooked) Close() error {
	close(c.closed)
	for _, queue := range c.observers {
		close(queue)
	}
	return nil
}
