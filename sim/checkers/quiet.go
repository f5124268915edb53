package checkers

import (
	"fmt"

	"github.com/tasksupervisor/tasksupervisor/core"
)

// Quiet checks invariant 11 for the task whose failure took others along: its restart delay begins at the very instant
// at which all of them are gone or abandoned, which is at once if there are none.
type Quiet struct {
	group   group
	checked int
}

// Name implements Checker.
func (c *Quiet) Name() string {
	return "invariant 11: a restart delay begins when all are gone that the failure took along"
}

// Checked counts the restarts that had to wait for others to be gone, and the ends of that.
func (c *Quiet) Checked() int { return c.checked }

// Begin implements Checker.
func (c *Quiet) Begin(m *core.Machine) { c.group.begin(m) }

// Observe implements Checker.
func (c *Quiet) Observe(m *core.Machine, ev core.Event, actions []core.Action) error {
	idle := c.group.idle()
	if !idle {
		c.group.hear(m, ev, actions)
	}
	for _, a := range actions {
		if !idle {
			c.group.meet(a)
		}
		if a.Why == core.ReasonDelayBegins && (idle || c.group.sure(m, a)) {
			if err := c.begins(a); err != nil {
				return err
			}
		}
		if !idle && a.Kind != core.ActionReject {
			c.group.decided(m, ev, a)
		}
		if a.To == core.StatusFailed && a.From != a.To {
			if err := c.fails(m, a); err != nil {
				return err
			}
		}
	}
	if idle {
		c.group.wake(m, ev, actions)
	} else {
		c.group.end(m, ev)
	}
	return nil
}

// fails checks a failure that leads to a restart.
func (c *Quiet) fails(m *core.Machine, a core.Action) error {
	if c.group.tasks.of(a.Task).held {
		c.checked++
		if a.Until != core.Never {
			return fmt.Errorf("the restart delay of task %v begins at %v, and what went down with it is not gone", a.Task, a.At)
		}
		return nil
	}
	if a.Until != core.Never {
		return nil
	}
	if s, _ := m.Status(a.Task); s.Wait == core.WaitOthersStopped {
		return fmt.Errorf("the restart delay of task %v does not begin at %v, and there is nobody to wait for", a.Task, a.At)
	}
	return nil
}

// begins checks the beginning of a restart delay that was put off.
func (c *Quiet) begins(a core.Action) error {
	c.checked++
	switch t := c.group.tasks.of(a.Task); {
	case a.From != core.StatusFailed || a.To != a.From || !t.held:
		return fmt.Errorf("the restart delay of task %v begins at %v, and it was not put off", a.Task, a.At)
	case !c.group.quiet(a.Task):
		return fmt.Errorf("the restart delay of task %v begins at %v, and what went down with it is not gone", a.Task, a.At)
	}
	for other, t := range c.group.tasks.all() {
		if other < a.Task && t.held && c.group.quiet(other) {
			return fmt.Errorf("the restart delay of task %v begins before that of task %v, which waits for nobody, too", a.Task, other)
		}
	}
	return nil
}
