package checkers

import (
	"fmt"

	"github.com/tasksupervisor/tasksupervisor/core"
	"github.com/tasksupervisor/tasksupervisor/sim/spec"
)

// Threshold checks invariant 7: when more than the allowed share of the tasks is dead, the supervisor halts at the
// very event that made it so, or with a health check interval at the check that is next; once, and for no less.
type Threshold struct {
	allowed core.Fraction
	exact   bool         // without a health check interval
	running bool         // the supervisor has started
	dead    int          // tasks, until a halt begins
	total   int          // tasks, until a halt begins
	over    bool         // too many of them are dead
	since   core.Instant // over: when they became too many
	due     core.Instant // over: when the supervisor has to begin to halt
	began   *core.Action // of the current step: the first that belongs to a halt
	reason  core.Reason  // why the supervisor halts, once it does
	checked int
}

// Name implements Checker.
func (c *Threshold) Name() string {
	return "invariant 7: crossing the dead threshold halts the supervisor, once"
}

// Checked counts how often the share of dead tasks went above what is allowed.
func (c *Threshold) Checked() int { return c.checked }

// Concerns implements [Selective].
func (c *Threshold) Concerns() (check, end Scope) {
	return everything, everything
}

// Begin implements Checker.
func (c *Threshold) Begin(t *Trace, m *core.Machine) {
	*c = Threshold{
		allowed: t.Config.DeadThreshold, exact: t.Config.HealthCheckInterval == 0, running: t.Phase != core.PhaseCreated,
		checked: c.checked, reason: m.HaltReason(),
	}
	c.count(t)
	c.look(t, t.Now)
	if c.over && !c.exact && t.Phase == core.PhaseRunning {
		c.due = m.Supervisor().HealthCheckAt
	}
}

// Check implements Checker. What it looks at is the share of dead tasks that the action before this one has left.
func (c *Threshold) Check(t *Trace, s *Step, i int) error {
	a := &s.Actions[i]
	c.start(t, s)
	if i > 0 && c.began == nil && !c.decided(s.Actions[i-1].At) && !replacement(s, i) {
		c.count(t)
		c.look(t, s.Actions[i-1].At)
	}
	if c.began == nil && halts(a) {
		c.began = a
	}
	return nil
}

// End implements Checker.
func (c *Threshold) End(t *Trace, s *Step) error {
	began, was, now := c.began, c.reason, s.Machine.Now()
	c.began, c.reason = nil, s.Machine.HaltReason()
	if was != core.ReasonNone {
		if was != c.reason {
			return fmt.Errorf("the supervisor halts for %v, and then for %v", was, c.reason)
		}
		return nil
	}
	c.start(t, s)
	if last := len(s.Actions) - 1; last >= 0 && began == nil && !c.decided(s.Actions[last].At) {
		c.count(t)
		c.look(t, s.Actions[last].At)
	}
	at := now
	if began != nil {
		at = began.At
	}
	if s.accepted(core.EventLimits) && !c.decided(at) {
		c.allowed = t.Config.DeadThreshold
		c.look(t, now)
	}
	switch {
	case c.reason == core.ReasonTooManyDead:
		return c.halted(at, began)
	case c.reason == core.ReasonNone && t.Phase == core.PhaseRunning && c.decided(now):
		return fmt.Errorf("%d of %d tasks are dead since %v, and the supervisor runs on", c.dead, c.total, c.since)
	default:
		return nil
	}
}

// replacement reports whether the action before this one abandoned a run that this one replaces: it was never dead.
func replacement(s *Step, i int) bool {
	before, a := &s.Actions[i-1], &s.Actions[i]
	return before.Kind == core.ActionAbandon && a.Task == before.Task && a.At == before.At &&
		a.From == core.StatusAbandoned && a.To != core.StatusNone && !spec.Dead(a.To)
}

// start looks at what is over when the supervisor starts.
func (c *Threshold) start(t *Trace, s *Step) {
	if !s.accepted(core.EventStart) || c.running {
		return
	}
	c.running = true
	if c.over {
		c.since, c.due = t.Started, c.halt(t, t.Started)
	}
}

func (c *Threshold) count(t *Trace) { c.dead, c.total = t.Count(dead), t.total() }

// look compares the share of dead tasks with what is allowed.
func (c *Threshold) look(t *Trace, at core.Instant) {
	was := c.over
	c.over = spec.TooManyDead(c.allowed, uint64(c.dead), uint64(c.total))
	if c.over && !was {
		c.checked++
		c.since, c.due = at, c.halt(t, at)
	}
}

// halt returns when what is over since an instant halts the supervisor; Never if it has not started.
func (c *Threshold) halt(t *Trace, since core.Instant) core.Instant {
	switch {
	case !c.running:
		return core.Never
	case c.exact:
		return since
	default:
		return spec.HealthCheck(t.Config.HealthCheckInterval, t.Started, since)
	}
}

// decided reports whether the supervisor has to have begun to halt by an instant.
func (c *Threshold) decided(at core.Instant) bool {
	return c.over && c.running && c.due <= at && (c.due != core.Never || c.exact) // a check that is due at Never is never
}

// halted looks at a step in which the supervisor began to halt because of too many dead tasks, at an instant or later.
func (c *Threshold) halted(at core.Instant, began *core.Action) error {
	switch {
	case !c.over:
		return fmt.Errorf("the supervisor halts while %d of %d tasks are dead, and %v are allowed", c.dead, c.total, c.allowed)
	case !c.decided(at):
		return fmt.Errorf("too many tasks are dead since %v, and the supervisor halts before %v", c.since, c.due)
	case began != nil && at > c.due && sweeps(began):
		return fmt.Errorf("too many tasks are dead since %v, and the supervisor halts at %v, not at %v", c.since, at, c.due)
	default:
		return nil
	}
}

// sweeps reports whether an action is one of those with which a halt begins, of tasks that wait to start or to start again.
func sweeps(a *core.Action) bool {
	return a.From == core.StatusCreated || a.From == core.StatusFailed || a.Kind == core.ActionTransition && a.From == a.To
}
