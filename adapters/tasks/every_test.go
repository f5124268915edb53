package tasks_test

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/tasksupervisor/tasksupervisor/adapters/supervisor"
	"github.com/tasksupervisor/tasksupervisor/adapters/tasks"
	"github.com/tasksupervisor/tasksupervisor/internal/bubble"
)

// Calls begin at once and at multiples of the interval after that, none while another is going.
func TestEveryKeepsToItsMultiples(t *testing.T) {
	bubble.Run(t, func(t *testing.T) {
		began := time.Now()
		var calls []time.Duration
		lengths := []time.Duration{0, 2500 * time.Millisecond, time.Second, 0} // of the calls; the rest take no time
		supervise(t, tasks.Every(time.Second, func(context.Context) error {
			calls = append(calls, time.Since(began))
			time.Sleep(lengths[min(len(calls), len(lengths))-1])
			return nil
		}))
		bubble.Pass(8500 * time.Millisecond)
		require.Equal(t, []time.Duration{0, 1e9, 4e9, 6e9, 7e9, 8e9}, calls)
	})
}

// Between calls no beat is due, whatever the watchdog is; a call that hangs is found.
func TestEveryBeats(t *testing.T) {
	bubble.Run(t, func(t *testing.T) {
		hang := make(chan struct{})
		calls := 0
		sup := supervise(t, tasks.Every(time.Hour, func(ctx context.Context) error {
			if calls++; calls == 10 {
				close(hang)
				<-ctx.Done()
			}
			return nil
		}), supervisor.WithWatchdog(time.Second))
		bubble.Pass(8*time.Hour + time.Minute)
		require.Equal(t, 9, calls)
		requireStatus(t, sup, supervisor.StatusHealthy)
		require.EqualValues(t, 1, status(t, sup).Run)
		<-hang
		bubble.Pass(time.Second)
		require.ErrorIs(t, status(t, sup).LastError, supervisor.ErrMissedBeat)
		requireStatus(t, sup, supervisor.StatusFailed)
	})
}

// A mistake that no restart would mend is told at once.
func TestAnIntervalThatIsNotPositive(t *testing.T) {
	for _, interval := range []time.Duration{0, -time.Second} {
		sup, err := supervisor.New(supervisor.WithTask("refresh", tasks.Every(interval, func(context.Context) error { return nil })))
		require.NoError(t, err)
		err = sup.Run(t.Context())
		var fatal *supervisor.EscalatedError
		require.ErrorAs(t, err, &fatal)
		require.ErrorContains(t, err, "the interval is "+interval.String()+": it must be positive")
	}
}

// It does not make another call when it has to stop in the very moment that one is due.
func TestEveryStopsBetweenCalls(t *testing.T) {
	bubble.Run(t, func(t *testing.T) {
		for range 20 {
			ctx, cancel := context.WithCancel(t.Context())
			calls := 0
			ended := make(chan error)
			go func() {
				ended <- tasks.Every(time.Second, func(context.Context) error { calls++; return nil }).Run(ctx)
			}()
			time.AfterFunc(time.Second, cancel)
			require.ErrorIs(t, <-ended, context.Canceled)
			require.LessOrEqual(t, calls, 2)
		}
	})
}
