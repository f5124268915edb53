package conformance

import (
	"context"
	"errors"

	"github.com/tasksupervisor/tasksupervisor/core"
)

func (c *crooked) Start(ctx context.Context) error {
	err := c.do(func() error {
		if c.machine.Machine().Phase() == core.PhaseCreated {
			c.parent = ctx
		}
		return c.step(core.Event{Kind: core.EventStart}, nil)
	})
	if err == nil && c.defect != ignoresContext {
		context.AfterFunc(ctx, c.Shutdown)
	}
	return err
}

func (c *crooked) Add(name string, policy core.Policy, body Body) error {
	return c.do(func() error {
		if c.names[name] != nil && c.defect != sharesNames {
			return errCrookedName
		}
		id, err := c.machine.Define(policy)
		if err != nil {
			return err
		}
		t := &crookedTask{name: name, body: body, live: make(map[core.Run]*crookedRun)}
		return c.step(core.Event{Kind: core.EventAdd, Policy: id}, t)
	})
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

func (c *crooked) operate(kind core.EventKind, name string) error {
	err := c.do(func() error {
		ev := core.Event{Kind: kind}
		if t := c.names[name]; t != nil {
			ev.Task = t.id
		}
		return c.step(ev, nil)
	})
	if c.defect == hidesRefusals {
		return nil
	}
	return err
}

func (c *crooked) Status(name string) (status Status, err error) {
	var wait chan struct{}
	err = c.do(func() error {
		t := c.names[name]
		if t == nil {
			return crookedReason(core.ReasonUnknownTask)
		}
		status.TaskStatus, _ = c.machine.Machine().Status(t.id)
		if c.defect == remembersStatus {
			if t.seen.Task == 0 {
				t.seen = status.TaskStatus
			}
			status.TaskStatus = t.seen
		}
		status.Ending, wait = t.last, t.gone
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
	<-c.halted
	waited := 0
	_ = c.do(func() error {
		c.waited++
		waited = c.waited
		return nil
	})
	if c.why == core.ReasonShutdown && (c.defect != tellsOnce || waited == 1) {
		return nil
	}
	return crookedReason(c.why)
}

func (c *crooked) Report() (report Report) {
	_ = c.do(func() error {
		report = c.counts
		for _, t := range c.tasks {
			for number, r := range t.live {
				if r.abandoned && c.defect != hidesLeft {
					report.Left = append(report.Left, LeftRun{t.name, number})
				}
			}
		}
		return nil
	})
	return report
}

func (c *crooked) Reason(err error) core.Reason {
	reason := crookedReason(core.ReasonNone)
	errors.As(err, &reason)
	if c.defect == refusesWithoutReason && reason != crookedReason(core.ReasonHalted) {
		return core.ReasonNone
	}
	return core.Reason(reason)
}

func (c *crooked) Close() error {
	close(c.closed)
	for _, queue := range c.observers {
		close(queue)
	}
	return nil
}
