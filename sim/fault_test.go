package sim_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/tasksupervisor/tasksupervisor/core"
	"github.com/tasksupervisor/tasksupervisor/sim"
	"github.com/tasksupervisor/tasksupervisor/sim/workload"
)

var always = core.Fraction{Num: 1, Den: 1}

// under simulates a task that fails every ten seconds under one fault, and requires that it strikes.
func under(t *testing.T, f workload.Fault, operators ...workload.Operator) (*sim.Result, *capture) {
	t.Helper()
	result, c := simulate(t, workload.World{
		Seed:      1,
		For:       10 * time.Minute,
		Tasks:     []workload.Tasks{{Name: "a", Policy: unlimited(), Lifetime: workload.Constant(10 * time.Second)}},
		Operators: operators,
		Faults:    []workload.Fault{f},
		Liveness:  true,
	})
	require.Positive(t, result.Coverage.Faults[f.Kind])
	return result, c
}

func TestALateTickDelaysNoDecision(t *testing.T) {
	_, c := under(t, workload.Fault{Kind: workload.LateTick, Share: always, By: workload.Constant(time.Second)})
	for _, step := range c.steps {
		if step.Event.Kind == core.EventTick && len(step.Actions) > 0 && step.Event.At < at(10*time.Minute) {
			require.Equal(t, step.Event.At-at(time.Second), step.Actions[0].At)
		}
	}
	require.Equal(t, at(12*time.Second), c.because(core.ReasonBackoff)[0].At)
}

func TestExtraTicksDecideNothing(t *testing.T) {
	result, c := under(t, workload.Fault{Kind: workload.ExtraTick, At: time.Second, Every: workload.Constant(time.Second)})
	require.Greater(t, len(c.events(core.EventTick)), 590)
	calm, _ := simulate(t, workload.World{
		Seed: 1, For: 10 * time.Minute,
		Tasks:    []workload.Tasks{{Name: "a", Policy: unlimited(), Lifetime: workload.Constant(10 * time.Second)}},
		Liveness: true,
	})
	require.Equal(t, calm.Coverage.Actions, result.Coverage.Actions)
}

func TestALateExitIsReportedLate(t *testing.T) {
	_, c := under(t, workload.Fault{Kind: workload.LateExit, Share: always, By: workload.Constant(time.Second)})
	require.Equal(t, at(11*time.Second), c.events(core.EventExit)[0].At)
}

func TestADoubleExitIsReportedTwice(t *testing.T) {
	_, c := under(t, workload.Fault{Kind: workload.DoubleExit, Share: always, By: workload.Constant(5 * time.Second)})
	exits := c.events(core.EventExit)
	require.Equal(t, at(10*time.Second), exits[0].At)
	require.Equal(t, at(15*time.Second), exits[1].At)
	require.Equal(t, exits[0].Run, exits[1].Run)
	require.NotEmpty(t, c.refused(core.RefusalStaleRun))
}

func TestShuffledTiesChangeWhoComesFirst(t *testing.T) {
	first := map[core.TaskID]bool{}
	for seed := range uint64(20) {
		_, c := simulate(t, workload.World{
			Seed: seed, For: 15 * time.Second,
			Tasks:  []workload.Tasks{{Name: "a", Count: 5, Lifetime: workload.Constant(10 * time.Second)}},
			Faults: []workload.Fault{{Kind: workload.ShuffledTies}},
		})
		first[c.events(core.EventExit)[0].Task] = true
	}
	require.Greater(t, len(first), 2)
}

// A tick and the end of a run at the same instant: either can come first.
func TestShuffledTiesChangeWhetherTheTickComesFirst(t *testing.T) {
	result, c := simulate(t, workload.World{
		For: 10 * time.Minute,
		Tasks: []workload.Tasks{
			{Name: "a", Policy: unlimited(), Lifetime: workload.Constant(2 * time.Second)},
			{Name: "b", Policy: core.Policy{
				Restart: core.RestartOnFailure, BaseDelay: 2 * time.Second, Factor: 1, MaxAttempts: core.Unlimited,
				MaxDelay: core.Forever, StopTimeout: time.Second,
			}, Lifetime: workload.Constant(2 * time.Second)},
		},
		Faults: []workload.Fault{{Kind: workload.ShuffledTies}},
	})
	require.Positive(t, result.Coverage.Faults[workload.ShuffledTies])
	fired := 0
	for _, step := range c.steps {
		if step.Event.Kind == core.EventExit && step.Actions[0].Why == core.ReasonBackoff {
			fired++
		}
	}
	require.Positive(t, fired, "the timer fired with the exit, not with a tick")
}

func TestAClockThatJumpsForwardMakesTimersDue(t *testing.T) {
	_, c := under(t, workload.Fault{Kind: workload.ForwardJump, At: 11 * time.Second, By: workload.Constant(time.Hour)})
	tick := c.events(core.EventTick)[0]
	require.Equal(t, at(11*time.Second+time.Hour), tick.At)
	require.Equal(t, at(12*time.Second), c.because(core.ReasonBackoff)[0].At, "at its deadline nevertheless")
}

func TestAClockThatJumpsBackStandsStillUntilItHasCaughtUp(t *testing.T) {
	_, c := under(t, workload.Fault{Kind: workload.BackwardJump, At: 11 * time.Second, By: workload.Constant(5 * time.Second)})
	exits := c.events(core.EventExit)
	// The restart is due when the clock shows 12 s, which is after 17 s; the run then ends when the clock shows 22 s.
	require.Equal(t, at(22*time.Second), exits[1].At)
	require.Equal(t, at(12*time.Second), c.because(core.ReasonBackoff)[0].At)
}

func TestAStallLetsEverythingThroughAtOnce(t *testing.T) {
	_, c := under(t, workload.Fault{Kind: workload.Stall, At: 5 * time.Second, By: workload.Constant(20 * time.Second)})
	require.Equal(t, at(25*time.Second), c.events(core.EventExit)[0].At)
}

func TestACrashEndsEveryRun(t *testing.T) {
	_, c := under(t, workload.Fault{Kind: workload.Crash, At: 5 * time.Second, By: workload.Constant(2 * time.Second)})
	exit := c.events(core.EventExit)[0]
	require.Equal(t, at(7*time.Second), exit.At)
	require.Equal(t, core.ExitError.String(), exit.Exit.String())
	require.Equal(t, at(9*time.Second), c.because(core.ReasonBackoff)[0].At, "the state was there again")
}

func TestAMoveChangesNothing(t *testing.T) {
	moved, _ := under(t, workload.Fault{Kind: workload.Move, At: 5 * time.Second, Every: workload.Exponential(5 * time.Second)})
	calm, _ := simulate(t, workload.World{
		Seed: 1, For: 10 * time.Minute,
		Tasks:    []workload.Tasks{{Name: "a", Policy: unlimited(), Lifetime: workload.Constant(10 * time.Second)}},
		Liveness: true,
	})
	require.Equal(t, calm.Digest, moved.Digest, "D7")
}

func TestStaleEventsAreRejected(t *testing.T) {
	result, c := under(t, workload.Fault{Kind: workload.StaleEvent, At: time.Second, Every: workload.Constant(time.Second)})
	require.Len(t, c.actions(core.ActionReject), int(result.Coverage.Faults[workload.StaleEvent]))
	for _, refusal := range []core.Refusal{
		core.RefusalUnknownEvent, core.RefusalUnknownTask, core.RefusalUnknownPolicy, core.RefusalUnknownExit, core.RefusalStaleRun,
		core.RefusalAlreadyStarted, core.RefusalUnknownLimits, core.RefusalNotSuspended, core.RefusalNeedsLaterTask,
	} {
		require.NotEmpty(t, c.refused(refusal), "%v", refusal)
	}
}

func TestAFlapStormFailsRunsAtOnce(t *testing.T) {
	policy := unlimited()
	policy.BaseDelay, policy.Factor = 10*time.Millisecond, 1
	result, c := simulate(t, workload.World{
		For:   time.Minute,
		Tasks: []workload.Tasks{{Name: "a", Count: 20, Policy: policy}},
		Faults: []workload.Fault{{
			Kind: workload.FlapStorm, At: 10 * time.Second, By: workload.Constant(time.Second), Share: core.Fraction{Num: 1, Den: 2},
		}},
	})
	require.Equal(t, uint64(1), result.Coverage.Faults[workload.FlapStorm])
	exits := c.events(core.EventExit)
	tasks := map[core.TaskID]int{}
	for _, ev := range exits {
		require.GreaterOrEqual(t, ev.At, at(10*time.Second))
		require.LessOrEqual(t, ev.At, at(11*time.Second))
		tasks[ev.Task]++
	}
	require.InDelta(t, 10, len(tasks), 7)
	for _, n := range tasks {
		require.Greater(t, n, 80, "it comes back every ten milliseconds and fails within one")
	}
}

// Ends at -1, 0 and +1 ns of the stop deadline and of the instant of stability must all occur.
func TestExactExitsAreAtTheirInstants(t *testing.T) {
	policy := unlimited()
	policy.StableAfter, policy.StopTimeout = 20*time.Second, 3*time.Second
	_, c := simulate(t, workload.World{
		For: 10 * time.Hour,
		Tasks: []workload.Tasks{
			{Name: "a", Policy: policy, Lifetime: workload.Constant(15 * time.Second), Stops: workload.Constant(time.Second)},
		},
		Operators: []workload.Operator{{Does: core.EventRestart, Every: workload.Exponential(time.Minute)}},
		Faults:    []workload.Fault{{Kind: workload.ExactExit, Share: always}},
	})
	stops, stable := map[core.Instant]int{}, map[core.Instant]int{}
	var started, deadline core.Instant
	for _, step := range c.steps {
		if ev := step.Event; ev.Kind == core.EventExit {
			stops[ev.At-deadline]++
			stable[ev.At-started-at(20*time.Second)]++
		}
		for _, a := range step.Actions {
			if a.Kind == core.ActionStart {
				started, deadline = a.At, 0
			}
			if a.Kind == core.ActionStop {
				deadline = a.Until
			}
		}
	}
	for off := core.Instant(-1); off <= 1; off++ {
		require.Positive(t, stops[off], "%d ns off the stop deadline", off)
		require.Positive(t, stable[off], "%d ns off stability", off)
	}
}

func TestTasksAreStoppedInBackoff(t *testing.T) {
	_, c := simulate(t, workload.World{
		For:    time.Hour,
		Tasks:  []workload.Tasks{{Name: "a", Count: 200, Policy: unlimited(), Lifetime: workload.Exponential(10 * time.Minute)}},
		Faults: []workload.Fault{{Kind: workload.StopInBackoff, Share: core.Fraction{Num: 1, Den: 2}}},
	})
	inBackoff := map[core.Reason]int{}
	for _, step := range c.steps {
		for _, a := range step.Actions {
			if a.From == core.StatusFailed {
				inBackoff[a.Why]++
			}
		}
	}
	for _, why := range []core.Reason{core.ReasonKilled, core.ReasonRemoved, core.ReasonRestarted, core.ReasonSuspended} {
		require.Greater(t, inBackoff[why], 5, "%v", why)
	}
}

func TestALateDeathIsAfterTheAbandonment(t *testing.T) {
	_, c := under(t, workload.Fault{Kind: workload.LateStop, Share: always, By: workload.Constant(time.Minute)},
		workload.Operator{Does: core.EventKill, At: 5 * time.Second})
	require.Equal(t, at(15*time.Second), c.actions(core.ActionAbandon)[0].At)
	require.Equal(t, at(75*time.Second), c.because(core.ReasonLateExit)[0].At)
}

func TestThunderingRestartsFailAllAtOnce(t *testing.T) {
	_, c := simulate(t, workload.World{
		For:    time.Minute,
		Tasks:  []workload.Tasks{{Name: "a", Count: 50}},
		Faults: []workload.Fault{{Kind: workload.ThunderingRestart, At: 10 * time.Second}},
	})
	exits := c.events(core.EventExit)
	require.Len(t, exits, 50)
	for _, ev := range exits {
		require.Equal(t, at(10*time.Second), ev.At)
	}
	for _, a := range c.because(core.ReasonBackoff) {
		require.Equal(t, at(12*time.Second), a.At)
	}
}

// Every kind of fault must be in the tests above: this one fails when a kind is added.
func TestEveryFaultHasAName(t *testing.T) {
	kinds := 0
	for kind := range workload.FaultKinds() {
		kinds++
		require.NotContains(t, kind.String(), "FaultKind")
	}
	require.Equal(t, 20, kinds)
}
