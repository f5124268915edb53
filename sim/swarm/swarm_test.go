package swarm_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/tasksupervisor/tasksupervisor/sim/swarm"
	"github.com/tasksupervisor/tasksupervisor/sim/workload"
)

// A swarm leaves features out: no seed has them all.
func TestEachSeedIsADifferentSubset(t *testing.T) {
	faults := map[int]int{}
	for seed := range uint64(300) {
		faults[len(swarm.World(seed).Faults)]++
	}
	require.Positive(t, faults[0])
	require.Greater(t, len(faults), 8)
	require.Zero(t, faults[16])
	require.Equal(t, swarm.World(5), swarm.World(5))
	require.NotEqual(t, swarm.World(5), swarm.World(6))
}

func TestDescriptionsOfSwarmsReadBackTheSame(t *testing.T) {
	for seed := range uint64(300) {
		options := swarm.World(seed)
		parsed, err := workload.Parse([]byte(options.String()))
		require.NoError(t, err, "%v", options)
		require.Equal(t, options, parsed)
	}
}
