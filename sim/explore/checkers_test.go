package explore

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/tasksupervisor/tasksupervisor/sim/checkers"
)

// Invariants 1 to 16 hold for every transition of these models, each taken by itself.
func TestInvariantsOfEveryTransition(t *testing.T) {
	suite := checkers.NewSuite(checkers.All()...)
	for _, name := range []string{"one-always", "one-never", "replace", "escalate", "no-delay", "threshold-grid", "auto-all", "together-timeout",
		"watchdog", "probe", "policies", "intensity", "exhausted", "all-suspend", "all-ready", "rest-rate", "needs-all"} {
		exploreUnder(t, namedModel(t, name), []Invariant{Checkers(suite)})
	}
	for _, checker := range suite.Checkers() {
		switch checker.(type) {
		case *checkers.Escalation:
			// It compares a delay with the one before: a single step has no other.
		default:
			require.Positive(t, checker.Checked(), checker.Name())
		}
	}
}

// Invariants 14 and 15 compare the machine as a whole before and after, which takes longer.
func TestAuditsOfEveryTransition(t *testing.T) {
	suite := checkers.NewSuite(checkers.Audits(1)...)
	for _, name := range []string{"one-always", "two", "no-delay", "policies", "all-suspend", "needs-all"} {
		exploreUnder(t, namedModel(t, name), []Invariant{Checkers(suite)})
	}
	require.Empty(t, suite.Vacuous())
}

// Invariants 1 to 16 hold for a shortest trace to every state of some models, and every event there.
func TestInvariantsOfEveryTrace(t *testing.T) {
	suite := checkers.NewSuite(checkers.All()...)
	for _, name := range []string{"one", "one-always", "two", "no-delay", "threshold-zero", "ready", "probe", "policies",
		"intensity-none", "all-suspend", "all-ready", "rest-rate", "needs-all"} {
		exploreUnder(t, namedModel(t, name), []Invariant{Traces(suite)})
	}
	require.Empty(t, suite.Vacuous())
}

func exploreUnder(t *testing.T, model Model, invariants []Invariant) {
	result, err := Run(model, Options{MaxStates: statesMax(), Invariants: invariants})
	require.NoError(t, err)
	if v := result.Violation; v != nil {
		require.Fail(t, v.Error(), "%s", v.Scenario)
	}
}
