package explore

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/tasksupervisor/tasksupervisor/core"
)

// Four tasks have too many transitions to check all invariants on each of them in every run of the tests; the audit is
// made on each, and the numbers are exact.
func TestFourTasks(t *testing.T) {
	result, err := Run(model(4, core.Config{}, quick()), Options{})
	require.NoError(t, err)
	require.Nil(t, result.Violation)
	require.True(t, result.Complete)
	require.Equal(t, 21834, result.States)
	require.Equal(t, 4017779, result.Transitions)
}
