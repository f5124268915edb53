package supervisor_test

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/tasksupervisor/tasksupervisor/adapters/supervisor"
)

// What the task-supervisor crate's own tests (version 0.4.1) ask of it, asked of this package. The supervisors are
// configured as there; where that leaves the health check out, its interval is the crate's default.

const (
	ms                = time.Millisecond
	crateHealthChecks = 200 * ms
)

// spins is the crate's healthy task: it looks at its flag every 50 ms, and completes when that is down.
type spins struct{ on *atomic.Bool }

func newSpins(on bool) spins {
	s := spins{new(atomic.Bool)}
	s.on.Store(on)
	return s
}

func (s spins) Run(ctx context.Context) error {
	for s.on.Load() {
		select {
		case <-time.After(50 * ms):
		case <-ctx.Done():
			return context.Cause(ctx)
		}
	}
	return nil
}

// crate starts a supervisor in the crate's cadence.
func crate(t *testing.T, healthChecks time.Duration, options ...supervisor.Option) *supervisor.Supervisor {
	t.Helper()
	options = append(options, supervisor.ReferenceCadence(healthChecks))
	sup := newSupervisor(t, options...)
	start(t, sup)
	return sup
}

func TestReferenceTaskCompletes(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		sup := crate(t, crateHealthChecks)
		task := &completes{after: 100 * ms}
		add(t, sup, "completing", task)
		wait(150 * ms)
		requireStatus(t, sup, "completing", supervisor.StatusCompleted)
		require.EqualValues(t, 1, task.runs.Load())
	})
}

func TestReferenceTaskThatEndsAtOnceCompletes(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		sup := crate(t, crateHealthChecks)
		addFunc(t, sup, "immediate", func(context.Context) error { return nil })
		wait(10 * ms)
		requireStatus(t, sup, "immediate", supervisor.StatusCompleted)
	})
}

func TestReferenceTaskFailsIsRestartedAndDies(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		sup := crate(t, 300*ms, supervisor.WithMaxAttempts(3), supervisor.WithBaseDelay(100*ms))
		task := new(fails)
		add(t, sup, "failing", task)
		wait(1500 * ms) // 200 + 400 + 800 ms of delays
		requireStatus(t, sup, "failing", supervisor.StatusDead)
		require.EqualValues(t, 4, task.runs.Load())
	})
}

func TestReferenceUnlimitedRestarts(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		sup := crate(t, 100*ms, supervisor.WithMaxAttempts(supervisor.Unlimited), supervisor.WithBackoff(supervisor.Backoff{Base: 50 * ms, Factor: 1}))
		task := new(fails)
		add(t, sup, "failing", task)
		wait(1000 * ms)
		require.NotEqual(t, supervisor.StatusDead, status(t, sup, "failing").Status)
		require.EqualValues(t, 21, task.runs.Load())
	})
}

func TestReferenceErrorsOfInnerFunctionsAreFailures(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		sup := crate(t, crateHealthChecks, supervisor.WithMaxAttempts(2), supervisor.WithBackoff(supervisor.Backoff{Base: 50 * ms, Factor: 1}))
		var runs atomic.Int32
		inner := errors.New("from an inner function")
		addFunc(t, sup, "failing", func(context.Context) error {
			runs.Add(1)
			return inner
		})
		wait(300 * ms)
		requireStatus(t, sup, "failing", supervisor.StatusDead)
		require.EqualValues(t, 3, runs.Load())
		require.ErrorIs(t, status(t, sup, "failing").LastError, inner)
	})
}

func TestReferenceHealthyTaskStaysHealthyThenCompletes(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		sup := crate(t, 50*ms, supervisor.WithMaxAttempts(3), supervisor.WithBaseDelay(100*ms))
		task := newSpins(true)
		add(t, sup, "task", task)
		wait(500 * ms)
		requireStatus(t, sup, "task", supervisor.StatusHealthy)

		task.on.Store(false)
		wait(100 * ms)
		requireStatus(t, sup, "task", supervisor.StatusCompleted)
	})
}

func TestReferenceSeveralTasks(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		sup := crate(t, 50*ms, supervisor.WithMaxAttempts(3), supervisor.WithBaseDelay(100*ms))
		one, other := newSpins(true), newSpins(true)
		add(t, sup, "one", one)
		add(t, sup, "failing", new(fails))
		add(t, sup, "other", other)
		wait(1500 * ms)
		requireStatus(t, sup, "one", supervisor.StatusHealthy)
		requireStatus(t, sup, "failing", supervisor.StatusDead)
		requireStatus(t, sup, "other", supervisor.StatusHealthy)

		one.on.Store(false)
		other.on.Store(false)
		wait(100 * ms)
		requireStatus(t, sup, "one", supervisor.StatusCompleted)
		requireStatus(t, sup, "other", supervisor.StatusCompleted)
	})
}

func TestReferenceConfiguration(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		sup := crate(t, 50*ms, supervisor.WithMaxAttempts(2), supervisor.WithBaseDelay(50*ms))
		add(t, sup, "ending", newSpins(false))
		add(t, sup, "endless", newSpins(true))
		wait(300 * ms)
		requireStatus(t, sup, "ending", supervisor.StatusCompleted)
		requireStatus(t, sup, "endless", supervisor.StatusHealthy)
	})
}

func TestReferenceRestartOnRequest(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		sup := crate(t, 100*ms, supervisor.WithMaxAttempts(3), supervisor.WithBaseDelay(100*ms))
		task := &completes{after: 100 * ms}
		add(t, sup, "task", task)
		wait(50 * ms)
		require.NoError(t, sup.Restart("task"))
		wait(3 * time.Second)
		requireStatus(t, sup, "task", supervisor.StatusCompleted)
		require.EqualValues(t, 2, task.runs.Load())
	})
}

func TestReferenceKill(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		sup := crate(t, 100*ms, supervisor.WithMaxAttempts(3), supervisor.WithBaseDelay(100*ms))
		add(t, sup, "task", newSpins(true))
		wait(50 * ms)
		require.NoError(t, sup.Kill("task"))
		wait(100 * ms)
		requireStatus(t, sup, "task", supervisor.StatusDead)
	})
}

// The crate's handle fails every call once the supervisor has stopped. Here status stays readable, and the calls that
// could have no effect say so.
func TestReferenceCallsAfterShutdown(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		sup := crate(t, 100*ms)
		add(t, sup, "task", newSpins(true))
		wait(50 * ms)
		require.NoError(t, sup.Shutdown(t.Context()))
		requireStatus(t, sup, "task", supervisor.StatusHalted)
		require.ErrorIs(t, sup.Add("late", newSpins(true)), supervisor.ErrStopped)
		_, err := sup.Status("unknown")
		require.ErrorIs(t, err, supervisor.ErrUnknownTask)
	})
}

func TestReferenceThresholdExceeded(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		sup := crate(t, 10*ms, supervisor.WithMaxAttempts(1), supervisor.WithBaseDelay(10*ms), supervisor.WithDeadThreshold(0.40))
		add(t, sup, "healthy", newSpins(true))
		add(t, sup, "failing", new(fails))
		started := time.Now()

		err := sup.Wait()
		var tooMany *supervisor.TooManyDeadError
		require.ErrorAs(t, err, &tooMany)
		require.Equal(t, supervisor.TooManyDeadError{Dead: 1, Total: 2, Threshold: supervisor.Fraction{Num: 2, Den: 5}}, *tooMany)
		require.EqualError(t, err, "1 of 2 tasks are dead: 50%, more than 40%")
		require.Equal(t, 20*ms+1, time.Since(started), "the second failure, and the health check that sees it")
		requireStatus(t, sup, "healthy", supervisor.StatusHalted)
	})
}

func TestReferenceThresholdNotExceeded(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		sup := crate(t, 10*ms, supervisor.WithMaxAttempts(1), supervisor.WithBaseDelay(10*ms), supervisor.WithDeadThreshold(0.60))
		healthy := newSpins(true)
		add(t, sup, "healthy", healthy)
		add(t, sup, "failing", new(fails))
		wait(50 * ms)
		requireStatus(t, sup, "healthy", supervisor.StatusHealthy)
		requireStatus(t, sup, "failing", supervisor.StatusDead)

		healthy.on.Store(false)
		wait(60 * ms)
		requireStatus(t, sup, "healthy", supervisor.StatusCompleted)
		require.NoError(t, sup.Shutdown(t.Context()))
		require.NoError(t, sup.Wait())
	})
}

func TestReferenceWaitAgainAndAgain(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		sup := crate(t, crateHealthChecks)
		add(t, sup, "task", newSpins(true))
		time.AfterFunc(5*ms, func() { _ = sup.Shutdown(context.Background()) })
		for range 3 {
			require.NoError(t, sup.Wait())
		}
	})
}

func TestReferenceWaitInParallel(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		sup := crate(t, crateHealthChecks)
		add(t, sup, "task", newSpins(true))
		var waiting sync.WaitGroup
		var returned atomic.Int32
		for range 3 {
			waiting.Go(func() {
				if sup.Wait() == nil {
					returned.Add(1)
				}
			})
		}
		synctest.Wait()
		require.Zero(t, returned.Load())
		time.AfterFunc(5*ms, func() { _ = sup.Shutdown(context.Background()) })
		waiting.Wait()
		require.EqualValues(t, 3, returned.Load())
	})
}

// stateful has state of its own, which every run gets afresh, and state that the runs share.
type stateful struct {
	own    int
	shared *sharedState
}

type sharedState struct {
	runs atomic.Int32
	seen []int
}

func (s *stateful) Clone() supervisor.Task {
	clone := *s
	return &clone
}

func (s *stateful) Run(context.Context) error {
	s.shared.seen = append(s.shared.seen, s.own)
	s.own += 1000
	s.shared.runs.Add(1)
	return errFailed
}

func TestReferenceCloneGivesEveryRunItsOwnState(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		sup := crate(t, crateHealthChecks, supervisor.WithMaxAttempts(3), supervisor.WithBackoff(supervisor.Backoff{Base: 50 * ms, Factor: 1}))
		shared := new(sharedState)
		add(t, sup, "stateful", &stateful{42, shared})
		wait(500 * ms)
		requireStatus(t, sup, "stateful", supervisor.StatusDead)
		require.EqualValues(t, 4, shared.runs.Load())
		require.Equal(t, []int{42, 42, 42, 42}, shared.seen)
	})
}

func TestReferenceSharedStatePersists(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		sup := crate(t, crateHealthChecks, supervisor.WithMaxAttempts(5), supervisor.WithBackoff(supervisor.Backoff{Base: 50 * ms, Factor: 1}))
		shared := new(sharedState)
		add(t, sup, "stateful", &stateful{0, shared})
		wait(500 * ms)
		requireStatus(t, sup, "stateful", supervisor.StatusDead)
		require.EqualValues(t, 6, shared.runs.Load())
	})
}
