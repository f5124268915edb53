package checkers

import (
	"fmt"

	"github.com/tasksupervisor/tasksupervisor/core"
)

// Timers checks invariant 9: a Failed task has exactly one pending restart, or waits for others to be gone (see [Quiet]),
// and every timer fires at its instant or dies with the status it belongs to, unless that status begins anew. The machine
// asks to be woken up at the earliest of them.
type Timers struct {
	limits  core.Limits
	grid    bool
	timers  queue
	checked int
}

// Name implements Checker.
func (c *Timers) Name() string { return "invariant 9: every timer fires or dies with its status" }

// Checked counts the timers that were armed and those that fired.
func (c *Timers) Checked() int { return c.checked }

// Begin implements Checker.
func (c *Timers) Begin(m *core.Machine) {
	cfg := m.Config()
	c.limits, c.grid = limitsOf(&cfg), cfg.HealthCheckInterval > 0
	c.timers.begin(m)
}

// Observe implements Checker.
func (c *Timers) Observe(m *core.Machine, ev core.Event, actions []core.Action) error {
	changed(m, ev, actions, &c.limits)
	for _, a := range actions {
		if a.Kind == core.ActionReject {
			continue
		}
		if err := c.check(a); err != nil {
			return err
		}
		c.timers.decided(a)
	}
	c.timers.heard(m, ev, actions)
	for i, a := range actions {
		if i+1 < len(actions) && actions[i+1].Task == a.Task {
			continue
		}
		if status, ok := m.Status(a.Task); ok && status.Until != c.timers.of(a.Task) {
			return fmt.Errorf("task %v says its timer is due at %v, not at %v", a.Task, status.Until, c.timers.of(a.Task))
		}
	}
	return c.wakeUp(m)
}

func (c *Timers) check(a core.Action) error {
	armed := c.timers.of(a.Task)
	switch {
	case !isTimed(a.To):
		if a.Until != core.Never {
			return fmt.Errorf("task %v is %v until %v", a.Task, a.To, a.Until)
		}
	case a.From == a.To && !renews(a):
		if a.Until != armed {
			return fmt.Errorf("task %v stays %v, and its timer moves from %v to %v", a.Task, a.To, armed, a.Until)
		}
	case a.Until != core.Never:
		c.checked++
		if a.Until < a.At {
			return fmt.Errorf("task %v is %v until %v, which is before %v", a.Task, a.To, a.Until, a.At)
		}
	}
	if fires(a) && !answers(a) {
		c.checked++
		if !isTimed(a.From) || !c.timers.due(a) {
			return fmt.Errorf("task %v: a timer fires at %v from %v, %v; it was armed for %v", a.Task, a.At, a.From, a.Why, armed)
		}
	}
	return nil
}

// renews tells whether a status begins anew, with another timer.
func renews(a core.Action) bool {
	switch a.Why {
	case core.ReasonDelayBegins, core.ReasonRestartRate, core.ReasonPolicy, core.ReasonProbe, core.ReasonProbeFailed, core.ReasonWatchdog:
		return true
	default:
		return false
	}
}

// answers tells whether an action can also come of the answer to a probe, before its timer fires: see [Health].
func answers(a core.Action) bool {
	return a.Why == core.ReasonProbeFailed || a.Why == core.ReasonWatchdog
}

// wakeUp compares the machine's next deadline with the earliest timer of the tasks. The supervisor has timers of its
// own, too: one for the room in its budget, one for the health check that will notice too many dead tasks, one for the end
// of its shutdown.
func (c *Timers) wakeUp(m *core.Machine) error {
	next, asks := m.NextDeadline()
	first, waits := c.timers.earliest()
	own := m.Phase() == core.PhaseHalting && c.limits.ShutdownTimeout > 0 ||
		m.Phase() == core.PhaseRunning && (c.limits.RestartRate.Per > 0 || c.grid && c.limits.DeadThreshold.Den > 0)
	switch {
	case asks && next <= m.Now():
		return fmt.Errorf("it is %v, and the next deadline is %v", m.Now(), next)
	case waits && (!asks || next > first.at):
		return fmt.Errorf("the timer of task %v is due at %v, and the next deadline is %v", first.id, first.at, next)
	case asks && !own && (!waits || next < first.at):
		return fmt.Errorf("the next deadline is %v, and nothing is due then", next)
	}
	if id, at, fires := m.NextTimer(); fires != asks || at != next || id != 0 && c.timers.of(id) != at || id == 0 && waits && at == first.at {
		return fmt.Errorf("the next timer is that of task %v at %v, and the next deadline is %v", id, at, next)
	}
	return nil
}
