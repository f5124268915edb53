package conformance

import (
	"context"

	"github.com/tasksupervisor/tasksupervisor/core"
)

// Optional returns the duties that a first version of a runtime can leave out, to be given as Suite.Waived and taken out of it
// one by one as the runtime grows. What is left are the duties without which nothing else means anything.
func Optional() []Duty {
	return []Duty{
		DutyReady, DutyUnready, DutyBeats, DutyProbes, DutyNeeds, DutySuspensions, DutyHolds, DutyChanges, DutyVerdicts, DutyLosses, DutyDelays, DutyCopies,
		DutyWaits, DutyAgain, DutyLeft, DutyTree, DutyCulprits, DutyObservers,
	}
}

// Unsupported has the methods of a [Runtime] that belong to the duties of [Optional], for a runtime that waives all of these to
// embed. They panic: the suite calls none of them then.
type Unsupported struct{}

// RemoveWait belongs to DutyWaits.
func (Unsupported) RemoveWait(string) error { panic(waived(DutyWaits)) }

// KillWait belongs to DutyWaits.
func (Unsupported) KillWait(string) error { panic(waived(DutyWaits)) }

// Suspend belongs to DutySuspensions.
func (Unsupported) Suspend(string) error { panic(waived(DutySuspensions)) }

// Resume belongs to DutySuspensions.
func (Unsupported) Resume(string) error { panic(waived(DutySuspensions)) }

// Hold belongs to DutyHolds.
func (Unsupported) Hold(string) error { panic(waived(DutyHolds)) }

// Release belongs to DutyHolds.
func (Unsupported) Release(string) error { panic(waived(DutyHolds)) }

// SetPolicy belongs to DutyChanges.
func (Unsupported) SetPolicy(string, core.Policy) error { panic(waived(DutyChanges)) }

// SetLimits belongs to DutyChanges.
func (Unsupported) SetLimits(core.Limits) error { panic(waived(DutyChanges)) }

// Ready belongs to DutyReady.
func (Unsupported) Ready(context.Context) { panic(waived(DutyReady)) }

// NotReady belongs to DutyUnready.
func (Unsupported) NotReady(context.Context) { panic(waived(DutyUnready)) }

// Beat belongs to DutyBeats.
func (Unsupported) Beat(context.Context, core.Duration) { panic(waived(DutyBeats)) }

// Done belongs to DutyVerdicts.
func (Unsupported) Done(error) error { panic(waived(DutyVerdicts)) }

// Fatal belongs to DutyVerdicts.
func (Unsupported) Fatal(error) error { panic(waived(DutyVerdicts)) }

// Lost belongs to DutyLosses.
func (Unsupported) Lost(error) error { panic(waived(DutyLosses)) }

// After belongs to DutyDelays.
func (Unsupported) After(error, core.Duration) error { panic(waived(DutyDelays)) }

// Culprit belongs to DutyCulprits.
func (Unsupported) Culprit(error) (task string, run core.Run) { panic(waived(DutyCulprits)) }

func waived(duty Duty) string {
	return "conformance: the runtime does not support what belongs to the duty " + string(duty) + ", which is to be in Suite.Waived"
}
