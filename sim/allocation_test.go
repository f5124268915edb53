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
	watched, probed := tasks, tasks
	watched.Name, watched.Count, watched.Policy.Watchdog, watched.Policy.Readiness = "watched", 20, 5*time.Second, true
	watched.Signals = sim.Signals{
		Ready: sim.Exponential(time.Second), Beats: sim.Exponential(4 * time.Second), Hangs: sim.Exponential(time.Minute),
	}
	probed.Name, probed.Count, probed.Needs, probed.Declares = "probed", 20, "watched", sim.DeclareBound
	probed.Policy.Probe = core.Probe{Interval: 5 * time.Second, Timeout: time.Second, Failures: 2}
	probed.Signals = sim.Signals{Answers: sim.Exponential(time.Second), Unwell: core.Fraction{Num: 1, Den: 5}}
	busy.Config = core.Config{Strategy: core.RestForOne, Limits: core.Limits{RestartRate: core.Rate{Count: 5, Per: time.Second}}}
	busy.Workloads = []sim.Workload{
		tasks, web, watched, probed,
		sim.Outage{At: time.Minute, Every: sim.Exponential(time.Minute), Lasts: sim.Uniform(0, time.Minute), Fails: sim.Constant(time.Second)},
	}
	busy.Operators = []sim.Operator{{Does: sim.OrderRestart, Every: sim.Exponential(time.Second)}}
	busy.Faults = []sim.Fault{
		{Kind: sim.LateTick, Share: core.Fraction{Num: 1, Den: 3}, By: sim.Exponential(time.Second)},
		{Kind: sim.LateExit, Share: core.Fraction{Num: 1, Den: 3}, By: sim.Exponential(time.Second)},
		{Kind: sim.DoubleExit, Share: core.Fraction{Num: 1, Den: 3}, By: sim.Exponential(time.Second)},
		{Kind: sim.ExactExit, Share: core.Fraction{Num: 1, Den: 9}}, {Kind: sim.ShuffledTies},
		{Kind: sim.LateSignal, Share: core.Fraction{Num: 1, Den: 3}, By: sim.Exponential(time.Second)},
		{Kind: sim.DoubleSignal, Share: core.Fraction{Num: 1, Den: 3}, By: sim.Exponential(time.Second)},
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
