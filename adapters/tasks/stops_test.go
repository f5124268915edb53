package tasks_test

import (
	"context"
	"errors"
	"runtime"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/tasksupervisor/tasksupervisor/adapters/supervisor"
	"github.com/tasksupervisor/tasksupervisor/adapters/tasks"
	"github.com/tasksupervisor/tasksupervisor/internal/bubble"
)

// An interrupt is called once for each run, and told why.
func TestAnActorIsInterruptedOnce(t *testing.T) {
	for name, test := range map[string]struct {
		end  func(sup *supervisor.Supervisor, x *thing)
		want error
	}{
		"stopped":  {func(sup *supervisor.Supervisor, _ *thing) { _ = sup.Kill("task") }, supervisor.ErrKilled},
		"failed":   {func(_ *supervisor.Supervisor, x *thing) { x.orders <- func() error { return errFailed } }, errFailed},
		"finished": {func(_ *supervisor.Supervisor, x *thing) { x.orders <- func() error { return nil } }, nil},
	} {
		t.Run(name, func(t *testing.T) {
			bubble.Run(t, func(t *testing.T) {
				x := newThing()
				var told []error
				sup := supervise(t, tasks.Actor(func(context.Context) (func() error, func(error)) {
					s := newStopper()
					return func() error { return x.work(s.channel) }, func(cause error) {
						told = append(told, cause)
						s.stop()
					}
				}))
				test.end(sup, x)
				bubble.Pass(0)
				require.Equal(t, []error{test.want}, told)
			})
		})
	}
}

// What panics while an actor is interrupted in another goroutine neither ends the process nor is lost.
func TestAnInterruptThatPanics(t *testing.T) {
	for name, misbehave := range map[string]func(){
		"it panicked":                func() { panic("it panicked") },
		"runtime.Goexit was called":  runtime.Goexit,
		errFailed.Error():            func() { panic(errFailed) },
		"invalid memory address or ": func() { var s *stopper; s.stop() },
	} {
		t.Run(name, func(t *testing.T) {
			bubble.Run(t, func(t *testing.T) {
				sup := supervise(t, tasks.Actor(func(context.Context) (func() error, func(error)) {
					s := newStopper()
					return func() error { <-s.channel; return nil }, func(error) {
						s.stop()
						misbehave()
					}
				}))
				require.NoError(t, sup.Kill("task"))
				bubble.Pass(0)
				requireStatus(t, sup, supervisor.StatusDead)
				err := status(t, sup).LastError
				var panicked *supervisor.PanicError
				require.ErrorAs(t, err, &panicked)
				require.ErrorContains(t, err, name)
				require.ErrorContains(t, err, "stops_test.go", "the stack is that of the panic")
				require.Len(t, sup.Report().FailedStops, 1)
				if name == errFailed.Error() {
					require.ErrorIs(t, err, errFailed)
				}
			})
		})
	}
}

// What execute and interrupt share is released, however execute ended.
func TestAnActorThatPanicsIsInterrupted(t *testing.T) {
	for name, end := range map[string]func(){"panic": func() { panic("it panicked") }, "goexit": runtime.Goexit} {
		t.Run(name, func(t *testing.T) {
			bubble.Run(t, func(t *testing.T) {
				var told error
				sup := supervise(t, tasks.Actor(func(context.Context) (func() error, func(error)) {
					return func() error { end(); return nil }, func(cause error) { told = cause }
				}))
				requireStatus(t, sup, supervisor.StatusFailed)
				require.EqualError(t, told, "it did not return")
				require.Equal(t, name, status(t, sup).LastExit.String())
			})
		})
	}
}

// Without an error to say why, an end by itself is a failure.
func TestWhatStopsByItself(t *testing.T) {
	bubble.Run(t, func(t *testing.T) {
		x := newThing()
		sup := supervise(t, tasks.StartStop(func(context.Context) (silent, error) { return silent{newStartable(x)}, nil }))
		x.orders <- func() error { return nil }
		bubble.Pass(0)
		requireStatus(t, sup, supervisor.StatusFailed)
		require.Equal(t, tasks.ErrStoppedByItself, status(t, sup).LastError)
		require.NoError(t, sup.Remove("task"))

		require.NoError(t, sup.Add("talkative", tasks.StartStop(func(context.Context) (*startable, error) { return newStartable(x), nil })))
		x.orders <- func() error { return nil }
		bubble.Pass(0)
		ended, err := sup.Status("talkative")
		require.NoError(t, err)
		require.Equal(t, supervisor.StatusCompleted.String(), ended.Status.String(), "its Err returned nil")
	})
}

// silent does not say why it is done.
type silent struct{ started *startable }

func (s silent) Start(ctx context.Context) error { return s.started.Start(ctx) }

func (s silent) Stop(ctx context.Context) error { return s.started.Stop(ctx) }

func (s silent) Done() <-chan struct{} { return s.started.done }

// A Start that takes long is broken off when the run has to stop, and nothing is stopped that did not start.
func TestAStopDuringTheStart(t *testing.T) {
	bubble.Run(t, func(t *testing.T) {
		x := newThing()
		x.open = make(chan struct{})
		sup := supervise(t, tasks.StartStop(func(context.Context) (*startable, error) { return newStartable(x), nil }))
		require.NoError(t, sup.Kill("task"))
		bubble.Pass(0)
		requireStatus(t, sup, supervisor.StatusDead)
		require.EqualError(t, status(t, sup).LastError, "stopped too early")
		require.Zero(t, x.stops.Load())
	})
}

// What is started can live in the context that Start gets: the end of that follows the end of Stop.
func TestTheContextOfAStartLastsUntilItHasStopped(t *testing.T) {
	bubble.Run(t, func(t *testing.T) {
		var life lives
		sup := supervise(t, tasks.StartStop(func(context.Context) (*lives, error) { return &life, nil }))
		require.NoError(t, sup.Kill("task"))
		bubble.Pass(0)
		requireStatus(t, sup, supervisor.StatusDead)
		require.NoError(t, life.whenStopped, "it lived when it was stopped")
		require.ErrorIs(t, life.ctx.Err(), context.Canceled)
		info, ok := supervisor.Current(life.ctx)
		require.True(t, ok)
		require.Equal(t, "task", info.Task)
	})
}

type lives struct {
	ctx         context.Context
	whenStopped error
}

func (l *lives) Start(ctx context.Context) error {
	l.ctx = ctx
	return nil
}

func (l *lives) Stop(context.Context) error {
	l.whenStopped = l.ctx.Err()
	return nil
}

// A Stop that takes too long learns of it in time, and what it returns then is no ordinary end.
func TestAStopThatTakesTooLongIsBrokenOff(t *testing.T) {
	bubble.Run(t, func(t *testing.T) {
		sup := supervise(t, tasks.StartStop(func(context.Context) (slow, error) { return slow{}, nil }))
		require.NoError(t, sup.Kill("task"))
		bubble.Pass(9 * time.Second)
		requireStatus(t, sup, supervisor.StatusDead)
		require.ErrorIs(t, status(t, sup).LastError, supervisor.ErrGraceOver)
		require.Len(t, sup.Report().FailedStops, 1)
	})
}

type slow struct{}

func (slow) Start(context.Context) error { return nil }

func (slow) Stop(ctx context.Context) error {
	<-ctx.Done()
	return ctx.Err()
}

// The errors of a failure and of the stop that follows it are both there.
func TestAFailureAndAFailedStop(t *testing.T) {
	bubble.Run(t, func(t *testing.T) {
		x, errStop := newThing(), errors.New("it cannot stop")
		sup := supervise(t, tasks.StartStop(func(context.Context) (stuck, error) { return stuck{newStartable(x), errStop}, nil }))
		x.orders <- func() error { return errFailed }
		bubble.Pass(0)
		require.ErrorIs(t, status(t, sup).LastError, errFailed)
		require.ErrorIs(t, status(t, sup).LastError, errStop)
	})
}

type stuck struct {
	*startable
	err error
}

func (s stuck) Stop(context.Context) error { return s.err }

// What runs until it is closed is closed once, also when it ended by itself.
func TestCloseFollowsEveryRun(t *testing.T) {
	bubble.Run(t, func(t *testing.T) {
		x, closed := newThing(), 0
		sup := supervise(t, tasks.RunClose(func(context.Context) (counted, error) { return counted{closable{x, newStopper()}, &closed}, nil }))
		x.orders <- func() error { return errFailed }
		bubble.Pass(2 * time.Second)
		require.Equal(t, 1, closed)
		require.NoError(t, sup.Kill("task"))
		bubble.Pass(0)
		require.Equal(t, 2, closed)
		require.Equal(t, "it was closed", status(t, sup).LastError.Error(), "an error of Close is the run's")
	})
}

type counted struct {
	closable
	closed *int
}

func (c counted) Close() error {
	*c.closed++
	_ = c.closable.Close()
	if *c.closed > 1 {
		return errors.New("it was closed")
	}
	return nil
}
