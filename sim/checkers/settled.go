package checkers

import (
	"errors"
	"fmt"

	"github.com/tasksupervisor/tasksupervisor/core"
)

// Settled checks invariant 16 for what tasks do for each other's sake: at the end of a step no task waits that need not. No
// task that can start is left waiting, none that may be asked to stop is not asked, no restart delay that can begin has
// not begun, and a supervisor that halts and has no run to wait for has halted. And each task says what it waits for.
type Settled struct{ checked int }

// Name implements Checker.
func (c *Settled) Name() string { return "invariant 16: no task waits without a reason" }

// Checked counts the steps after which a task waited for another.
func (c *Settled) Checked() int { return c.checked }

// Concerns implements [Selective].
func (c *Settled) Concerns() (check, end Scope) {
	return Scope{}, everything
}

// Begin implements Checker.
func (c *Settled) Begin(*Trace, *core.Machine) {}

// Check implements Checker.
func (c *Settled) Check(*Trace, *Step, int) error { return nil }

// End implements Checker.
func (c *Settled) End(t *Trace, s *Step) error {
	if t.Phase == core.PhaseHalting && t.Count(waited) == 0 {
		return errors.New("the supervisor has no run to wait for, and does not halt")
	}
	for i := range s.Actions {
		if s.last(i) {
			told, _ := s.told(i)
			if err := c.explained(t, told, s.Actions[i].Task); err != nil {
				return err
			}
		}
	}
	if s.accepted(core.EventNeed) {
		told, _ := s.Machine.Status(s.Event.Task)
		if err := c.explained(t, &told, s.Event.Task); err != nil {
			return err
		}
	}
	if len(s.Actions) == 0 && s.Event.Kind == core.EventTick || t.Phase == core.PhaseCreated {
		return nil
	}
	return c.settled(t)
}

func (c *Settled) settled(t *Trace) error {
	waiting, stops, delays := t.Count(waiting), t.Count(stopPending), t.Count(delayPending)
	if waiting+stops+delays == 0 {
		return nil
	}
	c.checked++
	for i := range t.Tasks {
		task := &t.Tasks[i]
		switch {
		case waiting > 0 && t.CanStart(task):
			return fmt.Errorf("task %v can start, and waits", task.Task)
		case stops > 0 && t.MayStop(task):
			return fmt.Errorf("task %v is to stop and none is in its way, and it is not asked", task.Task)
		case delays > 0 && delayPending.is(task) && t.Phase == core.PhaseRunning && t.DelayBlocker(task) == nil:
			return fmt.Errorf("task %v failed and none is in its way, and its restart delay does not begin", task.Task)
		}
	}
	return nil
}

// explained compares what a task says it waits for with what is known.
func (c *Settled) explained(t *Trace, told *core.TaskStatus, id core.TaskID) error {
	task := t.Task(id)
	if task.Status != core.StatusCreated && task.Status != core.StatusFailed {
		return nil
	}
	wait, need := t.Wait(task)
	if told.Wait != wait || told.Need != need {
		return fmt.Errorf("task %v waits for %v (task %v), and says it is %v (task %v)", id, wait, need, told.Wait, told.Need)
	}
	return nil
}
