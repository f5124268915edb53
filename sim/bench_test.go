package sim_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/tasksupervisor/tasksupervisor/core"
	"github.com/tasksupervisor/tasksupervisor/sim"
)

// cycling is the schedule that all the benchmarks share: tasks that fail about once a minute and wait for their
// restart.
func cycling(tasks int) sim.Options {
	policy := core.DefaultPolicy()
	policy.MaxAttempts = core.Unlimited
	return sim.Options{
		Seed: 1,
		For:  core.Forever - 1,
		Workloads: []sim.Workload{
			sim.Tasks{Name: "worker", Count: tasks, Policy: policy, Lasts: sim.Exponential(time.Minute)},
		},
		Unchecked: true,
	}
}

func BenchmarkStep(b *testing.B) {
	b.Run("tasks=1000/unchecked", func(b *testing.B) { benchmarkStep(b, cycling(1000)) })
	b.Run("tasks=1000/checked", func(b *testing.B) {
		o := cycling(1000)
		o.Unchecked = false
		benchmarkStep(b, o)
	})
}

func benchmarkStep(b *testing.B, o sim.Options) {
	s, err := sim.New(o)
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
