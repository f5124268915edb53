package sim_test

import (
	"testing"
	"time"

	"github.com/tasksupervisor/tasksupervisor/core"
	"github.com/tasksupervisor/tasksupervisor/sim"
)

func BenchmarkSteps1000(b *testing.B) {
	policy := core.DefaultPolicy()
	policy.MaxAttempts = core.Unlimited
	s, err := sim.New(sim.Options{
		Seed: 1, For: core.Forever - 1,
		Workloads: []sim.Workload{sim.Tasks{Name: "worker", Count: 1000, Policy: policy, Lasts: sim.Exponential(time.Minute)}},
		Unchecked: true,
	})
	if err != nil {
		b.Fatal(err)
	}
	for range 100000 {
		s.Next()
	}
	b.ReportAllocs()
	b.ResetTimer()
	for range b.N {
		s.Next()
	}
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds()/1e6, "Msteps/s")
}
