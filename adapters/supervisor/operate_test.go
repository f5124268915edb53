package supervisor_test

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/tasksupervisor/tasksupervisor/adapters/supervisor"
)

func TestAddToARunningSupervisorStartsAtOnce(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		sup := newSupervisor(t)
		start(t, sup)
		task := &completes{after: time.Hour}
		add(t, sup, "task", task)
		synctest.Wait()
		require.EqualValues(t, 1, task.runs.Load())
		requireStatus(t, sup, "task", supervisor.StatusHealthy)
	})
}

// Invariant 8. The task-supervisor crate brings the task back to life.
func TestKilledDuringBackoffStaysDead(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		sup := newSupervisor(t)
		task := new(fails)
		add(t, sup, "task", task)
		start(t, sup)
		requireStatus(t, sup, "task", supervisor.StatusFailed)
		require.NoError(t, sup.KillWait(t.Context(), "task"))
		requireStatus(t, sup, "task", supervisor.StatusDead)
		wait(time.Hour)
		requireStatus(t, sup, "task", supervisor.StatusDead)
		require.EqualValues(t, 1, task.runs.Load())
	})
}

// Invariant 9. The task-supervisor crate starts it again when the withdrawn delay has passed.
func TestManualRestartDuringBackoffStartsOnce(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		sup := newSupervisor(t)
		runs := 0
		addFunc(t, sup, "task", func(ctx context.Context) error {
			if runs++; runs == 1 {
				return errFailed
			}
			return untilStopped(ctx)
		})
		start(t, sup)
		requireStatus(t, sup, "task", supervisor.StatusFailed)
		require.NoError(t, sup.Restart("task"))
		synctest.Wait()
		s := status(t, sup, "task")
		requireWord(t, supervisor.StatusHealthy, s.Status)
		require.EqualValues(t, 2, s.Run)
		require.Zero(t, s.Attempts)
		wait(time.Hour)
		require.EqualValues(t, 2, status(t, sup, "task").Run)
	})
}

func TestManualRestartWaitsForTheOldRun(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		sup := newSupervisor(t)
		alive := 0
		addFunc(t, sup, "task", func(ctx context.Context) error {
			alive++
			require.Equal(t, 1, alive)
			<-ctx.Done()
			time.Sleep(3 * time.Second)
			alive--
			return nil
		})
		start(t, sup)
		require.NoError(t, sup.Restart("task"))
		require.NoError(t, sup.Restart("task"), "one restart takes in the next")
		wait(2 * time.Second)
		s := status(t, sup, "task")
		requireWord(t, supervisor.StatusStopping, s.Status)
		requireWord(t, supervisor.IntentRestart, s.Intent)
		wait(time.Second)
		requireStatus(t, sup, "task", supervisor.StatusHealthy)
		require.EqualValues(t, 2, status(t, sup, "task").Run)
	})
}

func TestManualRestartRevivesTheDeadAndTheCompleted(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		sup := newSupervisor(t, supervisor.WithMaxAttempts(1), supervisor.WithBaseDelay(time.Second))
		dead, completed := new(fails), new(completes)
		add(t, sup, "dead", dead)
		add(t, sup, "completed", completed)
		start(t, sup)
		wait(time.Minute)
		requireStatus(t, sup, "dead", supervisor.StatusDead)
		require.NoError(t, sup.Restart("dead"))
		require.NoError(t, sup.Restart("completed"))
		synctest.Wait()
		requireStatus(t, sup, "dead", supervisor.StatusFailed)
		require.EqualValues(t, 1, status(t, sup, "dead").Attempts, "it has its restarts back")
		requireStatus(t, sup, "completed", supervisor.StatusCompleted)
		require.EqualValues(t, 2, completed.runs.Load())
	})
}

// Invariant 3.
func TestAStopThatWasAskedForIsNoFailure(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		sup := newSupervisor(t)
		for name, task := range map[string]supervisor.TaskFunc{
			"returns an error": func(ctx context.Context) error { <-ctx.Done(); return errFailed },
			"panics":           func(ctx context.Context) error { <-ctx.Done(); panic("stopped") },
		} {
			add(t, sup, name, task)
			add(t, sup, name+", restarted", task)
		}
		start(t, sup)
		for _, name := range []string{"returns an error", "panics"} {
			require.NoError(t, sup.KillWait(t.Context(), name))
			s := status(t, sup, name)
			requireWord(t, supervisor.StatusDead, s.Status)
			requireWord(t, supervisor.ReasonKilled, s.Why)
			requireWord(t, supervisor.ExitStopped, s.LastExit)
			require.Error(t, s.LastError, "what it returned is kept all the same")

			require.NoError(t, sup.Restart(name+", restarted"))
			synctest.Wait()
			s = status(t, sup, name+", restarted")
			requireWord(t, supervisor.StatusHealthy, s.Status)
			require.Zero(t, s.Attempts)
		}
	})
}

func TestKillWaitWaitsForTheRun(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		sup := newSupervisor(t)
		addFunc(t, sup, "slow", func(ctx context.Context) error {
			<-ctx.Done()
			time.Sleep(2 * time.Second)
			return nil
		})
		start(t, sup)
		before := time.Now()
		require.NoError(t, sup.KillWait(t.Context(), "slow"))
		require.Equal(t, 2*time.Second, time.Since(before))
		requireStatus(t, sup, "slow", supervisor.StatusDead)
	})
}

func TestKillWaitIsDoneWhenItsRunIsThoughAnotherFollows(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		sup := newSupervisor(t)
		addFunc(t, sup, "slow", func(ctx context.Context) error {
			<-ctx.Done()
			time.Sleep(2 * time.Second)
			return nil
		})
		start(t, sup)
		result := make(chan error, 1)
		go func() { result <- sup.KillWait(context.Background(), "slow") }()
		synctest.Wait()
		require.NoError(t, sup.Restart("slow"))
		require.NoError(t, <-result)
		synctest.Wait()
		requireStatus(t, sup, "slow", supervisor.StatusHealthy)
	})
}

func TestRemoveWaitFreesTheName(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		sup := newSupervisor(t)
		start(t, sup)
		for range 3 {
			addFunc(t, sup, "slow", func(ctx context.Context) error {
				<-ctx.Done()
				time.Sleep(2 * time.Second)
				return nil
			})
			require.NoError(t, sup.RemoveWait(t.Context(), "slow"))
			_, err := sup.Status("slow")
			require.ErrorIs(t, err, supervisor.ErrUnknownTask)
		}
		require.Equal(t, supervisor.RunCounts{Started: 3, Ended: 3}, sup.Report().Runs)
	})
}

func TestWaitingForATaskEndsWithTheContext(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		sup := newSupervisor(t)
		deaf := newIgnoresStop()
		add(t, sup, "killed", deaf)
		add(t, sup, "removed", deaf)
		start(t, sup)
		ctx, cancel := context.WithTimeoutCause(t.Context(), time.Second, errFailed)
		defer cancel()
		requireTaskError(t, sup.KillWait(ctx, "killed"), "kill", "killed", errFailed)
		requireTaskError(t, sup.RemoveWait(ctx, "removed"), "remove", "removed", errFailed)
		requireWord(t, supervisor.IntentKill, status(t, sup, "killed").Intent, "the kill continues nevertheless")
		requireWord(t, supervisor.IntentRemove, status(t, sup, "removed").Intent)
		deaf.release <- struct{}{}
		deaf.release <- struct{}{}
	})
}

func TestWaitingForATaskEndsWhenItIsGivenUpOn(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		sup := newSupervisor(t, supervisor.WithStopTimeout(time.Second))
		deaf := newIgnoresStop()
		add(t, sup, "killed", deaf)
		add(t, sup, "removed", deaf)
		start(t, sup)
		results := make(chan error, 2)
		go func() { results <- sup.KillWait(context.Background(), "killed") }()
		go func() { results <- sup.RemoveWait(context.Background(), "removed") }()
		before := time.Now()
		for range 2 {
			var left *supervisor.LeftBehindError
			require.ErrorAs(t, <-results, &left)
			require.Len(t, left.Runs, 1)
			requireWord(t, supervisor.ReasonStopTimeout, left.Runs[0].Why)
		}
		require.Equal(t, time.Second, time.Since(before))
		deaf.release <- struct{}{}
		deaf.release <- struct{}{}
		synctest.Wait()
		_, err := sup.Status("removed")
		require.ErrorIs(t, err, supervisor.ErrUnknownTask)
		requireStatus(t, sup, "killed", supervisor.StatusDead)
	})
}

// A run that was replaced earlier neither ends a wait for the run that stops nor keeps it from ending.
func TestWaitingForATaskBesideAReplacedRun(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		gate := make(chan struct{})
		sup := newSupervisor(t, supervisor.WithStopTimeout(time.Second), supervisor.WithOnAbandon(supervisor.AbandonReplace))
		task := func(ctx context.Context) error {
			<-ctx.Done()
			if info, _ := supervisor.Current(ctx); info.Run == 1 {
				<-gate
			}
			time.Sleep(500 * time.Millisecond)
			return nil
		}
		for _, name := range []string{"killed", "removed"} {
			addFunc(t, sup, name, task)
		}
		start(t, sup)
		for _, name := range []string{"killed", "removed"} {
			require.NoError(t, sup.Restart(name))
		}
		wait(time.Second)
		killed := await(func() error { return sup.KillWait(t.Context(), "killed") })
		removed := await(func() error { return sup.RemoveWait(t.Context(), "removed") })
		killed.waits(t)
		removed.waits(t)
		wait(500 * time.Millisecond)
		require.NoError(t, killed.returned(t, 500*time.Millisecond))
		var left *supervisor.LeftBehindError
		require.ErrorAs(t, removed.returned(t, 500*time.Millisecond), &left, "the name is not free, and nothing says when it will be")
		require.Len(t, left.Runs, 1)
		require.EqualValues(t, 1, left.Runs[0].Run)
		close(gate)
		wait(500 * time.Millisecond)
		require.NoError(t, sup.WaitFor(t.Context(), "removed", supervisor.UntilGone))
	})
}

func TestATaskMayRemoveOrKillOrRestartItself(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		sup := newSupervisor(t)
		var answers notes[error]
		addFunc(t, sup, "removes", func(ctx context.Context) error {
			answers.set("removes", sup.RemoveWait(ctx, "removes"))
			return nil
		})
		addFunc(t, sup, "kills", func(ctx context.Context) error {
			answers.set("kills", sup.KillWait(ctx, "kills"))
			return nil
		})
		restarted := false
		addFunc(t, sup, "restarts", func(ctx context.Context) error {
			if !restarted {
				restarted = true
				answers.set("restarts", sup.Restart("restarts"))
			}
			return untilStopped(ctx)
		})
		start(t, sup)
		require.ErrorIs(t, answers.get("removes"), supervisor.ErrRemoved)
		require.ErrorIs(t, answers.get("kills"), supervisor.ErrKilled)
		require.NoError(t, answers.get("restarts"))
		_, err := sup.Status("removes")
		require.ErrorIs(t, err, supervisor.ErrUnknownTask)
		requireStatus(t, sup, "kills", supervisor.StatusDead)
		requireStatus(t, sup, "restarts", supervisor.StatusHealthy)
		require.EqualValues(t, 2, status(t, sup, "restarts").Run)
	})
}

// Invariant 12.
func TestAFailureDelaysNobodyElse(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		sup := newSupervisor(t)
		add(t, sup, "failing", new(fails))
		steady := &completes{after: time.Hour}
		add(t, sup, "steady", steady)
		start(t, sup)
		wait(time.Minute)
		require.EqualValues(t, 1, steady.runs.Load())
		late := &completes{after: time.Hour}
		add(t, sup, "late", late)
		synctest.Wait()
		require.EqualValues(t, 1, late.runs.Load())
	})
}
