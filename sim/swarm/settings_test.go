package swarm_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/tasksupervisor/tasksupervisor/core"
	"github.com/tasksupervisor/tasksupervisor/internal/settings"
	"github.com/tasksupervisor/tasksupervisor/sim/swarm"
)

// What the swarm never draws, no campaign tries.
func TestSwarmDrawsEverySetting(t *testing.T) {
	configs := settings.NewDraws(core.Config{})
	limits := settings.NewDraws(core.Limits{})
	policies := settings.NewDraws(core.DefaultPolicy())
	for seed := range uint64(500) {
		world := swarm.World(seed)
		configs.Note(world.Config)
		for _, tasks := range world.Tasks {
			policies.Note(tasks.Policy)
		}
		for _, operator := range world.Operators {
			limits.Note(operator.Limits)
		}
	}
	require.Empty(t, configs.Missing(), "the swarm never draws these fields of core.Config")
	require.Empty(t, limits.Missing(), "the swarm never draws these fields of core.Limits")
	require.Empty(t, policies.Missing(), "the swarm never draws these fields of core.Policy")
}
