package examples

import (
	"context"

	"github.com/hibiken/asynq"

	"github.com/tasksupervisor/tasksupervisor/adapters/supervisor"
	"github.com/tasksupervisor/tasksupervisor/adapters/tasks"
)

// Asynq works on the jobs of a queue in Redis. The server is made for each run because it cannot be started again. Its Shutdown waits for
// jobs for as long as its ShutdownTimeout says, which should be less than the task's stop timeout, and puts those that do not end
// back in the queue. It does not say that it has failed: while Redis is down, it goes on trying. So the task has a probe.
func Asynq(redis asynq.RedisConnOpt, config asynq.Config, handler asynq.Handler) supervisor.Task {
	return tasks.StartStop(func(ctx context.Context) (*asynqServer, error) {
		config.BaseContext = func() context.Context { return context.WithoutCancel(ctx) }
		return &asynqServer{asynq.NewServer(redis, config), handler}, nil
	})
}

// asynqServer starts and stops a server of asynq. Its Run is not for supervised programs: it waits for signals.
type asynqServer struct {
	server  *asynq.Server
	handler asynq.Handler
}

func (s *asynqServer) Start(context.Context) error { return s.server.Start(s.handler) }

func (s *asynqServer) Stop(context.Context) error {
	s.server.Shutdown()
	return nil
}

// AsynqProbe asks Redis, for supervisor.WithProbe.
func AsynqProbe(redis asynq.RedisConnOpt) func(ctx context.Context) error {
	return func(context.Context) error {
		inspector := asynq.NewInspector(redis)
		defer func() { _ = inspector.Close() }()
		_, err := inspector.Queues()
		return err
	}
}
