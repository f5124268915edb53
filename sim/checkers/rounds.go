package checkers

import (
	"fmt"
	"slices"

	"github.com/tasksupervisor/tasksupervisor/core"
	"github.com/tasksupervisor/tasksupervisor/sim/spec"
)

// Rounds checks invariant 11 for the order in which tasks stop and start. Where the strategy makes tasks depend on their
// order, no task starts while any is on its way to stop, or before all those in front of it are up. Of those that are
// to stop the last is asked first, and where they stop one by one, when all behind it have stopped.
type Rounds struct {
	siblings []sibling     // that a failure of this step has to stop
	bound    []core.TaskID // that are stopped in this step because one they are bound to is down, which has not been told yet
	asked    core.TaskID   // the first in declared order of those asked to stop in this pass; 0: none
	behind   int           // the action behind the latest of this pass
	cause    core.Reason   // what they are asked for,
	at       core.Instant  // and when
	checked  int
}

// sibling is a run that has to be stopped because another task failed.
type sibling struct {
	task core.TaskID
	run  core.Run
}

// Name implements Checker.
func (c *Rounds) Name() string {
	return "invariant 11: tasks stop in reverse order, and start in order once all have stopped"
}

// Checked counts the starts under an ordered strategy, and the stops of tasks that were not the only ones to stop.
func (c *Rounds) Checked() int { return c.checked }

// Concerns implements [Selective].
func (c *Rounds) Concerns() (check, end Scope) {
	return Scope{Actions: []core.ActionKind{core.ActionStart, core.ActionStop}, To: []core.Status{core.StatusFailed}, Why: []core.Reason{core.ReasonSibling, core.ReasonDependency, core.ReasonSupervisorStop}}, Scope{Actions: []core.ActionKind{core.ActionStart, core.ActionStop}, To: []core.Status{core.StatusFailed}, Why: []core.Reason{core.ReasonSibling, core.ReasonDependency, core.ReasonSupervisorStop}}
}

// Begin implements Checker.
func (c *Rounds) Begin(*Trace, *core.Machine) {
	c.siblings, c.bound, c.asked = c.siblings[:0], c.bound[:0], 0
}

// Check implements Checker.
func (c *Rounds) Check(t *Trace, s *Step, i int) error {
	a := &s.Actions[i]
	stopping := a.From != a.To && a.Kind == core.ActionStop
	pending := a.From == a.To && runs(a.To) && stopsForOthers(a.Why)
	if i != c.behind || !stopping && !pending || s.urgent(i) {
		c.asked = 0
	}
	c.behind = i + 1
	switch {
	case !concerns(a) || s.urgent(i):
		return nil
	case a.To == core.StatusFailed && a.From != a.To:
		c.takeAlong(t, a.Task)
	case a.Kind == core.ActionStart && t.Ordered():
		c.checked++
		return c.start(t, s, a)
	case stopping:
		c.goesDown(t, a.Task)
		return c.stop(t, a)
	case pending:
		c.goesDown(t, a.Task)
		return c.pending(t, a)
	}
	return nil
}

// goesDown settles that those which are bound to a task were stopped with cause. It may be up again by the end of the step.
func (c *Rounds) goesDown(t *Trace, id core.TaskID) {
	if len(c.bound) == 0 {
		return
	}
	for _, dependent := range t.Needs.Dependents(id) {
		if dependent.Bound {
			c.bound = slices.DeleteFunc(c.bound, func(bound core.TaskID) bool { return bound == dependent.Task })
		}
	}
}

// takeAlong notes which runs the failure of a task has to stop.
func (c *Rounds) takeAlong(t *Trace, failed core.TaskID) {
	if !t.Ordered() || t.Phase != core.PhaseRunning {
		return
	}
	for i := range t.Tasks {
		if task := &t.Tasks[i]; spec.Running(task) && task.Intent == core.IntentNone && t.Sibling(failed, task.Task) {
			c.siblings = append(c.siblings, sibling{task.Task, task.Run})
		}
	}
}

func (c *Rounds) start(t *Trace, s *Step, a *core.Action) error {
	if a.From != core.StatusCreated {
		return fmt.Errorf("task %v starts from %v, and does not wait its turn", a.Task, a.From)
	}
	if t.Count(terminating)+t.Count(starting)+t.Count(failed) > 0 {
		if other := t.StartsBefore(t.Task(a.Task)); other != nil {
			return fmt.Errorf("task %v starts while task %v is %v", a.Task, other.Task, describe(other))
		}
	}
	if t.Count(waiting) < 2 {
		return nil
	}
	for i := range t.Tasks {
		other := &t.Tasks[i]
		if other.Task >= a.Task {
			break
		}
		needs := s.accepted(core.EventNeed) && other.Task == s.Event.Task // what it needs may keep it by now
		if !needs && t.CanStart(other) {
			return fmt.Errorf("task %v starts before task %v, which can start, too", a.Task, other.Task)
		}
	}
	return nil
}

func (c *Rounds) stop(t *Trace, a *core.Action) error {
	if t.Count(terminating) > 1 || c.asked != 0 {
		c.checked++
	}
	task := *t.Task(a.Task)
	if err := c.caused(t, a); err != nil {
		return err
	}
	task.Intent = t.intent(&task, a)
	if t.Count(terminating) > 0 || t.Phase == core.PhaseHalting {
		if other := t.StopsBefore(&task); other != nil {
			return fmt.Errorf("task %v is asked to stop while task %v is %v", a.Task, other.Task, describe(other))
		}
	}
	if c.asked != 0 && a.Task > c.asked && a.At == c.at && a.Why == c.cause {
		return fmt.Errorf("task %v is asked to stop before task %v, which was added behind it", c.asked, a.Task)
	}
	if stopsForOthers(a.Why) && (c.asked == 0 || a.Why == c.cause) {
		c.asked, c.cause, c.at = a.Task, a.Why, a.At
	}
	if t.Count(stopPending) == 0 || !spec.Together(task.Intent) {
		return nil
	}
	for i := len(t.Tasks) - 1; i >= 0 && t.Tasks[i].Task > a.Task; i-- {
		if other := &t.Tasks[i]; t.MayStop(other) {
			return fmt.Errorf("task %v is asked to stop before task %v, which was added behind it", a.Task, other.Task)
		}
	}
	return nil
}

// pending checks that the stop of a task has to wait, which is told after the stops that need not.
func (c *Rounds) pending(t *Trace, a *core.Action) error {
	if t.OneByOne() && c.asked != 0 && c.asked < a.Task && c.at == a.At {
		return fmt.Errorf("task %v is asked to stop while task %v is %v and to be stopped", c.asked, a.Task, a.To)
	}
	return c.caused(t, a)
}

// caused checks that there is a cause for a stop for the sake of another task, unless it was pending before.
func (c *Rounds) caused(t *Trace, a *core.Action) error {
	task := t.Task(a.Task)
	if task.Intent != core.IntentNone {
		return nil
	}
	caused := true
	switch a.Why {
	case core.ReasonSibling:
		caused = false
		for i := range t.Tasks {
			other := &t.Tasks[i]
			caused = caused || other.Status == core.StatusFailed && other.Since == a.At && t.Sibling(other.Task, a.Task)
		}
	case core.ReasonDependency:
		if t.DownNeed(task) == nil {
			c.bound = append(c.bound, a.Task) // what it is bound to is stopped behind it, and so told behind it
		}
	}
	if !caused {
		return uncaused(a.Task, a.Why)
	}
	return nil
}

func uncaused(id core.TaskID, why core.Reason) error {
	return fmt.Errorf("task %v is asked to stop, %v, and no other gave cause for that", id, why)
}

// End implements Checker.
func (c *Rounds) End(t *Trace, s *Step) error {
	siblings, bound := c.siblings, c.bound
	c.siblings, c.bound, c.asked = c.siblings[:0], c.bound[:0], 0
	for _, id := range bound {
		if s.accepted(core.EventNeed) && s.Event.Task == id {
			continue // it may be bound no longer
		}
		if task := t.Task(id); spec.Terminating(task) && task.Intent == core.IntentStartAgain && t.DownNeed(task) == nil {
			return uncaused(id, core.ReasonDependency)
		}
	}
	for _, run := range siblings {
		if told, _ := s.Machine.Status(run.task); told.Run == run.run && spec.Running(&told) && told.Intent == core.IntentNone {
			return fmt.Errorf("task %v runs on, and is to be stopped for another's sake", run.task)
		}
	}
	return nil
}

// describe says what a task does.
func describe(task *core.TaskStatus) string {
	if spec.StopPending(task) {
		return task.Status.String() + " and to be stopped"
	}
	if task.Unready {
		return task.Status.String() + " and unready"
	}
	return task.Status.String()
}
