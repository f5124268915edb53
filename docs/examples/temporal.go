package examples

import (
	"context"

	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/worker"

	"github.com/tasksupervisor/tasksupervisor/adapters/supervisor"
	"github.com/tasksupervisor/tasksupervisor/adapters/tasks"
)

// Temporal runs a worker, made for each run because it cannot be started again. The client can be shared. Its Run returns when it was
// interrupted, and when it fails for good; it waits for activities for as long as its WorkerStopTimeout says, which should be less
// than the task's stop timeout. Activities that do not end by then are told by their context, and are done again elsewhere.
func Temporal(c client.Client, queue string, register func(worker.Registry)) supervisor.Task {
	return tasks.Actor(func(ctx context.Context) (execute func() error, interrupt func(error)) {
		stop := make(chan any)
		w := worker.New(c, queue, worker.Options{BackgroundActivityContext: context.WithoutCancel(ctx)})
		register(w)
		return func() error { return w.Run(stop) }, func(error) { close(stop) }
	})
}
