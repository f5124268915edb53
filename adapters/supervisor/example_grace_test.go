package supervisor_test

import (
	"context"
	"fmt"
	"time"

	"github.com/tasksupervisor/tasksupervisor/adapters/supervisor"
	"github.com/tasksupervisor/tasksupervisor/clock"
)

// A task that has to stop writes what it holds, and gives that up shortly before it would be abandoned.
func ExampleGracePeriod() {
	flush := func(ctx context.Context) error {
		<-ctx.Done() // it takes for ever
		return context.Cause(ctx)
	}
	virtual := new(clock.Virtual)
	sup, err := supervisor.New(supervisor.WithClock(virtual), supervisor.WithTask("buffer", supervisor.TaskFunc(func(ctx context.Context) error {
		<-ctx.Done()
		grace, cancel := supervisor.GracePeriod(ctx)
		defer cancel()
		fmt.Println(flush(grace))
		return nil
	})))
	if err != nil {
		fmt.Println(err)
		return
	}
	_ = sup.Start(context.Background())
	_ = sup.Kill("buffer")
	virtual.Advance(9 * time.Second) // of the ten seconds that it has to stop
	fmt.Println(sup.WaitFor(context.Background(), "buffer", supervisor.UntilStopped))
	_ = sup.Shutdown(context.Background())
	// Output:
	// the time that the run has to stop is nearly over
	// <nil>
}
