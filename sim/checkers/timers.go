package checkers

import (
	"fmt"

	"github.com/tasksupervisor/tasksupervisor/core"
)

// Timers checks invariant 9: a Failed task has exactly one pending restart, or waits for others to stop (see [DelayBegins]),
// and every timer fires at its instant or ends with the status it belongs to, unless that status begins anew. The machine
// asks to be woken up at the earliest of them.
type Timers struct{ checked int }

// Name implements Checker.
func (c *Timers) Name() string {
	return "invariant 9: every timer fires or is cancelled with its status"
}

// Checked counts the timers that were armed and those that fired.
func (c *Timers) Checked() int { return c.checked }

// Concerns implements [Selective].
func (c *Timers) Concerns() (check, end Scope) {
	return everything, everything
}

// Begin implements Checker.
func (c *Timers) Begin(*Trace, *core.Machine) {}

// Check implements Checker.
func (c *Timers) Check(t *Trace, s *Step, i int) error {
	a := &s.Actions[i]
	if !concerns(a) {
		return nil
	}
	task := s.Task
	switch {
	case !timed(a.To):
		if a.Until != core.Never {
			return fmt.Errorf("task %v is %v until %v", a.Task, a.To, a.Until)
		}
	case a.From == a.To && !renews(a):
		if a.Until != task.Until {
			return fmt.Errorf("task %v stays %v, and its timer moves from %v to %v", a.Task, a.To, task.Until, a.Until)
		}
	case a.Until != core.Never:
		c.checked++
		if a.Until < a.At {
			return fmt.Errorf("task %v is %v until %v, which is before %v", a.Task, a.To, a.Until, a.At)
		}
	}
	if fires(a) && !answers(a) {
		c.checked++
		if !timed(a.From) || !due(task, a) {
			return fmt.Errorf("task %v: a timer fires at %v from %v, %v; it was armed for %v", a.Task, a.At, a.From, a.Why, task.Until)
		}
	}
	return nil
}

// End implements Checker.
func (c *Timers) End(t *Trace, s *Step) error {
	for i := range s.Actions {
		if !s.last(i) {
			continue
		}
		id := s.Actions[i].Task
		if status, ok := s.told(i); ok && status.Until != t.Task(id).Until {
			return fmt.Errorf("task %v says its timer is due at %v, not at %v", id, status.Until, t.Task(id).Until)
		}
	}
	return c.wakeUp(t, s.Machine)
}

// due reports whether an action comes when what it tells of is due, as far as that is up to the task's timer: a task that
// the restart rate has put off waits for the supervisor.
func due(task *core.TaskStatus, a *core.Action) bool {
	return task.Until != core.Never && a.At == task.Until || task.Wait == core.WaitRestartRate && a.Why == core.ReasonBackoff
}

// renews reports whether a status begins anew, with another timer.
func renews(a *core.Action) bool {
	switch a.Why {
	case core.ReasonDelayBegins, core.ReasonRestartRate, core.ReasonPolicy, core.ReasonProbe, core.ReasonProbeFailed, core.ReasonWatchdog:
		return true
	default:
		return false
	}
}

// answers reports whether an action can also come of the answer to a probe, before its timer fires: see [Health].
func answers(a *core.Action) bool {
	return a.Why == core.ReasonProbeFailed || a.Why == core.ReasonWatchdog
}

// wakeUp compares the machine's next deadline with the earliest timer of the tasks and those of the supervisor: the health
// check that will find too many tasks dead, the end of its shutdown, and the room in its restart rate.
func (c *Timers) wakeUp(t *Trace, m *core.Machine) error {
	next, asks := m.NextDeadline()
	first, waits := t.first, t.waits
	own := core.Never
	if t.Phase == core.PhaseHalting || t.Config.HealthCheckInterval > 0 {
		s := m.Supervisor()
		own = min(s.HealthCheckAt, s.ShutdownUntil)
	}
	rate := t.Phase == core.PhaseRunning && t.Config.RestartRate.Per > 0 // see RestartRate
	switch {
	case asks && next <= m.Now():
		return fmt.Errorf("it is %v, and the next deadline is %v", m.Now(), next)
	case waits && (!asks || next > first.at):
		return fmt.Errorf("the timer of task %v is due at %v, and the next deadline is %v", first.task, first.at, next)
	case own != core.Never && (!asks || next > own):
		return fmt.Errorf("the supervisor has something due at %v, and the next deadline is %v", own, next)
	case asks && next != own && !rate && (!waits || next < first.at):
		return fmt.Errorf("the next deadline is %v, and nothing is due then", next)
	}
	id, at, fires := m.NextTimer()
	if fires != asks || at != next || id != 0 && t.Task(id).Until != at || id == 0 && waits && at == first.at {
		return fmt.Errorf("the next timer is that of task %v at %v, and the next deadline is %v", id, at, next)
	}
	return nil
}
