package supervisor_test

import (
	"bytes"
	"context"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/tasksupervisor/tasksupervisor/adapters/supervisor"
)

func TestSuspendAndResume(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		var cause error
		sup := newSupervisor(t)
		addFunc(t, sup, "task", func(ctx context.Context) error {
			<-ctx.Done()
			cause = context.Cause(ctx)
			return nil
		})
		start(t, sup)
		require.ErrorIs(t, sup.Resume("task"), supervisor.ErrNotSuspended)
		require.NoError(t, sup.Suspend("task"))
		require.NoError(t, sup.Suspend("task"), "once more is no error")
		synctest.Wait()
		require.ErrorIs(t, cause, supervisor.ErrSuspended)
		s := status(t, sup, "task")
		requireWord(t, supervisor.StatusCreated, s.Status)
		require.True(t, s.Suspended)
		requireWord(t, supervisor.WaitSuspended, s.Wait)
		require.Contains(t, s.String(), ", suspended")
		wait(time.Hour)
		requireStatus(t, sup, "task", supervisor.StatusCreated)
		require.NoError(t, sup.Resume("task"))
		synctest.Wait()
		s = status(t, sup, "task")
		requireWord(t, supervisor.StatusHealthy, s.Status)
		requireWord(t, supervisor.ReasonResumed, s.Why)
	})
}

func TestATaskCanBeAddedSuspended(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		sup := newSupervisor(t)
		addFunc(t, sup, "before", untilStopped, supervisor.WithSuspended(true))
		start(t, sup)
		addFunc(t, sup, "after", untilStopped, supervisor.WithSuspended(true), supervisor.WithNeeds("before"))
		for _, name := range []string{"before", "after"} {
			requireWord(t, supervisor.WaitSuspended, status(t, sup, name).Wait)
		}
		require.NoError(t, sup.Resume("after"))
		require.Equal(t, "before", status(t, sup, "after").WaitsFor)
		require.NoError(t, sup.Restart("before"))
		synctest.Wait()
		requireStatus(t, sup, "before", supervisor.StatusHealthy)
		requireStatus(t, sup, "after", supervisor.StatusHealthy)
	})
}

func TestSuspensionWithdrawsARestart(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		sup := newSupervisor(t)
		task := new(fails)
		add(t, sup, "task", task)
		start(t, sup)
		require.NoError(t, sup.Suspend("task"))
		wait(time.Minute)
		require.EqualValues(t, 1, task.runs.Load())
		require.EqualValues(t, 1, status(t, sup, "task").Attempts)
		require.NoError(t, sup.Resume("task"))
		synctest.Wait()
		require.EqualValues(t, 2, task.runs.Load())
		require.EqualValues(t, 2, status(t, sup, "task").Attempts)
	})
}

func TestSetPolicyChangesWhatIsNamed(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		sup := newSupervisor(t, supervisor.WithBackoff(supervisor.Backoff{Factor: 1}))
		task := new(fails)
		add(t, sup, "task", task, supervisor.WithBaseDelay(time.Minute))
		start(t, sup)
		require.NoError(t, sup.SetPolicy("task", supervisor.WithBaseDelay(time.Second), supervisor.WithMaxAttempts(1)))
		d, ok := status(t, sup, "task").RestartIn()
		require.True(t, ok)
		require.Equal(t, time.Minute, d, "a restart that is scheduled stays so")
		wait(time.Minute)
		requireStatus(t, sup, "task", supervisor.StatusDead)
		policy, err := sup.Policy("task")
		require.NoError(t, err)
		require.Equal(t, time.Second, policy.BaseDelay)
		require.EqualValues(t, 1, policy.MaxAttempts)
		require.EqualValues(t, 1, policy.Factor)

		require.NoError(t, sup.Shutdown(t.Context()))
		require.NoError(t, sup.Start(t.Context()))
		synctest.Wait()
		d, _ = status(t, sup, "task").RestartIn()
		require.Equal(t, time.Second, d, "it holds in later runs of the supervisor")
	})
}

func TestChangesThatAreRefused(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		sup := newSupervisor(t)
		deaf := newGated(1)
		add(t, sup, "deaf", deaf)
		add(t, sup, "task", idle)
		requireRefused(t, sup.SetPolicy("task", supervisor.WithNeeds("deaf")), "WithNeeds cannot be changed: remove the task and add it again")
		requireRefused(t, sup.SetPolicy("task", supervisor.WithSuspended(true)), "WithSuspended is for new tasks: call Suspend")
		requireRefused(t, sup.SetPolicy("task", nil), "option 1 is nil")
		requireRefused(t, sup.SetPolicy("task", supervisor.WithBaseDelay(-1)), "WithBaseDelay is negative")
		requireRefused(t, sup.SetLimits(supervisor.WithIntensity(-1, time.Second)), "WithIntensity is -1: it must be from 0 to 65536")
		requireRefused(t, sup.SetLimits(supervisor.WithIntensity(1, 0)), "WithIntensity needs a positive window; leave the option out for no limit")
		requireRefused(t, sup.SetLimits(supervisor.WithRestartRate(0, time.Second)), "WithRestartRate would never let a task restart: Count is 0")
		requireRefused(t, sup.SetLimits(supervisor.WithShutdownTimeout(-1)), "WithShutdownTimeout is negative")
		requireRefused(t, sup.SetLimits(nil), "option 1 is nil")
		require.Equal(t, supervisor.Limits{}, sup.Limits())
		policy, err := sup.Policy("task")
		require.NoError(t, err)
		require.Equal(t, supervisor.DefaultPolicy(), policy)

		require.ErrorIs(t, sup.SetPolicy("nobody"), supervisor.ErrUnknownTask)
		_, err = sup.Policy("nobody")
		require.ErrorIs(t, err, supervisor.ErrUnknownTask)
		require.ErrorIs(t, sup.Suspend("nobody"), supervisor.ErrUnknownTask)

		start(t, sup)
		require.NoError(t, sup.Remove("deaf"))
		require.ErrorIs(t, sup.SetPolicy("deaf", supervisor.WithBaseDelay(1)), supervisor.ErrBeingRemoved)
		policy, err = sup.Policy("deaf")
		require.NoError(t, err)
		require.Equal(t, supervisor.DefaultPolicy(), policy)
		require.ErrorIs(t, sup.Suspend("deaf"), supervisor.ErrBeingRemoved)
		require.NoError(t, sup.KillWait(t.Context(), "task"))
		require.ErrorIs(t, sup.Suspend("task"), supervisor.ErrAlreadyEnded)

		go func() { _ = sup.Shutdown(t.Context()) }()
		synctest.Wait()
		require.NoError(t, sup.SetLimits())
		require.NoError(t, sup.SetPolicy("task"))
		deaf.open(1)
		require.NoError(t, sup.Wait())
		require.NoError(t, sup.SetLimits())
		require.ErrorIs(t, sup.Resume("task"), supervisor.ErrNotSuspended)
	})
}

func TestSetLimitsHoldsAtOnceAndLater(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		var recording bytes.Buffer
		sup := newSupervisor(t, supervisor.WithMaxAttempts(0), supervisor.WithDeadThreshold(0.9), supervisor.WithRecorder(&recording))
		add(t, sup, "dead", new(fails))
		add(t, sup, "steady", idle)
		require.NoError(t, sup.Start(t.Context()))
		synctest.Wait()
		requireStatus(t, sup, "dead", supervisor.StatusDead)
		require.NoError(t, sup.SetLimits(supervisor.WithDeadThreshold(0.4)))
		require.Equal(t, supervisor.Fraction{Num: 2, Den: 5}, sup.Limits().DeadThreshold)
		var tooMany *supervisor.TooManyDeadError
		require.ErrorAs(t, sup.Wait(), &tooMany)
		require.Equal(t, supervisor.TooManyDeadError{Dead: 1, Total: 2, Threshold: supervisor.Fraction{Num: 2, Den: 5}}, *tooMany)

		require.NoError(t, sup.Start(t.Context()))
		require.ErrorAs(t, sup.Wait(), &tooMany)
		require.NoError(t, sup.Drain(t.Context()))
		require.Contains(t, recording.String(), "limits")
		requireWord(t, supervisor.PhaseHalted, play(t, recording.String()).Phase())
	})
}

// What was due before a change is decided, and told of, as it was before.
func TestAChangeAtTheInstantOfAMiss(t *testing.T) {
	for range 20 { // either can be first
		inBubble(t, func(t *testing.T) {
			sup := newSupervisor(t)
			addFunc(t, sup, "task", untilStopped, supervisor.WithWatchdog(10*time.Second))
			start(t, sup)
			time.Sleep(10 * time.Second)
			require.NoError(t, sup.SetPolicy("task", supervisor.WithWatchdog(0), supervisor.WithProbe(well, everyTenSeconds)))
			synctest.Wait()
			s := status(t, sup, "task")
			requireWord(t, supervisor.ExitWatchdog, s.LastExit)
			require.Equal(t, supervisor.ErrMissedBeat, s.LastError)
		})
	}
}
