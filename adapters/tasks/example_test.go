package tasks_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"time"

	"github.com/tasksupervisor/tasksupervisor/adapters/supervisor"
	"github.com/tasksupervisor/tasksupervisor/adapters/tasks"
)

// supervised runs one task until it is completed, or until it is ready and was stopped then.
func supervised(task supervisor.Task, stop bool) {
	sup, err := supervisor.New(
		supervisor.WithBaseDelay(time.Millisecond),
		supervisor.WithReadiness(stop),
		supervisor.WithAutoShutdown(supervisor.AutoShutdownAll),
		supervisor.WithTask("task", task),
	)
	if err != nil {
		fmt.Println(err)
		return
	}
	if err := sup.Start(context.Background()); err != nil {
		fmt.Println(err)
		return
	}
	if stop {
		_ = sup.WaitFor(context.Background(), "task", supervisor.UntilReady)
		_ = sup.Shutdown(context.Background())
	}
	fmt.Println(sup.Wait())
}

// A function as errgroup takes it. It fails, and is called again.
func ExampleFunc() {
	calls := 0
	supervised(tasks.Func(func() error {
		if calls++; calls < 3 {
			return errors.New("connection lost")
		}
		fmt.Println("done in call", calls)
		return nil
	}), false)
	// Output:
	// done in call 3
	// <nil>
}

// A pair as github.com/oklog/run takes it, made for each run.
func ExampleActor() {
	supervised(tasks.Actor(func(ctx context.Context) (func() error, func(error)) {
		closed := make(chan struct{})
		execute := func() error {
			_ = supervisor.Ready(ctx)
			<-closed
			return nil
		}
		interrupt := func(cause error) {
			fmt.Println("interrupted:", cause)
			close(closed)
		}
		return execute, interrupt
	}), true)
	// Output:
	// interrupted: the supervisor is shutting down its tasks
	// <nil>
}

// The Run of an ifrit.Runner.
func ExampleSignals() {
	supervised(tasks.Signals(func(signals <-chan os.Signal, ready chan<- struct{}) error {
		close(ready)
		fmt.Println(<-signals)
		return nil
	}), true)
	// Output:
	// interrupt
	// <nil>
}

// client is what many libraries have.
type client struct{}

func (*client) Start(context.Context) error {
	fmt.Println("started")
	return nil
}

func (*client) Stop(context.Context) error {
	fmt.Println("stopped")
	return nil
}

func ExampleStartStop() {
	supervised(tasks.StartStop(func(context.Context) (*client, error) { return new(client), nil }), true)
	// Output:
	// started
	// stopped
	// <nil>
}

// A type that is started and stopped, and says when it has stopped by itself.
func ExampleStartStopper() {
	var _ tasks.StartStopper = (*client)(nil)

	failed := make(chan struct{})
	close(failed)
	err := tasks.StartStop(func(context.Context) (failing, error) { return failing{done: failed}, nil }).Run(context.Background())
	fmt.Println(err)
	// Output:
	// started
	// stopped
	// connection lost
}

type failing struct {
	client
	done chan struct{}
}

func (f failing) Start(ctx context.Context) error { return f.client.Start(ctx) }
func (f failing) Stop(ctx context.Context) error  { return f.client.Stop(ctx) }
func (f failing) Done() <-chan struct{}           { return f.done }
func (f failing) Err() error                      { return errors.New("connection lost") }

// router runs until it is closed.
type router struct {
	closed chan struct{}
}

func (r *router) Run(ctx context.Context) error {
	_ = supervisor.Ready(ctx)
	<-r.closed
	return nil
}

func (r *router) Close() error {
	fmt.Println("closed")
	close(r.closed)
	return nil
}

func ExampleRunClose() {
	supervised(tasks.RunClose(func(context.Context) (*router, error) {
		return &router{closed: make(chan struct{})}, nil
	}), true)
	// Output:
	// closed
	// <nil>
}

func ExampleRunCloser() {
	var r tasks.RunCloser = &router{closed: make(chan struct{})}
	fmt.Println(r.Close(), r.Run(context.Background()))
	// Output:
	// closed
	// <nil> <nil>
}

// service goes through its life once, as the services of github.com/grafana/dskit do.
type service struct{ stopped chan struct{} }

func (s *service) StartAsync(context.Context) error { return nil }

func (s *service) AwaitRunning(context.Context) error {
	fmt.Println("running")
	return nil
}

func (s *service) StopAsync() { close(s.stopped) }

func (s *service) AwaitTerminated(context.Context) error {
	<-s.stopped
	fmt.Println("terminated")
	return nil
}

func ExampleLifecycle() {
	supervised(tasks.Lifecycle(func(context.Context) (*service, error) {
		return &service{make(chan struct{})}, nil
	}), true)
	// Output:
	// running
	// terminated
	// <nil>
}

func ExampleLifecycler() {
	var s tasks.Lifecycler = &service{make(chan struct{})}
	s.StopAsync()
	fmt.Println(s.AwaitTerminated(context.Background()))
	// Output:
	// terminated
	// <nil>
}

// A call that fails ends the run; the backoff decides when the calls go on.
func ExampleEvery() {
	calls := 0
	supervised(tasks.Every(time.Millisecond, func(context.Context) error {
		switch calls++; calls {
		case 3:
			return errors.New("connection lost")
		case 6:
			fmt.Println("done in call", calls)
			return supervisor.Done(nil)
		default:
			return nil
		}
	}), false)
	// Output:
	// done in call 6
	// <nil>
}
