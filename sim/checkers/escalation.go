package checkers

import (
	"fmt"

	"github.com/tasksupervisor/tasksupervisor/core"
	"github.com/tasksupervisor/tasksupervisor/sim/spec"
)

// Escalation checks invariant 5: as long as no run is stable, and no operator restarts the task or gives it another policy,
// the delays between failures never shrink (when there is no jitter), and there are no more restarts than the policy
// allows.
type Escalation struct {
	tasks   perTask[escalation]
	checked int
}

type escalation struct {
	failures uint32 // that led to a restart, since the task was last stable
	delay    uint64 // before the latest of these restarts
}

// Name implements Checker.
func (c *Escalation) Name() string {
	return "invariant 5: until a run is stable, delays do not shrink and restarts are limited"
}

// Checked counts the failures that were not the first in a row.
func (c *Escalation) Checked() int { return c.checked }

// Concerns implements [Selective].
func (c *Escalation) Concerns() (check, end Scope) {
	return Scope{Events: []core.EventKind{core.EventRestart}, From: []core.Status{core.StatusHealthy}, Actions: []core.ActionKind{core.ActionForget}, Why: []core.Reason{core.ReasonPolicy, core.ReasonFailure, core.ReasonDelayBegins}}, Scope{Events: []core.EventKind{core.EventRestart}}
}

// Begin implements Checker.
func (c *Escalation) Begin(t *Trace, _ *core.Machine) {
	c.tasks.reset()
	for i := range t.Tasks {
		c.tasks.of(t.Tasks[i].Task).failures = t.Tasks[i].Attempts
	}
}

// Check implements Checker.
func (c *Escalation) Check(t *Trace, s *Step, i int) error {
	a := &s.Actions[i]
	if i == 0 && s.accepted(core.EventRestart) {
		c.tasks.forget(s.Event.Task)
	}
	if !concerns(a) {
		return nil
	}
	task, history := s.Task, c.tasks.of(a.Task)
	if a.From == core.StatusHealthy && (a.To != a.From || s.given(a)) && stable(t, s, a) {
		history.failures = 0
	}
	p := t.Policy(task)
	switch {
	case a.Kind == core.ActionForget:
		c.tasks.forget(a.Task)
	case a.Why == core.ReasonPolicy:
		history.delay = 0
	case a.Why == core.ReasonFailure:
		if history.failures >= p.MaxAttempts && p.MaxAttempts != core.Unlimited {
			return fmt.Errorf("task %v is to restart after %d restarts in a row, and %d are allowed", a.Task, history.failures, p.MaxAttempts)
		}
		if history.failures == 0 {
			history.delay = 0
		} else {
			c.checked++
		}
		history.failures++
		return history.delayed(t, s, a)
	case a.Why == core.ReasonDelayBegins && task.Why == core.ReasonFailure:
		return history.delayed(t, s, a)
	}
	return nil
}

// End implements Checker.
func (c *Escalation) End(_ *Trace, s *Step) error {
	if s.accepted(core.EventRestart) {
		c.tasks.forget(s.Event.Task) // once more: what failed in this step may have done so before the command
	}
	return nil
}

// delayed looks at a restart delay that begins, if it does. One that a run asked for says nothing of the others.
func (h *escalation) delayed(t *Trace, s *Step, a *core.Action) error {
	p := t.Policy(s.Task)
	if a.Until == core.Never || s.asked(t, a) > 0 {
		return nil
	}
	delay := spec.Between(a.At, a.Until)
	if p.Jitter.Num == 0 && delay < h.delay {
		return fmt.Errorf("task %v waits %d ns for its restart, after %d ns before", a.Task, delay, h.delay)
	}
	h.delay = delay
	return nil
}

// stable reports whether a task that is healthy has cleared its attempts by the instant of an action: by the policy that it
// had before, if the action gives it another.
func stable(t *Trace, s *Step, a *core.Action) bool {
	task := s.Task
	p := t.Policy(task)
	if s.given(a) {
		p = &t.old
	}
	at := clears(t, p, task)
	return task.Status == core.StatusHealthy && at != core.Never && at <= a.At
}

// clears returns when a run that is healthy counts as stable.
func clears(t *Trace, p *core.Policy, task *core.TaskStatus) core.Instant {
	return spec.Stable(p, t.Config.HealthCheckInterval, t.Started, task.Since)
}
