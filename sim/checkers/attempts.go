package checkers

import (
	"fmt"

	"github.com/tasksupervisor/tasksupervisor/core"
)

// Attempts checks invariant 6: attempts are cleared exactly when a run has reached stability or an operator restarts
// the task, and otherwise grow by one with every failure that leads to a restart.
type Attempts struct {
	grid     grid
	policies policies
	tasks    perTask[attempts]
	checked  int
	probes   [3]int
}

type attempts struct {
	unknown bool // a part of its latest run came before the trace began
	healthy bool
	started core.Instant
	count   uint32 // as they stood when the latest run started
}

// Name implements Checker.
func (c *Attempts) Name() string {
	return "invariant 6: attempts clear exactly with stability or an operator's restart"
}

// Checked counts the actions about a Healthy task that had attempts to clear or keep.
func (c *Attempts) Checked() int { return c.checked }

// Probes counts those that were one nanosecond before stability, exactly at it, and one nanosecond after it.
func (c *Attempts) Probes() (before, at, behind int) { return c.probes[0], c.probes[1], c.probes[2] }

// Begin implements Checker.
func (c *Attempts) Begin(m *core.Machine) {
	c.grid.begin(m)
	c.policies.begin(m)
	c.tasks.reset()
	for s := range m.Tasks() {
		healthy := s.Status == core.StatusHealthy
		*c.tasks.of(s.Task) = attempts{unknown: healthy, healthy: healthy, started: s.Since, count: s.Attempts}
	}
}

// Observe implements Checker.
func (c *Attempts) Observe(m *core.Machine, ev core.Event, actions []core.Action) error {
	c.grid.observe(m, ev, actions)
	restarted := heeded(core.EventRestart, ev, actions)
	for _, a := range actions {
		if a.Kind == core.ActionReject || a.Kind == core.ActionHalt {
			continue
		}
		c.policies.decided(m, ev, a)
		task := c.tasks.of(a.Task)
		operator := restarted && a.Task == ev.Task && a.Why == core.ReasonRestarted
		if err := c.check(c.policies.of(a.Task), task, a, operator); err != nil {
			return err
		}
		if task.healthy = a.To == core.StatusHealthy; a.Kind == core.ActionStart {
			task.unknown, task.started = false, a.At
		}
		task.count = a.Attempts
		if a.Kind == core.ActionForget {
			c.tasks.forget(a.Task)
		}
	}
	return nil
}

// check compares the attempts an action shows with those it should.
func (c *Attempts) check(p *core.Policy, task *attempts, a core.Action, operator bool) error {
	if task.healthy && (task.unknown || !c.grid.known) {
		return nil
	}
	expected := task.count
	switch {
	case operator:
		expected = 0
	case task.healthy:
		clears := c.grid.clears(task.started, p.StableAfter)
		if task.count > 0 {
			c.checked++
			c.probe(clears, a.At)
		}
		if clears != core.Never && clears <= a.At {
			expected = 0
		}
	}
	if a.Why == core.ReasonFailure && expected+1 != 0 {
		expected++
	}
	if a.Attempts != expected {
		return fmt.Errorf("task %v went from %v to %v at %v with %d attempts; they should be %d",
			a.Task, a.From, a.To, a.At, a.Attempts, expected)
	}
	return nil
}

func (c *Attempts) probe(clears, at core.Instant) {
	if offset := int64(at) - int64(clears); clears != core.Never && offset >= -1 && offset <= 1 {
		c.probes[offset+1]++
	}
}
