package supervisor_test

import (
	"context"
	"runtime"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/tasksupervisor/tasksupervisor/adapters/supervisor"
)

// A restart allocates the run, which is its context too, and what its goroutine begins with, and nothing else: a task that
// fails again and again costs the rest of the program little.
func TestARestartAllocatesTwice(t *testing.T) {
	requireTwoAllocations(t)
}

// A flight recorder allocates nothing for a restart.
func TestARecordedRestartAllocatesTwice(t *testing.T) {
	requireTwoAllocations(t, supervisor.WithFlightRecorder(supervisor.FlightRecorder{MaxBytes: 64 << 10}))
}

func requireTwoAllocations(t *testing.T, options ...supervisor.Option) {
	t.Helper()
	const restarts = 10_000
	options = append(options, supervisor.WithBaseDelay(0), supervisor.WithMaxAttempts(supervisor.Unlimited))
	sup, err := supervisor.New(options...)
	require.NoError(t, err)
	var before, after runtime.MemStats
	runs, done := 0, make(chan struct{})
	require.NoError(t, sup.Add("fails", supervisor.TaskFunc(func(ctx context.Context) error {
		switch runs++; runs {
		case 1000: // the room that is needed has been made
			runtime.ReadMemStats(&before)
		case 1000 + restarts:
			runtime.ReadMemStats(&after)
			close(done)
			return supervisor.Done(nil)
		}
		return errFailed
	})))
	require.NoError(t, sup.Start(context.Background()))
	<-done
	require.NoError(t, sup.Shutdown(context.Background()))
	// With the race detector, sync.Pool forgets some of what it is given.
	require.Less(t, float64(after.Mallocs-before.Mallocs)/restarts, 2.9)
}
