package checkers

import (
	"fmt"

	"github.com/tasksupervisor/tasksupervisor/core"
)

// Shutdown checks invariant 13: a supervisor that halts starts nothing, ends within its overall deadline, says so once,
// names whom it is about, and accounts for every run: each has ended or was abandoned. See [Rounds] and [Needs] for the
// order in which it stops its tasks.
type Shutdown struct {
	timeout  core.Duration
	policies policies
	tasks    perTask[runs]
	began    bool
	latest   core.Instant // began: it began at this instant or before
	culprit  culprit
	halted   bool
	checked  int
}

// culprit is the task for which the supervisor halts, if it is for one.
type culprit struct {
	known bool
	task  core.TaskID
	run   core.Run
}

// Name implements Checker.
func (c *Shutdown) Name() string {
	return "invariant 13: a shutdown starts nothing, ends in time, halts once and accounts for every run"
}

// Checked counts the halts.
func (c *Shutdown) Checked() int { return c.checked }

// Begin implements Checker.
func (c *Shutdown) Begin(m *core.Machine) {
	c.timeout = m.Config().ShutdownTimeout
	c.policies.begin(m)
	beginRuns(&c.tasks, m)
	c.began = m.Phase() == core.PhaseHalting || m.Phase() == core.PhaseHalted
	c.halted = m.Phase() == core.PhaseHalted
	c.latest = m.Now()
	c.culprit = culprit{known: !c.began}
}

// Observe implements Checker.
func (c *Shutdown) Observe(m *core.Machine, ev core.Event, actions []core.Action) error {
	var limits core.Limits
	if changed(m, ev, actions, &limits) {
		c.timeout = limits.ShutdownTimeout // it did not halt before, or the event would be rejected
	}
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
		c.policies.decided(m, ev, a)
		task := c.tasks.of(a.Task)
		if i == end {
			task.ended(ev.Run)
		}
		if c.began {
			if err := c.decision(a); err != nil {
				return err
			}
		}
		task.decided(a)
		if c.escalates(a) && c.culprit.task == 0 {
			c.culprit.task, c.culprit.run = a.Task, task.latest
		}
		if a.Kind == core.ActionForget {
			c.tasks.forget(a.Task)
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

// escalates tells whether an action makes the supervisor halt, if it does not yet.
func (c *Shutdown) escalates(a core.Action) bool {
	switch {
	case a.Kind == core.ActionAbandon:
		return c.policies.of(a.Task).OnAbandon == core.AbandonEscalate
	case a.To != core.StatusDead || a.From == a.To:
		return false
	case a.Why == core.ReasonExhausted:
		return c.policies.of(a.Task).OnExhausted == core.ExhaustedEscalate
	default:
		return a.Why == core.ReasonFatal || a.Why == core.ReasonIntensity
	}
}

// decision checks an action about a task after the supervisor began to halt.
func (c *Shutdown) decision(a core.Action) error {
	switch {
	case a.Kind == core.ActionStart, a.Kind == core.ActionAdd:
		return fmt.Errorf("task %v: %v while the supervisor halts", a.Task, a.Kind)
	case a.From != a.To && (a.To == core.StatusFailed || a.To == core.StatusCreated):
		return fmt.Errorf("task %v goes from %v to %v while the supervisor halts", a.Task, a.From, a.To)
	case c.halted && (a.Kind == core.ActionStop || a.Kind == core.ActionAbandon || a.Kind == core.ActionProbe):
		return fmt.Errorf("task %v: %v after the supervisor halted", a.Task, a.Kind)
	default:
		return nil
	}
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
	blames := a.Why == core.ReasonEscalated || a.Why == core.ReasonIntensity
	if c.culprit.known && blames && (a.Task != c.culprit.task || a.Run != c.culprit.run) {
		return fmt.Errorf("the supervisor halts for run %d of task %v, and blames run %d of task %v",
			c.culprit.run, c.culprit.task, a.Run, a.Task)
	}
	if !blames && a.Task != 0 {
		return fmt.Errorf("the supervisor halts for %v, and blames task %v", a.Why, a.Task)
	}
	if end := after(c.latest, c.timeout); c.timeout > 0 && a.At > end {
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
	if int(a.LeftBehind) != left {
		return fmt.Errorf("the supervisor leaves %d runs behind, and reports %d", left, a.LeftBehind)
	}
	return nil
}
