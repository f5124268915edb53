package checkers

import (
	"errors"

	"github.com/tasksupervisor/tasksupervisor/core"
)

// Order checks clause D3 of the contract on the actions of timers: they come in the order of their deadlines, and at one
// instant in declared order. A task that the restart rate has put off comes when there is room for it.
type Order struct {
	ties int
}

// Name implements Checker.
func (c *Order) Name() string { return "contract D3: timers fire in the order of their deadlines" }

// Checked counts the pairs of timers that fired one after the other at the same instant.
func (c *Order) Checked() int { return c.ties }

// Concerns implements [Selective].
func (c *Order) Concerns() (check, end Scope) {
	return everything, Scope{}
}

// Begin implements Checker.
func (c *Order) Begin(*Trace, *core.Machine) {}

var errOrder = errors.New("timers fired out of order")

// Check implements Checker.
func (c *Order) Check(t *Trace, s *Step, i int) error {
	if i == 0 {
		return nil
	}
	before, a := &s.Actions[i-1], &s.Actions[i]
	if a.At < before.At {
		return errOrder
	}
	limited := a.Why == core.ReasonBackoff && (t.Config.RestartRate.Per > 0 || s.accepted(core.EventLimits))
	if a.At != before.At || !ofTimer(before, s.Event.Kind) || !ofTimer(a, s.Event.Kind) || limited {
		return nil
	}
	c.ties++
	if a.Task < before.Task || a.Task == before.Task && a.From == before.From && a.Why == before.Why {
		return errOrder
	}
	return nil
}

// End implements Checker.
func (c *Order) End(*Trace, *Step) error { return nil }

// ofTimer reports whether an action is what a timer that fired led to at once.
func ofTimer(a *core.Action, event core.EventKind) bool {
	if a.Why == core.ReasonWatchdog || a.Why == core.ReasonProbeFailed {
		return a.From == core.StatusHealthy && event != core.EventProbe
	}
	return fires(a) && timed(a.From)
}
