package sim_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/tasksupervisor/tasksupervisor/core"
	"github.com/tasksupervisor/tasksupervisor/sim/workload"
)

// pool is a supervisor below another whose shards are as given.
func pool(config core.Config, policy core.Policy, shards workload.Tasks) workload.Tasks {
	return workload.Tasks{
		Name: "pool", Policy: policy,
		Supervises: &workload.Supervisor{Config: config, Tasks: []workload.Tasks{shards}},
	}
}

func TestAStopOfTheParentIsAShutdownOfTheChild(t *testing.T) {
	_, c := simulate(t, workload.World{
		For: time.Minute,
		Tasks: []workload.Tasks{
			pool(core.Config{}, core.Policy{}, workload.Tasks{Name: "shard", Count: 2, Stops: workload.Constant(3 * time.Second)}),
		},
		Operators: []workload.Operator{{Does: core.EventShutdown, At: 10 * time.Second}},
	})
	shutdowns, halts := map[string]core.Instant{}, map[string]core.Instant{}
	for _, step := range c.steps {
		if step.Event.Kind == core.EventShutdown {
			shutdowns[step.Path] = step.Event.At
		}
		for _, a := range step.Actions {
			if a.Kind == core.ActionHalt {
				halts[step.Path] = a.At
				require.Equal(t, core.ReasonShutdown.String(), a.Why.String())
				require.Zero(t, a.LeftBehind)
			}
		}
	}
	require.Equal(t, map[string]core.Instant{"": at(10 * time.Second), "pool#1": at(10 * time.Second)}, shutdowns)
	require.Equal(t, map[string]core.Instant{"": at(13 * time.Second), "pool#1": at(13 * time.Second)}, halts)
}

func TestTheHaltOfAChildIsTheEndOfItsRun(t *testing.T) {
	never := core.DefaultPolicy()
	never.Restart = core.RestartNever
	for name, c := range map[string]struct {
		config core.Config
		ends   workload.Ends
		want   core.ExitKind
	}{
		"too many dead":      {core.Config{Limits: core.Limits{DeadThreshold: core.Fraction{Num: 1, Den: 2}}}, workload.Ends{Error: 1}, core.ExitError},
		"all tasks are done": {core.Config{Limits: core.Limits{AutoShutdown: core.AutoShutdownAll}}, workload.Ends{OK: 1}, core.ExitOK},
	} {
		t.Run(name, func(t *testing.T) {
			_, got := simulate(t, workload.World{
				For: 15 * time.Second,
				Tasks: []workload.Tasks{
					pool(c.config, never, workload.Tasks{Name: "shard", Policy: never, Lifetime: workload.Constant(10 * time.Second), Ends: c.ends}),
				},
			})
			for _, step := range got.steps {
				if step.Path == "" && step.Event.Kind == core.EventExit {
					require.Equal(t, at(10*time.Second), step.Event.At)
					require.Equal(t, c.want, step.Event.Exit)
					return
				}
			}
			require.Fail(t, "the child's end was not reported")
		})
	}
}

func TestARestartedChildIsFreshAndHasAPathOfItsOwn(t *testing.T) {
	_, c := simulate(t, workload.World{
		For:       time.Minute,
		Tasks:     []workload.Tasks{pool(core.Config{}, core.Policy{}, workload.Tasks{Name: "shard", Count: 2})},
		Operators: []workload.Operator{{Does: core.EventRestart, Of: "pool", At: 10 * time.Second}},
	})
	adds := map[string]int{}
	for _, step := range c.steps {
		if step.Event.Kind == core.EventAdd {
			adds[step.Path]++
		}
	}
	require.Equal(t, map[string]int{"": 1, "pool#1": 2, "pool#2": 2}, adds)
}

func TestAChildThatIsStoppedBeforeItCouldBeginEndsAllTheSame(t *testing.T) {
	result, c := simulate(t, workload.World{
		For:       time.Minute,
		Liveness:  true,
		Tasks:     []workload.Tasks{pool(core.Config{}, core.Policy{}, workload.Tasks{Name: "shard"})},
		Operators: []workload.Operator{{Does: core.EventKill, Of: "pool"}},
	})
	require.Equal(t, 1, result.Counts.Dead)
	require.Equal(t, []core.Instant{0}, []core.Instant{c.because(core.ReasonKilled)[1].At})
}

func TestAChildThatLeavesARunBehindIsWaitedForInTheNextLife(t *testing.T) {
	config := core.Config{Limits: core.Limits{ShutdownTimeout: time.Second}}
	_, c := simulate(t, workload.World{
		For:       time.Minute,
		Tasks:     []workload.Tasks{pool(config, core.Policy{}, workload.Tasks{Name: "shard", Stops: workload.Constant(20 * time.Second)})},
		Operators: []workload.Operator{{Does: core.EventRestart, Of: "pool", At: 10 * time.Second}},
	})
	late := c.because(core.ReasonLateExit)
	require.Len(t, late, 2)
	require.Equal(t, at(30*time.Second), late[0].At, "the halted child hears of it, and then the new one")
	require.Equal(t, core.StatusAbandoned, late[0].From)
	require.Equal(t, core.StatusCreated, late[1].From)
	started := c.actions(core.ActionStart)
	last := started[len(started)-1]
	require.Equal(t, at(30*time.Second), last.At)
	require.Equal(t, core.Run(2), last.Run, "the runs of both lives are numbered in one sequence")
}
