package grpctask_test

import (
	"context"
	"fmt"
	"net"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/require"
	"google.golang.org/grpc"

	"github.com/tasksupervisor/tasksupervisor/adapters/grpctask"
	"github.com/tasksupervisor/tasksupervisor/adapters/supervisor"
)

// With the listener kept, no call fails while the server is restarted fifty times, each time by a call that is going.
func TestNoCallFailsWhileTheServerIsRestarted(t *testing.T) {
	const restarts, perRun = 50, 20
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	defer func() { _ = listener.Close() }()
	var sup *supervisor.Supervisor
	sup = start(t, grpctask.Serve(listener, func(ctx context.Context) *grpc.Server {
		var calls atomic.Int64
		run, _ := supervisor.Current(ctx)
		return handler(func(context.Context) error {
			if calls.Add(1) == perRun && run.Run <= restarts {
				return sup.Restart("grpc")
			}
			return nil
		}).server()
	}), supervisor.WithSuspended(true))
	require.NoError(t, sup.Resume("grpc"))

	stop := make(chan struct{})
	var clients sync.WaitGroup
	var failed atomic.Int64
	for i := range 4 {
		client := dial(t, listener.Addr().String())
		clients.Go(func() {
			for n := 0; ; n++ {
				select {
				case <-stop:
					return
				default:
				}
				text := fmt.Sprint(i, "-", n)
				if answer, err := call(context.Background(), client, text); err != nil || answer != "hello "+text {
					t.Log(answer, err)
					failed.Add(1)
				}
			}
		})
	}
	require.NoError(t, sup.WaitUntil(t.Context(), "grpc", func(s supervisor.TaskStatus) bool { return s.Run > restarts }))
	close(stop)
	clients.Wait()
	require.Zero(t, failed.Load())
	require.EqualValues(t, restarts+1, sup.Report().Runs.Started)
	require.Empty(t, sup.Report().FailedStops)
}
