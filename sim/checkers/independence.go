package checkers

import (
	"fmt"

	"github.com/tasksupervisor/tasksupervisor/core"
)

// Independence checks invariant 12: under one-for-one the end of a run changes nothing for tasks that neither need its
// task nor are needed by it, unless the supervisor halts for it. All that happens to others in such a step is what was due
// before, at the instant it was due.
type Independence struct {
	alone   bool // the task of the present event concerned no other when the step began: removed, it has no needs
	checked int
}

// Name implements Checker.
func (c *Independence) Name() string {
	return "invariant 12: a failure does not affect unrelated tasks"
}

// Checked counts the ends of runs while another task waited for something.
func (c *Independence) Checked() int { return c.checked }

// Concerns implements [Selective].
func (c *Independence) Concerns() (check, end Scope) {
	return Scope{Events: []core.EventKind{core.EventExit}}, Scope{}
}

// Begin implements Checker.
func (c *Independence) Begin(*Trace, *core.Machine) {}

// Check implements Checker.
func (c *Independence) Check(t *Trace, s *Step, i int) error {
	if i == 0 {
		c.alone = independent(t, s.Event.Task)
	}
	halting := s.Machine.Phase() == core.PhaseHalting || s.Machine.Phase() == core.PhaseHalted
	if s.End < 0 || halting || !c.alone {
		return nil
	}
	others := t.Count(armed)
	if armed.is(t.Task(s.Event.Task)) {
		others--
	}
	if i == 0 && others > 0 {
		c.checked++
	}
	if a := &s.Actions[i]; concerns(a) && a.Task != s.Event.Task && (i > s.End || moved(t, s, i)) {
		return fmt.Errorf("run %d of task %v ends, and task %v goes from %v to %v at %v, %v, though it was to wait until %v",
			s.Event.Run, s.Event.Task, a.Task, a.From, a.To, a.At, a.Why, t.Task(a.Task).Until)
	}
	return nil
}

// End implements Checker.
func (c *Independence) End(*Trace, *Step) error { return nil }

// moved reports whether an action that came before the end of the run, or in its stead, is not what was due.
func moved(t *Trace, s *Step, i int) bool {
	a := &s.Actions[i]
	if !independent(t, a.Task) {
		return false
	}
	if i > 0 && s.Actions[i-1].Kind == core.ActionAbandon && s.Actions[i-1].Task == a.Task {
		return a.From != core.StatusAbandoned
	}
	return !fires(a) || !due(t.Task(a.Task), a)
}

// independent reports whether what a task does concerns no other.
func independent(t *Trace, id core.TaskID) bool {
	return !t.Ordered() && len(t.Needs.Needs(id))+len(t.Needs.Dependents(id)) == 0
}
