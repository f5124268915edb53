package sim_test

import (
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/tasksupervisor/tasksupervisor/core"
	"github.com/tasksupervisor/tasksupervisor/sim"
	"github.com/tasksupervisor/tasksupervisor/sim/workload"
)

// incident simulates a shipped workload.
func incident(t *testing.T, name string) (*sim.Result, *capture) {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("testdata", "workloads", name+".workload"))
	require.NoError(t, err)
	o, err := workload.Parse(text)
	require.NoError(t, err)
	return simulate(t, o)
}

func minutes(n int) core.Instant { return at(time.Duration(n) * time.Minute) }

// between counts actions for a reason in a span of time.
func (c *capture) between(why core.Reason, from, to core.Instant) int {
	return within(c.because(why), from, to)
}

// within counts the actions in a span of time.
func within(actions []core.Action, from, to core.Instant) int {
	n := 0
	for _, a := range actions {
		if a.At >= from && a.At < to {
			n++
		}
	}
	return n
}

func TestDatabaseOutage(t *testing.T) {
	result, c := incident(t, "database-outage")
	require.Equal(t, 200, result.Counts.Healthy)
	require.Greater(t, c.between(core.ReasonFailure, minutes(5), minutes(15)), 3000)
	require.Less(t, c.between(core.ReasonFailure, minutes(16), minutes(30)), 30)
}

func TestCrashLoopingDeploy(t *testing.T) {
	result, c := incident(t, "crash-looping-deploy")
	require.Equal(t, 14, result.Counts.Healthy, "the rollback brings all back")
	require.Equal(t, 12, c.between(core.ReasonExhausted, minutes(10), minutes(12)))
	for _, ev := range c.events(core.EventExit) {
		if ev.At > minutes(11) && ev.At < minutes(12) {
			require.Equal(t, core.ExitPanic.String(), ev.Exit.String())
		}
	}
}

func TestPoisonedQueue(t *testing.T) {
	result, c := incident(t, "poisoned-queue")
	require.Equal(t, core.PhaseRunning.String(), result.Phase.String())
	require.Less(t, c.between(core.ReasonFailure, 0, minutes(8)), 3)
	require.Positive(t, c.between(core.ReasonExhausted, minutes(8), minutes(25)))
	require.Positive(t, c.between(core.ReasonRestarted, minutes(25), minutes(26)))
}

func TestSlowStoppingFleet(t *testing.T) {
	result, c := incident(t, "slow-stopping-fleet")
	require.Equal(t, core.ReasonShutdown.String(), result.HaltReason.String())
	require.Positive(t, result.Counts.LeftBehind, "the deaf ones are left behind")
	halt := c.actions(core.ActionHalt)
	require.Len(t, halt, 1)
	require.LessOrEqual(t, halt[0].At, minutes(10)+at(30*time.Second))
	require.Greater(t, halt[0].At, minutes(10)+at(5*time.Second))
}

func TestTreeOfShards(t *testing.T) {
	result, c := incident(t, "tree-of-shards")
	require.Equal(t, core.PhaseRunning.String(), result.Phase.String(), "the bad shard takes no other with it")
	require.Equal(t, 4, result.Counts.Healthy)
	halted := map[string]core.Reason{}
	for _, step := range c.steps {
		for _, a := range step.Actions {
			if a.Kind == core.ActionHalt {
				halted[step.Path] = a.Why
			}
		}
	}
	require.Contains(t, halted, "shard-1#1")
	require.Equal(t, core.ReasonTooManyDead.String(), halted["shard-1#1"].String())
}

func TestHangingWorkers(t *testing.T) {
	result, c := incident(t, "hanging-workers")
	require.Equal(t, 200, result.Counts.Healthy)
	require.Equal(t, 200, c.between(core.ReasonWatchdog, minutes(5), minutes(7)))
	require.Equal(t, uint64(200), result.Coverage.Replaced, "who hangs ignores the stop")
	require.Positive(t, c.between(core.ReasonRestartRate, minutes(5), minutes(7)))
	starts := times(c.because(core.ReasonBackoff))
	for i := 10; i < len(starts); i++ {
		require.GreaterOrEqual(t, starts[i]-starts[i-10], at(time.Second))
	}
	require.Equal(t, 200, c.between(core.ReasonRestarted, minutes(20), minutes(20)+1), "operators do not wait for the restart rate")
}

func TestChainOfStages(t *testing.T) {
	result, c := incident(t, "chain-of-stages")
	require.Equal(t, core.ReasonIntensity.String(), result.HaltReason.String())
	require.Equal(t, 3, within(c.stops(core.ReasonSibling), minutes(3), minutes(4)), "the store and both dashboards, not the source")
	var ready []core.TaskID
	for _, a := range c.because(core.ReasonReady)[:3] {
		ready = append(ready, a.Task)
	}
	require.IsIncreasing(t, ready)
	require.Equal(t, core.ExitStartTimeout.String(), c.because(core.ReasonFailure)[2].Exit.String())
	require.Len(t, c.because(core.ReasonIntensity), 2, "the store's death, and the halt")
}

func TestDatabaseMaintenance(t *testing.T) {
	result, c := incident(t, "database-maintenance")
	require.Equal(t, 7, result.Counts.Healthy)
	require.Equal(t, 5, within(c.stops(core.ReasonDependency), minutes(5), minutes(6)), "the mailer runs on")
	suspended := c.because(core.ReasonSuspended)
	require.Equal(t, core.ActionTransition.String(), suspended[0].Kind.String())
	require.Equal(t, core.ActionStop.String(), suspended[1].Kind.String())
	require.Equal(t, 5, c.between(core.ReasonStartAgain, suspended[0].At, suspended[1].At+1), "it is stopped once the others have stopped")
	require.Equal(t, core.StatusCreated.String(), suspended[2].To.String())
	require.Equal(t, 3, c.between(core.ReasonWatchdog, minutes(8), minutes(9)))
}

func TestNoisyNeighbours(t *testing.T) {
	result, _ := incident(t, "noisy-neighbours")
	for kind := range workload.FaultKinds() {
		require.Positive(t, result.Coverage.Faults[kind], "%v", kind)
	}
	require.Equal(t, uint64(1), result.Coverage.Shutdowns)
}
