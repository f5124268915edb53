package checkers

import (
	"fmt"
	"iter"

	"github.com/tasksupervisor/tasksupervisor/core"
)

// Attempts checks invariant 6: attempts are cleared exactly when a run has reached stability or an operator restarts
// the task, and otherwise grow by one with every failure that leads to a restart.
type Attempts struct {
	counts  perTask[uint32] // as they stood when the task got its status
	checked int
	probes  [3]int
}

// Name implements Checker.
func (c *Attempts) Name() string {
	return "invariant 6: only stability or an operator's restart clears attempts"
}

// Checked counts the actions about a Healthy task that had attempts to clear or keep.
func (c *Attempts) Checked() int { return c.checked }

// Rare implements [Rare].
func (c *Attempts) Rare() iter.Seq2[string, int] {
	return inOrder([]string{
		"a decision about attempts one nanosecond before the run is stable", "a decision about attempts when the run is just stable",
		"a decision about attempts one nanosecond after the run was stable",
	}, c.probes[:])
}

// Concerns implements [Selective].
func (c *Attempts) Concerns() (check, end Scope) {
	return everything, Scope{Events: []core.EventKind{core.EventRestart}}
}

// Begin implements Checker.
func (c *Attempts) Begin(t *Trace, _ *core.Machine) {
	c.counts.reset()
	for i := range t.Tasks {
		*c.counts.of(t.Tasks[i].Task) = t.Tasks[i].Attempts
	}
}

// Check implements Checker.
func (c *Attempts) Check(t *Trace, s *Step, i int) error {
	a := &s.Actions[i]
	if !concerns(a) {
		return nil
	}
	count := c.counts.of(a.Task)
	if s.given(a) && stable(t, s, a) {
		*count = 0 // by the policy it had until now, and for good
	}
	expected := *count
	task := s.Task
	healthy := task.Status == core.StatusHealthy
	switch {
	case i == s.Restart:
		expected = 0
	case healthy:
		if *count > 0 {
			c.checked++
			c.probe(clears(t, t.Policy(task), task), a.At)
		}
		if at := clears(t, t.Policy(task), task); at != core.Never && at <= a.At {
			expected = 0
		}
	}
	if a.Why == core.ReasonFailure && expected+1 != 0 {
		expected++
	}
	if a.Attempts != expected {
		return fmt.Errorf("task %v went from %v to %v at %v with %d attempts; they should be %d",
			a.Task, a.From, a.To, a.At, a.Attempts, expected)
	}
	if a.From != a.To || i == s.Restart {
		*count = a.Attempts
	}
	if a.Kind == core.ActionForget {
		c.counts.forget(a.Task)
	}
	return nil
}

// End implements Checker.
func (c *Attempts) End(_ *Trace, s *Step) error {
	if count, ok := c.counts.find(s.Event.Task); ok && s.Restart == len(s.Actions) {
		*count = 0
	}
	return nil
}

func (c *Attempts) probe(clears, at core.Instant) {
	if offset := int64(at) - int64(clears); clears != core.Never && offset >= -1 && offset <= 1 {
		c.probes[offset+1]++
	}
}
