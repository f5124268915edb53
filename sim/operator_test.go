package sim_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/tasksupervisor/tasksupervisor/core"
	"github.com/tasksupervisor/tasksupervisor/sim"
)

func TestOrdersAreGivenAtTheirTimes(t *testing.T) {
	kinds := map[sim.Order]core.EventKind{
		sim.OrderAdd: core.EventAdd, sim.OrderRemove: core.EventRemove, sim.OrderRestart: core.EventRestart,
		sim.OrderKill: core.EventKill, sim.OrderSuspend: core.EventSuspend, sim.OrderPolicy: core.EventPolicy,
		sim.OrderNeed: core.EventNeed, sim.OrderLimits: core.EventLimits, sim.OrderShutdown: core.EventShutdown,
	}
	for order, kind := range kinds {
		t.Run(order.String(), func(t *testing.T) {
			result, c := simulate(t, sim.Options{
				For:       time.Minute,
				Workloads: []sim.Workload{sim.Tasks{Name: "a", Count: 9}},
				Operators: []sim.Operator{
					{Does: order, Of: "a", At: 10 * time.Second, Every: sim.Constant(20 * time.Second), Count: 2},
				},
			})
			var times []core.Instant
			for _, ev := range c.events(kind) {
				if ev.At > 0 {
					times = append(times, ev.At)
				}
			}
			first, second, third := at(10*time.Second), at(30*time.Second), at(50*time.Second)
			if order == sim.OrderShutdown || order == sim.OrderLimits {
				require.Equal(t, []core.Instant{first, second, third}, times)
			} else {
				require.Equal(t, []core.Instant{first, first, second, second, third, third}, times)
			}
			require.Equal(t, uint64(3), result.Coverage.Orders[order])
		})
	}
}

func TestOrdersGivenAtARate(t *testing.T) {
	result, _ := simulate(t, sim.Options{
		For:       100 * time.Hour,
		Workloads: []sim.Workload{sim.Tasks{Name: "a", Count: 3}},
		Operators: []sim.Operator{{Does: sim.OrderRestart, Every: sim.Exponential(10 * time.Minute)}},
	})
	require.InDelta(t, 600, result.Coverage.Orders[sim.OrderRestart], 75)
}

func TestAnOrderCanBeForAll(t *testing.T) {
	_, c := simulate(t, sim.Options{
		For:       time.Minute,
		Workloads: []sim.Workload{sim.Tasks{Name: "a", Count: 5}, sim.Tasks{Name: "b", Count: 3}},
		Operators: []sim.Operator{
			{Does: sim.OrderKill, Of: "a", Count: sim.All, At: 10 * time.Second},
			{Does: sim.OrderRestart, Count: sim.All, At: 20 * time.Second},
		},
	})
	require.Len(t, c.events(core.EventKill), 5)
	require.Len(t, c.events(core.EventRestart), 8)
}

func TestAnOrderForSeveralTasksIsForDifferentOnes(t *testing.T) {
	_, c := simulate(t, sim.Options{
		For:       time.Minute,
		Workloads: []sim.Workload{sim.Tasks{Name: "a", Count: 5}},
		Operators: []sim.Operator{{Does: sim.OrderKill, Count: 4, At: time.Second}},
	})
	killed := map[core.TaskID]bool{}
	for _, ev := range c.events(core.EventKill) {
		killed[ev.Task] = true
	}
	require.Len(t, killed, 4)
}

func TestAddedTasksAreNamedOn(t *testing.T) {
	_, c := simulate(t, sim.Options{
		Workloads: []sim.Workload{sim.Tasks{Name: "a", Count: 2}},
		Operators: []sim.Operator{{Does: sim.OrderAdd, Of: "a", At: time.Minute}},
	})
	var names []string
	for _, step := range c.steps {
		if step.Event.Kind == core.EventAdd {
			names = append(names, step.Name)
		}
	}
	require.Equal(t, []string{"a-1", "a-2", "a-3"}, names)
}

func TestOrdersReachSupervisorsBelow(t *testing.T) {
	_, c := simulate(t, sim.Options{
		For: time.Hour,
		Workloads: []sim.Workload{sim.Tasks{Name: "pool", Count: 2, Supervises: &sim.Supervisor{
			Workloads: []sim.Workload{sim.Tasks{Name: "shard", Count: 3}},
		}}},
		Operators: []sim.Operator{
			{Does: sim.OrderKill, Of: "shard", At: time.Minute},
			{Does: sim.OrderShutdown, Of: "shard", At: 2 * time.Minute},
		},
	})
	for _, kind := range []core.EventKind{core.EventKill, core.EventShutdown} {
		found := 0
		for _, step := range c.steps {
			if step.Event.Kind == kind {
				found++
				require.Contains(t, []string{"pool-1#1", "pool-2#1"}, step.Path)
			}
		}
		require.Equal(t, 1, found)
	}
}

func TestSuspendedTasksAreResumed(t *testing.T) {
	_, c := simulate(t, sim.Options{
		For:       time.Minute,
		Workloads: []sim.Workload{sim.Tasks{Name: "a", Count: 9}},
		Operators: []sim.Operator{
			{Does: sim.OrderSuspend, At: 10 * time.Second, Count: 3},
			{Does: sim.OrderResume, At: 20 * time.Second, Every: sim.Constant(10 * time.Second), Count: 2},
		},
	})
	suspended := map[core.TaskID]bool{}
	for _, ev := range c.events(core.EventSuspend) {
		suspended[ev.Task] = true
	}
	require.Len(t, suspended, 3)
	var resumes []core.Instant
	for _, ev := range c.events(core.EventResume) {
		require.True(t, suspended[ev.Task], "nobody resumes what is not suspended")
		delete(suspended, ev.Task)
		resumes = append(resumes, ev.At)
	}
	require.Equal(t, []core.Instant{at(20 * time.Second), at(20 * time.Second), at(30 * time.Second)}, resumes)
}

func TestTasksAreGivenAnotherPolicy(t *testing.T) {
	never := core.DefaultPolicy()
	never.Restart = core.RestartNever
	result, c := simulate(t, sim.Options{
		For:       time.Minute,
		Workloads: []sim.Workload{sim.Tasks{Name: "a", Count: 3, Lasts: sim.Constant(20 * time.Second)}},
		Operators: []sim.Operator{
			{Does: sim.OrderPolicy, At: 10 * time.Second, Count: 2, Policy: never},
			{Does: sim.OrderPolicy, At: 15 * time.Second, Of: "a"},
		},
	})
	require.Len(t, c.because(core.ReasonPolicy), 3)
	require.InDelta(t, 1.5, result.Counts.Dead, 0.5, "the second order may undo the first")
}

func TestASupervisorIsGivenOtherLimits(t *testing.T) {
	result, c := simulate(t, sim.Options{
		For: time.Minute,
		Workloads: []sim.Workload{
			sim.Tasks{Name: "a", Policy: unlimited(), Lasts: sim.Constant(time.Second)},
			pool(core.Config{}, core.Policy{}, sim.Tasks{Name: "shard"}),
		},
		Operators: []sim.Operator{
			{Does: sim.OrderLimits, Of: "shard", At: 10 * time.Second},
			{Does: sim.OrderLimits, At: 30 * time.Second, Limits: core.Limits{Intensity: core.Rate{Per: time.Second}}},
		},
	})
	var paths []string
	for _, step := range c.steps {
		if step.Event.Kind == core.EventLimits {
			paths = append(paths, step.Path)
		}
	}
	require.Equal(t, []string{"pool#1", ""}, paths)
	require.Equal(t, core.ReasonIntensity, result.HaltReason)
}

func TestTasksCanBeToldToNeedOthers(t *testing.T) {
	_, c := simulate(t, sim.Options{
		For:       time.Minute,
		Workloads: []sim.Workload{sim.Tasks{Name: "db", Count: 3}, sim.Tasks{Name: "web", Count: 5}},
		Operators: []sim.Operator{
			{Does: sim.OrderNeed, Of: "web", Other: "db", At: time.Second, Count: sim.All, Bound: true},
			{Does: sim.OrderKill, Of: "db", At: 10 * time.Second, Count: sim.All},
		},
	})
	needs := c.events(core.EventNeed)
	require.Len(t, needs, 5)
	for _, ev := range needs {
		require.True(t, ev.Bound)
		require.Less(t, ev.Other.Generation(), uint64(4))
	}
	require.Len(t, c.because(core.ReasonDependency), 5)
}

func TestAnUnknownOrderHasANumber(t *testing.T) {
	require.Equal(t, "Order(99)", sim.Order(99).String())
	require.Equal(t, "FaultKind(99)", sim.FaultKind(99).String())
}
