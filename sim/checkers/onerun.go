package checkers

import (
	"fmt"

	"github.com/tasksupervisor/tasksupervisor/core"
)

// OneRun checks invariant 1: there is at most one live run per task, or two if the policy replaces an abandoned one.
// Runs are numbered without gaps, and only a run that is alive is probed, asked to stop or abandoned.
type OneRun struct {
	policies policies
	tasks    perTask[runs]
	checked  int
}

// Name implements Checker.
func (c *OneRun) Name() string { return "invariant 1: at most one live run per task" }

// Checked counts the starts of tasks that had run before.
func (c *OneRun) Checked() int { return c.checked }

// Begin implements Checker.
func (c *OneRun) Begin(m *core.Machine) {
	c.policies.begin(m)
	beginRuns(&c.tasks, m)
}

// Observe implements Checker.
func (c *OneRun) Observe(m *core.Machine, ev core.Event, actions []core.Action) error {
	end := endedAt(ev, actions)
	for i, a := range actions {
		if a.Kind == core.ActionReject || a.Kind == core.ActionHalt {
			continue
		}
		c.policies.decided(m, ev, a)
		task := c.tasks.of(a.Task)
		if i == end {
			task.ended(ev.Run)
		}
		if err := c.check(a, task); err != nil {
			return err
		}
		task.decided(a)
		if a.Kind == core.ActionForget {
			if n := task.count(); n > 0 {
				return fmt.Errorf("task %v is forgotten while %d of its runs live", a.Task, n)
			}
			c.tasks.forget(a.Task)
		}
	}
	return nil
}

func (c *OneRun) check(a core.Action, task *runs) error {
	if task.replaced(a) && (task.older != 0 || c.policies.of(a.Task).OnAbandon != core.AbandonReplace) {
		return fmt.Errorf("task %v goes from %v to %v while run %d lives", a.Task, a.From, a.To, task.latest)
	}
	switch a.Kind {
	case core.ActionStart:
		if task.latest > 0 {
			c.checked++
		}
		if a.Run != task.latest+1 {
			return fmt.Errorf("task %v starts run %d after run %d", a.Task, a.Run, task.latest)
		}
		if task.alive && !task.replaced(a) {
			return fmt.Errorf("task %v starts run %d while run %d lives", a.Task, a.Run, task.latest)
		}
	case core.ActionStop, core.ActionAbandon, core.ActionProbe:
		if !task.alive || a.Run != task.latest {
			return fmt.Errorf("task %v: %v of run %d, which does not live", a.Task, a.Kind, a.Run)
		}
	case core.ActionTransition, core.ActionAdd, core.ActionForget, core.ActionReject, core.ActionHalt:
	}
	return nil
}
