package tasks_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/tasksupervisor/tasksupervisor/adapters/supervisor"
	"github.com/tasksupervisor/tasksupervisor/internal/bubble"
)

// The seven situations in which a task can be, for each of the drop-ins.

func TestStart(t *testing.T) {
	forEach(t, func(t *testing.T, d dropIn, x *thing) {
		sup := supervise(t, d.make(x))
		requireStatus(t, sup, supervisor.StatusHealthy)
		require.EqualValues(t, 1, x.runs.Load())
		bubble.Pass(time.Hour)
		requireStatus(t, sup, supervisor.StatusHealthy)
		x.end(t, d)
	})
}

func TestFailure(t *testing.T) {
	forEach(t, func(t *testing.T, d dropIn, x *thing) {
		sup := supervise(t, d.make(x))
		x.orders <- func() error { return errFailed }
		bubble.Pass(0)
		requireStatus(t, sup, supervisor.StatusFailed)
		require.Equal(t, errFailed, status(t, sup).LastError, "it is returned as it is")
		require.Zero(t, x.stops.Load())
	})
}

func TestRestart(t *testing.T) {
	forEach(t, func(t *testing.T, d dropIn, x *thing) {
		sup := supervise(t, d.make(x))
		for run := range int32(3) {
			x.orders <- func() error { return errFailed }
			bubble.Pass(8 * time.Second)
			requireStatus(t, sup, supervisor.StatusHealthy)
			require.Equal(t, run+2, x.runs.Load())
		}
		x.end(t, d)
	})
}

func TestReady(t *testing.T) {
	forEach(t, func(t *testing.T, d dropIn, x *thing) {
		x.open = make(chan struct{})
		with := supervisor.WithReadiness(true)
		if !d.ready {
			with = supervisor.WithReadinessProbe(func(context.Context) error {
				select {
				case <-x.open:
					return nil
				default:
					return errors.New("not yet")
				}
			}, time.Second)
		}
		sup := supervise(t, d.make(x), with)
		bubble.Pass(time.Minute)
		requireStatus(t, sup, supervisor.StatusStarting)
		close(x.open)
		bubble.Pass(time.Second)
		requireStatus(t, sup, supervisor.StatusHealthy)
		x.end(t, d)
	})
}

func TestStopInTime(t *testing.T) {
	forEach(t, func(t *testing.T, d dropIn, x *thing) {
		sup := supervise(t, d.make(x))
		require.NoError(t, sup.Kill("task"))
		bubble.Pass(0)
		x.end(t, d)
		bubble.Pass(0)
		requireStatus(t, sup, supervisor.StatusDead)
		if d.told {
			require.EqualValues(t, 1, x.stops.Load())
		}
		report := sup.Report()
		require.Zero(t, report.Runs.Abandoned)
		require.Empty(t, report.FailedStops)
		require.Equal(t, report.Runs.Started, report.Runs.Ended)
	})
}

// What is deaf is abandoned, and fenced off until it ends after all.
func TestStopTooLate(t *testing.T) {
	forEach(t, func(t *testing.T, d dropIn, x *thing) {
		sup := supervise(t, d.make(x))
		release := make(chan struct{})
		x.orders <- func() error {
			<-release
			return nil
		}
		bubble.Pass(0)
		require.NoError(t, sup.Restart("task"))
		bubble.Pass(10 * time.Second)
		requireStatus(t, sup, supervisor.StatusAbandoned)
		require.EqualValues(t, 1, x.runs.Load(), "no run overlaps it")
		close(release)
		bubble.Pass(time.Second)
		requireStatus(t, sup, supervisor.StatusHealthy)
		require.EqualValues(t, 2, x.runs.Load())
		x.end(t, d)
	})
}

func TestPanic(t *testing.T) {
	forEach(t, func(t *testing.T, d dropIn, x *thing) {
		x.panics.Store(true)
		sup := supervise(t, d.make(x))
		requireStatus(t, sup, supervisor.StatusFailed)
		var panicked *supervisor.PanicError
		require.ErrorAs(t, status(t, sup).LastError, &panicked)
		require.Equal(t, "it panicked", panicked.Value)
		require.Contains(t, panicked.Stack.String(), "adapters/tasks_test", "the stack is that of the panic")
		bubble.Pass(2 * time.Second)
		requireStatus(t, sup, supervisor.StatusHealthy)
		x.end(t, d)
	})
}

// end ends a run that cannot be told to.
func (x *thing) end(t *testing.T, d dropIn) {
	t.Helper()
	if !d.told {
		go func() {
			select {
			case x.orders <- func() error { return nil }:
			case <-time.After(time.Minute):
			}
		}()
	}
}
