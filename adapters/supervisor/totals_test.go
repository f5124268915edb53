package supervisor_test

import (
	"context"
	"maps"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/tasksupervisor/tasksupervisor/adapters/supervisor"
)

// totals returns the totals of a task of a tree.
func totals(t *testing.T, sup *supervisor.Supervisor, path string) supervisor.Totals {
	t.Helper()
	for _, node := range sup.Tree() {
		if node.Path == path {
			return node.Totals
		}
	}
	require.Fail(t, "there is no such task", path)
	return supervisor.Totals{}
}

// lasts runs for as long as it is told, and then ends as it is told.
type lasts struct {
	runs []lasting
	next int
}

type lasting struct {
	after time.Duration
	err   error
}

func (l *lasts) Run(ctx context.Context) error {
	if l.next == len(l.runs) {
		return untilStopped(ctx)
	}
	run := l.runs[l.next]
	l.next++
	timer := time.NewTimer(run.after)
	defer timer.Stop()
	select {
	case <-timer.C:
		return run.err
	case <-ctx.Done():
		return nil
	}
}

func TestTotalsCountWhatHappens(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		task := &lasts{runs: []lasting{{time.Second, errFailed}, {2 * time.Second, nil}, {3 * time.Second, supervisor.After(errFailed, 7*time.Second+1)}}}
		sup := newSupervisor(t, supervisor.WithTask("a", task, supervisor.WithRestart(supervisor.RestartAlways),
			supervisor.WithBackoff(supervisor.Backoff{Base: time.Second, Factor: 1})))
		require.Zero(t, totals(t, sup, "a"))
		start(t, sup)
		require.Equal(t, supervisor.Totals{Starts: 1}, totals(t, sup, "a"))
		wait(time.Second + 400*time.Millisecond) // 0.4 s into the delay
		require.Equal(t, supervisor.Totals{
			Starts: 1, Exits: supervisor.ExitCounts{Error: 1}, Failures: 1, Downtime: 400 * time.Millisecond,
		}, totals(t, sup, "a"))
		wait(600*time.Millisecond + 2*time.Second + time.Second + 3*time.Second) // it is repeated, which is no downtime
		want := supervisor.Totals{
			Starts: 3, Exits: supervisor.ExitCounts{OK: 1, Error: 2}, Restarts: supervisor.RestartCounts{Failure: 1, Repeat: 1},
			Failures: 2, Downtime: time.Second,
		}
		require.Equal(t, want, totals(t, sup, "a"))
		wait(7*time.Second + 1)
		want.Starts, want.Restarts.Failure, want.Downtime = 4, 2, 8*time.Second+1
		require.Equal(t, want, totals(t, sup, "a"), "to the nanosecond")
		wait(time.Hour)
		require.NoError(t, sup.Restart("a"))
		wait(0)
		want.Starts, want.Exits.Stopped, want.Restarts.Restarted = 5, 1, 1
		require.Equal(t, want, totals(t, sup, "a"), "what an operator asks for is no downtime")
		require.NoError(t, sup.Suspend("a"))
		wait(time.Minute)
		require.NoError(t, sup.Resume("a"))
		want.Starts, want.Exits.Stopped, want.Restarts.Resumed = 6, 2, 1
		require.Equal(t, want, totals(t, sup, "a"))
		require.Equal(t, map[supervisor.ExitKind]uint64{supervisor.ExitOK: 1, supervisor.ExitError: 2, supervisor.ExitStopped: 2},
			maps.Collect(want.Exits.All()))
		require.Equal(t, map[supervisor.Reason]uint64{
			supervisor.ReasonFailure: 2, supervisor.ReasonRepeat: 1, supervisor.ReasonRestarted: 1, supervisor.ReasonResumed: 1,
		}, maps.Collect(want.Restarts.All()))
	})
}

// A task is down until it is ready, and while it is dead unless an operator killed it.
func TestDowntimeIsUntilTheTaskIsReady(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		runs := 0
		slow := supervisor.TaskFunc(func(ctx context.Context) error {
			runs++
			if runs > 3 {
				return errFailed
			}
			time.Sleep(10 * time.Second) // its first start is no downtime
			require.NoError(t, supervisor.Ready(ctx))
			time.Sleep(time.Second)
			return errFailed
		})
		sup := newSupervisor(t, supervisor.WithTask("slow", slow, supervisor.WithReadiness(true), supervisor.WithMaxAttempts(3),
			supervisor.WithBackoff(supervisor.Backoff{Base: 5 * time.Second, Factor: 1})))
		start(t, sup)
		wait(11 * time.Second)
		require.Zero(t, totals(t, sup, "slow").Downtime)
		wait(15*time.Second - 1)
		require.Equal(t, 15*time.Second-1, totals(t, sup, "slow").Downtime)
		wait(1 + time.Second)
		require.Equal(t, 15*time.Second, totals(t, sup, "slow").Downtime, "5 s of delay and 10 s until it was ready")
		wait(16*time.Second + 5*time.Second) // the fourth run fails at once, and that was the last attempt
		require.Equal(t, supervisor.StatusDead, status(t, sup, "slow").Status)
		wait(time.Hour)
		require.Equal(t, 35*time.Second+time.Hour, totals(t, sup, "slow").Downtime, "dead")
		require.EqualValues(t, 4, totals(t, sup, "slow").Failures)
		require.NoError(t, sup.Shutdown(context.Background()))
		wait(time.Hour)
		require.Equal(t, 35*time.Second+time.Hour, totals(t, sup, "slow").Downtime, "not while its supervisor is")
	})
}

// A hang is a failure from when it is found out, and a sibling is down with the task that failed.
func TestDowntimeOfHangsAndSiblings(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		hangs := supervisor.TaskFunc(func(ctx context.Context) error {
			<-ctx.Done()
			time.Sleep(3 * time.Second)
			return nil
		})
		sup := newSupervisor(t, supervisor.WithStrategy(supervisor.OneForAll), supervisor.WithBackoff(supervisor.Backoff{Base: 4 * time.Second, Factor: 1}),
			supervisor.WithTask("hangs", hangs, supervisor.WithWatchdog(10*time.Second)),
			supervisor.WithTask("sibling", supervisor.TaskFunc(untilStopped)))
		start(t, sup)
		wait(10 * time.Second)
		require.EqualValues(t, 1, totals(t, sup, "hangs").Failures, "before its run has ended")
		require.Zero(t, totals(t, sup, "hangs").Exits)
		wait(8 * time.Second)
		require.Equal(t, supervisor.Totals{
			Starts: 2, Exits: supervisor.ExitCounts{Watchdog: 1}, Restarts: supervisor.RestartCounts{Failure: 1}, Failures: 1, Downtime: 7 * time.Second,
		}, totals(t, sup, "hangs"))
		sibling := totals(t, sup, "sibling")
		require.Equal(t, supervisor.RestartCounts{StartAgain: 1}, sibling.Restarts)
		require.Equal(t, supervisor.ExitCounts{Stopped: 1}, sibling.Exits)
		require.Zero(t, sibling.Failures)
		require.Equal(t, 4*time.Second, sibling.Downtime, "it is stopped when the hanging run has ended")
		require.NoError(t, sup.Shutdown(context.Background()))
		require.Equal(t, 7*time.Second, totals(t, sup, "hangs").Downtime)
	})
}

// Totals never go back: over Runs, restarts of the supervisor above, and supervisors that are made anew.
func TestTotalsOutliveTheSupervisor(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		inner := func() supervisor.Task {
			return newSupervisor(t, supervisor.WithTask("culprit", supervisor.TaskFunc(func(ctx context.Context) error {
				return (&lasts{runs: []lasting{{time.Second, supervisor.Fatal(errFailed)}}}).Run(ctx)
			})),
				supervisor.WithTask("other", supervisor.TaskFunc(untilStopped)))
		}
		sup := newSupervisor(t, supervisor.WithBackoff(supervisor.Backoff{Base: time.Second, Factor: 1}), supervisor.WithMaxAttempts(supervisor.Unlimited),
			supervisor.WithTask("factory", supervisor.Factory(inner)),
			supervisor.WithTask("instance", inner()))
		start(t, sup)
		for run := range uint64(5) {
			wait(500 * time.Millisecond)
			for _, path := range []string{"factory/other", "instance/other"} {
				other := totals(t, sup, path)
				require.Equal(t, run+1, other.Starts, path)
				require.Equal(t, run, other.Exits.Stopped, path)
				require.Equal(t, run, other.Restarts.SupervisorStart, path)
				require.Zero(t, other.Downtime, path)
			}
			culprit := totals(t, sup, "factory/culprit")
			require.Equal(t, run+1, culprit.Starts)
			require.Equal(t, supervisor.ExitCounts{Fatal: run}, culprit.Exits)
			require.Equal(t, run, culprit.Failures)
			require.Equal(t, time.Duration(run)*time.Second, totals(t, sup, "factory").Downtime)
			wait(1500 * time.Millisecond)
		}
		for _, node := range sup.Tree() {
			if node.Path == "factory" {
				require.EqualValues(t, 5, node.Inside.Stats().Escalations.Escalated)
				require.EqualValues(t, 10, node.Inside.Stats().RunDurations.Count())
			}
		}
		require.NoError(t, sup.Shutdown(context.Background()))
		before := totals(t, sup, "instance")
		start(t, sup)
		before.Starts++
		before.Restarts.SupervisorStart++
		require.Equal(t, before, totals(t, sup, "instance"))
	})
}
