package examples

import (
	"context"

	"github.com/tasksupervisor/tasksupervisor/adapters/supervisor"
)

// Manager is what a manager of sigs.k8s.io/controller-runtime has.
type Manager interface {
	Start(ctx context.Context) error
	Elected() <-chan struct{}
}

// Controller runs a manager, made for each run because it cannot be started again:
//
//	examples.Controller(func() (examples.Manager, error) {
//		manager, err := ctrl.NewManager(config, ctrl.Options{})
//		if err != nil {
//			return nil, err
//		}
//		return manager, reconciler.SetupWithManager(manager)
//	})
//
// Start returns nil when its context ends, after its GracefulShutdownTimeout at most, which should be less than the task's stop timeout.
// It returns an error when a cache does not come up, or the lease is lost: then the manager is made anew. Give the task RestartAlways, so
// that an end without an error is no end either. The run is ready when it leads; those that stand by are not.
//
// Names of controllers and metrics are registered once in a process: set SkipNameValidation in the options of the controllers.
func Controller(create func() (Manager, error)) supervisor.Task {
	return supervisor.TaskFunc(func(ctx context.Context) error {
		manager, err := create()
		if err != nil {
			return err
		}
		over := make(chan struct{})
		defer close(over)
		go func() {
			select {
			case <-manager.Elected():
				_ = supervisor.Ready(ctx)
			case <-over:
			}
		}()
		return manager.Start(ctx)
	})
}
