package checkers

import (
	"fmt"

	"github.com/tasksupervisor/tasksupervisor/core"
	"github.com/tasksupervisor/tasksupervisor/sim/spec"
)

// Intensity checks invariant 10: no window ever holds more crashes that lead to a restart than the restart intensity
// allows, and the supervisor halts at exactly the crash that is one too many. It recounts the crashes from the trace: what
// is not a failure of a run itself does not count.
type Intensity struct {
	crashes spec.Window
	checked int
}

// Name implements Checker.
func (c *Intensity) Name() string {
	return "invariant 10: no window holds more crashes than the restart intensity allows"
}

// Checked counts the crashes while the intensity was limited.
func (c *Intensity) Checked() int { return c.checked }

// Concerns implements [Selective].
func (c *Intensity) Concerns() (check, end Scope) {
	return Scope{Why: []core.Reason{core.ReasonFailure, core.ReasonIntensity}}, Scope{Events: []core.EventKind{core.EventLimits}}
}

// Begin implements Checker.
func (c *Intensity) Begin(t *Trace, m *core.Machine) {
	c.crashes = spec.Window{Rate: t.Config.Intensity, Instants: c.crashes.Instants[:0]}
	for at := range m.Crashes() {
		c.crashes.Record(at)
	}
}

// Check implements Checker.
func (c *Intensity) Check(_ *Trace, s *Step, i int) error {
	a, rate := &s.Actions[i], c.crashes.Rate
	switch {
	case a.Why == core.ReasonFailure && a.From != a.To:
		if !spec.Failure(a.Exit) {
			return fmt.Errorf("task %v is to restart after a crash, and its run ended with %v", a.Task, a.Exit)
		}
		if rate.Per == 0 {
			return nil
		}
		c.checked++
		if c.crashes.Full(a.At) {
			return fmt.Errorf("task %v is to restart after crash %d within %v, and the supervisor does not halt",
				a.Task, c.crashes.Count(a.At)+1, rate.Per)
		}
		c.crashes.Record(a.At)
	case a.Why == core.ReasonIntensity && a.Kind != core.ActionHalt:
		c.checked++
		if !c.crashes.Full(a.At) {
			return fmt.Errorf("the supervisor halts at crash %d within %v, and %d are allowed", c.crashes.Count(a.At)+1, rate.Per, rate.Count)
		}
		if m := s.Machine; m.HaltReason() != core.ReasonIntensity || a.To != core.StatusDead {
			return fmt.Errorf("the crash of task %v was one too many, it is %v, and the supervisor halts for %v", a.Task, a.To, m.HaltReason())
		}
	}
	return nil
}

// End implements Checker.
func (c *Intensity) End(t *Trace, s *Step) error {
	if s.accepted(core.EventLimits) {
		c.crashes.Limit(t.Config.Intensity) // no limit makes a run crash
	}
	return nil
}
