package tasks_test

import (
	"context"
	"errors"
	"os"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"github.com/tasksupervisor/tasksupervisor/adapters/supervisor"
	"github.com/tasksupervisor/tasksupervisor/adapters/tasks"
	"github.com/tasksupervisor/tasksupervisor/internal/bubble"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

var errFailed = errors.New("it failed")

// thing is what a drop-in runs. It does as the test says, in every run.
type thing struct {
	runs   atomic.Int32 // begun
	stops  atomic.Int32 // how often it was told to stop
	panics atomic.Bool  // its next run panics when it begins
	orders chan func() error
	open   chan struct{} // closed when it may come up
}

func newThing() *thing {
	x := &thing{orders: make(chan func() error), open: make(chan struct{})}
	close(x.open)
	return x
}

// begin is the beginning of a run. It fails if the run has to stop meanwhile.
func (x *thing) begin(stop <-chan struct{}) error {
	x.runs.Add(1)
	if x.panics.CompareAndSwap(true, false) {
		panic("it panicked")
	}
	select {
	case <-x.open:
		return nil
	case <-stop:
		return errors.New("stopped too early")
	}
}

// work does what is ordered, which is the end of it, or ends when it is told to stop.
func (x *thing) work(stop <-chan struct{}) error {
	select {
	case order := <-x.orders:
		return order()
	case <-stop:
		x.stops.Add(1)
		return nil
	}
}

// stopper closes a channel once.
type stopper struct {
	once    sync.Once
	channel chan struct{}
}

func newStopper() *stopper { return &stopper{channel: make(chan struct{})} }

func (s *stopper) stop() { s.once.Do(func() { close(s.channel) }) }

// startable is started and stopped, and done when it has failed. It cannot be started again.
type startable struct {
	*thing
	*stopper
	done chan struct{}
	err  error
}

func newStartable(x *thing) *startable { return &startable{x, newStopper(), make(chan struct{}), nil} }

func (s *startable) Start(ctx context.Context) error {
	if err := s.begin(ctx.Done()); err != nil {
		return err
	}
	select {
	case <-s.done:
		return errors.New("it was started before")
	default:
	}
	go func() {
		defer close(s.done)
		s.err = s.work(s.channel)
	}()
	return nil
}

func (s *startable) Stop(ctx context.Context) error {
	s.stop()
	select {
	case <-s.done:
		return nil
	case <-ctx.Done():
		<-s.done
		return ctx.Err()
	}
}

func (s *startable) Done() <-chan struct{} { return s.done }

func (s *startable) Err() error { return s.err }

// closable runs until it is closed. It cannot be run again.
type closable struct {
	*thing
	*stopper
}

func (c closable) Run(context.Context) error {
	select {
	case <-c.channel:
		return errors.New("it was closed before")
	default:
	}
	if err := c.begin(c.channel); err != nil {
		return err
	}
	return c.work(c.channel)
}

func (c closable) Close() error {
	c.stop()
	return nil
}

// async is a service that goes through its life once.
type async struct {
	*startable
	running chan struct{}
}

func newAsync(x *thing) *async { return &async{newStartable(x), make(chan struct{})} }

func (a *async) StartAsync(context.Context) error {
	select {
	case <-a.done:
		return errors.New("it was started before")
	default:
	}
	a.thing.runs.Add(1)
	if a.panics.CompareAndSwap(true, false) {
		panic("it panicked")
	}
	go func() {
		defer close(a.done)
		select {
		case <-a.open:
			close(a.running)
			a.err = a.work(a.channel)
		case <-a.channel:
		}
	}()
	return nil
}

func (a *async) AwaitRunning(ctx context.Context) error {
	select {
	case <-a.running:
		return nil
	case <-a.done:
		return errors.New("it is not running")
	case <-ctx.Done():
		return ctx.Err()
	}
}

func (a *async) StopAsync() { a.stop() }

func (a *async) AwaitTerminated(context.Context) error {
	<-a.done
	return a.err
}

// dropIn is one way to make a task of a thing.
type dropIn struct {
	make  func(x *thing) supervisor.Task
	ready bool // it says itself when it is ready
	told  bool // it is told to stop
}

func dropIns() map[string]dropIn {
	return map[string]dropIn{
		"Func": {
			make: func(x *thing) supervisor.Task {
				return tasks.Func(func() error {
					if err := x.begin(nil); err != nil {
						return err
					}
					return x.work(nil)
				})
			},
		},
		"Actor": {ready: true, told: true,
			make: func(x *thing) supervisor.Task {
				return tasks.Actor(func(ctx context.Context) (func() error, func(error)) {
					s := newStopper()
					return func() error {
						if err := x.begin(s.channel); err != nil {
							return err
						}
						if err := supervisor.Ready(ctx); err != nil {
							return err
						}
						return x.work(s.channel)
					}, func(error) { s.stop() }
				})
			},
		},
		"Signals": {ready: true, told: true,
			make: func(x *thing) supervisor.Task {
				return tasks.Signals(func(signals <-chan os.Signal, ready chan<- struct{}) error {
					s, over := newStopper(), make(chan struct{})
					defer close(over)
					go func() {
						select {
						case signal := <-signals:
							if signal == os.Interrupt {
								s.stop()
							}
						case <-over:
						}
					}()
					if err := x.begin(s.channel); err != nil {
						return err
					}
					close(ready)
					return x.work(s.channel)
				})
			},
		},
		"StartStop": {ready: true, told: true,
			make: func(x *thing) supervisor.Task {
				return tasks.StartStop(func(context.Context) (*startable, error) { return newStartable(x), nil })
			},
		},
		"RunClose": {told: true,
			make: func(x *thing) supervisor.Task {
				return tasks.RunClose(func(context.Context) (closable, error) { return closable{x, newStopper()}, nil })
			},
		},
		"Lifecycle": {ready: true, told: true,
			make: func(x *thing) supervisor.Task {
				return tasks.Lifecycle(func(context.Context) (*async, error) { return newAsync(x), nil })
			},
		},
		"Every": {ready: true, told: true,
			make: func(x *thing) supervisor.Task {
				return tasks.Every(time.Second, func(ctx context.Context) error {
					if info, _ := supervisor.Current(ctx); uint32(info.Run) > uint32(x.runs.Load()) {
						if err := x.begin(ctx.Done()); err != nil {
							return err
						}
						context.AfterFunc(ctx, func() {
							if context.Cause(ctx) != supervisor.ErrRunEnded {
								x.stops.Add(1)
							}
						})
					}
					select {
					case order := <-x.orders:
						return order()
					default:
						return nil
					}
				})
			},
		},
	}
}

// forEach runs a test with every drop-in, each on virtual time.
func forEach(t *testing.T, test func(t *testing.T, d dropIn, x *thing)) {
	for name, d := range dropIns() {
		t.Run(name, func(t *testing.T) {
			bubble.Run(t, func(t *testing.T) { test(t, d, newThing()) })
		})
	}
}

// supervise starts a supervisor with one task, which is stopped with the test.
func supervise(t *testing.T, task supervisor.Task, options ...supervisor.TaskOption) *supervisor.Supervisor {
	t.Helper()
	sup, err := supervisor.New(supervisor.WithBaseDelay(time.Second))
	require.NoError(t, err)
	require.NoError(t, sup.Add("task", task, options...))
	require.NoError(t, sup.Start(context.Background()))
	t.Cleanup(func() { require.NoError(t, sup.Shutdown(context.Background())) })
	synctest.Wait()
	return sup
}

func status(t *testing.T, sup *supervisor.Supervisor) supervisor.TaskStatus {
	t.Helper()
	s, err := sup.Status("task")
	require.NoError(t, err)
	return s
}

func requireStatus(t *testing.T, sup *supervisor.Supervisor, want supervisor.Status) {
	t.Helper()
	s := status(t, sup)
	require.Equal(t, want.String(), s.Status.String(), s.String())
}
