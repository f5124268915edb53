package checkers

import (
	"fmt"

	"github.com/tasksupervisor/tasksupervisor/core"
	"github.com/tasksupervisor/tasksupervisor/sim/spec"
)

// Liveness checks invariant 16 as far as a trace can show it: no Failed task is left waiting beyond its delay, no stop
// lasts beyond its timeout, and no start or sign of life is waited for beyond its own. See [Settled] for tasks that wait
// for each other.
type Liveness struct{ checked int }

// Name implements Checker.
func (c *Liveness) Name() string {
	return "invariant 16: every failed task restarts after its delay, and every stop ends"
}

// Checked counts the tasks that left Failed or Stopping.
func (c *Liveness) Checked() int { return c.checked }

// Concerns implements [Selective].
func (c *Liveness) Concerns() (check, end Scope) {
	return Scope{Actions: []core.ActionKind{core.ActionStop}, From: []core.Status{core.StatusFailed, core.StatusStopping}}, everything
}

// Begin implements Checker.
func (c *Liveness) Begin(*Trace, *core.Machine) {}

// Check implements Checker.
func (c *Liveness) Check(t *Trace, s *Step, i int) error {
	a := &s.Actions[i]
	if !concerns(a) {
		return nil
	}
	if waits := a.From == core.StatusFailed || a.From == core.StatusStopping; waits && a.From != a.To {
		c.checked++
	}
	if a.Kind == core.ActionStop {
		hung := a.Why == core.ReasonStartTimeout || a.Why == core.ReasonWatchdog
		if end := spec.After(a.At, spec.StopLimit(t.PolicyOf(a.Task), hung)); a.Until != end {
			return fmt.Errorf("task %v is asked to stop until %v, not until %v", a.Task, a.Until, end)
		}
	}
	return nil
}

// End implements Checker.
func (c *Liveness) End(t *Trace, s *Step) error {
	if t.waits && t.first.at <= t.Now {
		return fmt.Errorf("it is %v, and task %v still waits for %v", t.Now, t.first.task, t.first.at)
	}
	return nil
}
