package checkers

import (
	"fmt"

	"github.com/tasksupervisor/tasksupervisor/core"
	"github.com/tasksupervisor/tasksupervisor/sim/spec"
)

// Needs checks invariant 11 for tasks that need others: none starts while one it needs is down, none is stopped or
// started before those that need it have stopped, none that is bound to another runs on when that one is down, and none is
// forgotten that another needs.
//
// In the step that tells of a need, actions are looked at without it: it may have come before them or behind them.
type Needs struct{ checked int }

// Name implements Checker.
func (c *Needs) Name() string {
	return "invariant 11: a task starts once its needs are up, and stops once its dependents have stopped"
}

// Checked counts the starts and stops of tasks that need others or are needed.
func (c *Needs) Checked() int { return c.checked }

// Concerns implements [Selective].
func (c *Needs) Concerns() (check, end Scope) {
	return Scope{Actions: []core.ActionKind{core.ActionStart, core.ActionStop, core.ActionForget}}, everything
}

// Begin implements Checker.
func (c *Needs) Begin(*Trace, *core.Machine) {}

// Check implements Checker.
func (c *Needs) Check(t *Trace, s *Step, i int) error {
	a := &s.Actions[i]
	if t.Needs.Len() == 0 {
		return nil
	}
	task := s.Task
	switch {
	case a.Kind == core.ActionForget && len(t.Needs.Dependents(a.Task)) > 0:
		return fmt.Errorf("task %v is forgotten, and task %v needs it", a.Task, t.Needs.Dependents(a.Task)[0].Task)
	case a.Kind != core.ActionStart && a.Kind != core.ActionStop:
		return nil
	}
	if len(t.Needs.Needs(a.Task))+len(t.Needs.Dependents(a.Task)) > 0 {
		c.checked++
	}
	if a.Kind == core.ActionStart {
		if other := t.UnmetNeed(task); other != nil {
			return fmt.Errorf("task %v starts, and task %v, which it needs, is %v", a.Task, other.Task, describe(other))
		}
	}
	if s.urgent(i) {
		return nil
	}
	if other := t.BlockingDependent(task); other != nil {
		return fmt.Errorf("%v of task %v, and task %v, which needs it, is %v", a.Kind, a.Task, other.Task, describe(other))
	}
	return nil
}

// End implements Checker.
func (c *Needs) End(t *Trace, s *Step) error {
	if s.accepted(core.EventNeed) {
		if err := c.bound(t, s.Event.Task); err != nil {
			return err
		}
		if err := c.agrees(t, s.Machine, s.Event.Task); err != nil {
			return err
		}
	}
	if t.Needs.Len() == 0 {
		return nil
	}
	for i := range s.Actions {
		for _, dependent := range t.Needs.Dependents(s.Actions[i].Task) {
			if err := c.bound(t, dependent.Task); err != nil {
				return err
			}
		}
	}
	return nil
}

// bound checks that a task does not run on that is bound to one that is down.
func (c *Needs) bound(t *Trace, id core.TaskID) error {
	task := t.Task(id)
	if t.Phase != core.PhaseRunning || !spec.Running(task) || spec.StopPending(task) {
		return nil
	}
	if other := t.DownNeed(task); other != nil {
		return fmt.Errorf("task %v runs on, and task %v, which it is bound to, is %v", id, other.Task, describe(other))
	}
	return nil
}

// agrees compares what a task needs with what the machine says.
func (c *Needs) agrees(t *Trace, m *core.Machine, id core.TaskID) error {
	known := t.Needs.Needs(id)
	n := 0
	for other, bound := range m.Needs(id) {
		found := false
		for _, need := range known {
			found = found || need == spec.Need{Task: other, Bound: bound}
		}
		if !found {
			return fmt.Errorf("task %v is said to need task %v (bound: %v)", id, other, bound)
		}
		n++
	}
	if n != len(known) {
		return fmt.Errorf("task %v needs %d tasks, and %d are said to be", id, len(known), n)
	}
	return nil
}
