package checkers

import (
	"fmt"
	"iter"

	"github.com/tasksupervisor/tasksupervisor/core"
	"github.com/tasksupervisor/tasksupervisor/sim/spec"
)

// Schedule checks invariant 4: a restart starts exactly at its scheduled instant, and the schedule is the formula of
// the policy, counted from where the delay begins: the delay, at most the cap, and of that the share that jitter leaves, which
// is the documented draw and within [d*(1-jitter), d]. From there on the restart is up to the supervisor: its restart rate
// can put it off (see [RestartRate]), and the task may have to wait its turn (see [Rounds]).
type Schedule struct {
	checked int
	capped  int // delays that the cap shortened, and then jitter
	repeats int // delays after a good end that jitter shortened
}

// Name implements Checker.
func (c *Schedule) Name() string { return "invariant 4: a restart starts at its scheduled instant" }

// Checked counts the restarts that were scheduled, and those that started.
func (c *Schedule) Checked() int { return c.checked }

// Rare implements [Rare].
func (c *Schedule) Rare() iter.Seq2[string, int] {
	return inOrder([]string{"jitter of a delay that the cap had shortened", "jitter of a delay after a good end"}, []int{c.capped, c.repeats})
}

// Concerns implements [Selective].
func (c *Schedule) Concerns() (check, end Scope) {
	return Scope{From: []core.Status{core.StatusFailed}, To: []core.Status{core.StatusFailed}, Why: []core.Reason{core.ReasonBackoff}}, Scope{}
}

// Begin implements Checker.
func (c *Schedule) Begin(*Trace, *core.Machine) {}

// Check implements Checker.
func (c *Schedule) Check(t *Trace, s *Step, i int) error {
	a := &s.Actions[i]
	if !concerns(a) {
		return nil
	}
	task := s.Task
	switch {
	case a.To == core.StatusFailed && a.From != a.To:
		if a.Why != core.ReasonFailure && a.Why != core.ReasonRepeat && a.Why != core.ReasonLost {
			return fmt.Errorf("task %v is to restart for the reason %v", a.Task, a.Why)
		}
		if a.Until == core.Never {
			return nil // it waits for others to stop: see DelayBegins
		}
		return c.formula(t, s, a, a.Why)
	case a.To == core.StatusFailed && a.Why == core.ReasonDelayBegins:
		return c.formula(t, s, a, task.Why)
	case a.From != core.StatusFailed:
		if a.Why == core.ReasonBackoff && a.From != core.StatusCreated {
			return fmt.Errorf("task %v starts from %v as if its delay had passed", a.Task, a.From)
		}
	case a.Why == core.ReasonRestartRate || a.Why == core.ReasonBackoff:
		c.checked++
		if a.At != task.Until && task.Wait != core.WaitRestartRate {
			return fmt.Errorf("task %v goes on at %v, %v; its restart was due at %v", a.Task, a.At, a.Why, task.Until)
		}
	case a.Kind == core.ActionStart && a.Why != core.ReasonRestarted:
		return fmt.Errorf("task %v starts at %v, %v; its restart was due at %v", a.Task, a.At, a.Why, task.Until)
	}
	return nil
}

// End implements Checker.
func (c *Schedule) End(*Trace, *Step) error { return nil }

// formula compares the restart instant of a delay that begins with what the policy says. why is what the task waits for.
func (c *Schedule) formula(t *Trace, s *Step, a *core.Action, why core.Reason) error {
	c.checked++
	p, n := t.Policy(s.Task), a.Attempts
	if asked := s.asked(t, a); asked > 0 {
		if at := spec.AskedRestart(p, a.At, asked); a.Until != at {
			return fmt.Errorf("task %v waits from %v on as its run asked, and is due at %v, not at %v", a.Task, a.At, a.Until, at)
		}
		return nil
	}
	if why == core.ReasonRepeat {
		n = 0
	}
	delay := spec.Delay(p, t.Config.HealthCheckInterval > 0, n)
	earliest, latest := spec.After(a.At, delay-spec.JitterSpan(p, delay)), spec.After(a.At, delay)
	if a.Until < earliest || a.Until > latest {
		return fmt.Errorf("task %v waits from %v on, and restart %d is due at %v, not between %v and %v",
			a.Task, a.At, n, a.Until, earliest, latest)
	}
	c.count(t, p, n, delay, why)
	if drawn := spec.After(a.At, spec.Draw(p, delay, t.Config.Seed, s.Task.Key, a.Run)); a.Until != drawn {
		return fmt.Errorf("task %v waits from %v on, and restart %d is due at %v, not at %v, which is the draw of jitter",
			a.Task, a.At, n, a.Until, drawn)
	}
	return nil
}

// count counts the delays in which jitter meets something else.
func (c *Schedule) count(t *Trace, p *core.Policy, n uint32, delay core.Duration, why core.Reason) {
	if spec.JitterSpan(p, delay) == 0 {
		return
	}
	uncapped := *p
	uncapped.MaxDelay = core.Forever
	if delay < spec.Delay(&uncapped, t.Config.HealthCheckInterval > 0, n) {
		c.capped++
	}
	if why == core.ReasonRepeat {
		c.repeats++
	}
}
