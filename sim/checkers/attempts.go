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
	status  core.Status
	healthy core.Instant // since when the latest run is, or was
	count   uint32       // as they stood when it got its status
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
		*c.tasks.of(s.Task) = attempts{s.Status == core.StatusHealthy, s.Status, s.Since, s.Attempts}
	}
}

// Observe implements Checker.
func (c *Attempts) Observe(m *core.Machine, ev core.Event, actions []core.Action) error {
	c.grid.observe(m, ev, actions)
	word := restartAt(ev, actions)
	for i, a := range actions {
		if !concerns(a) {
			continue
		}
		task := c.tasks.of(a.Task)
		if a.Why == core.ReasonPolicy && c.stable(task, a) {
			task.count = 0 // by the policy it had until now, and for good
		}
		c.policies.decided(m, ev, a)
		if err := c.check(c.policies.of(a.Task), task, a, i == word); err != nil {
			return err
		}
		if a.From != a.To || i == word {
			task.count = a.Attempts
		}
		if a.To == core.StatusHealthy && a.From != a.To {
			task.unknown, task.healthy = false, a.At
		}
		task.status = a.To
		if a.Kind == core.ActionForget {
			c.tasks.forget(a.Task)
		}
	}
	if task, ok := c.tasks.find(ev.Task); ok && word == len(actions) {
		task.count = 0
	}
	return nil
}

// restartAt returns the index of the first action that shows what an operator's restart did; if none does, how many
// actions there are; -1 if the event is another.
func restartAt(ev core.Event, actions []core.Action) int {
	if !heeded(core.EventRestart, ev, actions) {
		return -1
	}
	silent := len(actions)
	for i, a := range actions {
		switch {
		case a.Task != ev.Task:
		case a.Why == core.ReasonRestarted && (a.From != core.StatusCreated || a.Kind == core.ActionTransition):
			return i
		case a.From == core.StatusCreated && a.Why != core.ReasonSupervisorStop:
			silent = i // it waited for its turn, and may start now
		case a.To == core.StatusCreated:
			silent = len(actions) // what went before was not the word's doing, for then it would have run
		}
	}
	return silent
}

// check compares the attempts an action shows with those it should.
func (c *Attempts) check(p *core.Policy, task *attempts, a core.Action, operator bool) error {
	healthy := task.status == core.StatusHealthy
	if healthy && (task.unknown || !c.grid.known) {
		return nil
	}
	expected := task.count
	switch {
	case operator:
		expected = 0
	case healthy:
		if task.count > 0 {
			c.checked++
			c.probe(c.grid.clears(task.healthy, p.StableAfter), a.At)
		}
		if c.stable(task, a) {
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

// stable tells whether a task that is healthy has cleared its attempts by the instant of an action.
func (c *Attempts) stable(task *attempts, a core.Action) bool {
	clears := c.grid.clears(task.healthy, c.policies.of(a.Task).StableAfter)
	return task.status == core.StatusHealthy && clears != core.Never && clears <= a.At
}

func (c *Attempts) probe(clears, at core.Instant) {
	if offset := int64(at) - int64(clears); clears != core.Never && offset >= -1 && offset <= 1 {
		c.probes[offset+1]++
	}
}
