package sim_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/tasksupervisor/tasksupervisor/core"
	"github.com/tasksupervisor/tasksupervisor/sim/workload"
)

func TestAOneForAllGroupRestartsTogether(t *testing.T) {
	result, c := simulate(t, workload.World{
		For:    time.Minute,
		Config: core.Config{Strategy: core.OneForAll},
		Tasks: []workload.Tasks{
			{Name: "a", Stops: workload.Constant(time.Second)},
			{Name: "b", Script: []workload.RunScript{{Lifetime: workload.Constant(10 * time.Second)}}},
			{Name: "c", Stops: workload.Constant(2 * time.Second)},
		},
	})
	require.Equal(t, []core.Instant{at(10 * time.Second), at(12 * time.Second)}, times(c.stops(core.ReasonSibling)), "c, then a")
	require.Equal(t, []core.Instant{at(13 * time.Second)}, times(c.because(core.ReasonDelayBegins)))
	for _, a := range c.actions(core.ActionStart)[3:] {
		require.Equal(t, at(15*time.Second), a.At)
	}
	require.Equal(t, uint64(1), result.Coverage.Strategies[core.OneForAll])
	require.Equal(t, 3, result.Counts.Healthy)
}

func TestARunCanSayThatItIsDoneOrCanNotGoOn(t *testing.T) {
	policy := unlimited()
	policy.Restart = core.RestartAlways
	_, c := alone(t, workload.Tasks{Policy: policy, Lifetime: workload.Constant(10 * time.Second), Ends: workload.Ends{Done: 1}})
	require.Equal(t, core.ExitDone.String(), c.because(core.ReasonCompleted)[0].Exit.String())
	result, c := alone(t, workload.Tasks{Policy: policy, Lifetime: workload.Constant(10 * time.Second), Ends: workload.Ends{Fatal: 1}})
	require.Equal(t, core.ExitFatal.String(), c.because(core.ReasonFatal)[0].Exit.String())
	require.Equal(t, core.ReasonEscalated.String(), result.HaltReason.String())
}

// two is a task that goes down at 10 s for 2 s, and one that needs it and would not notice.
func two(declares workload.Declaration) []workload.Tasks {
	return []workload.Tasks{
		{Name: "db", Policy: readies(), Script: []workload.RunScript{
			{Lifetime: workload.Constant(10 * time.Second), Signals: workload.Signals{Ready: workload.Constant(3 * time.Second)}},
		}},
		{Name: "web", Needs: "db", Notice: workload.Endless(), Fails: workload.Endless(), Declares: declares},
	}
}

func TestADeclaredNeedIsWaitedFor(t *testing.T) {
	result, c := simulate(t, workload.World{For: time.Minute, Tasks: two(workload.DeclareNeed)})
	starts := c.actions(core.ActionStart)
	require.Equal(t, []core.Instant{0, at(3 * time.Second), at(12 * time.Second)}, times(starts), "db, web, and db again")
	require.Equal(t, uint64(1), result.Coverage.Declared)
	require.Equal(t, 2, result.Counts.Healthy)
}

func TestABoundNeedTakesItsDependantAlong(t *testing.T) {
	_, c := simulate(t, workload.World{For: time.Minute, Tasks: two(workload.DeclareBound)})
	require.Equal(t, []core.Instant{at(10 * time.Second)}, times(c.because(core.ReasonDependency)))
	require.Equal(t, []core.Instant{0, at(3 * time.Second), at(12 * time.Second), at(12 * time.Second)}, times(c.actions(core.ActionStart)))
}

func TestAnUndeclaredNeedIsUnknownToTheSupervisor(t *testing.T) {
	_, c := simulate(t, workload.World{For: time.Minute, Tasks: two(workload.DeclareNothing)})
	require.Empty(t, c.events(core.EventNeed))
	require.Equal(t, []core.Instant{0, 0, at(12 * time.Second)}, times(c.actions(core.ActionStart)))
}

func TestATaskThatIsAddedLaterDeclaresItsNeedToo(t *testing.T) {
	_, c := simulate(t, workload.World{
		For: time.Minute, Tasks: two(workload.DeclareBound),
		Operators: []workload.Operator{{Does: core.EventAdd, Of: "web", At: 20 * time.Second}},
	})
	require.Equal(t, at(20*time.Second), c.events(core.EventNeed)[1].At)
	require.Equal(t, at(20*time.Second), c.events(core.EventResume)[1].At)
}

// Where no room is for a task, nothing is declared of it.
func TestATaskThatIsRefusedDeclaresNothing(t *testing.T) {
	_, c := simulate(t, workload.World{For: time.Minute, Tasks: two(workload.DeclareBound), Config: core.Config{MaxTasks: 1}})
	require.NotEmpty(t, c.refused(core.RefusalTooManyTasks))
	require.Empty(t, c.events(core.EventNeed))
}

func TestABudgetSpreadsRestarts(t *testing.T) {
	_, c := simulate(t, workload.World{
		For:    time.Minute,
		Config: core.Config{Limits: core.Limits{RestartRate: core.Rate{Count: 2, Per: time.Second}}},
		Tasks:  []workload.Tasks{{Name: "a", Count: 6}},
		Faults: []workload.Fault{{Kind: workload.ThunderingRestart, At: 10 * time.Second}},
	})
	require.Len(t, c.because(core.ReasonRestartRate), 4)
	second := at(time.Second)
	require.Equal(t, []core.Instant{12 * second, 12 * second, 13 * second, 13 * second, 14 * second, 14 * second},
		times(c.actions(core.ActionStart)[6:]))
}

func TestASupervisorThatCrashesTooOftenIsRestartedWithBackoff(t *testing.T) {
	impatient := core.DefaultPolicy()
	impatient.BaseDelay, impatient.Factor = 100*time.Millisecond, 1
	policy := unlimited()
	policy.BaseDelay = 5 * time.Second
	_, c := simulate(t, workload.World{
		For: time.Minute,
		Tasks: []workload.Tasks{pool(
			core.Config{Strategy: core.OneForAll, Limits: core.Limits{Intensity: core.Rate{Count: 2, Per: 10 * time.Second}}}, policy,
			workload.Tasks{Name: "shard", Policy: impatient, Lifetime: workload.Constant(time.Second)},
		)},
	})
	var halts, restarts []core.Instant
	for _, step := range c.steps {
		for _, a := range step.Actions {
			if a.Kind == core.ActionHalt {
				require.Equal(t, core.ReasonIntensity.String(), a.Why.String())
				halts = append(halts, a.At)
			}
			if a.Why == core.ReasonBackoff && step.Path == "" {
				restarts = append(restarts, a.At)
			}
		}
	}
	// The shard crashes every 1.1 s, and the third time is once too often.
	require.Equal(t, at(3200*time.Millisecond), halts[0])
	require.Equal(t, []core.Instant{at(13200 * time.Millisecond), at(36400 * time.Millisecond)}, restarts[:2], "after 10 s, then after 20 s")
}
