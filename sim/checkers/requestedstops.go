package checkers

import (
	"fmt"

	"github.com/tasksupervisor/tasksupervisor/core"
	"github.com/tasksupervisor/tasksupervisor/sim/spec"
)

// RequestedStops checks invariant 3: a requested stop is never counted as a failure, nor as a good end, whatever the run
// returned. A stop because the run hangs is no request: the run has failed, and its end counts as that.
type RequestedStops struct {
	verdicts perTask[core.ExitKind] // how a run failed while it was running
	quick    bool                   // the end of this step came too soon
	checked  int
}

// Name implements Checker.
func (c *RequestedStops) Name() string { return "invariant 3: a requested stop is never a failure" }

// Checked counts the ends of runs that were asked to stop, or were about to be by an operator command.
func (c *RequestedStops) Checked() int { return c.checked }

// Concerns implements [Selective].
func (c *RequestedStops) Concerns() (check, end Scope) {
	return Scope{Events: []core.EventKind{core.EventExit}, Actions: []core.ActionKind{core.ActionStop}}, Scope{}
}

// Begin implements Checker.
func (c *RequestedStops) Begin(t *Trace, _ *core.Machine) {
	c.verdicts.reset()
	for i := range t.Tasks {
		*c.verdicts.of(t.Tasks[i].Task) = t.Tasks[i].LastExit
	}
}

// Check implements Checker.
func (c *RequestedStops) Check(t *Trace, s *Step, i int) error {
	a := &s.Actions[i]
	if !concerns(a) {
		return nil
	}
	switch {
	case a.Kind == core.ActionStop && a.Why == core.ReasonStartTimeout:
		*c.verdicts.of(a.Task) = core.ExitStartTimeout
	case a.Kind == core.ActionStop && a.Why == core.ReasonWatchdog:
		*c.verdicts.of(a.Task) = core.ExitWatchdog
	}
	if s.End < 0 || i < s.End || a.Task != s.Event.Task || s.Event.Run != s.Task.Run || a.Exit == core.ExitNone {
		return nil
	}
	return c.ended(t, s, a)
}

// ended checks an action that followed from the end of a task's latest run.
func (c *RequestedStops) ended(t *Trace, s *Step, a *core.Action) error {
	task, ev := s.Task, &s.Event
	asked := s.Latest && (task.Status == core.StatusStopping || task.Status == core.StatusAbandoned)
	expected := ev.Exit
	if a == &s.Actions[s.End] {
		c.quick = !asked && tooQuick(t, s, a)
	}
	switch {
	case c.quick:
		expected = core.ExitTooQuick
	case asked && task.Intent == core.IntentRetry:
		expected = *c.verdicts.of(a.Task)
	case asked:
		expected = core.ExitStopped
	}
	if a.Exit != expected {
		return fmt.Errorf("run %d of task %v counts as %v when it ends, and is to count as %v", ev.Run, ev.Task, a.Exit, expected)
	}
	if !requested(task.Intent, asked) {
		return nil
	}
	c.checked++
	retires := task.Intent == core.IntentRetire && a.Why == core.ReasonNotRestartable
	if !retires && (countsAsEnd(a.Why) || a.Attempts > task.Attempts) {
		return fmt.Errorf("run %d of task %v was asked to stop, and its end led to %v with %d attempts after %d",
			ev.Run, ev.Task, a.Why, a.Attempts, task.Attempts)
	}
	return nil
}

// tooQuick reports whether a good end that no operator meant is one that comes too soon. It is judged while the supervisor
// runs.
func tooQuick(t *Trace, s *Step, a *core.Action) bool {
	task := s.Task
	if !s.byItself(task) || t.Phase != core.PhaseRunning {
		return false
	}
	healthy := core.Never
	if task.Status == core.StatusHealthy {
		healthy = task.Since
	}
	return spec.TooQuick(t.Policy(task), s.Event.Exit, healthy, a.At)
}

// End implements Checker.
func (c *RequestedStops) End(*Trace, *Step) error { return nil }

// requested reports whether an operator or the supervisor, and not the run's own failure, is what a run stops for. Until it
// is asked to, only an operator command makes its end no end of its own.
func requested(intent core.Intent, asked bool) bool {
	if intent == core.IntentNone || intent == core.IntentRetry {
		return false
	}
	return asked || !spec.Together(intent)
}

// countsAsEnd reports whether a reason is one for a run that ended by itself.
func countsAsEnd(why core.Reason) bool {
	switch why {
	case core.ReasonFailure, core.ReasonExhausted, core.ReasonNotRestartable, core.ReasonCompleted, core.ReasonRepeat,
		core.ReasonFatal, core.ReasonIntensity, core.ReasonLost:
		return true
	default:
		return false
	}
}
