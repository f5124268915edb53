package supervisor_test

import (
	"bytes"
	"errors"
	"io"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/tasksupervisor/tasksupervisor/adapters/supervisor"
)

// What observers were too slow for is counted, of those that came late too, and stays counted when these have left.
func TestStatsCountWhatObserversHaveLost(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		release := make(chan struct{})
		slow := func(supervisor.Transition) { <-release }
		sup := newSupervisor(t, supervisor.WithObserver(slow), supervisor.WithObserverQueue(1), supervisor.WithDrainTimeout(time.Second),
			supervisor.WithTask("task", supervisor.TaskFunc(untilStopped)))
		stop, err := sup.Observe(slow)
		require.NoError(t, err)
		start(t, sup)
		for range 5 {
			require.NoError(t, sup.Restart("task"))
			wait(time.Second)
		}
		report := sup.Report()
		require.Positive(t, report.Observers[0].Lost)
		require.Positive(t, report.Observers[1].Lost)
		lost := report.Observers[0].Lost + report.Observers[1].Lost
		require.Equal(t, lost, sup.Stats().TransitionsLost)
		stop()
		stop()
		require.Equal(t, lost, sup.Stats().TransitionsLost)
		close(release)
		require.NoError(t, sup.Shutdown(t.Context()))
	})
}

// A recording that has ended early is not one that there never was.
func TestStatsSayWhetherARecordingHasFailed(t *testing.T) {
	for _, recorder := range []io.Writer{nil, new(bytes.Buffer), fullDisk{}} {
		inBubble(t, func(t *testing.T) {
			options := []supervisor.Option{supervisor.WithTask("below", newSupervisor(t))}
			if recorder != nil {
				options = append(options, supervisor.WithRecorder(recorder))
			}
			sup := newSupervisor(t, options...)
			start(t, sup)
			wait(time.Second)
			require.NoError(t, sup.Drain(t.Context()))
			_, fails := recorder.(fullDisk)
			for _, stats := range []supervisor.Stats{sup.Stats(), sup.Tree()[0].Inside.Stats()} {
				require.Equal(t, recorder != nil && !fails, stats.Recorded)
				require.Equal(t, fails, stats.RecordingFailed)
			}
			require.NoError(t, sup.Shutdown(t.Context()))
		})
	}
}

type fullDisk struct{}

func (fullDisk) Write([]byte) (int, error) { return 0, errors.New("no space left on device") }

// Each task of a tree says whose it is.
func TestTreeSaysWhoseATaskIs(t *testing.T) {
	inner := newSupervisor(t, supervisor.WithTask("leaf", supervisor.TaskFunc(untilStopped)))
	root := newSupervisor(t, supervisor.WithTask("inner", inner), supervisor.WithTask("last", supervisor.TaskFunc(untilStopped)))
	nodes := root.Tree()
	require.Len(t, nodes, 3)
	require.Same(t, root, nodes[0].Supervisor)
	require.Same(t, inner, nodes[0].Inside)
	require.Same(t, inner, nodes[1].Supervisor)
	require.Same(t, root, nodes[2].Supervisor)
}
