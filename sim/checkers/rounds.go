package checkers

import (
	"fmt"

	"github.com/tasksupervisor/tasksupervisor/core"
)

// Rounds checks invariant 11 for the order in which tasks stop and start. Where the strategy makes tasks depend on their
// order, nobody starts while anybody is on its way to stop, or before everybody in front of it is up. Of those that are
// to stop the last is asked first, and where they stop one by one, when all behind it are gone.
type Rounds struct {
	group   group
	checked int
}

// Name implements Checker.
func (c *Rounds) Name() string {
	return "invariant 11: tasks stop in reverse order, and start in order when everybody is gone"
}

// Checked counts the starts under an ordered strategy, and the stops of tasks that were not the only ones to stop.
func (c *Rounds) Checked() int { return c.checked }

// Begin implements Checker.
func (c *Rounds) Begin(m *core.Machine) { c.group.begin(m) }

// Observe implements Checker.
func (c *Rounds) Observe(m *core.Machine, ev core.Event, actions []core.Action) error {
	if c.group.idle() {
		c.group.wake(m, ev, actions)
		return c.sweep(actions)
	}
	c.group.hear(m, ev, actions)
	for i, a := range actions {
		if a.Kind == core.ActionReject {
			continue
		}
		c.group.meet(a)
		if err := c.check(m, a, actions[i+1:]); err != nil {
			return err
		}
		c.group.decided(m, ev, a)
	}
	c.group.end(m, ev)
	return c.taken(m)
}

// sweep checks a step in which no task waits for another: if it stops them all, it asks the last one first.
func (c *Rounds) sweep(actions []core.Action) error {
	last := core.TaskID(0)
	for _, a := range actions {
		if a.Kind != core.ActionStop || a.Why != core.ReasonSupervisorStop {
			continue
		}
		if last != 0 {
			c.checked++
		}
		if last != 0 && a.Task > last {
			return fmt.Errorf("task %v is asked to stop before task %v, which was added behind it", last, a.Task)
		}
		last = a.Task
	}
	return nil
}

// check checks an action; rest is what follows it in its step.
func (c *Rounds) check(m *core.Machine, a core.Action, rest []core.Action) error {
	switch {
	case a.Kind == core.ActionStart && c.group.ordered():
		c.checked++
		if !c.group.sure(m, a) {
			return nil
		}
		return c.start(a)
	case a.Kind == core.ActionStop && c.group.sure(m, a) && !hangs(a, rest):
		return c.stop(a)
	default:
		return nil
	}
}

// hangs tells whether a run is asked to stop because it hangs, or is not waited for any more: that heeds no order.
func hangs(a core.Action, rest []core.Action) bool {
	late := len(rest) > 0 && rest[0].Task == a.Task && rest[0].Why == core.ReasonShutdownTimeout
	return late || a.Why == core.ReasonStartTimeout || a.Why == core.ReasonWatchdog
}

func (c *Rounds) start(a core.Action) error {
	if a.From != core.StatusCreated {
		return fmt.Errorf("task %v starts from %v, and does not wait its turn", a.Task, a.From)
	}
	if other, early := c.group.early(a.Task); early {
		return fmt.Errorf("task %v starts while task %v is %v", a.Task, other, c.group.describe(other))
	}
	if c.group.of(waiting) < 2 {
		return nil
	}
	for other, t := range c.group.tasks.all() {
		if other < a.Task && c.group.mayStart(other, t) {
			return fmt.Errorf("task %v starts before task %v, which can start, too", a.Task, other)
		}
	}
	return nil
}

func (c *Rounds) stop(a core.Action) error {
	t := c.group.tasks.of(a.Task)
	if c.group.of(leaving) > 1 {
		c.checked++
	}
	if t.word == core.IntentNone && (a.Why == core.ReasonSibling || a.Why == core.ReasonDependency) {
		return fmt.Errorf("task %v is asked to stop, %v, and no other gave cause for that", a.Task, a.Why)
	}
	word := t.intent
	word.decided(core.Event{}, a) // it may be told only now what is meant
	if word.suspended && !t.suspended {
		return nil // an operator's word that has nothing in its way heeds no order
	}
	if other, later := c.group.later(a.Task, &member{intent: word}); later {
		return fmt.Errorf("task %v is asked to stop while task %v is %v", a.Task, other, c.group.describe(other))
	}
	if c.group.of(marked) == 0 {
		return nil
	}
	for other, t := range c.group.tasks.all() {
		if other > a.Task && c.group.mayStop(other, t) {
			return fmt.Errorf("task %v is asked to stop before task %v, which was added behind it", a.Task, other)
		}
	}
	return nil
}

// taken checks that those that have to stop for another's sake are going to.
func (c *Rounds) taken(m *core.Machine) error {
	for _, id := range c.group.taken {
		if s, ok := m.Status(id); ok && isRunning(s.Status) && s.Intent == core.IntentNone && c.group.tasks.of(id).is(marked) {
			return fmt.Errorf("task %v runs on, and is to be stopped for another's sake", id)
		}
	}
	return nil
}

// describe says what a task does.
func (g *group) describe(id core.TaskID) string {
	t := g.tasks.of(id)
	if t.is(marked) {
		return t.status.String() + " and to be stopped"
	}
	return t.status.String()
}
