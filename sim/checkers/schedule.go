package checkers

import (
	"fmt"

	"github.com/tasksupervisor/tasksupervisor/core"
)

// Schedule checks invariant 4: a restart starts exactly at its scheduled instant, and the schedule is the formula of
// the policy, within [d*(1-jitter), d] and at most the cap.
type Schedule struct {
	cadence  bool
	policies policies
	tasks    perTask[core.Instant] // when the pending restart of a Failed task is due
	checked  int
}

// Name implements Checker.
func (c *Schedule) Name() string { return "invariant 4: restarts start at their scheduled instant" }

// Checked counts the restarts that were scheduled, and those that started.
func (c *Schedule) Checked() int { return c.checked }

// Begin implements Checker.
func (c *Schedule) Begin(m *core.Machine) {
	c.cadence = m.Config().HealthCheckInterval > 0
	c.policies.begin(m)
	c.tasks.reset()
	for s := range m.Tasks() {
		*c.tasks.of(s.Task) = s.Until
	}
}

// Observe implements Checker.
func (c *Schedule) Observe(m *core.Machine, ev core.Event, actions []core.Action) error {
	for _, a := range actions {
		c.policies.decided(m, ev, a)
		switch {
		case a.To == core.StatusFailed && a.From != core.StatusFailed:
			if err := c.scheduled(a); err != nil {
				return err
			}
			*c.tasks.of(a.Task) = a.Until
		case a.Kind == core.ActionStart && a.From == core.StatusFailed && a.Why != core.ReasonRestarted:
			c.checked++
			if due := *c.tasks.of(a.Task); a.Why != core.ReasonBackoff || a.At != due {
				return fmt.Errorf("task %v starts at %v, %v; its restart was due at %v", a.Task, a.At, a.Why, due)
			}
		case a.Why == core.ReasonBackoff:
			return fmt.Errorf("task %v starts from %v as if its delay had passed", a.Task, a.From)
		case a.Kind == core.ActionForget:
			c.tasks.forget(a.Task)
		}
	}
	return nil
}

func (c *Schedule) scheduled(a core.Action) error {
	c.checked++
	var n uint32
	switch a.Why {
	case core.ReasonFailure:
		n = a.Attempts
	case core.ReasonRepeat:
		n = 0
	default:
		return fmt.Errorf("task %v is to restart for the reason %v", a.Task, a.Why)
	}
	p := c.policies.of(a.Task)
	shortest, longest := delays(p, c.cadence, n)
	if earliest, latest := plus(a.At, shortest), plus(a.At, longest); a.Until < earliest || a.Until > latest {
		return fmt.Errorf("task %v failed at %v, and restart %d is due at %v, not between %v and %v",
			a.Task, a.At, n, a.Until, earliest, latest)
	}
	if latest := after(a.At, p.MaxDelay); a.Until > latest {
		return fmt.Errorf("task %v failed at %v, and its restart is due at %v, later than the cap allows", a.Task, a.At, a.Until)
	}
	return nil
}
