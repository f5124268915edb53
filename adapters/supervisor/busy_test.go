package supervisor_test

import (
	"context"
	"errors"
	"strconv"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/tasksupervisor/tasksupervisor/adapters/supervisor"
)

// Runs that end faster than the supervisor can start new ones do not keep anybody else waiting.
func TestCallsGetTheirTurnBesideRunsThatEndAtOnce(t *testing.T) {
	const tasks, calls = 100, 50
	sup, err := supervisor.New(supervisor.WithBaseDelay(0), supervisor.WithMaxAttempts(supervisor.Unlimited))
	require.NoError(t, err)
	failed := errors.New("failed")
	for i := range tasks {
		task := supervisor.TaskFunc(func(context.Context) error { return failed })
		require.NoError(t, sup.Add("task-"+strconv.Itoa(i), task))
	}
	require.NoError(t, sup.Start(t.Context()))
	for i := range calls {
		require.NoError(t, sup.Restart("task-"+strconv.Itoa(i)))
	}
	require.NoError(t, sup.Shutdown(context.WithoutCancel(t.Context())))
	require.NoError(t, sup.Wait())
	report := sup.Report()
	require.Equal(t, report.Runs.Started, report.Runs.Ended)
}
