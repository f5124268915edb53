package supervisor_test

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/tasksupervisor/tasksupervisor/adapters/supervisor"
)

// A task that is restarted always, and returns nil every second, comes to its end as one that fails does.
func TestGoodEndsThatAreTooQuick(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		var seen []supervisor.Transition
		sup := newSupervisor(t, supervisor.WithObserver(func(tr supervisor.Transition) { seen = append(seen, tr) }))
		task := &completes{after: time.Second}
		require.NoError(t, sup.Add("quick", task, supervisor.WithRestart(supervisor.RestartAlways), supervisor.WithMinUptime(5*time.Second),
			supervisor.WithMaxAttempts(3), supervisor.WithOnExhausted(supervisor.ExhaustedEscalate)))
		require.NoError(t, sup.Start(context.Background()))
		wait(time.Hour)
		require.EqualValues(t, 4, task.runs.Load())
		var escalated *supervisor.EscalatedError
		require.ErrorAs(t, sup.Wait(), &escalated)
		require.ErrorIs(t, escalated, supervisor.ErrTooQuick)
		require.Equal(t, supervisor.ErrTooQuick, status(t, sup, "quick").LastError)
		failures := 0
		for _, tr := range seen {
			if tr.Exit == supervisor.ExitTooQuick {
				require.Equal(t, supervisor.ErrTooQuick, tr.Err)
				failures++
			}
		}
		require.Equal(t, 4, failures)
	})
}

// A run that took its time, or says that it is done, is not too quick.
func TestGoodEndsThatAreNotTooQuick(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		sup := newSupervisor(t, supervisor.WithRestart(supervisor.RestartAlways), supervisor.WithMinUptime(time.Second))
		slow := &completes{after: time.Second}
		require.NoError(t, sup.Add("slow", slow))
		addFunc(t, sup, "done", func(context.Context) error { return supervisor.Done(nil) })
		start(t, sup)
		wait(10 * time.Second)
		synctest.Wait()
		require.Greater(t, slow.runs.Load(), int32(4))
		require.Zero(t, status(t, sup, "slow").Attempts)
		requireStatus(t, sup, "done", supervisor.StatusCompleted)
	})
}
