package examples

import (
	"context"

	"go.uber.org/fx"

	"github.com/tasksupervisor/tasksupervisor/adapters/supervisor"
)

// Fx lets an application of fx start and stop a supervisor, whose tasks come from its container. The application ends when the
// supervisor does by itself, with exit code 1 if that was an error.
//
//	fx.New(fx.Provide(newSupervisor), examples.Fx())
func Fx() fx.Option {
	return fx.Invoke(func(lifecycle fx.Lifecycle, shutdowner fx.Shutdowner, sup *supervisor.Supervisor) {
		lifecycle.Append(fx.Hook{
			OnStart: func(context.Context) error { // its context ends with the start
				if err := sup.Start(context.Background()); err != nil {
					return err
				}
				go func() {
					code := 0
					if sup.Wait() != nil {
						code = 1
					}
					_ = shutdowner.Shutdown(fx.ExitCode(code)) // does nothing if it is stopping already
				}()
				return nil
			},
			OnStop: sup.Shutdown, // its context limits how long that is waited for
		})
	})
}
