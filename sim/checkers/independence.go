package checkers

import (
	"fmt"

	"github.com/tasksupervisor/tasksupervisor/core"
)

// Independence checks invariant 12: the end of one task's run changes nothing for the others, unless the supervisor
// halts for it. All that happens to the others in such a step is what was due by then, at the instant it was due.
type Independence struct {
	timers  deadlines
	pending int // how many timers there are
	checked int
}

// Name implements Checker.
func (c *Independence) Name() string { return "invariant 12: a failure delays nobody else" }

// Checked counts the ends of runs while another task waited for something.
func (c *Independence) Checked() int { return c.checked }

// Begin implements Checker.
func (c *Independence) Begin(m *core.Machine) {
	c.timers.begin(m)
	c.pending = 0
	for s := range m.Tasks() {
		c.pending += c.armed(s.Task)
	}
}

// Observe implements Checker.
func (c *Independence) Observe(m *core.Machine, ev core.Event, actions []core.Action) error {
	end := endedAt(ev, actions)
	if end >= 0 && c.others(ev.Task) > 0 {
		c.checked++
	}
	var replaced core.TaskID // was abandoned by the action before
	for _, a := range actions {
		if a.Kind == core.ActionReject {
			continue
		}
		due := c.timers.of(a.Task)
		expected := a.At == due && (a.Why == core.ReasonBackoff || a.Why == core.ReasonStopTimeout) ||
			a.Task == replaced && a.Kind == core.ActionStart
		if end >= 0 && a.Task != ev.Task && !expected && m.Phase() != core.PhaseHalting && m.Phase() != core.PhaseHalted {
			return fmt.Errorf("run %d of task %v ends, and task %v goes from %v to %v at %v, %v, though it was to wait until %v",
				ev.Run, ev.Task, a.Task, a.From, a.To, a.At, a.Why, due)
		}
		if replaced = 0; a.Kind == core.ActionAbandon {
			replaced = a.Task
		}
		c.pending -= c.armed(a.Task)
		c.timers.decided(a)
		c.pending += c.armed(a.Task)
	}
	return nil
}

// others counts the timers of tasks other than one.
func (c *Independence) others(id core.TaskID) int { return c.pending - c.armed(id) }

// armed is 1 if a task has a timer, else 0.
func (c *Independence) armed(id core.TaskID) int {
	if c.timers.of(id) != core.Never {
		return 1
	}
	return 0
}
