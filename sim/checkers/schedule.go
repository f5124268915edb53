package checkers

import (
	"fmt"

	"github.com/tasksupervisor/tasksupervisor/core"
)

// Schedule checks invariant 4: a restart starts exactly at its scheduled instant, and the schedule is the formula of
// the policy, within [d*(1-jitter), d] and at most the cap, counted from where the delay begins. From there on the restart
// is up to the supervisor: its [Budget] can put it off, and the task may have to wait its turn (see [Rounds]).
type Schedule struct {
	cadence  bool
	policies policies
	tasks    perTask[scheduled]
	checked  int
}

type scheduled struct {
	due core.Instant // when the pending restart of a Failed task is due
	n   uint32       // how many restarts that makes, 0 after a good end
	put bool         // the budget has put it off
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
		*c.tasks.of(s.Task) = scheduled{s.Until, restarts(s.Why, s.Attempts), s.Wait == core.WaitRestartRate}
	}
}

// restarts returns how many restarts in a row the next one makes.
func restarts(why core.Reason, attempts uint32) uint32 {
	if why == core.ReasonRepeat {
		return 0
	}
	return attempts
}

// Observe implements Checker.
func (c *Schedule) Observe(m *core.Machine, ev core.Event, actions []core.Action) error {
	for _, a := range actions {
		if !concerns(a) {
			continue
		}
		c.policies.decided(m, ev, a)
		if err := c.check(a); err != nil {
			return err
		}
		if a.Kind == core.ActionForget {
			c.tasks.forget(a.Task)
		}
	}
	return nil
}

func (c *Schedule) check(a core.Action) error {
	task := c.tasks.of(a.Task)
	switch {
	case a.To == core.StatusFailed && a.From != a.To:
		if a.Why != core.ReasonFailure && a.Why != core.ReasonRepeat {
			return fmt.Errorf("task %v is to restart for the reason %v", a.Task, a.Why)
		}
		*task = scheduled{due: a.Until, n: restarts(a.Why, a.Attempts)}
		if a.Until == core.Never {
			return nil // it waits for others to be gone: see Quiet
		}
		return c.formula(a, task.n)
	case a.To == core.StatusFailed && a.Why == core.ReasonDelayBegins:
		task.due = a.Until
		return c.formula(a, task.n)
	case a.From != core.StatusFailed:
		if a.Why == core.ReasonBackoff && a.From != core.StatusCreated {
			return fmt.Errorf("task %v starts from %v as if its delay had passed", a.Task, a.From)
		}
		return nil
	case a.Why == core.ReasonRestartRate || a.Why == core.ReasonBackoff:
		c.checked++
		if a.At != task.due && !task.put {
			return fmt.Errorf("task %v goes on at %v, %v; its restart was due at %v", a.Task, a.At, a.Why, task.due)
		}
		task.put = a.Why == core.ReasonRestartRate
	case a.Kind == core.ActionStart && a.Why != core.ReasonRestarted:
		return fmt.Errorf("task %v starts at %v, %v; its restart was due at %v", a.Task, a.At, a.Why, task.due)
	}
	return nil
}

// formula compares the restart instant of a delay that begins with what the policy says.
func (c *Schedule) formula(a core.Action, n uint32) error {
	c.checked++
	p := c.policies.of(a.Task)
	shortest, longest := delays(p, c.cadence, n)
	if earliest, latest := plus(a.At, shortest), plus(a.At, longest); a.Until < earliest || a.Until > latest {
		return fmt.Errorf("task %v waits from %v on, and restart %d is due at %v, not between %v and %v",
			a.Task, a.At, n, a.Until, earliest, latest)
	}
	if latest := after(a.At, p.MaxDelay); a.Until > latest {
		return fmt.Errorf("task %v waits from %v on, and its restart is due at %v, later than the cap allows", a.Task, a.At, a.Until)
	}
	return nil
}
