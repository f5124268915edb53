package core_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/tasksupervisor/tasksupervisor/core"
)

// membersOf returns the members of a set of values, in order.
func membersOf[E core.Enum](in func(E) bool) []E {
	var members []E
	for value := range core.ValuesFrom(E(0)) {
		if in(value) {
			members = append(members, value)
		}
	}
	return members
}

func TestSetsHaveTheirMembers(t *testing.T) {
	require.Equal(t, []core.ExitKind{core.ExitError, core.ExitPanic, core.ExitGoexit, core.ExitStartTimeout, core.ExitWatchdog, core.ExitTooQuick},
		membersOf(core.ExitKind.Failure))
	require.Equal(t, []core.ExitKind{core.ExitDone, core.ExitFatal}, membersOf(core.ExitKind.Verdict))
	require.Equal(t, []core.ExitKind{core.ExitOK, core.ExitError, core.ExitPanic, core.ExitGoexit, core.ExitDone, core.ExitFatal, core.ExitLost},
		membersOf(core.ExitKind.Reported))
	require.Equal(t, []core.Reason{core.ReasonStartTimeout, core.ReasonWatchdog}, membersOf(core.Reason.Hangs))
	require.Equal(t, []core.Reason{
		core.ReasonBackoff, core.ReasonRestartRate, core.ReasonStartTimeout, core.ReasonWatchdog, core.ReasonProbe,
		core.ReasonProbeFailed, core.ReasonStopTimeout,
	}, membersOf(core.Reason.FiresTimer))
}

// An exit is accepted if it is one that a driver may report, and only then.
func TestOnlyReportedExitsAreAccepted(t *testing.T) {
	for kind := range core.ExitKind(20) {
		machine, task := example(core.DefaultPolicy())
		actions := machine.Step(nil, core.Event{Kind: core.EventExit, Task: task, Run: 1, Exit: kind})
		require.Equal(t, kind.Reported(), actions[0].Refusal != core.RefusalUnknownExit, kind.String())
	}
}
