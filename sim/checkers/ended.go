package checkers

import (
	"fmt"

	"github.com/tasksupervisor/tasksupervisor/core"
)

// Ended checks invariant 8: dead and completed tasks, those that are stopped for good, and those that are suspended, start
// again only by an operator's word; a task that was removed never does, and its id is never heard of again.
type Ended struct {
	group   group
	newest  core.TaskID
	checked int
}

// Name implements Checker.
func (c *Ended) Name() string { return "invariant 8: what has ended starts only by an operator's word" }

// Checked counts the starts of tasks that had ended or were stopped, and the tasks that were removed.
func (c *Ended) Checked() int { return c.checked }

// Begin implements Checker.
func (c *Ended) Begin(m *core.Machine) {
	c.group.begin(m)
	c.newest = 0
	for s := range m.Tasks() {
		c.newest = s.Task
	}
}

// Observe implements Checker.
func (c *Ended) Observe(m *core.Machine, ev core.Event, actions []core.Action) error {
	c.group.hear(m, ev, actions)
	word := restartAt(ev, actions)
	for i, a := range actions {
		if !concerns(a) {
			continue
		}
		if err := c.identity(a); err != nil {
			return err
		}
		c.group.meet(a)
		if err := c.start(a, word == i); err != nil {
			return err
		}
		c.group.decided(m, ev, a)
		if a.Kind == core.ActionForget {
			c.checked++
		}
	}
	c.group.end(m, ev)
	return nil
}

// identity checks that an id is new when a task is added, and known otherwise.
func (c *Ended) identity(a core.Action) error {
	if a.Kind == core.ActionAdd {
		if a.Task <= c.newest {
			return fmt.Errorf("task %v is added after task %v", a.Task, c.newest)
		}
		c.newest = a.Task
		return nil
	}
	if _, ok := c.group.tasks.find(a.Task); !ok {
		return fmt.Errorf("%v of task %v, which is not known or not any more", a.Kind, a.Task)
	}
	return nil
}

// start checks an action that starts a task, or has it wait for a start. operator: it is what an operator's restart did.
func (c *Ended) start(a core.Action, operator bool) error {
	switch a.To {
	case core.StatusCreated, core.StatusStarting, core.StatusHealthy, core.StatusFailed:
	default:
		return nil
	}
	task := c.group.tasks.of(a.Task)
	if a.Kind == core.ActionStart && task.suspended && a.Why != core.ReasonResumed && a.Why != core.ReasonRestarted {
		return fmt.Errorf("task %v starts from %v, and is suspended", a.Task, a.From)
	}
	switch a.From {
	case core.StatusCompleted, core.StatusDead, core.StatusHalted:
		c.checked++
		if !operator || a.Why != core.ReasonRestarted {
			return fmt.Errorf("task %v starts from %v, %v, without an operator's word", a.Task, a.From, a.Why)
		}
	case core.StatusStopping, core.StatusAbandoned:
		c.checked++
		if !operator && !returns(task.word) {
			return fmt.Errorf("task %v goes from %v to %v, and is to be stopped for good: the latest word on it is %v",
				a.Task, a.From, a.To, task.word)
		}
	default:
		// It is new, or its restart is due.
	}
	return nil
}

// returns tells whether a task is stopped only to be started again.
func returns(intent core.Intent) bool {
	return intent == core.IntentRestart || intent == core.IntentRetry || intent == core.IntentStartAgain || intent == core.IntentSuspend
}
