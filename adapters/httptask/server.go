package httptask

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"sync/atomic"

	"github.com/tasksupervisor/tasksupervisor/adapters/internal/kept"
	"github.com/tasksupervisor/tasksupervisor/adapters/supervisor"
)

// ListenAndServe makes a task of servers that listen anew in every run, at the server's Addr, as [http.Server.ListenAndServe] does.
// Between two runs no one listens, and clients are refused; see [Serve]. The function makes the server for each run.
//
// A nil function is refused when the task is added: [supervisor.ErrNilTask].
func ListenAndServe(create func() *http.Server) supervisor.TaskFunc {
	return serving(create, func(ctx context.Context, server *http.Server) (net.Listener, error) {
		address := server.Addr
		switch {
		case address != "":
		case secure(server):
			address = ":https"
		default:
			address = ":http"
		}
		var config net.ListenConfig
		return config.Listen(ctx, "tcp", address)
	})
}

// Serve makes a task of servers that share a listener, which stays open from one run to the next: who connects while no run has it
// waits, in the kernel's queue if the listener has deadlines, as those of TCP and Unix sockets do. The server's Addr has no meaning
// then. The function makes the server for each run. Whoever made the listener closes it, when the supervisor has stopped: the task
// never does.
//
// Nil is refused when the task is added: [supervisor.ErrNilTask].
func Serve(listener net.Listener, create func() *http.Server) supervisor.TaskFunc {
	if listener == nil {
		return nil
	}
	listeners := kept.New(listener)
	return serving(create, func(context.Context, *http.Server) (net.Listener, error) { return listeners.Lend(), nil })
}

// ErrReused is the failure of a run that was given the server of an earlier one. That has been shut down, and would serve no more.
var ErrReused = errors.New("httptask: the function returned the server of an earlier run: it must make one for each")

// ErrNoServer is the failure of a run that was given no server.
var ErrNoServer = errors.New("httptask: the function returned no server")

// DrainError says that a run was out of time when it stopped: requests were not answered, and their connections closed. It is not a
// failure of the task, because the run was to stop, but it is logged and reported, see [supervisor.FailedStop].
type DrainError struct {
	Requests int   // how many had not been answered
	Err      error // of the shutdown
}

func (e *DrainError) Error() string {
	switch e.Requests {
	case 0:
		return fmt.Sprintf("the connections were not idle in time: %v", e.Err)
	case 1:
		return fmt.Sprintf("1 request was not answered in time: %v", e.Err)
	}
	return fmt.Sprintf("%d requests were not answered in time: %v", e.Requests, e.Err)
}

// Unwrap returns the error of the shutdown.
func (e *DrainError) Unwrap() error { return e.Err }

// serving makes a task of servers and where they listen.
func serving(create func() *http.Server, listen func(context.Context, *http.Server) (net.Listener, error)) supervisor.TaskFunc {
	if create == nil {
		return nil
	}
	var latest atomic.Pointer[http.Server]
	return func(ctx context.Context) error {
		server := create()
		if server == nil {
			return ErrNoServer
		}
		if latest.Swap(server) == server {
			return ErrReused
		}
		listener, err := listen(ctx, server)
		if err != nil {
			return err
		}
		return run(ctx, server, listener)
	}
}

// run serves until the run has to stop, or fails. It returns, or panics, when no handler is going any more.
func run(ctx context.Context, server *http.Server, listener net.Listener) (err error) {
	connections := watch(server)
	base, end := context.WithCancelCause(context.WithoutCancel(ctx))
	if server.BaseContext == nil {
		server.BaseContext = func(net.Listener) context.Context { return base }
	}
	defer func() {
		if ctx.Err() != nil {
			end(context.Cause(ctx))
		} else {
			end(err)
		}
		_ = server.Close()
		connections.wait()
	}()
	release := context.AfterFunc(ctx, func() { _ = listener.Close() })
	defer release()

	_ = supervisor.Ready(ctx)
	if secure(server) {
		err = server.ServeTLS(listener, "", "")
	} else {
		err = server.Serve(listener)
	}
	if ctx.Err() == nil {
		return err
	}
	return drain(ctx, server, connections)
}

// drain answers the requests of the connections that were accepted.
func drain(ctx context.Context, server *http.Server, connections *connections) error {
	grace, cancel := supervisor.GracePeriod(ctx)
	defer cancel()
	server.SetKeepAlivesEnabled(false)
	connections.arrive(grace)
	err := server.Shutdown(grace)
	if over := context.Cause(grace); err != nil && over != nil {
		return &DrainError{connections.handlers(), over}
	}
	return err
}

// secure reports whether a server has certificates.
func secure(server *http.Server) bool {
	config := server.TLSConfig
	return config != nil && (len(config.Certificates) > 0 || config.GetCertificate != nil || config.GetConfigForClient != nil)
}
