package checkers

import (
	"fmt"

	"github.com/tasksupervisor/tasksupervisor/core"
	"github.com/tasksupervisor/tasksupervisor/sim/spec"
)

// Shutdown checks invariant 13: a supervisor that halts starts nothing, ends within its overall deadline, says so once,
// names the task it is about, and accounts for every run: each has ended or was abandoned. See [Rounds] and [Needs] for the
// order in which it stops its tasks.
type Shutdown struct {
	began   bool
	until   core.Instant // began: the overall deadline, at the latest
	limits  core.Limits  // before the current step
	culprit core.TaskID  // the task for which it halts, if it is for one
	run     core.Run
	halted  bool
	checked int
}

// Name implements Checker.
func (c *Shutdown) Name() string {
	return "invariant 13: a shutdown starts nothing, ends in time, halts once and accounts for every run"
}

// Checked counts the halts.
func (c *Shutdown) Checked() int { return c.checked }

// Concerns implements [Selective].
func (c *Shutdown) Concerns() (check, end Scope) {
	return Scope{Actions: []core.ActionKind{core.ActionHalt, core.ActionAdd, core.ActionStart, core.ActionStop, core.ActionAbandon, core.ActionProbe}, To: []core.Status{core.StatusFailed, core.StatusCreated, core.StatusAbandoned, core.StatusDead}, Why: []core.Reason{core.ReasonSupervisorStop}}, everything
}

// Begin implements Checker.
func (c *Shutdown) Begin(t *Trace, m *core.Machine) {
	s := m.Supervisor()
	*c = Shutdown{
		began: t.Phase >= core.PhaseHalting, until: s.ShutdownUntil, culprit: s.Culprit, run: s.CulpritRun,
		halted: t.Phase == core.PhaseHalted, checked: c.checked, limits: t.Config.Limits,
	}
}

// Check implements Checker.
func (c *Shutdown) Check(t *Trace, s *Step, i int) error {
	a := &s.Actions[i]
	if halts(a) {
		c.begin(s, a.At)
	}
	if a.Kind == core.ActionHalt {
		return c.halt(t, s.Machine, a)
	}
	if !concerns(a) {
		return nil
	}
	if c.began {
		if err := c.decision(a); err != nil {
			return err
		}
	}
	if task := s.Task; spec.Attended(task) && task.Live && a.From != a.To && a.To == core.StatusAbandoned && a.Kind != core.ActionAbandon {
		return fmt.Errorf("run %d of task %v lives, is not waited for any more, and was not abandoned", task.Run, a.Task)
	}
	if !c.began && t.escalates(a) {
		if c.culprit == 0 {
			c.culprit, c.run = a.Task, s.Task.Run
		}
		c.begin(s, a.At)
	}
	return nil
}

// End implements Checker.
func (c *Shutdown) End(t *Trace, s *Step) error {
	m := s.Machine
	if t.Phase == core.PhaseHalting {
		c.begin(s, t.Now)
	}
	c.limits = t.Config.Limits
	if at, due := m.NextDeadline(); c.halted && due {
		return fmt.Errorf("the supervisor has halted, and something is due at %v", at)
	}
	if c.halted != (m.Phase() == core.PhaseHalted) {
		return fmt.Errorf("the supervisor is %v, and whether it said halt is %v", m.Phase(), c.halted)
	}
	return nil
}

// begin records that the supervisor began to halt, at an instant or before.
func (c *Shutdown) begin(s *Step, at core.Instant) {
	if c.began {
		return
	}
	c.began, c.until = true, core.Never
	limits := c.limits
	if limits.ShutdownTimeout > 0 {
		c.until = spec.After(at, limits.ShutdownTimeout)
	}
	if s.accepted(core.EventLimits) { // it halted just before them, or for them
		limits, _ = s.Machine.Limits(s.Event.Limits)
		if limits.ShutdownTimeout == 0 {
			c.until = core.Never
		} else if c.until != core.Never {
			c.until = max(c.until, spec.After(at, limits.ShutdownTimeout))
		}
	}
}

// decision checks an action about a task after the supervisor began to halt.
func (c *Shutdown) decision(a *core.Action) error {
	switch {
	case a.Kind == core.ActionStart, a.Kind == core.ActionAdd && a.To != core.StatusHalted:
		return fmt.Errorf("task %v: %v while the supervisor halts", a.Task, a.Kind)
	case a.From != a.To && (a.To == core.StatusFailed || a.To == core.StatusCreated):
		return fmt.Errorf("task %v goes from %v to %v while the supervisor halts", a.Task, a.From, a.To)
	case c.halted && (a.Kind == core.ActionStop || a.Kind == core.ActionAbandon || a.Kind == core.ActionProbe):
		return fmt.Errorf("task %v: %v after the supervisor halted", a.Task, a.Kind)
	default:
		return nil
	}
}

func (c *Shutdown) halt(t *Trace, m *core.Machine, a *core.Action) error {
	c.checked++
	if c.halted {
		return fmt.Errorf("the supervisor halts a second time")
	}
	c.halted = true
	if a.Why != m.HaltReason() {
		return fmt.Errorf("the supervisor halts for %v, and says it is for %v", a.Why, m.HaltReason())
	}
	blames := a.Why == core.ReasonEscalated || a.Why == core.ReasonIntensity
	if blames && (a.Task != c.culprit || a.Run != c.run) {
		return fmt.Errorf("the supervisor halts for run %d of task %v, and blames run %d of task %v", c.run, c.culprit, a.Run, a.Task)
	}
	if !blames && a.Task != 0 {
		return fmt.Errorf("the supervisor halts for %v, and blames task %v", a.Why, a.Task)
	}
	if a.At > c.until {
		return fmt.Errorf("the shutdown lasts until %v, and has to end by %v", a.At, c.until)
	}
	left := 0
	for i := range t.Tasks {
		task := &t.Tasks[i]
		if task.Status == core.StatusNone {
			continue
		}
		left += runsOf(task)
		if task.Live && spec.Waited(task) {
			return fmt.Errorf("the supervisor halts while run %d of task %v lives and was not abandoned", task.Run, task.Task)
		}
	}
	if int(a.LeftBehind) != left {
		return fmt.Errorf("the supervisor leaves %d runs behind, and reports %d", left, a.LeftBehind)
	}
	return nil
}
