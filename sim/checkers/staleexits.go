package checkers

import (
	"fmt"

	"github.com/tasksupervisor/tasksupervisor/core"
)

// StaleExits checks invariant 2: an event of an old run changes nothing newer. The end of a run that is not alive is
// rejected; the end of an older run that is alive beside a newer one leaves the newer one alone; and what is said of a
// run's health is rejected unless it is the latest one and alive.
type StaleExits struct {
	tasks   perTask[runs]
	checked int
}

// Name implements Checker.
func (c *StaleExits) Name() string {
	return "invariant 2: an event of an old run changes nothing newer"
}

// Checked counts the events of runs other than a task's latest.
func (c *StaleExits) Checked() int { return c.checked }

// Begin implements Checker.
func (c *StaleExits) Begin(m *core.Machine) { beginRuns(&c.tasks, m) }

// Observe implements Checker.
func (c *StaleExits) Observe(m *core.Machine, ev core.Event, actions []core.Action) error {
	end := endedAt(ev, actions)
	reject, rejected := refusal(actions)
	lived := c.lives(ev)
	for i, a := range actions {
		if a.Kind == core.ActionReject || a.Kind == core.ActionHalt {
			continue
		}
		task := c.tasks.of(a.Task)
		if i == end {
			if err := c.check(m, ev, a, task); err != nil {
				return err
			}
			task.ended(ev.Run)
		}
		task.decided(a)
		if a.Kind == core.ActionForget {
			c.tasks.forget(a.Task)
		}
	}
	switch ev.Kind {
	case core.EventExit:
		if end >= 0 {
			return nil
		}
	case core.EventReady, core.EventBeat, core.EventProbe:
		return c.sign(ev, rejected, lived || c.lives(ev))
	default:
		return nil
	}
	task, known := c.tasks.find(ev.Task)
	unknownExit := rejected && reject.Refusal == core.RefusalUnknownExit
	if known && task.has(ev.Run) && !unknownExit {
		return fmt.Errorf("run %d of task %v lives, and its end is ignored", ev.Run, ev.Task)
	}
	c.checked++
	if !rejected {
		return fmt.Errorf("run %d of task %v does not live, and its end is not rejected", ev.Run, ev.Task)
	}
	return nil
}

// check looks at the first action that followed from the end of a run.
func (c *StaleExits) check(m *core.Machine, ev core.Event, a core.Action, task *runs) error {
	if !task.has(ev.Run) {
		return fmt.Errorf("run %d of task %v does not live, and its end led to a change", ev.Run, ev.Task)
	}
	if ev.Run != task.older {
		return nil
	}
	c.checked++
	if a.Kind != core.ActionTransition || a.From != a.To {
		return fmt.Errorf("run %d of task %v was replaced, and its end led from %v to %v", ev.Run, ev.Task, a.From, a.To)
	}
	status, ok := m.Status(ev.Task)
	if lives := status.Live || status.Fenced == task.latest; ok && lives != task.alive && status.Run == task.latest {
		return fmt.Errorf("run %d of task %v was replaced, and its end ended run %d", ev.Run, ev.Task, task.latest)
	}
	return nil
}

// lives tells whether the run that an event is about is its task's latest one, and alive.
func (c *StaleExits) lives(ev core.Event) bool {
	task, known := c.tasks.find(ev.Task)
	return known && task.alive && ev.Run == task.latest
}

// sign looks at an event that tells of the health of a run, which lives if it lived before or behind the step.
func (c *StaleExits) sign(ev core.Event, rejected, lives bool) error {
	if lives {
		return nil
	}
	c.checked++
	if !rejected {
		return fmt.Errorf("run %d of task %v does not live or was replaced, and its %v is not rejected", ev.Run, ev.Task, ev.Kind)
	}
	return nil
}
