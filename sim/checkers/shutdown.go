package checkers

import (
	"fmt"

	"github.com/tasksupervisor/tasksupervisor/core"
)

// Shutdown checks invariant 13: a supervisor that halts starts nothing, asks its tasks to stop in reverse order, ends
// within its overall deadline, says so once, and accounts for every run: each has ended or was abandoned.
type Shutdown struct {
	cfg      core.Config
	tasks    perTask[runs]
	statuses perTask[core.Status]
	stopping int // tasks in that status
	began    bool
	latest   core.Instant // began: it began at this instant or before
	last     core.TaskID  // the task that was asked to stop last
	halted   bool
	checked  int
}

// Name implements Checker.
func (c *Shutdown) Name() string {
	return "invariant 13: a shutdown starts nothing, ends in time, halts once and accounts for every run"
}

// Checked counts the halts.
func (c *Shutdown) Checked() int { return c.checked }

// Begin implements Checker.
func (c *Shutdown) Begin(m *core.Machine) {
	c.cfg = m.Config()
	beginRuns(&c.tasks, m)
	c.statuses.reset()
	c.stopping = 0
	for s := range m.Tasks() {
		c.move(s.Task, s.Status)
	}
	c.began = m.Phase() == core.PhaseHalting || m.Phase() == core.PhaseHalted
	c.halted = m.Phase() == core.PhaseHalted
	c.latest = m.Now()
	c.last = 0
}

// Observe implements Checker.
func (c *Shutdown) Observe(m *core.Machine, ev core.Event, actions []core.Action) error {
	end := endedAt(ev, actions)
	for i, a := range actions {
		if a.Kind == core.ActionReject {
			continue
		}
		if halts(a) && !c.began {
			c.began, c.latest = true, a.At
		}
		if a.Kind == core.ActionHalt {
			if err := c.halt(m, a); err != nil {
				return err
			}
			continue
		}
		if i == end {
			c.tasks.of(a.Task).ended(ev.Run)
		}
		if c.began {
			if err := c.decision(a, actions[i+1:]); err != nil {
				return err
			}
		}
		c.tasks.of(a.Task).decided(a)
		c.move(a.Task, a.To)
		if a.Kind == core.ActionForget {
			c.tasks.forget(a.Task)
			c.statuses.forget(a.Task)
		}
	}
	if m.Phase() == core.PhaseHalting && !c.began {
		c.began, c.latest = true, m.Now()
	}
	if at, due := m.NextDeadline(); c.halted && due {
		return fmt.Errorf("the supervisor has halted, and something is due at %v", at)
	}
	if c.halted != (m.Phase() == core.PhaseHalted) {
		return fmt.Errorf("the supervisor is %v, and whether it said halt is %v", m.Phase(), c.halted)
	}
	return nil
}

func (c *Shutdown) move(id core.TaskID, to core.Status) {
	status := c.statuses.of(id)
	if *status == core.StatusStopping {
		c.stopping--
	}
	if to == core.StatusStopping {
		c.stopping++
	}
	*status = to
}

// decision checks an action about a task after the supervisor began to halt; rest is what follows it in its step.
func (c *Shutdown) decision(a core.Action, rest []core.Action) error {
	switch a.Kind {
	case core.ActionStart, core.ActionAdd:
		return fmt.Errorf("task %v: %v while the supervisor halts", a.Task, a.Kind)
	case core.ActionStop:
		return c.stop(a, rest)
	case core.ActionAbandon:
		if c.halted {
			return fmt.Errorf("task %v is abandoned after the supervisor halted", a.Task)
		}
	case core.ActionNote, core.ActionForget, core.ActionReject, core.ActionHalt:
	}
	return nil
}

func (c *Shutdown) stop(a core.Action, rest []core.Action) error {
	if c.halted {
		return fmt.Errorf("task %v is asked to stop after the supervisor halted", a.Task)
	}
	if c.last != 0 && a.Task > c.last {
		return fmt.Errorf("task %v is asked to stop after task %v, which was added before it", a.Task, c.last)
	}
	c.last = a.Task
	late := len(rest) > 0 && rest[0].Task == a.Task && rest[0].Why == core.ReasonShutdownTimeout
	if c.cfg.StopOrder == core.StopReverse && c.stopping > 0 && !late {
		return fmt.Errorf("task %v is asked to stop while another is stopping", a.Task)
	}
	return nil
}

func (c *Shutdown) halt(m *core.Machine, a core.Action) error {
	c.checked++
	if c.halted {
		return fmt.Errorf("the supervisor halts a second time")
	}
	c.halted = true
	if a.Why != m.HaltReason() {
		return fmt.Errorf("the supervisor halts for %v, and says it is for %v", a.Why, m.HaltReason())
	}
	if end := after(c.latest, c.cfg.ShutdownTimeout); c.cfg.ShutdownTimeout > 0 && a.At > end {
		return fmt.Errorf("the shutdown lasts until %v, and has to end by %v", a.At, end)
	}
	left := 0
	for i := range c.tasks.slots {
		slot := &c.tasks.slots[i]
		if slot.id == 0 {
			continue
		}
		left += slot.value.count()
		if slot.value.alive && !slot.value.abandoned {
			return fmt.Errorf("the supervisor halts while run %d of task %v lives and was not abandoned", slot.value.latest, slot.id)
		}
	}
	if int(a.Left) != left {
		return fmt.Errorf("the supervisor leaves %d runs behind, and reports %d", left, a.Left)
	}
	return nil
}
