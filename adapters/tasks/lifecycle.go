package tasks

import (
	"context"

	"github.com/tasksupervisor/tasksupervisor/adapters/supervisor"
)

// Lifecycler is what is started and stopped without waiting, and awaited. The services of github.com/grafana/dskit are.
type Lifecycler interface {
	StartAsync(ctx context.Context) error
	AwaitRunning(ctx context.Context) error
	StopAsync()
	AwaitTerminated(ctx context.Context) error
}

// Lifecycle makes a task of what is started and stopped without waiting. The function makes it for each run: such a service is
// started once in its life. The run is ready (see [supervisor.Ready]) when AwaitRunning has returned nil, and ends when
// AwaitTerminated has returned, whose error is the run's. StopAsync is called when the run has to stop.
//
// The context that StartAsync gets has the values of the run's, and ends when the run has nearly used up its stop timeout, see
// [supervisor.GracePeriod]; a service stops orderly until then.
func Lifecycle[S Lifecycler](create func(ctx context.Context) (S, error)) supervisor.TaskFunc {
	if create == nil {
		return nil
	}
	return func(ctx context.Context) error {
		s, err := create(ctx)
		if err != nil {
			return err
		}
		grace, cancel := supervisor.GracePeriod(ctx)
		defer cancel()
		if err := s.StartAsync(grace); err != nil {
			return err
		}
		return runUntil(ctx, func(error) { s.StopAsync() }, func() error {
			if s.AwaitRunning(ctx) == nil { // else AwaitTerminated says why
				_ = supervisor.Ready(ctx)
			}
			return s.AwaitTerminated(context.WithoutCancel(ctx))
		})
	}
}
