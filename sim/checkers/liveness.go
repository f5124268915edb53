package checkers

import (
	"fmt"

	"github.com/tasksupervisor/tasksupervisor/core"
)

// Liveness checks invariant 16 as far as a trace can show it: no Failed task is left waiting beyond its delay, no stop
// lasts beyond its timeout, and no start or sign of life is waited for beyond its own. See [Settled] for tasks that wait
// for each other.
type Liveness struct {
	policies policies
	timers   queue
	checked  int
}

// Name implements Checker.
func (c *Liveness) Name() string {
	return "invariant 16: every failed task is started after its delay, and every stop ends"
}

// Checked counts the tasks that left Failed or Stopping.
func (c *Liveness) Checked() int { return c.checked }

// Begin implements Checker.
func (c *Liveness) Begin(m *core.Machine) {
	c.policies.begin(m)
	c.timers.begin(m)
}

// Observe implements Checker.
func (c *Liveness) Observe(m *core.Machine, ev core.Event, actions []core.Action) error {
	for _, a := range actions {
		if a.Kind == core.ActionReject {
			continue
		}
		if waits := a.From == core.StatusFailed || a.From == core.StatusStopping; waits && a.From != a.To {
			c.checked++
		}
		c.policies.decided(m, ev, a)
		if a.Kind == core.ActionStop {
			if end := after(a.At, c.policies.of(a.Task).StopTimeout); a.Until != end {
				return fmt.Errorf("task %v is asked to stop until %v, not until %v", a.Task, a.Until, end)
			}
		}
		c.timers.decided(a)
	}
	c.timers.heard(m, ev, actions)
	if first, ok := c.timers.earliest(); ok && first.at <= m.Now() {
		return fmt.Errorf("it is %v, and task %v still waits for %v", m.Now(), first.id, first.at)
	}
	return nil
}
