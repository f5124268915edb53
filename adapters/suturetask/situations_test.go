package suturetask_test

import (
	"context"
	"errors"
	"fmt"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"
	"github.com/thejerf/suture/v4"
	"go.uber.org/goleak"

	"github.com/tasksupervisor/tasksupervisor/adapters/supervisor"
	"github.com/tasksupervisor/tasksupervisor/adapters/suturetask"
	"github.com/tasksupervisor/tasksupervisor/internal/bubble"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

var errFailed = errors.New("it failed")

// service is one of suture's. It does what it is ordered, which is the end of its Serve.
type service struct {
	runs   atomic.Int32
	orders chan func() error
	open   chan struct{}
}

func newService() *service {
	s := &service{orders: make(chan func() error), open: make(chan struct{})}
	close(s.open)
	return s
}

func (s *service) Serve(ctx context.Context) error {
	s.runs.Add(1)
	select {
	case <-s.open:
	case <-ctx.Done():
		return ctx.Err()
	}
	if err := supervisor.Ready(ctx); err != nil && !errors.Is(err, supervisor.ErrNoRun) {
		return err
	}
	select {
	case order := <-s.orders:
		return order()
	case <-ctx.Done():
		return ctx.Err()
	}
}

// supervise starts a supervisor as suture's with one service, which is stopped with the test.
func supervise(t *testing.T, s suture.Service, options ...supervisor.TaskOption) *supervisor.Supervisor {
	t.Helper()
	sup, err := supervisor.New(append(suturetask.Options(suture.Spec{}), supervisor.WithTask("service", suturetask.Service(s), options...))...)
	require.NoError(t, err)
	require.NoError(t, sup.Start(context.Background()))
	t.Cleanup(func() { require.NoError(t, sup.Shutdown(context.Background())) })
	synctest.Wait()
	return sup
}

func status(t *testing.T, sup *supervisor.Supervisor) supervisor.TaskStatus {
	t.Helper()
	s, err := sup.Status("service")
	require.NoError(t, err)
	return s
}

func requireStatus(t *testing.T, sup *supervisor.Supervisor, want supervisor.Status) {
	t.Helper()
	s := status(t, sup)
	require.Equal(t, want.String(), s.Status.String(), s.String())
}

// The seven situations in which a task can be.

func TestStart(t *testing.T) {
	bubble.Run(t, func(t *testing.T) {
		s := newService()
		sup := supervise(t, s)
		requireStatus(t, sup, supervisor.StatusHealthy)
		require.EqualValues(t, 1, s.runs.Load())
	})
}

func TestFailure(t *testing.T) {
	bubble.Run(t, func(t *testing.T) {
		s := newService()
		sup := supervise(t, s, supervisor.WithBaseDelay(time.Second))
		s.orders <- func() error { return errFailed }
		bubble.Pass(0)
		requireStatus(t, sup, supervisor.StatusFailed)
		require.Equal(t, errFailed, status(t, sup).LastError, "it is returned as it is")
	})
}

// A service is called again at once, whether it returned an error or not.
func TestRestart(t *testing.T) {
	bubble.Run(t, func(t *testing.T) {
		s := newService()
		sup := supervise(t, s)
		for run, end := range []error{errFailed, nil, context.Canceled} {
			s.orders <- func() error { return end }
			bubble.Pass(0)
			requireStatus(t, sup, supervisor.StatusHealthy)
			require.EqualValues(t, run+2, s.runs.Load())
		}
	})
}

func TestReady(t *testing.T) {
	bubble.Run(t, func(t *testing.T) {
		s := newService()
		s.open = make(chan struct{})
		sup := supervise(t, s, supervisor.WithReadiness(true))
		bubble.Pass(time.Minute)
		requireStatus(t, sup, supervisor.StatusStarting)
		close(s.open)
		bubble.Pass(0)
		requireStatus(t, sup, supervisor.StatusHealthy)
	})
}

func TestStopInTime(t *testing.T) {
	bubble.Run(t, func(t *testing.T) {
		sup := supervise(t, newService())
		require.NoError(t, sup.Kill("service"))
		bubble.Pass(0)
		requireStatus(t, sup, supervisor.StatusDead)
		require.Empty(t, sup.Report().FailedStops)
	})
}

func TestStopTooLate(t *testing.T) {
	bubble.Run(t, func(t *testing.T) {
		s, release := newService(), make(chan struct{})
		sup := supervise(t, s)
		s.orders <- func() error {
			<-release
			return nil
		}
		require.NoError(t, sup.Restart("service"))
		bubble.Pass(10 * time.Second)
		requireStatus(t, sup, supervisor.StatusAbandoned)
		require.EqualValues(t, 1, s.runs.Load(), "no run overlaps it")
		close(release)
		bubble.Pass(0)
		requireStatus(t, sup, supervisor.StatusHealthy)
	})
}

func TestPanic(t *testing.T) {
	bubble.Run(t, func(t *testing.T) {
		s := newService()
		sup := supervise(t, s, supervisor.WithBaseDelay(time.Second))
		s.orders <- func() error { panic("it panicked") }
		bubble.Pass(0)
		var panicked *supervisor.PanicError
		require.ErrorAs(t, status(t, sup).LastError, &panicked)
		bubble.Pass(2 * time.Second)
		requireStatus(t, sup, supervisor.StatusHealthy)
	})
}

// A service can be run again on the same value; nil cannot be run at all.
func TestNilIsRefused(t *testing.T) {
	_, err := supervisor.New(supervisor.WithTask("service", suturetask.Service(nil)))
	require.ErrorIs(t, err, supervisor.ErrNilTask)
}

func TestSentinels(t *testing.T) {
	for name, wrap := range map[string]func(error) error{
		"as they are": func(err error) error { return err },
		"wrapped":     func(err error) error { return fmt.Errorf("the queue is empty: %w", err) },
	} {
		t.Run(name, func(t *testing.T) {
			bubble.Run(t, func(t *testing.T) {
				s, other := newService(), newService()
				sup := supervise(t, s)
				require.NoError(t, sup.Add("other", suturetask.Service(other)))
				s.orders <- func() error { return wrap(suture.ErrDoNotRestart) }
				bubble.Pass(time.Hour)
				requireStatus(t, sup, supervisor.StatusCompleted)
				require.ErrorIs(t, status(t, sup).LastError, suture.ErrDoNotRestart)
				require.Equal(t, supervisor.PhaseRunning.String(), sup.Phase().String(), "the others are not affected")

				other.orders <- func() error { return wrap(suture.ErrTerminateSupervisorTree) }
				err := sup.Wait()
				var escalated *supervisor.EscalatedError
				require.ErrorAs(t, err, &escalated)
				require.Equal(t, "other", escalated.Task)
				require.ErrorIs(t, err, suture.ErrTerminateSupervisorTree)
			})
		})
	}
}

// A tree of suture's is one task, until its services are moved as well. Such a tree forgets its services when it stops: made anew
// for each run it works, and the same one is empty in its second.
func TestATreeOfSuturesIsMadeAnew(t *testing.T) {
	for name, anew := range map[string]bool{"the same": false, "anew": true} {
		t.Run(name, func(t *testing.T) {
			bubble.Run(t, func(t *testing.T) {
				s := newService()
				newTree := func() supervisor.Task {
					tree := suture.NewSimple("tree")
					tree.Add(s)
					return suturetask.Service(tree)
				}
				task := newTree()
				if anew {
					task = supervisor.Factory(newTree)
				}
				sup, err := supervisor.New(supervisor.WithTask("tree", task))
				require.NoError(t, err)
				require.NoError(t, sup.Start(context.Background()))
				bubble.Pass(0)
				require.EqualValues(t, 1, s.runs.Load())
				require.NoError(t, sup.Restart("tree"))
				bubble.Pass(0)
				status, err := sup.Status("tree")
				require.NoError(t, err)
				require.EqualValues(t, 2, status.Run)
				require.Equal(t, anew, s.runs.Load() == 2)
				require.NoError(t, sup.Shutdown(context.Background()))
			})
		})
	}
}
