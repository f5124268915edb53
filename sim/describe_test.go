package sim_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/tasksupervisor/tasksupervisor/sim"
)

func TestDescriptionsOfSwarmsReadBackTheSame(t *testing.T) {
	for seed := range uint64(300) {
		options := sim.Swarm(seed)
		text := options.String()
		parsed, err := sim.Parse([]byte(text))
		require.NoError(t, err, text)
		require.Equal(t, options, parsed, text)
	}
}
