package checkers

import (
	"fmt"

	"github.com/tasksupervisor/tasksupervisor/core"
	"github.com/tasksupervisor/tasksupervisor/sim/spec"
)

// Ended checks invariant 8: dead and completed tasks, those that are stopped for good, and those that are suspended, start
// again only by an operator command; a task that was removed never does, and its id is never heard of again. Nothing but an
// operator command undoes what an operator has said, not the end of the supervisor either: a task stays suspended, and one
// that is killed comes to be dead.
type Ended struct{ checked int }

// Name implements Checker.
func (c *Ended) Name() string {
	return "invariant 8: what has ended starts only by an operator command"
}

// Checked counts the starts of tasks that had ended or were stopped, and the tasks that were removed.
func (c *Ended) Checked() int { return c.checked }

// Concerns implements [Selective].
func (c *Ended) Concerns() (check, end Scope) {
	return everything, everything
}

// Begin implements Checker.
func (c *Ended) Begin(*Trace, *core.Machine) {}

// Check implements Checker.
func (c *Ended) Check(t *Trace, s *Step, i int) error {
	a := &s.Actions[i]
	if !concerns(a) {
		return nil
	}
	known := s.Task.Status != core.StatusNone
	switch {
	case a.Kind == core.ActionAdd && a.Task <= t.newest:
		return fmt.Errorf("task %v is added after task %v", a.Task, t.newest)
	case a.Kind != core.ActionAdd && !known:
		return fmt.Errorf("%v of task %v, which is not known or not any more", a.Kind, a.Task)
	case a.Kind == core.ActionForget:
		c.checked++
	}
	switch a.To {
	case core.StatusCreated, core.StatusStarting, core.StatusHealthy, core.StatusFailed:
		return c.start(s.Task, a, i == s.Restart)
	case core.StatusHalted:
		return c.halts(s.Task, a)
	case core.StatusNone, core.StatusStopping, core.StatusCompleted, core.StatusDead, core.StatusAbandoned:
	}
	return nil
}

// halts checks an action that leaves a task to start with its supervisor.
func (c *Ended) halts(task *core.TaskStatus, a *core.Action) error {
	operator := a.Why == core.ReasonRestarted || a.Why == core.ReasonSuspended || a.Why == core.ReasonResumed
	switch {
	case task.Intent == core.IntentKill || task.Intent == core.IntentRemove:
		c.checked++
		return fmt.Errorf("task %v is halted, and the latest intent is %v", a.Task, task.Intent)
	case spec.Ended(a.From) && !operator:
		return fmt.Errorf("task %v is halted, %v, and was %v", a.Task, a.Why, a.From)
	}
	return nil
}

// start checks an action that starts a task, or has it wait for a start. operator: it is what an operator's restart did.
func (c *Ended) start(task *core.TaskStatus, a *core.Action, operator bool) error {
	if a.Kind == core.ActionStart && task.Suspended && a.Why != core.ReasonResumed && a.Why != core.ReasonRestarted {
		return fmt.Errorf("task %v starts from %v, and is suspended", a.Task, a.From)
	}
	if a.Kind == core.ActionStart && task.Held {
		return fmt.Errorf("task %v starts from %v, and is held", a.Task, a.From)
	}
	switch a.From {
	case core.StatusCompleted, core.StatusDead, core.StatusHalted:
		c.checked++
		if a.From != a.To && (!operator || a.Why != core.ReasonRestarted) {
			return fmt.Errorf("task %v starts from %v, %v, without an operator command", a.Task, a.From, a.Why)
		}
	case core.StatusStopping, core.StatusAbandoned:
		c.checked++
		if !operator && !spec.Returns(task.Intent) {
			return fmt.Errorf("task %v goes from %v to %v, and is to be stopped for good: the latest intent is %v",
				a.Task, a.From, a.To, task.Intent)
		}
	default:
		// It is new, or its restart is due.
	}
	return nil
}

// End implements Checker.
func (c *Ended) End(t *Trace, s *Step) error {
	for i := range s.Actions {
		if !s.last(i) {
			continue
		}
		task := t.Task(s.Actions[i].Task)
		told, known := s.told(i)
		if known && told.Held != task.Held {
			return fmt.Errorf("task %v says that it is held: %v, and by what its driver said it is: %v", task.Task, told.Held, task.Held)
		}
		if known && told.Suspended != task.Suspended {
			return fmt.Errorf("task %v says that it is suspended: %v, and by what operators said it is: %v", task.Task, told.Suspended, task.Suspended)
		}
	}
	return nil
}
