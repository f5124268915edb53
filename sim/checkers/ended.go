package checkers

import (
	"fmt"

	"github.com/tasksupervisor/tasksupervisor/core"
)

// Ended checks invariant 8: dead and completed tasks, and those that are stopped for good, start again only by an
// operator's word; a task that was removed never does, and its id is never heard of again.
type Ended struct {
	tasks   perTask[ending]
	newest  core.TaskID
	checked int
}

type ending struct {
	known bool
	word  core.Reason // the latest word on what follows when its run is gone
}

// Name implements Checker.
func (c *Ended) Name() string { return "invariant 8: what has ended starts only by an operator's word" }

// Checked counts the starts of tasks that had ended or were stopped, and the tasks that were removed.
func (c *Ended) Checked() int { return c.checked }

// Begin implements Checker.
func (c *Ended) Begin(m *core.Machine) {
	c.tasks.reset()
	c.newest = 0
	for s := range m.Tasks() {
		*c.tasks.of(s.Task) = ending{known: true, word: wordOf(s.Intent)}
		c.newest = s.Task
	}
}

func wordOf(intent core.Intent) core.Reason {
	switch intent {
	case core.IntentRestart:
		return core.ReasonRestarted
	case core.IntentKill:
		return core.ReasonKilled
	case core.IntentRemove:
		return core.ReasonRemoved
	case core.IntentHalt:
		return core.ReasonHalted
	default:
		return core.ReasonNone
	}
}

// Observe implements Checker.
func (c *Ended) Observe(_ *core.Machine, ev core.Event, actions []core.Action) error {
	restarted := heeded(core.EventRestart, ev, actions)
	if task, ok := c.tasks.find(ev.Task); ok && restarted {
		task.word = core.ReasonRestarted
	}
	for _, a := range actions {
		if a.Kind == core.ActionReject || a.Kind == core.ActionHalt {
			continue
		}
		if err := c.identity(a); err != nil {
			return err
		}
		task := c.tasks.of(a.Task)
		if err := c.start(a, task, restarted && a.Task == ev.Task); err != nil {
			return err
		}
		switch a.Why {
		case core.ReasonKilled, core.ReasonRemoved, core.ReasonHalted, core.ReasonRestarted:
			task.word = a.Why
		default:
		}
		if a.Kind == core.ActionForget {
			c.checked++
			c.tasks.forget(a.Task)
		}
	}
	return nil
}

// identity checks that an id is new when a task is added, and known otherwise.
func (c *Ended) identity(a core.Action) error {
	if a.Kind == core.ActionAdd {
		if a.Task <= c.newest {
			return fmt.Errorf("task %v is added after task %v", a.Task, c.newest)
		}
		c.newest = a.Task
		c.tasks.of(a.Task).known = true
		return nil
	}
	if task, ok := c.tasks.find(a.Task); !ok || !task.known {
		return fmt.Errorf("%v of task %v, which is not known or not any more", a.Kind, a.Task)
	}
	return nil
}

// start checks an action that starts a task, or makes it ready to.
func (c *Ended) start(a core.Action, task *ending, operator bool) error {
	if a.To != core.StatusHealthy && a.To != core.StatusCreated || a.From == a.To {
		return nil
	}
	switch a.From {
	case core.StatusCompleted, core.StatusDead:
		c.checked++
		if !operator || a.Why != core.ReasonRestarted {
			return fmt.Errorf("task %v starts from %v, %v, without an operator's word", a.Task, a.From, a.Why)
		}
	case core.StatusStopping, core.StatusAbandoned:
		c.checked++
		if task.word != core.ReasonRestarted {
			return fmt.Errorf("task %v starts from %v though the latest word on it is %v", a.Task, a.From, task.word)
		}
	default:
		// It is new, or its restart is due.
	}
	return nil
}
