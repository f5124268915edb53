package checkers

import (
	"fmt"
	"slices"

	"github.com/tasksupervisor/tasksupervisor/core"
)

// Budget checks invariant 10: no window ever holds more restarts after a delay than the restart budget allows; those that
// find no room wait, and go on in the order in which their delays had passed (at one instant in declared order), each at the first instant with room for it.
type Budget struct {
	restarts window
	queue    []waiter     // those that wait, the next first
	turns    core.Instant // when anything last changed about whose turn it is
	strange  int          // how many wait from before the trace began, in an order that is not known
	unsure   bool         // the action that is looked at may have come before or behind a change of limits
	checked  int
}

// waiter is a task that waits for the budget since its restart delay had passed.
type waiter struct {
	since core.Instant
	task  core.TaskID
}

// Name implements Checker.
func (c *Budget) Name() string {
	return "invariant 10: no window holds more restarts after a delay than the budget allows"
}

// Checked counts the restarts after a delay while there was a budget.
func (c *Budget) Checked() int { return c.checked }

// Begin implements Checker.
func (c *Budget) Begin(m *core.Machine) {
	c.restarts.begin(m.Config().RestartRate, m)
	c.queue = c.queue[:0]
	for s := range m.Tasks() {
		if s.Wait == core.WaitRestartRate {
			c.queue = append(c.queue, waiter{-core.Never, s.Task})
		}
	}
	c.strange = len(c.queue)
	c.turns = m.Now()
}

// Observe implements Checker.
func (c *Budget) Observe(m *core.Machine, ev core.Event, actions []core.Action) error {
	limited := heeded(core.EventLimits, ev, actions)
	lost := 0
	for _, a := range actions {
		if a.From != core.StatusFailed || !concerns(a) {
			continue
		}
		now := a.At == m.Now()
		c.unsure = limited && now && !c.restarts.complete
		if limited && now && !c.unsure && !c.due(a) {
			c.limit(m, ev)
			limited = false
		}
		if err := c.check(a); err != nil {
			return err
		}
		if c.unsure && a.Why == core.ReasonBackoff {
			lost++
		}
	}
	if lost > 0 {
		c.restarts.instants = c.restarts.instants[:0] // those before them may have been forgotten, or not
	}
	if limited {
		c.limit(m, ev)
	}
	for range lost {
		c.restarts.record(m.Now())
	}
	return c.waits(m, actions)
}

func (c *Budget) limit(m *core.Machine, ev core.Event) {
	limits, _ := m.Limits(ev.Limits)
	c.restarts.limit(limits.RestartRate)
	c.turns = m.Now()
}

// due tells whether an action can have been decided by the budget as it is known.
func (c *Budget) due(a core.Action) bool {
	if a.Why != core.ReasonBackoff || c.place(a.Task) < 0 {
		return true
	}
	return a.At == max(c.turns, c.restarts.room())
}

// place returns a task's place in the queue, or -1.
func (c *Budget) place(id core.TaskID) int {
	return slices.IndexFunc(c.queue, func(w waiter) bool { return w.task == id })
}

// check checks an action about a Failed task.
func (c *Budget) check(a core.Action) error {
	place := c.place(a.Task)
	switch {
	case a.Why == core.ReasonRestartRate:
		c.checked++
		if place >= 0 || a.Until != core.Never {
			return fmt.Errorf("task %v waits for the budget until %v, and did so before: %v", a.Task, a.Until, place >= 0)
		}
		if c.restarts.complete && len(c.queue) == 0 && !c.restarts.full(a.At) {
			return fmt.Errorf("task %v waits for the budget at %v, and it has room", a.Task, a.At)
		}
		last := len(c.queue)
		for last > 0 && c.queue[last-1].since == a.At && c.queue[last-1].task > a.Task {
			last--
		}
		c.queue = slices.Insert(c.queue, last, waiter{a.At, a.Task})
		c.turns = a.At
	case a.Why == core.ReasonBackoff && a.To != a.From:
		return c.goesOn(a, place)
	case a.To != a.From && place >= 0: // an operator's word
		c.leave(place)
	}
	return nil
}

// goesOn checks that a task goes on whose restart delay has passed. place is its place in the queue, -1 if it never waited.
func (c *Budget) goesOn(a core.Action, place int) error {
	if c.restarts.rate.Per > 0 || place >= 0 {
		c.checked++
	}
	if c.restarts.full(a.At) && !c.unsure {
		return fmt.Errorf("task %v goes on at %v, which is restart %d within %v", a.Task, a.At, c.restarts.count(a.At)+1, c.restarts.rate.Per)
	}
	switch {
	case c.strange > 0:
	case place > 0, place < 0 && len(c.queue) > 0:
		return fmt.Errorf("task %v goes on at %v, before task %v, which waits for the budget", a.Task, a.At, c.queue[0].task)
	case place == 0 && c.restarts.complete:
		if due := max(c.turns, c.restarts.room()); a.At != due {
			return fmt.Errorf("task %v goes on at %v, and the budget has room for it at %v", a.Task, a.At, due)
		}
	}
	if place >= 0 {
		c.leave(place)
	}
	c.turns = a.At
	if !c.unsure {
		c.restarts.record(a.At)
	}
	return nil
}

// leave takes a task out of the queue.
func (c *Budget) leave(place int) {
	c.queue = slices.Delete(c.queue, place, place+1)
	if place < c.strange {
		c.strange--
	}
}

// waits checks at the end of a step that those who wait have to, and say so.
func (c *Budget) waits(m *core.Machine, actions []core.Action) error {
	if c.restarts.rate.Per == 0 && len(c.queue) == 0 {
		return nil
	}
	for _, a := range actions {
		if s, ok := m.Status(a.Task); ok && (s.Wait == core.WaitRestartRate) != (c.place(a.Task) >= 0) {
			return fmt.Errorf("task %v says it waits for %v, and whether it is for the budget is %v", a.Task, s.Wait, s.Wait != core.WaitRestartRate)
		}
	}
	if len(c.queue) == 0 || !c.restarts.complete || m.Phase() != core.PhaseRunning {
		return nil
	}
	if next, _ := m.NextDeadline(); c.restarts.room() < next {
		return fmt.Errorf("it is %v, task %v waits for the budget, which has room at %v, and the next deadline is %v",
			m.Now(), c.queue[0].task, c.restarts.room(), next)
	}
	return nil
}
