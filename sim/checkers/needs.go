package checkers

import (
	"fmt"

	"github.com/tasksupervisor/tasksupervisor/core"
)

// Needs checks invariant 11 for tasks that need others: none starts while one it needs is down, none is stopped or
// started before those that need it are gone, and none that is bound to another runs on when that one is down.
type Needs struct {
	group   group
	checked int
}

// Name implements Checker.
func (c *Needs) Name() string {
	return "invariant 11: a task starts when all it needs is up, and stops when all that need it are gone"
}

// Checked counts the starts and stops of tasks that need others or are needed.
func (c *Needs) Checked() int { return c.checked }

// Begin implements Checker.
func (c *Needs) Begin(m *core.Machine) { c.group.begin(m) }

// Observe implements Checker.
func (c *Needs) Observe(m *core.Machine, ev core.Event, actions []core.Action) error {
	needs := heeded(core.EventNeed, ev, actions)
	if !c.group.idle() {
		if err := c.follow(m, ev, actions); err != nil {
			return err
		}
	} else if c.group.wake(m, ev, actions) && needs {
		c.group.connect(ev)
	}
	for _, id := range c.group.taken {
		if err := c.bound(m, id); err != nil {
			return err
		}
	}
	if needs {
		return c.agrees(m, ev.Task)
	}
	return nil
}

func (c *Needs) follow(m *core.Machine, ev core.Event, actions []core.Action) error {
	c.group.hear(m, ev, actions)
	for i, a := range actions {
		if a.Kind == core.ActionReject {
			continue
		}
		c.group.meet(a)
		if c.group.sure(m, a) {
			if err := c.check(a, actions[i+1:]); err != nil {
				return err
			}
		}
		c.group.decided(m, ev, a)
	}
	c.group.end(m, ev)
	return nil
}

// check checks an action; rest is what follows it in its step.
func (c *Needs) check(a core.Action, rest []core.Action) error {
	if a.Kind != core.ActionStart && a.Kind != core.ActionStop {
		return nil
	}
	links := c.group.edges.of(a.Task)
	if len(links.needs)+len(links.dependents) > 0 {
		c.checked++
	}
	if a.Kind == core.ActionStart {
		if other, missing := c.group.missing(a.Task); missing {
			return fmt.Errorf("task %v starts, and task %v, which it needs, is %v", a.Task, other, c.group.describe(other))
		}
	}
	if a.Kind == core.ActionStop && hangs(a, rest) {
		return nil
	}
	if other, blocked := c.group.inTheWay(a.Task); blocked {
		return fmt.Errorf("%v of task %v, and task %v, which needs it, is %v", a.Kind, a.Task, other, c.group.describe(other))
	}
	return nil
}

// bound checks that a task is going to stop which is bound to one that went down.
func (c *Needs) bound(m *core.Machine, id core.TaskID) error {
	s, ok := m.Status(id)
	if !ok || !isRunning(s.Status) || s.Intent != core.IntentNone {
		return nil
	}
	for _, need := range c.group.edges.of(id).needs {
		if need.bound && !c.group.isUp(need.task) {
			return fmt.Errorf("task %v runs on, and task %v, which it is bound to, is %v", id, need.task, c.group.describe(need.task))
		}
	}
	return nil
}

// agrees compares what a task needs with what the machine says.
func (c *Needs) agrees(m *core.Machine, id core.TaskID) error {
	known := c.group.edges.of(id).needs
	n := 0
	for other, bound := range m.Needs(id) {
		if i := indexOf(known, other); i < 0 || known[i].bound != bound {
			return fmt.Errorf("task %v is said to need task %v (bound: %v)", id, other, bound)
		}
		n++
	}
	if n != len(known) {
		return fmt.Errorf("task %v needs %d tasks, and %d are said to be", id, len(known), n)
	}
	return nil
}
