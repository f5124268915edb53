package sim_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/tasksupervisor/tasksupervisor/core"
	"github.com/tasksupervisor/tasksupervisor/sim/workload"
)

func TestCommandsAreGivenAtTheirTimes(t *testing.T) {
	for _, command := range workload.Commands() {
		if command == core.EventResume || command == core.EventRelease {
			continue // it is for suspended or held tasks only
		}
		t.Run(command.String(), func(t *testing.T) {
			result, c := simulate(t, workload.World{
				For:   time.Minute,
				Tasks: []workload.Tasks{{Name: "a", Count: 9}},
				Operators: []workload.Operator{
					{Does: command, Of: "a", At: 10 * time.Second, Every: workload.Constant(20 * time.Second), Count: 2},
				},
			})
			var times []core.Instant
			for _, ev := range c.events(command) {
				if ev.At > 0 {
					times = append(times, ev.At)
				}
			}
			first, second, third := at(10*time.Second), at(30*time.Second), at(50*time.Second)
			if command == core.EventShutdown || command == core.EventLimits {
				require.Equal(t, []core.Instant{first, second, third}, times)
			} else {
				require.Equal(t, []core.Instant{first, first, second, second, third, third}, times)
			}
			require.Equal(t, uint64(3), result.Coverage.Commands[command])
		})
	}
}

func TestReleasesAreForHeldTasks(t *testing.T) {
	_, c := simulate(t, workload.World{
		For:   time.Minute,
		Tasks: []workload.Tasks{{Name: "a", Count: 9, Lifetime: workload.Constant(15 * time.Second)}},
		Operators: []workload.Operator{
			{Does: core.EventHold, Of: "a", At: 10 * time.Second, Count: 2},
			{Does: core.EventAdd, Of: "a", At: 20 * time.Second, Held: true},
			{Does: core.EventRelease, At: 30 * time.Second, Count: workload.All},
		},
	})
	require.Len(t, c.events(core.EventHold), 2)
	require.Len(t, c.events(core.EventRelease), 3)
}

func TestCommandsAreGivenAtARate(t *testing.T) {
	result, _ := simulate(t, workload.World{
		For:       100 * time.Hour,
		Tasks:     []workload.Tasks{{Name: "a", Count: 3}},
		Operators: []workload.Operator{{Does: core.EventRestart, Every: workload.Exponential(10 * time.Minute)}},
	})
	require.InDelta(t, 600, result.Coverage.Commands[core.EventRestart], 75)
}

func TestACommandCanBeForAll(t *testing.T) {
	_, c := simulate(t, workload.World{
		For:   time.Minute,
		Tasks: []workload.Tasks{{Name: "a", Count: 5}, {Name: "b", Count: 3}},
		Operators: []workload.Operator{
			{Does: core.EventKill, Of: "a", Count: workload.All, At: 10 * time.Second},
			{Does: core.EventRestart, Count: workload.All, At: 20 * time.Second},
		},
	})
	require.Len(t, c.events(core.EventKill), 5)
	require.Len(t, c.events(core.EventRestart), 8)
}

func TestACommandForSeveralTasksIsForDifferentOnes(t *testing.T) {
	_, c := simulate(t, workload.World{
		For:       time.Minute,
		Tasks:     []workload.Tasks{{Name: "a", Count: 5}},
		Operators: []workload.Operator{{Does: core.EventKill, Count: 4, At: time.Second}},
	})
	killed := map[core.TaskID]bool{}
	for _, ev := range c.events(core.EventKill) {
		killed[ev.Task] = true
	}
	require.Len(t, killed, 4)
}

func TestAddedTasksAreNamedOn(t *testing.T) {
	_, c := simulate(t, workload.World{
		Tasks:     []workload.Tasks{{Name: "a", Count: 2}},
		Operators: []workload.Operator{{Does: core.EventAdd, Of: "a", At: time.Minute}},
	})
	var names []string
	for _, step := range c.steps {
		if step.Event.Kind == core.EventAdd {
			names = append(names, step.Name)
		}
	}
	require.Equal(t, []string{"a-1", "a-2", "a-3"}, names)
}

func TestCommandsReachSupervisorsBelow(t *testing.T) {
	_, c := simulate(t, workload.World{
		For: time.Hour,
		Tasks: []workload.Tasks{{Name: "pool", Count: 2, Supervises: &workload.Supervisor{
			Tasks: []workload.Tasks{{Name: "shard", Count: 3}},
		}}},
		Operators: []workload.Operator{
			{Does: core.EventKill, Of: "shard", At: time.Minute},
			{Does: core.EventShutdown, Of: "shard", At: 2 * time.Minute},
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
	_, c := simulate(t, workload.World{
		For:   time.Minute,
		Tasks: []workload.Tasks{{Name: "a", Count: 9}},
		Operators: []workload.Operator{
			{Does: core.EventSuspend, At: 10 * time.Second, Count: 3},
			{Does: core.EventResume, At: 20 * time.Second, Every: workload.Constant(10 * time.Second), Count: 2},
		},
	})
	suspended := map[core.TaskID]bool{}
	for _, ev := range c.events(core.EventSuspend) {
		suspended[ev.Task] = true
	}
	require.Len(t, suspended, 3)
	var resumes []core.Instant
	for _, ev := range c.events(core.EventResume) {
		require.True(t, suspended[ev.Task], "only suspended tasks are resumed")
		delete(suspended, ev.Task)
		resumes = append(resumes, ev.At)
	}
	require.Equal(t, []core.Instant{at(20 * time.Second), at(20 * time.Second), at(30 * time.Second)}, resumes)
}

func TestTasksAreGivenAnotherPolicy(t *testing.T) {
	never := core.DefaultPolicy()
	never.Restart = core.RestartNever
	result, c := simulate(t, workload.World{
		For:   time.Minute,
		Tasks: []workload.Tasks{{Name: "a", Count: 3, Lifetime: workload.Constant(20 * time.Second)}},
		Operators: []workload.Operator{
			{Does: core.EventPolicy, At: 10 * time.Second, Count: 2, Policy: never},
			{Does: core.EventPolicy, At: 15 * time.Second, Of: "a"},
		},
	})
	require.Len(t, c.because(core.ReasonPolicy), 3)
	require.InDelta(t, 1.5, result.Counts.Dead, 0.5, "the second command may undo the first")
}

func TestASupervisorIsGivenOtherLimits(t *testing.T) {
	result, c := simulate(t, workload.World{
		For: time.Minute,
		Tasks: []workload.Tasks{
			{Name: "a", Policy: unlimited(), Lifetime: workload.Constant(time.Second)},
			pool(core.Config{}, core.Policy{}, workload.Tasks{Name: "shard"}),
		},
		Operators: []workload.Operator{
			{Does: core.EventLimits, Of: "shard", At: 10 * time.Second},
			{Does: core.EventLimits, At: 30 * time.Second, Limits: core.Limits{Intensity: core.Rate{Per: time.Second}}},
		},
	})
	var paths []string
	for _, step := range c.steps {
		if step.Event.Kind == core.EventLimits {
			paths = append(paths, step.Path)
		}
	}
	require.Equal(t, []string{"pool#1", ""}, paths)
	require.Equal(t, core.ReasonIntensity.String(), result.HaltReason.String())
}

func TestTasksCanBeToldToNeedOthers(t *testing.T) {
	_, c := simulate(t, workload.World{
		For:   time.Minute,
		Tasks: []workload.Tasks{{Name: "db", Count: 3}, {Name: "web", Count: 5}},
		Operators: []workload.Operator{
			{Does: core.EventNeed, Of: "web", Other: "db", At: time.Second, Count: workload.All, Bound: true},
			{Does: core.EventKill, Of: "db", At: 10 * time.Second, Count: workload.All},
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
