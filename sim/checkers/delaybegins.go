package checkers

import (
	"fmt"

	"github.com/tasksupervisor/tasksupervisor/core"
)

// DelayBegins checks invariant 11 for restart delays: the delay of a failed task begins at once if its failure stops no other task
// and finds none stopping; else at the very end of the last of these, and where there are several such tasks in declared
// order.
type DelayBegins struct{ checked int }

// Name implements Checker.
func (c *DelayBegins) Name() string {
	return "invariant 11: a restart delay begins once every task that the failure stopped has stopped"
}

// Checked counts the restarts that had to wait for others to stop, and the ends of that.
func (c *DelayBegins) Checked() int { return c.checked }

// Concerns implements [Selective].
func (c *DelayBegins) Concerns() (check, end Scope) {
	return Scope{To: []core.Status{core.StatusFailed}, Why: []core.Reason{core.ReasonDelayBegins}}, Scope{To: []core.Status{core.StatusFailed}}
}

// Begin implements Checker.
func (c *DelayBegins) Begin(*Trace, *core.Machine) {}

// Check implements Checker.
func (c *DelayBegins) Check(t *Trace, s *Step, i int) error {
	a := &s.Actions[i]
	switch {
	case a.To == core.StatusFailed && a.From != a.To:
		if !t.failureWaits(a.Task) {
			return nil
		}
		c.checked++
		if a.Until != core.Never {
			return fmt.Errorf("the restart delay of task %v begins at %v, and what went down with it has not stopped", a.Task, a.At)
		}
	case a.Why == core.ReasonDelayBegins:
		return c.begins(t, a)
	}
	return nil
}

// begins checks the beginning of a restart delay that was put off.
func (c *DelayBegins) begins(t *Trace, a *core.Action) error {
	c.checked++
	switch task := t.Task(a.Task); {
	case a.From != core.StatusFailed || a.To != a.From || task.Wait != core.WaitOthersStopped:
		return fmt.Errorf("the restart delay of task %v begins at %v, and it was not put off", a.Task, a.At)
	case t.DelayBlocker(task) != nil:
		return fmt.Errorf("the restart delay of task %v begins at %v, and what went down with it has not stopped", a.Task, a.At)
	case t.Count(delayPending) < 2:
		return nil
	}
	for i := range t.Tasks {
		other := &t.Tasks[i]
		if other.Task >= a.Task {
			break
		}
		if delayPending.is(other) && t.DelayBlocker(other) == nil {
			return fmt.Errorf("the restart delay of task %v begins before that of task %v, which waits for none, too", a.Task, other.Task)
		}
	}
	return nil
}

// End implements Checker.
func (c *DelayBegins) End(t *Trace, s *Step) error {
	for i := range s.Actions {
		a := &s.Actions[i]
		if a.To != core.StatusFailed || a.From == a.To {
			continue
		}
		id := a.Task
		task := t.Task(id)
		told, _ := s.told(i)
		if task.Status == core.StatusFailed && told.Wait == core.WaitOthersStopped && task.Wait != told.Wait {
			return fmt.Errorf("the restart delay of task %v does not begin at %v, and there is no task to wait for", id, task.Since)
		}
	}
	return nil
}
