package checkers

import (
	"fmt"

	"github.com/tasksupervisor/tasksupervisor/core"
)

// Intensity checks invariant 10: no window ever holds more crashes that lead to a restart than the restart intensity
// allows, and the supervisor halts at exactly the crash that is one too many. It recounts the crashes from the trace: what
// is no failure of a run itself does not count.
type Intensity struct {
	crashes window
	checked int
}

// Name implements Checker.
func (c *Intensity) Name() string {
	return "invariant 10: no window holds more crashes than the restart intensity allows"
}

// Checked counts the crashes while the intensity was limited.
func (c *Intensity) Checked() int { return c.checked }

// Begin implements Checker.
func (c *Intensity) Begin(m *core.Machine) { c.crashes.begin(m.Config().Intensity, m) }

// Observe implements Checker.
func (c *Intensity) Observe(m *core.Machine, ev core.Event, actions []core.Action) error {
	for _, a := range actions {
		if err := c.check(m, a); concerns(a) && err != nil {
			return err
		}
	}
	var limits core.Limits
	if changed(m, ev, actions, &limits) {
		c.crashes.limit(limits.Intensity) // no limit makes a run crash
	}
	return nil
}

func (c *Intensity) check(m *core.Machine, a core.Action) error {
	rate := c.crashes.rate
	switch {
	case a.Why == core.ReasonFailure:
		if !isFailure(a.Exit) {
			return fmt.Errorf("task %v is to restart after a crash, and its run ended with %v", a.Task, a.Exit)
		}
		if rate.Per == 0 {
			return nil
		}
		c.checked++
		if c.crashes.full(a.At) {
			return fmt.Errorf("task %v is to restart after crash %d within %v, and the supervisor does not halt",
				a.Task, c.crashes.count(a.At)+1, rate.Per)
		}
		c.crashes.record(a.At)
	case a.Why == core.ReasonIntensity && a.Kind != core.ActionHalt:
		c.checked++
		if c.crashes.complete && !c.crashes.full(a.At) {
			return fmt.Errorf("the supervisor halts at crash %d within %v, and %d are allowed", c.crashes.count(a.At)+1, rate.Per, rate.Count)
		}
		if m.HaltReason() != core.ReasonIntensity || a.To != core.StatusDead {
			return fmt.Errorf("the crash of task %v was one too many, it is %v, and the supervisor halts for %v", a.Task, a.To, m.HaltReason())
		}
	}
	return nil
}

// isFailure tells whether an exit is a failure after which a task can be restarted.
func isFailure(exit core.ExitKind) bool {
	switch exit {
	case core.ExitError, core.ExitPanic, core.ExitGoexit, core.ExitStartTimeout, core.ExitWatchdog:
		return true
	default:
		return false
	}
}
