package supervisor_test

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/tasksupervisor/tasksupervisor/adapters/supervisor"
)

// gated is a task that ignores its stop. Each run goes on until its gate is opened, and then fails.
type gated map[supervisor.RunNumber]chan struct{}

func newGated(runs supervisor.RunNumber) gated {
	gates := make(gated)
	for run := supervisor.RunNumber(1); run <= runs; run++ {
		gates[run] = make(chan struct{})
	}
	return gates
}

func (g gated) Run(ctx context.Context) error {
	info, _ := supervisor.Current(ctx)
	<-g[info.Run]
	return errFailed
}

// open lets a run end, and waits for what follows.
func (g gated) open(run supervisor.RunNumber) {
	close(g[run])
	synctest.Wait()
}

// abandon starts a supervisor with a task that ignores its stop, and restarts it in vain.
func abandon(t *testing.T, task supervisor.Task, options ...supervisor.Option) *supervisor.Supervisor {
	t.Helper()
	sup := newSupervisor(t, append(options, supervisor.WithStopTimeout(time.Second))...)
	add(t, sup, "deaf", task)
	start(t, sup)
	require.NoError(t, sup.Restart("deaf"))
	wait(time.Second)
	return sup
}

// Invariant 1.
func TestAbandonedTaskWaitsForItsRun(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		gates := newGated(2)
		sup := abandon(t, gates)
		s := status(t, sup, "deaf")
		requireWord(t, supervisor.StatusAbandoned, s.Status)
		requireWord(t, supervisor.ReasonStopTimeout, s.Why)
		requireWord(t, supervisor.IntentRestart, s.Intent)
		require.True(t, s.Live)
		wait(time.Hour)
		require.EqualValues(t, 1, status(t, sup, "deaf").Run)
		left := sup.Report().LeftBehind
		require.Len(t, left, 1)
		require.Equal(t, "deaf run 1 (stop-timeout)", left[0].String())
		require.Equal(t, supervisor.Instant(time.Second), left[0].Since)

		gates.open(1)
		s = status(t, sup, "deaf")
		requireWord(t, supervisor.StatusHealthy, s.Status)
		require.EqualValues(t, 2, s.Run)
		requireWord(t, supervisor.ExitStopped, s.LastExit)
		require.Empty(t, sup.Report().LeftBehind)
		require.Equal(t, supervisor.RunCounts{Started: 2, Ended: 1, Abandoned: 1, FailedStops: 1}, sup.Report().Runs)
		gates.open(2)
	})
}

// Invariant 2: what the fenced run does later changes nothing of the newer one.
func TestAbandonedRunIsReplacedAndItsLateEndChangesNothing(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		gates := newGated(3)
		var late []supervisor.Transition
		sup := abandon(t, gates, supervisor.WithOnAbandon(supervisor.AbandonReplace), supervisor.WithObserver(func(e supervisor.Transition) {
			if e.Why == supervisor.ReasonLateExit {
				late = append(late, e)
			}
		}))
		s := status(t, sup, "deaf")
		requireWord(t, supervisor.StatusHealthy, s.Status)
		require.EqualValues(t, 2, s.Run)
		require.EqualValues(t, 1, s.Fenced)
		require.Len(t, sup.Report().LeftBehind, 1)
		require.EqualValues(t, 1, sup.Report().LeftBehind[0].Run)

		gates.open(1)
		after := status(t, sup, "deaf")
		require.Zero(t, after.Fenced)
		after.Fenced, after.FencedSince, after.At = s.Fenced, s.FencedSince, s.At
		require.Equal(t, s, after)
		require.Empty(t, sup.Report().LeftBehind)
		require.Len(t, late, 1)
		require.EqualValues(t, 1, late[0].Run)
		requireWord(t, supervisor.ExitError, late[0].Exit)
		require.Equal(t, errFailed, late[0].Err)

		gates.open(2)
		requireWord(t, supervisor.StatusFailed, status(t, sup, "deaf").Status, "the newer run's own end counts")
		gates.open(3)
	})
}

// Invariant 1: beside the one run that was replaced no other is left alive.
func TestAReplacementThatIsAbandonedTooIsWaitedFor(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		gates := newGated(3)
		sup := abandon(t, gates, supervisor.WithOnAbandon(supervisor.AbandonReplace))
		require.NoError(t, sup.Restart("deaf"))
		wait(time.Hour)
		s := status(t, sup, "deaf")
		requireWord(t, supervisor.StatusAbandoned, s.Status)
		require.EqualValues(t, 2, s.Run)
		require.Len(t, sup.Report().LeftBehind, 2)
		require.NoError(t, sup.Kill("deaf"))
		requireStatus(t, sup, "deaf", supervisor.StatusAbandoned)

		gates.open(1)
		requireStatus(t, sup, "deaf", supervisor.StatusAbandoned)
		gates.open(2)
		requireStatus(t, sup, "deaf", supervisor.StatusDead)
		require.Equal(t, supervisor.RunCounts{Started: 2, Ended: 2, Abandoned: 2, FailedStops: 2}, sup.Report().Runs)
	})
}

func TestRemovedTaskWithAReplacedRunIsForgottenWhenBothAreGone(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		gates := newGated(2)
		sup := abandon(t, gates, supervisor.WithOnAbandon(supervisor.AbandonReplace))
		require.NoError(t, sup.Remove("deaf"))
		gates.open(2)
		requireStatus(t, sup, "deaf", supervisor.StatusAbandoned)
		require.ErrorIs(t, sup.Add("deaf", new(fails)), supervisor.ErrDuplicateName)
		gates.open(1)
		_, err := sup.Status("deaf")
		require.ErrorIs(t, err, supervisor.ErrUnknownTask)
		require.Equal(t, supervisor.RunCounts{Started: 2, Ended: 2, Abandoned: 1, FailedStops: 2}, sup.Report().Runs)
	})
}

func TestAbandonedTaskCountsAsDead(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		gates := newGated(1)
		sup := abandon(t, gates, supervisor.WithDeadThreshold(0))
		var tooMany *supervisor.TooManyDeadError
		require.ErrorAs(t, sup.Wait(), &tooMany)
		require.Equal(t, 1, tooMany.Dead)
		gates.open(1)
	})
}

func TestEscalationStopsTheSupervisor(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		gates := newGated(1)
		sup := newSupervisor(t, supervisor.WithStopTimeout(time.Second))
		add(t, sup, "patient", gates)
		add(t, sup, "deaf", gates, supervisor.WithOnAbandon(supervisor.AbandonEscalate))
		addFunc(t, sup, "healthy", untilStopped)
		start(t, sup)
		require.NoError(t, sup.Kill("patient"))
		wait(time.Second)
		requireWord(t, supervisor.PhaseRunning, sup.Phase())
		require.NoError(t, sup.Remove("deaf"))

		err := sup.Wait()
		var escalated *supervisor.EscalatedError
		require.ErrorAs(t, err, &escalated)
		require.Equal(t, supervisor.EscalatedError{Task: "deaf", Run: 1, Why: supervisor.ReasonStopTimeout, Limit: "1s"}, *escalated)
		require.EqualError(t, escalated, `task "deaf", run 1, did not stop within 1s`)
		var left *supervisor.LeftBehindError
		require.ErrorAs(t, err, &left)
		require.EqualError(t, left, "2 runs were left behind: patient run 1 (stop-timeout), deaf run 1 (stop-timeout)")
		gates.open(1)
		require.Empty(t, sup.Report().LeftBehind)
	})
}

// A run that ends after the supervisor has stopped is noted, and then the supervisor can be run again.
func TestLeftBehindRunsEndAfterTheSupervisor(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		gates := newGated(1)
		var lateEnds int
		sup := newSupervisor(t, supervisor.WithStopTimeout(time.Second), supervisor.WithObserver(func(e supervisor.Transition) {
			if e.Why == supervisor.ReasonLateExit {
				lateEnds++
			}
		}))
		add(t, sup, "deaf", gates)
		require.NoError(t, sup.Start(t.Context()))
		require.NoError(t, sup.Shutdown(t.Context()))
		err := sup.Wait()
		var left *supervisor.LeftBehindError
		require.ErrorAs(t, err, &left)
		require.Equal(t, err, sup.Report().Err)
		require.Equal(t, supervisor.RunCounts{Started: 1, Abandoned: 1}, sup.Report().Runs)

		require.Zero(t, lateEnds)

		gates.open(1)
		require.Equal(t, 1, lateEnds)
		report := sup.Report()
		require.Empty(t, report.LeftBehind)
		require.Equal(t, supervisor.RunCounts{Started: 1, Ended: 1, Abandoned: 1, FailedStops: 1}, report.Runs)
		requireStatus(t, sup, "deaf", supervisor.StatusHalted)

		require.NoError(t, sup.Start(t.Context()))
		synctest.Wait()
		require.EqualValues(t, 2, sup.Report().Runs.Started)
		stop(t, sup)
	})
}
