package supervisor_test

import (
	"context"
	"io"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/tasksupervisor/tasksupervisor/adapters/supervisor"
	"github.com/tasksupervisor/tasksupervisor/clock"
)

// broken is a clock that fails when it is told to: the one way to have the supervisor itself fail from outside.
type broken struct {
	clock.Clock
	fails atomic.Bool
}

func (b *broken) NewSource() clock.Source { return &brokenSource{b.Clock.NewSource(), b} }

type brokenSource struct {
	clock.Source
	broken *broken
}

func (s *brokenSource) Now() supervisor.Instant {
	if s.broken.fails.Load() {
		panic(io.ErrClosedPipe)
	}
	return s.Source.Now()
}

func TestAFaultIsNeverASuccess(t *testing.T) {
	for name, trigger := range map[string]func(sup *supervisor.Supervisor, end chan struct{}, cancel func()){
		"at the end of a run": func(_ *supervisor.Supervisor, end chan struct{}, _ func()) { close(end) },
		"at a call":           func(sup *supervisor.Supervisor, _ chan struct{}, _ func()) { _ = sup.Kill("task") },
		"at a deadline":       func(*supervisor.Supervisor, chan struct{}, func()) { time.Sleep(time.Minute) },
		"at the shutdown":     func(_ *supervisor.Supervisor, _ chan struct{}, cancel func()) { cancel() },
	} {
		t.Run(name, func(t *testing.T) {
			inBubble(t, func(t *testing.T) {
				var events []supervisor.Transition
				clock := &broken{Clock: clock.System{}}
				sup := newSupervisor(t, supervisor.WithClock(clock), collect(&events))
				end := make(chan struct{})
				var cause error
				addFunc(t, sup, "task", func(ctx context.Context) error {
					<-ctx.Done()
					cause = context.Cause(ctx)
					return nil
				})
				addFunc(t, sup, "ends", func(ctx context.Context) error {
					select {
					case <-end:
					case <-ctx.Done():
					}
					return nil
				})
				add(t, sup, "waits", new(fails), supervisor.WithBackoff(supervisor.Backoff{Base: time.Minute, Factor: 1}))
				ctx, cancel := context.WithCancel(t.Context())
				defer cancel()
				result := running(ctx, sup)
				synctest.Wait()
				clock.fails.Store(true)
				trigger(sup, end, cancel)

				err := <-result
				var fault *supervisor.FaultError
				require.ErrorAs(t, err, &fault)
				require.ErrorIs(t, err, io.ErrClosedPipe)
				require.Contains(t, fault.Stack.String(), "brokenSource")
				require.Equal(t, err, sup.Wait())
				synctest.Wait()
				require.Equal(t, fault, cause, "what runs is asked to stop")
				requireWord(t, supervisor.PhaseHalted, sup.Phase())
				require.NoError(t, sup.Drain(t.Context()))
				last := events[len(events)-1]
				requireWord(t, supervisor.ActionHalt, last.Kind)
				require.Equal(t, fault, last.Err)

				clock.fails.Store(false)
				report := sup.Report()
				require.Equal(t, report.Runs.Started, report.Runs.Ended)
				require.Empty(t, report.LeftBehind)
				require.ErrorAs(t, sup.Add("new", new(fails)), &fault)
				require.ErrorAs(t, sup.Restart("task"), &fault)
				require.NoError(t, sup.Shutdown(t.Context()))

				start(t, sup)
				requireStatus(t, sup, "task", supervisor.StatusHealthy)
				require.NoError(t, sup.Shutdown(t.Context()))
				require.NoError(t, sup.Wait(), "it can be run again")
			})
		})
	}
}

func TestAFaultLeavesNobodyWaiting(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		clock := &broken{Clock: clock.System{}}
		sup := newSupervisor(t, supervisor.WithClock(clock))
		gates := newGated(1)
		add(t, sup, "deaf", gates)
		result := running(t.Context(), sup)
		synctest.Wait()
		waiting := make(chan error, 1)
		go func() { waiting <- sup.KillWait(context.Background(), "deaf") }()
		synctest.Wait()
		clock.fails.Store(true)
		require.Error(t, sup.Restart("deaf"))
		var fault *supervisor.FaultError
		require.ErrorAs(t, <-waiting, &fault)
		err := <-result
		require.ErrorAs(t, err, &fault)
		var left *supervisor.LeftBehindError
		require.ErrorAs(t, err, &left)
		require.EqualError(t, left, "1 run was left behind: deaf run 1 (none)")
		clock.fails.Store(false)
		gates.open(1)
		require.Empty(t, sup.Report().LeftBehind)
	})
}

func TestAClockThatFailsAtOnce(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		clock := &broken{Clock: clock.System{}}
		clock.fails.Store(true)
		sup := newSupervisor(t, supervisor.WithClock(clock))
		task := new(fails)
		add(t, sup, "task", task)
		var fault *supervisor.FaultError
		require.ErrorAs(t, sup.Run(t.Context()), &fault)
		require.EqualError(t, fault, "the supervisor failed: io: read/write on closed pipe")
		require.Zero(t, task.runs.Load())
	})
}
