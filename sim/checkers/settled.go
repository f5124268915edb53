package checkers

import (
	"errors"
	"fmt"

	"github.com/tasksupervisor/tasksupervisor/core"
)

// Settled checks invariant 16 for what tasks do for each other's sake: at the end of a step nobody waits who need not. No
// task that can start is left waiting, none that may be asked to stop is not asked, no restart delay that can begin has
// not begun, and a supervisor that halts and has nobody to wait for has halted. And each task says what it waits for.
type Settled struct {
	group   group
	checked int
}

// Name implements Checker.
func (c *Settled) Name() string { return "invariant 16: nobody waits who need not" }

// Checked counts the steps after which a task waited for another.
func (c *Settled) Checked() int { return c.checked }

// Begin implements Checker.
func (c *Settled) Begin(m *core.Machine) { c.group.begin(m) }

// Observe implements Checker.
func (c *Settled) Observe(m *core.Machine, ev core.Event, actions []core.Action) error {
	if c.group.idle() {
		if c.group.wake(m, ev, actions) {
			return c.settled()
		}
		return c.started(m, actions)
	}
	c.group.hear(m, ev, actions)
	for _, a := range actions {
		if a.Kind != core.ActionReject {
			c.group.meet(a)
			c.group.decided(m, ev, a)
		}
	}
	c.group.end(m, ev)
	if c.group.phase == core.PhaseHalting && c.group.of(live) == 0 {
		return errors.New("the supervisor has nobody to wait for, and does not halt")
	}
	for i, a := range actions {
		if concerns(a) && !(i+1 < len(actions) && actions[i+1].Task == a.Task) {
			if err := c.explained(m, a.Task); err != nil {
				return err
			}
		}
	}
	if heeded(core.EventNeed, ev, actions) {
		if err := c.explained(m, ev.Task); err != nil {
			return err
		}
	}
	if len(actions) == 0 && ev.Kind == core.EventTick || c.group.phase == core.PhaseCreated {
		return nil
	}
	return c.settled()
}

// started checks a step in which no task waits for another.
func (c *Settled) started(m *core.Machine, actions []core.Action) error {
	for _, a := range actions {
		if a.To != core.StatusCreated || a.Kind == core.ActionReject || m.Phase() != core.PhaseRunning {
			continue
		}
		if s, _ := m.Status(a.Task); s.Status == core.StatusCreated && !s.Suspended {
			return fmt.Errorf("task %v can start, and waits", a.Task)
		}
	}
	return nil
}

func (c *Settled) settled() error {
	g := &c.group
	if g.of(waiting)+g.of(marked)+g.of(held) == 0 {
		return nil
	}
	c.checked++
	for id, t := range g.tasks.all() {
		switch {
		case g.mayStart(id, t):
			return fmt.Errorf("task %v can start, and waits", id)
		case g.mayStop(id, t):
			return fmt.Errorf("task %v is to stop and nobody is in its way, and it is not asked", id)
		case t.held && g.quiet(id):
			return fmt.Errorf("task %v failed and nobody is in its way, and its restart delay does not begin", id)
		}
	}
	return nil
}

// explained compares what a task says it waits for with what is known.
func (c *Settled) explained(m *core.Machine, id core.TaskID) error {
	t, ok := c.group.tasks.find(id)
	if !ok || t.status != core.StatusCreated && t.status != core.StatusFailed {
		return nil
	}
	s, _ := m.Status(id)
	var wait core.Wait
	need, missing := c.group.missing(id)
	switch {
	case t.held:
		wait = core.WaitOthersStopped
	case t.status == core.StatusFailed && s.Wait == core.WaitRestartRate:
		wait = core.WaitRestartRate
	case t.status == core.StatusFailed:
		wait = core.WaitDelay
	case t.suspended:
		wait = core.WaitSuspended
	case c.group.phase == core.PhaseCreated:
		wait = core.WaitSupervisor
	case missing:
		wait = core.WaitNeed
	default:
		wait = core.WaitTurn
	}
	if s.Wait != wait || wait == core.WaitNeed && s.Need != need {
		return fmt.Errorf("task %v waits for %v (task %v), and says it is %v (task %v)", id, wait, need, s.Wait, s.Need)
	}
	return nil
}
