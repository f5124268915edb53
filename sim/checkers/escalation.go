package checkers

import (
	"fmt"

	"github.com/tasksupervisor/tasksupervisor/core"
)

// Escalation checks invariant 5: as long as no run is stable and no operator restarts the task, the delays between
// failures never shrink (when there is no jitter), and there are no more restarts than the policy allows.
type Escalation struct {
	grid     grid
	policies policies
	tasks    perTask[escalation]
	checked  int
}

type escalation struct {
	unknown  bool // what came before the trace began
	started  core.Instant
	failures uint32 // that led to a restart, since the task was last stable
	delay    uint64 // before the latest of these restarts
}

// Name implements Checker.
func (c *Escalation) Name() string {
	return "invariant 5: without stability delays never shrink and restarts are limited"
}

// Checked counts the failures that were not the first in a row.
func (c *Escalation) Checked() int { return c.checked }

// Begin implements Checker.
func (c *Escalation) Begin(m *core.Machine) {
	c.grid.begin(m)
	c.policies.begin(m)
	c.tasks.reset()
	for s := range m.Tasks() {
		*c.tasks.of(s.Task) = escalation{unknown: s.Run > 0}
	}
}

// Observe implements Checker.
func (c *Escalation) Observe(m *core.Machine, ev core.Event, actions []core.Action) error {
	c.grid.observe(m, ev, actions)
	if heeded(core.EventRestart, ev, actions) {
		if task, ok := c.tasks.find(ev.Task); ok {
			*task = escalation{started: task.started}
		}
	}
	for _, a := range actions {
		c.policies.decided(m, ev, a)
		if a.From == core.StatusHealthy && a.To != core.StatusHealthy && a.Kind != core.ActionReject {
			c.left(c.policies.of(a.Task), a)
		}
		switch {
		case a.Kind == core.ActionStart:
			c.tasks.of(a.Task).started = a.At
		case a.Kind == core.ActionForget:
			c.tasks.forget(a.Task)
		case a.Why == core.ReasonFailure:
			if err := c.failed(c.policies.of(a.Task), a); err != nil {
				return err
			}
		}
	}
	return nil
}

// left forgets the failures before a run that was stable.
func (c *Escalation) left(p *core.Policy, a core.Action) {
	task := c.tasks.of(a.Task)
	if clears := c.grid.clears(task.started, p.StableAfter); clears != core.Never && clears <= a.At {
		task.failures = 0
	}
}

func (c *Escalation) failed(p *core.Policy, a core.Action) error {
	task := c.tasks.of(a.Task)
	if task.unknown || !c.grid.known {
		return nil
	}
	delay := between(a.At, a.Until)
	if task.failures > 0 {
		c.checked++
		if p.Jitter.Num == 0 && delay < task.delay && a.Until != core.Never {
			return fmt.Errorf("task %v waits %d ns for its restart, after %d ns before", a.Task, delay, task.delay)
		}
	}
	if task.failures >= p.MaxAttempts && p.MaxAttempts != core.Unlimited {
		return fmt.Errorf("task %v is to restart after %d restarts in a row, and %d are allowed", a.Task, task.failures, p.MaxAttempts)
	}
	task.failures++
	task.delay = delay
	return nil
}
