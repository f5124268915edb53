package checkers

import (
	"fmt"

	"github.com/tasksupervisor/tasksupervisor/core"
)

// Escalation checks invariant 5: as long as no run is stable, and no operator restarts the task or gives it another policy,
// the delays between failures never shrink (when there is no jitter), and there are no more restarts than the policy
// allows.
type Escalation struct {
	grid     grid
	policies policies
	tasks    perTask[escalation]
	checked  int
}

type escalation struct {
	unknown  bool         // what came before the trace began
	healthy  core.Instant // since when the latest run is, or was
	failures uint32       // that led to a restart, since the task was last stable
	failed   bool         // the latest end was one of these
	delay    uint64       // before the latest of these restarts
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
	restarted := heeded(core.EventRestart, ev, actions)
	if restarted {
		c.forgive(ev.Task)
	}
	for _, a := range actions {
		if !concerns(a) {
			continue
		}
		if a.From == core.StatusHealthy && (a.To != a.From || a.Why == core.ReasonPolicy) {
			c.left(a)
		}
		c.policies.decided(m, ev, a)
		if err := c.observe(a); err != nil {
			return err
		}
		if a.Kind == core.ActionForget {
			c.tasks.forget(a.Task)
		}
	}
	if restarted {
		c.forgive(ev.Task) // once more: what failed in this step may have done so before the word
	}
	return nil
}

// forgive forgets what came before an operator's restart.
func (c *Escalation) forgive(id core.TaskID) {
	if task, ok := c.tasks.find(id); ok {
		*task = escalation{healthy: task.healthy}
	}
}

func (c *Escalation) observe(a core.Action) error {
	task, policy := c.tasks.of(a.Task), c.policies.of(a.Task)
	switch {
	case a.To == core.StatusHealthy && a.To != a.From:
		task.healthy = a.At
	case a.To == core.StatusFailed && a.From != a.To:
		task.failed = a.Why == core.ReasonFailure
	}
	switch {
	case task.unknown || !c.grid.known:
		return nil
	case a.Why == core.ReasonPolicy:
		task.delay = 0
	case a.Why == core.ReasonFailure:
		return c.failed(policy, task, a)
	case a.Why == core.ReasonDelayBegins && task.failed:
		return c.delayed(policy, task, a)
	}
	return nil
}

// left forgets the failures before a run that was stable, by the policy it had until now.
func (c *Escalation) left(a core.Action) {
	task := c.tasks.of(a.Task)
	if clears := c.grid.clears(task.healthy, c.policies.of(a.Task).StableAfter); clears != core.Never && clears <= a.At {
		task.failures = 0
	}
}

func (c *Escalation) failed(p *core.Policy, task *escalation, a core.Action) error {
	if task.failures >= p.MaxAttempts && p.MaxAttempts != core.Unlimited {
		return fmt.Errorf("task %v is to restart after %d restarts in a row, and %d are allowed", a.Task, task.failures, p.MaxAttempts)
	}
	if task.failures == 0 {
		task.delay = 0
	} else {
		c.checked++
	}
	task.failures++
	return c.delayed(p, task, a)
}

// delayed looks at a restart delay that begins, if it does.
func (c *Escalation) delayed(p *core.Policy, task *escalation, a core.Action) error {
	if a.Until == core.Never {
		return nil
	}
	delay := between(a.At, a.Until)
	if p.Jitter.Num == 0 && delay < task.delay {
		return fmt.Errorf("task %v waits %d ns for its restart, after %d ns before", a.Task, delay, task.delay)
	}
	task.delay = delay
	return nil
}
