package checkers

import (
	"fmt"

	"github.com/tasksupervisor/tasksupervisor/core"
)

// OneRun checks invariant 1: there is at most one live run per task, or two if the policy replaces an abandoned one.
// Runs are numbered without gaps, and only a run that is alive is probed, asked to stop or abandoned.
type OneRun struct{ checked int }

// Name implements Checker.
func (c *OneRun) Name() string { return "invariant 1: at most one live run per task" }

// Checked counts the starts of tasks that had run before.
func (c *OneRun) Checked() int { return c.checked }

// Concerns implements [Selective].
func (c *OneRun) Concerns() (check, end Scope) {
	return Scope{Actions: []core.ActionKind{core.ActionStart, core.ActionStop, core.ActionAbandon, core.ActionProbe, core.ActionForget}, From: []core.Status{core.StatusAbandoned}}, Scope{}
}

// Begin implements Checker.
func (c *OneRun) Begin(*Trace, *core.Machine) {}

// Check implements Checker.
func (c *OneRun) Check(t *Trace, s *Step, i int) error {
	a := &s.Actions[i]
	if !concerns(a) {
		return nil
	}
	task := s.Task
	if replaces(task, a) && (task.Fenced != 0 || t.PolicyOf(a.Task).OnAbandon != core.AbandonReplace) {
		return fmt.Errorf("task %v goes from %v to %v while run %d lives", a.Task, a.From, a.To, task.Run)
	}
	switch a.Kind {
	case core.ActionStart:
		if task.Run > 0 {
			c.checked++
		}
		if a.Run != task.Run+1 {
			return fmt.Errorf("task %v starts run %d after run %d", a.Task, a.Run, task.Run)
		}
		if task.Live && !replaces(task, a) {
			return fmt.Errorf("task %v starts run %d while run %d lives", a.Task, a.Run, task.Run)
		}
		if task.Fenced != 0 && t.PolicyOf(a.Task).OnAbandon != core.AbandonReplace {
			return fmt.Errorf("task %v starts run %d while run %d, which was left behind, lives", a.Task, a.Run, task.Fenced)
		}
	case core.ActionStop, core.ActionAbandon, core.ActionProbe:
		if !task.Live || a.Run != task.Run {
			return fmt.Errorf("task %v: %v of run %d, which does not live", a.Task, a.Kind, a.Run)
		}
	case core.ActionForget:
		if n := runsOf(task); n > 0 {
			return fmt.Errorf("task %v is forgotten while %d of its runs live", a.Task, n)
		}
	case core.ActionTransition, core.ActionAdd, core.ActionReject, core.ActionHalt:
	}
	return nil
}

// End implements Checker.
func (c *OneRun) End(*Trace, *Step) error { return nil }
