package checkers

import (
	"fmt"

	"github.com/tasksupervisor/tasksupervisor/core"
)

// RequestedStops checks invariant 3: a stop that was asked for is never counted as a failure, nor as a good end,
// whatever the run returned. That a run was found to hang is no request: it has failed, and its end counts as that.
type RequestedStops struct {
	group   group
	tasks   perTask[requestedStop]
	checked int
}

type requestedStop struct {
	runs
	verdict  core.ExitKind // how the run failed while it was going, if it did
	attempts uint32        // as of the latest action
}

// Name implements Checker.
func (c *RequestedStops) Name() string { return "invariant 3: a stop that was asked for is no failure" }

// Checked counts the ends of runs that were asked to stop, or were about to be by an operator's word.
func (c *RequestedStops) Checked() int { return c.checked }

// Begin implements Checker.
func (c *RequestedStops) Begin(m *core.Machine) {
	var live perTask[runs]
	beginRuns(&live, m)
	c.group.begin(m)
	c.tasks.reset()
	for s := range m.Tasks() {
		*c.tasks.of(s.Task) = requestedStop{*live.of(s.Task), s.LastExit, s.Attempts}
	}
}

// Observe implements Checker.
func (c *RequestedStops) Observe(m *core.Machine, ev core.Event, actions []core.Action) error {
	c.group.hear(m, ev, actions)
	end := endedAt(ev, actions)
	for i, a := range actions {
		if !concerns(a) {
			continue
		}
		c.group.meet(a)
		task := c.tasks.of(a.Task)
		if end >= 0 && i >= end && a.Task == ev.Task && ev.Run == task.latest && a.Exit != core.ExitNone {
			if err := c.ended(m, ev, a, task); err != nil {
				return err
			}
		}
		if i == end {
			task.ended(ev.Run)
		}
		task.decided(a)
		c.group.decided(m, ev, a)
		if a.Kind == core.ActionForget {
			c.tasks.forget(a.Task)
		}
	}
	c.group.end(m, ev)
	return nil
}

// ended checks an action that followed from the end of a task's latest run.
func (c *RequestedStops) ended(m *core.Machine, ev core.Event, a core.Action, task *requestedStop) error {
	intent := c.group.tasks.of(a.Task).intent
	expected := ev.Exit
	switch {
	case task.asked && intent.word == core.IntentRetry && (m.Phase() == core.PhaseRunning || a.Exit != core.ExitStopped):
		expected = task.verdict // else a shutdown came first, which is not always told
	case task.asked:
		expected = core.ExitStopped
	}
	if a.Exit != expected {
		return fmt.Errorf("run %d of task %v counts as %v when it ends, and is to count as %v", ev.Run, ev.Task, a.Exit, expected)
	}
	if !intent.requested(task.asked) {
		return nil
	}
	c.checked++
	retires := intent.word == core.IntentRetire && a.Why == core.ReasonNotRestartable
	if !retires && (countsAsEnd(a.Why) || a.Attempts > task.attempts) {
		return fmt.Errorf("run %d of task %v was asked to stop, and its end led to %v with %d attempts after %d",
			ev.Run, ev.Task, a.Why, a.Attempts, task.attempts)
	}
	return nil
}

// requested tells whether an operator or the supervisor, and not the run's own failure, is what a run stops for. Until it
// is asked to, only an operator's word makes its end no end of its own.
func (t *intent) requested(asked bool) bool {
	switch t.word {
	case core.IntentNone, core.IntentRetry:
		return false
	case core.IntentStartAgain, core.IntentRetire, core.IntentHalt:
		return asked
	default:
		return true
	}
}

// decided takes note of an action that is not a rejection.
func (t *requestedStop) decided(a core.Action) {
	t.runs.decided(a)
	t.attempts = a.Attempts
	switch {
	case a.Kind != core.ActionStop:
	case a.Why == core.ReasonStartTimeout:
		t.verdict = core.ExitStartTimeout
	case a.Why == core.ReasonWatchdog:
		t.verdict = core.ExitWatchdog
	}
}

// countsAsEnd tells whether a reason is one for a run that ended by itself.
func countsAsEnd(why core.Reason) bool {
	switch why {
	case core.ReasonFailure, core.ReasonExhausted, core.ReasonNotRestartable, core.ReasonCompleted, core.ReasonRepeat,
		core.ReasonFatal, core.ReasonIntensity:
		return true
	default:
		return false
	}
}
