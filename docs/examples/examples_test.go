package examples_test

import (
	"context"
	"errors"
	"sync/atomic"
	"testing"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/stretchr/testify/require"
	"go.uber.org/fx"

	"github.com/tasksupervisor/tasksupervisor/adapters/supervisor"
	"github.com/tasksupervisor/tasksupervisor/docs/examples"
	"github.com/tasksupervisor/tasksupervisor/internal/bubble"
)

var errFailed = errors.New("it failed")

func start(t *testing.T, task supervisor.Task, options ...supervisor.TaskOption) *supervisor.Supervisor {
	t.Helper()
	sup, err := supervisor.New(supervisor.WithTask("task", task, options...))
	require.NoError(t, err)
	require.NoError(t, sup.Start(context.Background()))
	t.Cleanup(func() { require.NoError(t, sup.Shutdown(context.Background())) })
	return sup
}

func status(t *testing.T, sup *supervisor.Supervisor) supervisor.TaskStatus {
	t.Helper()
	status, err := sup.Status("task")
	require.NoError(t, err)
	return status
}

// A job that runs is waited for; one that fails or panics fails the run.
func TestCron(t *testing.T) {
	bubble.Run(t, func(t *testing.T) {
		var begun, ended atomic.Int64 // cron starts each job in a goroutine of its own
		sup := start(t, examples.Cron("* * * * *", func(context.Context) error {
			switch begun.Add(1) {
			case 2:
				return errFailed
			case 3:
				panic("it panicked")
			}
			time.Sleep(5 * time.Second)
			ended.Add(1)
			return nil
		}))
		time.Sleep(90 * time.Second) // the clock of a bubble begins at midnight
		require.EqualValues(t, 1, ended.Load())
		time.Sleep(time.Minute)
		require.EqualValues(t, 2, status(t, sup).Run)
		require.Equal(t, errFailed, status(t, sup).LastError)
		time.Sleep(time.Minute)
		require.EqualValues(t, 3, status(t, sup).Run)
		require.ErrorContains(t, status(t, sup).LastError, "panic: it panicked")
		time.Sleep(32 * time.Second)
		require.EqualValues(t, 4, begun.Load())
		require.NoError(t, sup.Kill("task"))
		require.NoError(t, sup.WaitFor(t.Context(), "task", supervisor.UntilStopped))
		require.EqualValues(t, 2, ended.Load(), "the last one was waited for")
		require.Empty(t, sup.Report().FailedStops)
	})
}

// A schedule that is none stops the program at once.
func TestCronWithABadSchedule(t *testing.T) {
	sup, err := supervisor.New(supervisor.WithTask("task", examples.Cron("now and then", nil)))
	require.NoError(t, err)
	require.ErrorContains(t, sup.Run(t.Context()), "now and then")
}

// manager cannot be started twice.
type manager struct {
	started bool
	elected chan struct{}
	lost    chan error
}

func (m *manager) Elected() <-chan struct{} { return m.elected }

func (m *manager) Start(ctx context.Context) error {
	if m.started {
		return errors.New("the manager was started before")
	}
	m.started = true
	close(m.elected)
	select {
	case err := <-m.lost:
		return err
	case <-ctx.Done():
		return nil
	}
}

func TestController(t *testing.T) {
	bubble.Run(t, func(t *testing.T) {
		lost := make(chan error)
		sup := start(t, examples.Controller(func() (examples.Manager, error) {
			return &manager{elected: make(chan struct{}), lost: lost}, nil
		}), supervisor.WithReadiness(true), supervisor.WithRestart(supervisor.RestartAlways))
		for run := range 3 {
			require.NoError(t, sup.WaitUntil(t.Context(), "task", func(s supervisor.TaskStatus) bool {
				return s.Status == supervisor.StatusHealthy && int(s.Run) == run+1
			}))
			lost <- errors.New("leader election lost")
		}
	})
}

func TestFx(t *testing.T) {
	t.Run("the application stops the supervisor", func(t *testing.T) {
		sup, err := supervisor.New(supervisor.WithTask("task", supervisor.TaskFunc(func(ctx context.Context) error {
			<-ctx.Done()
			return nil
		})))
		require.NoError(t, err)
		app := fx.New(fx.NopLogger, fx.Supply(sup), examples.Fx())
		require.NoError(t, app.Start(t.Context()))
		require.NoError(t, sup.WaitFor(t.Context(), "task", supervisor.UntilHealthy))
		require.NoError(t, app.Stop(t.Context()))
		require.Equal(t, supervisor.PhaseHalted.String(), sup.Phase().String())
	})
	t.Run("the supervisor ends the application", func(t *testing.T) {
		sup, err := supervisor.New(supervisor.WithTask("task", supervisor.TaskFunc(func(context.Context) error {
			return supervisor.Fatal(errFailed)
		})))
		require.NoError(t, err)
		app := fx.New(fx.NopLogger, fx.Supply(sup), examples.Fx())
		over := app.Wait()
		require.NoError(t, app.Start(t.Context()))
		require.Equal(t, 1, (<-over).ExitCode)
		require.NoError(t, app.Stop(t.Context()))
	})
}

// Without a server the run fails, and says so.
func TestNATSWithoutAServer(t *testing.T) {
	err := examples.NATS("nats://127.0.0.1:1", "orders", "workers", nil).Run(t.Context())
	require.ErrorIs(t, err, nats.ErrNoServers)
}
