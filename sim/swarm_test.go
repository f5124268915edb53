package sim_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/tasksupervisor/tasksupervisor/sim"
)

func TestSwarmCoversEverything(t *testing.T) {
	var coverage sim.Coverage
	steps := uint64(0)
	for seed := range uint64(3000) {
		result, err := sim.Run(sim.Swarm(seed))
		require.NoError(t, err)
		if result.Violation != nil {
			t.Errorf("%v\n", result.Violation)
		}
		coverage.Add(&result.Coverage)
		steps += result.Steps
	}
	require.Empty(t, coverage.Missing())
	t.Log(steps, coverage)
}
