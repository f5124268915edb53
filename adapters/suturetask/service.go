package suturetask

import (
	"context"
	"errors"

	"github.com/thejerf/suture/v4"

	"github.com/tasksupervisor/tasksupervisor/adapters/supervisor"
)

// Service makes a task of a service. Its Serve is called again on the same value for each run, as suture does. A
// [*suture.Supervisor] is a service, too, but forgets its own services when it stops: give it to a [supervisor.Factory], which makes
// it anew for each run.
//
// A run that returns [suture.ErrDoNotRestart], or an error that wraps it, has completed its task, see [supervisor.Done]. One that
// returns [suture.ErrTerminateSupervisorTree] stops the supervisor, see [supervisor.Fatal]; what is above that treats it as a failure, and
// restarts it. Both can still be found in the error.
//
// Nil is refused when the task is added: [supervisor.ErrNilTask].
func Service(service suture.Service) supervisor.TaskFunc {
	if service == nil {
		return nil
	}
	return func(ctx context.Context) error {
		err := service.Serve(ctx)
		switch {
		case errors.Is(err, suture.ErrDoNotRestart):
			return supervisor.Done(err)
		case errors.Is(err, suture.ErrTerminateSupervisorTree):
			return supervisor.Fatal(err)
		}
		return err
	}
}
