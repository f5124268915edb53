package checkers

import (
	"fmt"

	"github.com/tasksupervisor/tasksupervisor/core"
)

// StaleExits checks invariant 2: an event of an old run changes nothing newer. The end of a run that is not alive is
// rejected; the end of an older run that is alive beside a newer one leaves the newer one alone; and what is said of a
// run's health is rejected unless it is the latest one and alive.
type StaleExits struct{ checked int }

// Name implements Checker.
func (c *StaleExits) Name() string {
	return "invariant 2: an event of an old run changes nothing newer"
}

// Checked counts the events of runs other than a task's latest.
func (c *StaleExits) Checked() int { return c.checked }

// Concerns implements [Selective].
func (c *StaleExits) Concerns() (check, end Scope) {
	return Scope{Events: []core.EventKind{core.EventExit}}, Scope{Events: []core.EventKind{core.EventExit, core.EventReady, core.EventBeat, core.EventProbe, core.EventUnready}}
}

// Begin implements Checker.
func (c *StaleExits) Begin(*Trace, *core.Machine) {}

// Check implements Checker.
func (c *StaleExits) Check(t *Trace, s *Step, i int) error {
	if i != s.End {
		return nil
	}
	a, ev, task := &s.Actions[i], &s.Event, t.Task(s.Event.Task)
	if !s.Latest && !s.Fenced {
		return fmt.Errorf("run %d of task %v does not live, and its end led to a change", ev.Run, ev.Task)
	}
	if !s.Fenced {
		return nil
	}
	c.checked++
	if a.Kind != core.ActionTransition || a.From != a.To {
		return fmt.Errorf("run %d of task %v was left behind, and its end led from %v to %v", ev.Run, ev.Task, a.From, a.To)
	}
	status, ok := s.Machine.Status(ev.Task)
	if ok && status.Run == task.Run && latestLives(&status) != latestLives(task) {
		return fmt.Errorf("run %d of task %v was left behind, and its end ended run %d", ev.Run, ev.Task, task.Run)
	}
	return nil
}

// End implements Checker.
func (c *StaleExits) End(t *Trace, s *Step) error {
	task, ev := t.Task(s.Event.Task), &s.Event
	latest := lives(task, ev.Run)
	switch ev.Kind {
	case core.EventExit:
		if s.End >= 0 {
			return nil
		}
		fenced := ev.Run != 0 && task.Fenced == ev.Run
		if (latest || fenced) && s.Refusal != core.RefusalUnknownExit {
			return fmt.Errorf("run %d of task %v lives, and its end is ignored", ev.Run, ev.Task)
		}
	case core.EventReady, core.EventBeat, core.EventProbe, core.EventUnready:
		if s.Lived || latest {
			return nil
		}
	default:
		return nil
	}
	c.checked++
	if !s.Rejected {
		return fmt.Errorf("run %d of task %v does not live or was replaced, and its %v is not rejected", ev.Run, ev.Task, ev.Kind)
	}
	return nil
}

// latestLives reports whether a task's latest run is alive, attended or not.
func latestLives(task *core.TaskStatus) bool {
	return task.Live || task.Run != 0 && task.Fenced == task.Run
}
