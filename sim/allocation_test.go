package sim_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/tasksupervisor/tasksupervisor/core"
	"github.com/tasksupervisor/tasksupervisor/sim"
)

// In steady state a step allocates nothing, with everything going on that a step can meet.
func TestStepsDoNotAllocate(t *testing.T) {
	busy := cycling(100)
	tasks := busy.Workloads[0].(sim.Tasks)
	tasks.Stops, tasks.Deaf = sim.Weibull(time.Second, core.Fraction{Num: 3, Den: 2}), core.Fraction{Num: 1, Den: 50}
	tasks.Ends = sim.Ends{OK: 1, Error: 5, Panic: 1, Goexit: 1}
	tasks.Policy.Restart, tasks.Policy.StopTimeout = core.RestartAlways, 2*time.Second
	tasks.Policy.OnAbandon, tasks.Policy.Jitter = core.AbandonReplace, core.Fraction{Num: 1, Den: 2}
	web := sim.Tasks{Name: "web", Count: 20, Policy: tasks.Policy, Needs: "worker", Fails: sim.Constant(time.Second)}
	busy.Workloads = []sim.Workload{
		tasks, web,
		sim.Outage{At: time.Minute, Every: sim.Exponential(time.Minute), Lasts: sim.Uniform(0, time.Minute), Fails: sim.Constant(time.Second)},
	}
	busy.Operators = []sim.Operator{{Does: sim.OrderRestart, Every: sim.Exponential(time.Second)}}
	busy.Faults = []sim.Fault{
		{Kind: sim.LateTick, Share: core.Fraction{Num: 1, Den: 3}, By: sim.Exponential(time.Second)},
		{Kind: sim.LateExit, Share: core.Fraction{Num: 1, Den: 3}, By: sim.Exponential(time.Second)},
		{Kind: sim.DoubleExit, Share: core.Fraction{Num: 1, Den: 3}, By: sim.Exponential(time.Second)},
		{Kind: sim.ExactExit, Share: core.Fraction{Num: 1, Den: 9}}, {Kind: sim.ShuffledTies},
	}
	for name, o := range map[string]sim.Options{"plain": cycling(100), "busy": busy} {
		s, err := sim.New(o)
		require.NoError(t, err)
		for range 200_000 {
			require.True(t, s.Next())
		}
		allocations := testing.AllocsPerRun(5, func() {
			for range 10_000 {
				s.Next()
			}
		})
		require.Zero(t, allocations, name)
	}
}
