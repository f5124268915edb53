package sim_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/tasksupervisor/tasksupervisor/core"
	"github.com/tasksupervisor/tasksupervisor/sim"
	"github.com/tasksupervisor/tasksupervisor/sim/swarm"
	"github.com/tasksupervisor/tasksupervisor/sim/workload"
)

// cycling is the schedule that all the benchmarks share: tasks that fail about once a minute and wait for their
// restart.
func cycling(tasks int) workload.World {
	policy := core.DefaultPolicy()
	policy.MaxAttempts = core.Unlimited
	return workload.World{
		Seed:  1,
		For:   core.Forever - 1,
		Tasks: []workload.Tasks{{Name: "worker", Count: tasks, Policy: policy, Lifetime: workload.Exponential(time.Minute)}},
	}
}

func BenchmarkStep(b *testing.B) {
	b.Run("tasks=1000/unchecked", func(b *testing.B) { benchmarkStep(b, sim.Unchecked()) })
	b.Run("tasks=1000/checked", func(b *testing.B) { benchmarkStep(b) })
}

// BenchmarkSwarm simulates the worlds of a campaign. One iteration is one seed.
func BenchmarkSwarm(b *testing.B) {
	b.ReportAllocs()
	for seed := range uint64(b.N) {
		result, err := sim.Run(swarm.World(seed))
		if err != nil || result.Violation != nil {
			b.Fatal(err, result.Violation)
		}
	}
}

func benchmarkStep(b *testing.B, options ...sim.Option) {
	s, err := sim.New(cycling(1000), options...)
	require.NoError(b, err)
	for range 100_000 {
		s.Next()
	}
	b.ReportAllocs()
	b.ResetTimer()
	for range b.N {
		s.Next()
	}
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds()/1e6, "Msteps/s")
}
