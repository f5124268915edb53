package examples

import (
	"context"
	"fmt"
	"runtime/debug"

	"github.com/robfig/cron/v3"

	"github.com/tasksupervisor/tasksupervisor/adapters/supervisor"
)

// Cron runs jobs on a schedule, such as "*/5 * * * *". When it has to stop, no job begins any more, and those that run are waited for:
// the function that Stop returns a context for knows when. A job is told by the context of the run that it should hurry.
//
// The jobs run in goroutines of cron's own, where a panic ends the process unless it is recovered, as here. One that fails or panics fails
// the run.
func Cron(schedule string, job func(ctx context.Context) error) supervisor.Task {
	return supervisor.TaskFunc(func(ctx context.Context) error {
		failed := make(chan error, 1)
		c := cron.New(cron.WithChain(cron.SkipIfStillRunning(cron.DiscardLogger)))
		_, err := c.AddFunc(schedule, func() {
			if err := recovered(ctx, job); err != nil {
				select {
				case failed <- err:
				default: // one is enough
				}
			}
		})
		if err != nil {
			return supervisor.Fatal(err) // no restart makes the schedule a better one
		}
		c.Start()
		defer func() { <-c.Stop().Done() }()
		if err := supervisor.Ready(ctx); err != nil {
			return err
		}
		select {
		case err := <-failed:
			return err
		case <-ctx.Done():
			return nil
		}
	})
}

// recovered calls a job, and returns its error or its panic.
func recovered(ctx context.Context, job func(ctx context.Context) error) (err error) {
	defer func() {
		if value := recover(); value != nil {
			err = fmt.Errorf("panic: %v\n%s", value, debug.Stack())
		}
	}()
	return job(ctx)
}
