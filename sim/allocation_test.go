package sim_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/tasksupervisor/tasksupervisor/core"
	"github.com/tasksupervisor/tasksupervisor/sim"
	"github.com/tasksupervisor/tasksupervisor/sim/workload"
)

// In steady state a step allocates nothing, with everything going on that a step can meet.
func TestStepsDoNotAllocate(t *testing.T) {
	busy := cycling(100)
	tasks := busy.Tasks[0]
	tasks.Stops, tasks.IgnoresStop = workload.Weibull(time.Second, core.Fraction{Num: 3, Den: 2}), core.Fraction{Num: 1, Den: 50}
	tasks.Ends = workload.Ends{OK: 1, Error: 5, Panic: 1, Goexit: 1}
	tasks.Policy.Restart, tasks.Policy.StopTimeout = core.RestartAlways, 2*time.Second
	tasks.Policy.OnAbandon, tasks.Policy.Jitter = core.AbandonReplace, core.Fraction{Num: 1, Den: 2}
	web := workload.Tasks{Name: "web", Count: 20, Policy: tasks.Policy, Needs: "worker", Fails: workload.Constant(time.Second)}
	watched, probed := tasks, tasks
	watched.Name, watched.Count, watched.Policy.Watchdog, watched.Policy.Readiness = "watched", 20, 5*time.Second, true
	watched.Signals = workload.Signals{
		Ready: workload.Exponential(time.Second), Beats: workload.Exponential(4 * time.Second), Hangs: workload.Exponential(time.Minute),
	}
	probed.Name, probed.Count, probed.Needs, probed.Declares = "probed", 20, "watched", workload.DeclareBound
	probed.Policy.Probe = core.Probe{Interval: 5 * time.Second, Timeout: time.Second, Failures: 2}
	probed.Signals = workload.Signals{Answers: workload.Exponential(time.Second), FailsProbe: core.Fraction{Num: 1, Den: 5}}
	busy.Config = core.Config{Strategy: core.RestForOne, Limits: core.Limits{RestartRate: core.Rate{Count: 5, Per: time.Second}}}
	busy.Tasks = []workload.Tasks{tasks, web, watched, probed}
	busy.Outages = []workload.Outage{{
		At: time.Minute, Every: workload.Exponential(time.Minute), Lasts: workload.Uniform(0, time.Minute),
		Fails: workload.Constant(time.Second),
	}}
	busy.Operators = []workload.Operator{{Does: core.EventRestart, Every: workload.Exponential(time.Second)}}
	busy.Faults = []workload.Fault{
		{Kind: workload.LateTick, Share: core.Fraction{Num: 1, Den: 3}, By: workload.Exponential(time.Second)},
		{Kind: workload.LateExit, Share: core.Fraction{Num: 1, Den: 3}, By: workload.Exponential(time.Second)},
		{Kind: workload.DoubleExit, Share: core.Fraction{Num: 1, Den: 3}, By: workload.Exponential(time.Second)},
		{Kind: workload.ExactExit, Share: core.Fraction{Num: 1, Den: 9}}, {Kind: workload.ShuffledTies},
		{Kind: workload.LateSignal, Share: core.Fraction{Num: 1, Den: 3}, By: workload.Exponential(time.Second)},
		{Kind: workload.DoubleSignal, Share: core.Fraction{Num: 1, Den: 3}, By: workload.Exponential(time.Second)},
	}
	for name, o := range map[string]workload.World{"plain": cycling(100), "busy": busy} {
		s, err := sim.New(o, sim.Unchecked())
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
