package checkers

import (
	"fmt"

	"github.com/tasksupervisor/tasksupervisor/core"
)

// RequestedStops checks invariant 3: a stop that was asked for is never counted as a failure, nor as a good end,
// whatever the run returned.
type RequestedStops struct {
	tasks   perTask[requestedStop]
	checked int
}

type requestedStop struct {
	runs
	attempts uint32 // as of the latest action
}

// Name implements Checker.
func (c *RequestedStops) Name() string { return "invariant 3: a stop that was asked for is no failure" }

// Checked counts the ends of runs that were asked to stop.
func (c *RequestedStops) Checked() int { return c.checked }

// Begin implements Checker.
func (c *RequestedStops) Begin(m *core.Machine) {
	var live perTask[runs]
	beginRuns(&live, m)
	c.tasks.reset()
	for s := range m.Tasks() {
		*c.tasks.of(s.Task) = requestedStop{*live.of(s.Task), s.Attempts}
	}
}

// Observe implements Checker.
func (c *RequestedStops) Observe(_ *core.Machine, ev core.Event, actions []core.Action) error {
	end := endedAt(ev, actions)
	for i, a := range actions {
		if a.Kind == core.ActionReject || a.Kind == core.ActionHalt {
			continue
		}
		task := c.tasks.of(a.Task)
		if i == end {
			asked := task.asked && ev.Run == task.latest
			if asked {
				c.checked++
			}
			if asked && a.Exit != core.ExitStopped {
				return fmt.Errorf("run %d of task %v was asked to stop, and its end counts as %v", ev.Run, ev.Task, a.Exit)
			}
			if asked && (countsAsEnd(a.Why) || a.Attempts > task.attempts) {
				return fmt.Errorf("run %d of task %v was asked to stop, and its end led to %v with %d attempts after %d",
					ev.Run, ev.Task, a.Why, a.Attempts, task.attempts)
			}
			task.ended(ev.Run)
		}
		task.decided(a)
		task.attempts = a.Attempts
		if a.Kind == core.ActionForget {
			c.tasks.forget(a.Task)
		}
	}
	return nil
}

// countsAsEnd tells whether a reason is one for a run that ended by itself.
func countsAsEnd(why core.Reason) bool {
	switch why {
	case core.ReasonFailure, core.ReasonExhausted, core.ReasonNotRestartable, core.ReasonCompleted, core.ReasonRepeat:
		return true
	default:
		return false
	}
}
