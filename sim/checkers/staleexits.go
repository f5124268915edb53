package checkers

import (
	"fmt"

	"github.com/tasksupervisor/tasksupervisor/core"
)

// StaleExits checks invariant 2: the end of an old run changes nothing newer. The end of a run that is not alive is
// rejected; the end of an older run that is alive beside a newer one leaves the newer one alone.
type StaleExits struct {
	tasks   perTask[runs]
	checked int
}

// Name implements Checker.
func (c *StaleExits) Name() string { return "invariant 2: the end of an old run changes nothing newer" }

// Checked counts the ends of runs other than a task's latest.
func (c *StaleExits) Checked() int { return c.checked }

// Begin implements Checker.
func (c *StaleExits) Begin(m *core.Machine) { beginRuns(&c.tasks, m) }

// Observe implements Checker.
func (c *StaleExits) Observe(m *core.Machine, ev core.Event, actions []core.Action) error {
	end := endedAt(ev, actions)
	reject, rejected := refusal(actions)
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
	if ev.Kind != core.EventExit || end >= 0 {
		return nil
	}
	task, known := c.tasks.find(ev.Task)
	unknownExit := rejected && reject.Why == core.ReasonUnknownExit
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
	if a.Kind != core.ActionNote || a.From != a.To {
		return fmt.Errorf("run %d of task %v was replaced, and its end led from %v to %v", ev.Run, ev.Task, a.From, a.To)
	}
	if status, ok := m.Status(ev.Task); ok && status.Live != task.alive && status.Run == task.latest {
		return fmt.Errorf("run %d of task %v was replaced, and its end ended run %d", ev.Run, ev.Task, task.latest)
	}
	return nil
}
