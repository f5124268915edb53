package core_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/tasksupervisor/tasksupervisor/core"
)

// isNamed reports whether a value has a name of its own; others print as Kind(17).
func isNamed(name string) bool { return !strings.HasSuffix(name, ")") }

// namesOf returns the names of all values, in order, of an enumeration whose type is called kind.
func namesOf[E core.Enum](t *testing.T, kind string, name func(E) string) string {
	t.Helper()
	var names []string
	for value := range 256 {
		text := name(E(value))
		if len(names) == value && isNamed(text) {
			names = append(names, text)
			continue
		}
		require.Equal(t, fmt.Sprintf("%s(%d)", kind, value), text)
	}
	require.Len(t, slices.Collect(core.ValuesFrom(E(0))), len(names))
	return strings.Join(names, " ")
}

// The names are part of the scenario format: neither a missing nor a changed one goes unnoticed.
func TestNamesAreCompleteAndUnchanged(t *testing.T) {
	require.Equal(t, "tick start add remove restart kill exit ready beat probe unready need suspend resume policy limits shutdown hold release",
		namesOf(t, "EventKind", core.EventKind.String))
	require.Equal(t, "transition add start stop abandon probe forget reject halt",
		namesOf(t, "ActionKind", core.ActionKind.String))
	require.Equal(t, "none ok error panic goexit done fatal start-timeout watchdog stopped too-quick lost",
		namesOf(t, "ExitKind", core.ExitKind.String))
	require.Equal(t, "none created starting healthy stopping failed completed dead halted abandoned",
		namesOf(t, "Status", core.Status.String))
	require.Equal(t, "none restart kill remove halt retry start-again suspend retire", namesOf(t, "Intent", core.Intent.String))
	require.Equal(t, "none supervisor suspended need turn left-behind held others-stopped delay restart-rate", namesOf(t, "Wait", core.Wait.String))
	require.Equal(t, "created running halting halted", namesOf(t, "Phase", core.Phase.String))
	require.Equal(t, "on-failure always never", namesOf(t, "Restart", core.Restart.String))
	require.Equal(t, "wait replace escalate", namesOf(t, "OnAbandon", core.OnAbandon.String))
	require.Equal(t, "dead escalate", namesOf(t, "OnExhausted", core.OnExhausted.String))
	require.Equal(t, "restart report", namesOf(t, "OnMiss", core.OnMiss.String))
	require.Equal(t, "one-for-one one-for-all rest-for-one", namesOf(t, "Strategy", core.Strategy.String))
	require.Equal(t, "never all any", namesOf(t, "AutoShutdown", core.AutoShutdown.String))
	require.Equal(t, "by-strategy together reverse", namesOf(t, "StopOrder", core.StopOrder.String))
	require.Equal(t, "none added supervisor-start backoff failure repeat ready sibling dependency start-again delay-begins restart-rate "+
		"suspended resumed policy start-timeout watchdog probe probe-failed completed restarted killed removed exhausted "+
		"not-restartable fatal intensity supervisor-stop stop-timeout late-exit unready shutdown too-many-dead all-ended any-ended escalated "+
		"shutdown-timeout lost held released",
		namesOf(t, "Reason", core.Reason.String))
	require.Equal(t, "none unknown-event unknown-task unknown-policy unknown-exit unknown-limits unknown-run stale-run stale-probe "+
		"already-started already-ended being-removed not-suspended needed needs-later-task too-many-tasks shutting-down "+
		"supervisor-done",
		namesOf(t, "Refusal", core.Refusal.String))
}

func TestValuesPrintForPeople(t *testing.T) {
	require.Equal(t, "1.5s", core.Instant(1_500_000_000).String())
	require.Equal(t, "-1ns", core.Instant(-1).String())
	require.Equal(t, "0s", core.Instant(0).String())
	require.Equal(t, "never", core.Never.String())
	require.Equal(t, "2562047h47m16.854775806s", (core.Never - 1).String())
	require.Equal(t, "#3", core.TaskID(3<<24|7).String())
	require.Equal(t, "#0", core.TaskID(0).String())
	require.Equal(t, "1/2", core.Fraction{Num: 1, Den: 2}.String())
	require.Equal(t, "5/10s", core.Rate{Count: 5, Per: 10e9}.String())
	require.Equal(t, "0/0s", core.Rate{}.String())
}

func TestTaskIDHasGenerationAndSlot(t *testing.T) {
	id := core.TaskID(5<<24 | 9)
	require.Equal(t, uint64(5), id.Generation())
	require.Equal(t, 9, id.Slot())
	require.Equal(t, 1<<24, core.MaxTasks)
}

func TestValuesFromStartsWhereItIsTold(t *testing.T) {
	require.Equal(t, []core.Phase{core.PhaseHalting, core.PhaseHalted}, slices.Collect(core.ValuesFrom(core.PhaseHalting)))
	require.Empty(t, slices.Collect(core.ValuesFrom(core.Phase(200))))
	for range core.ValuesFrom(core.PhaseCreated) {
		break // and not one more is yielded, or this would panic
	}
}
