package checkers

import (
	"fmt"

	"github.com/tasksupervisor/tasksupervisor/core"
)

// Independence checks invariant 12: under one-for-one the end of a run changes nothing for tasks that neither need its
// task nor are needed by it, unless the supervisor halts for it. All that happens to others in such a step is what was due
// before, at the instant it was due.
type Independence struct {
	strategy core.Strategy
	edges    edges
	timers   deadlines
	pending  int // how many timers there are
	checked  int
}

// Name implements Checker.
func (c *Independence) Name() string { return "invariant 12: a failure delays nobody else" }

// Checked counts the ends of runs while another task waited for something.
func (c *Independence) Checked() int { return c.checked }

// Begin implements Checker.
func (c *Independence) Begin(m *core.Machine) {
	c.strategy = m.Config().Strategy
	c.edges.begin(m)
	c.timers.begin(m)
	c.pending = 0
	for s := range m.Tasks() {
		c.pending += c.armed(s.Task)
	}
}

// Observe implements Checker.
func (c *Independence) Observe(m *core.Machine, ev core.Event, actions []core.Action) error {
	end := endedAt(ev, actions)
	looks := end >= 0 && c.alone(ev.Task) && m.Phase() != core.PhaseHalting && m.Phase() != core.PhaseHalted
	if looks && c.others(ev.Task) > 0 {
		c.checked++
	}
	for i, a := range actions {
		if a.Kind == core.ActionReject {
			continue
		}
		if looks && a.Task != ev.Task && (i > end || c.moved(a, actions[:i])) {
			return fmt.Errorf("run %d of task %v ends, and task %v goes from %v to %v at %v, %v, though it was to wait until %v",
				ev.Run, ev.Task, a.Task, a.From, a.To, a.At, a.Why, c.timers.of(a.Task))
		}
		c.pending -= c.armed(a.Task)
		c.timers.decided(a)
		c.pending += c.armed(a.Task)
		if a.Kind == core.ActionForget {
			c.edges.forget(a.Task)
		}
	}
	c.pending -= c.armed(ev.Task)
	c.timers.heard(m, ev, actions)
	c.pending += c.armed(ev.Task)
	if heeded(core.EventNeed, ev, actions) {
		c.edges.connect(ev.Task, ev.Other, ev.Bound)
	}
	return nil
}

// moved tells whether an action that came before the end of the run, or in its stead, is not what was due. before is what
// was decided before it in the same step.
func (c *Independence) moved(a core.Action, before []core.Action) bool {
	if !c.alone(a.Task) {
		return false
	}
	if last := len(before) - 1; last >= 0 && before[last].Kind == core.ActionAbandon && before[last].Task == a.Task {
		return a.From != core.StatusAbandoned
	}
	return !fires(a) || !c.timers.due(a)
}

// alone tells whether what a task does concerns no other.
func (c *Independence) alone(id core.TaskID) bool {
	links := c.edges.of(id)
	return c.strategy == core.OneForOne && len(links.needs)+len(links.dependents) == 0
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
