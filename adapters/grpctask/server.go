package grpctask

import (
	"context"
	"errors"
	"fmt"
	"net"
	"sync/atomic"

	"google.golang.org/grpc"

	"github.com/tasksupervisor/tasksupervisor/adapters/internal/kept"
	"github.com/tasksupervisor/tasksupervisor/adapters/supervisor"
)

// ListenAndServe makes a task of servers that listen anew in every run, at an address of TCP such as ":9090". Between two runs no one
// listens, and clients are refused, which they answer by trying again; see [Serve]. The function makes the server for each run; the
// context is the run's.
//
// A nil function is refused when the task is added: [supervisor.ErrNilTask].
func ListenAndServe(address string, create func(ctx context.Context) *grpc.Server) supervisor.TaskFunc {
	return serving(create, func(ctx context.Context) (net.Listener, error) {
		var config net.ListenConfig
		return config.Listen(ctx, "tcp", address)
	})
}

// Serve makes a task of servers that share a listener, which stays open from one run to the next: who connects while no run has it
// waits, in the kernel's queue if the listener has deadlines, as those of TCP and Unix sockets do. The function makes the server for
// each run; the context is the run's. Whoever made the listener closes it, when the supervisor has stopped: the task never does.
//
// Nil is refused when the task is added: [supervisor.ErrNilTask].
func Serve(listener net.Listener, create func(ctx context.Context) *grpc.Server) supervisor.TaskFunc {
	if listener == nil {
		return nil
	}
	listeners := kept.New(listener)
	return serving(create, func(context.Context) (net.Listener, error) { return listeners.Lend(), nil })
}

// ErrReused is the failure of a run that was given the server of an earlier one. That has been stopped, and would serve no more.
var ErrReused = errors.New("grpctask: the function returned the server of an earlier run: it must make one for each")

// ErrNoServer is the failure of a run that was given no server.
var ErrNoServer = errors.New("grpctask: the function returned no server")

// serving makes a task of servers and where they listen.
func serving(create func(context.Context) *grpc.Server, listen func(context.Context) (net.Listener, error)) supervisor.TaskFunc {
	if create == nil {
		return nil
	}
	var latest atomic.Pointer[grpc.Server]
	return func(ctx context.Context) error {
		server := create(ctx)
		if server == nil {
			return ErrNoServer
		}
		if latest.Swap(server) == server {
			return ErrReused
		}
		listener, err := listen(ctx)
		if err != nil {
			return err
		}
		return run(ctx, server, listener)
	}
}

// run serves until the run has to stop, or fails.
func run(ctx context.Context, server *grpc.Server, listener net.Listener) error {
	defer server.Stop()
	grace, cancel := supervisor.GracePeriod(ctx)
	defer cancel()
	drained := make(chan error, 1)
	release := context.AfterFunc(ctx, func() { drained <- drain(grace, server) })
	_ = supervisor.Ready(ctx)
	err := server.Serve(listener) // returns when the server has stopped
	if release() {
		return err
	}
	return <-drained
}

// drain stops a server, and breaks the calls off that are left when there is no more time.
func drain(grace context.Context, server *grpc.Server) error {
	done := make(chan struct{})
	go func() {
		server.GracefulStop()
		close(done)
	}()
	select {
	case <-done:
		return nil
	case <-grace.Done():
	}
	server.Stop()
	<-done
	return fmt.Errorf("grpctask: calls were broken off: %w", context.Cause(grace))
}
