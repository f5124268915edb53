package sim_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/tasksupervisor/tasksupervisor/core"
	"github.com/tasksupervisor/tasksupervisor/internal/settings"
	"github.com/tasksupervisor/tasksupervisor/sim"
)

// What the swarm never draws, no campaign tries.
func TestSwarmDrawsEverySetting(t *testing.T) {
	configs := settings.NewDraws(core.Config{})
	limits := settings.NewDraws(core.Limits{})
	policies := settings.NewDraws(core.DefaultPolicy())
	for seed := range uint64(500) {
		o := sim.Swarm(seed)
		configs.Note(o.Config)
		for _, workload := range o.Workloads {
			if tasks, ok := workload.(sim.Tasks); ok {
				policies.Note(tasks.Policy)
			}
		}
		for _, operator := range o.Operators {
			limits.Note(operator.Limits)
		}
	}
	require.Empty(t, configs.Missing(), "the swarm never draws these fields of core.Config")
	require.Empty(t, limits.Missing(), "the swarm never draws these fields of core.Limits")
	require.Empty(t, policies.Missing(), "the swarm never draws these fields of core.Policy")
}
