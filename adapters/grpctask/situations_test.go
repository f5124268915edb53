package grpctask_test

import (
	"context"
	"errors"
	"net"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"google.golang.org/grpc"

	"github.com/tasksupervisor/tasksupervisor/adapters/grpctask"
	"github.com/tasksupervisor/tasksupervisor/adapters/supervisor"
	"github.com/tasksupervisor/tasksupervisor/clock"
	"github.com/tasksupervisor/tasksupervisor/internal/bubble"
)

// The seven situations in which a task can be.

func TestStart(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		w := supervise(t, atOnce)
		w.requireAnswer(t)
		w.requireStatus(t, supervisor.StatusHealthy)
	})
}

func TestFailure(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		broken := errors.New("too many open files")
		sup := start(t, grpctask.Serve(failing{broken}, func(context.Context) *grpc.Server { return handler(atOnce).server() }))
		bubble.Pass(0)
		w := &world{sup: sup}
		w.requireStatus(t, supervisor.StatusFailed)
		require.Equal(t, broken, w.status(t).LastError, "it is returned as it is")
	})
}

// failing is a listener that fails.
type failing struct{ err error }

func (f failing) Accept() (net.Conn, error) { return nil, f.err }

func (f failing) Close() error { return nil }

func (f failing) Addr() net.Addr { return &net.TCPAddr{} }

func TestFailureToListen(t *testing.T) {
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	defer func() { _ = taken.Close() }()
	task := grpctask.ListenAndServe(taken.Addr().String(), func(context.Context) *grpc.Server { return grpc.NewServer() })
	var failed *net.OpError
	require.ErrorAs(t, task.Run(t.Context()), &failed)
	require.Equal(t, "listen", failed.Op)
}

func TestRestart(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		w := supervise(t, atOnce)
		for run := range 3 {
			w.requireAnswer(t)
			require.EqualValues(t, run+1, w.status(t).Run)
			require.Equal(t, run+1, w.made, "each run has a server of its own")
			require.NoError(t, w.sup.Restart("grpc"))
			bubble.Pass(time.Second)
		}
		w.requireAnswer(t)
	})
}

func TestReady(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		open := make(chan struct{})
		w := newWorld(t)
		w.sup = start(t, grpctask.Serve(w.listener, func(context.Context) *grpc.Server {
			<-open
			return handler(atOnce).server()
		}), supervisor.WithReadiness(true))
		bubble.Pass(time.Minute)
		w.requireStatus(t, supervisor.StatusStarting)
		close(open)
		bubble.Pass(0)
		w.requireStatus(t, supervisor.StatusHealthy)
	})
}

// What was accepted is answered, and who calls later is served by the next run.
func TestStopInTime(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		w := supervise(t, func(ctx context.Context) error {
			select {
			case <-time.After(8 * time.Second):
				return nil
			case <-ctx.Done():
				return context.Cause(ctx)
			}
		})
		answered := make(chan error)
		go func() {
			_, err := call(t.Context(), w.client, "world")
			answered <- err
		}()
		bubble.Pass(0)
		require.NoError(t, w.sup.Kill("grpc"))
		bubble.Pass(0)
		w.requireStatus(t, supervisor.StatusStopping)
		require.NoError(t, <-answered)
		bubble.Pass(time.Second)
		w.requireStatus(t, supervisor.StatusDead)
		report := w.sup.Report()
		require.Zero(t, report.Runs.Abandoned)
		require.Empty(t, report.FailedStops)

		go func() {
			_, err := call(t.Context(), w.client, "world")
			answered <- err
		}()
		bubble.Pass(time.Minute)
		require.NoError(t, w.sup.Restart("grpc"))
		require.NoError(t, <-answered, "it has waited for the next run")
	})
}

// A call that takes too long is broken off before the run is abandoned, and reported.
func TestStopTooLate(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		w := supervise(t, func(ctx context.Context) error {
			<-ctx.Done()
			return context.Cause(ctx)
		})
		broken := make(chan error, 1)
		go func() {
			_, err := call(t.Context(), w.client, "world")
			broken <- err
		}()
		bubble.Pass(0)
		require.NoError(t, w.sup.Kill("grpc"))
		bubble.Pass(9*time.Second - 1)
		w.requireStatus(t, supervisor.StatusStopping)
		require.Empty(t, broken)
		bubble.Pass(1)
		w.requireStatus(t, supervisor.StatusDead)
		require.Error(t, <-broken)
		require.ErrorIs(t, w.status(t).LastError, supervisor.ErrGraceOver)
		require.Len(t, w.sup.Report().FailedStops, 1)
		require.Zero(t, w.sup.Report().Runs.Abandoned)
	})
}

// A handler that is deaf keeps its run from ending: no other run overlaps it. The server waits for it with a lock held, which would
// stop the time of a bubble; so the time is moved by hand.
func TestStopTooLateForADeafHandler(t *testing.T) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	defer func() { _ = listener.Close() }()
	var made atomic.Int32
	begun, release := make(chan struct{}), make(chan struct{})
	virtual := new(clock.Virtual)
	sup, err := supervisor.New(supervisor.WithClock(virtual), supervisor.WithTask("grpc",
		grpctask.Serve(listener, func(context.Context) *grpc.Server {
			made.Add(1)
			return handler(func(context.Context) error {
				close(begun)
				<-release
				return nil
			}).server()
		})))
	require.NoError(t, err)
	require.NoError(t, sup.Start(context.Background()))
	client := dial(t, listener.Addr().String())
	broken := make(chan error)
	go func() {
		_, err := call(context.Background(), client, "world")
		broken <- err
	}()
	<-begun
	require.NoError(t, sup.Restart("grpc"))
	virtual.Advance(9 * time.Second)
	require.Error(t, <-broken)
	virtual.Advance(time.Second)
	require.NoError(t, sup.WaitUntil(t.Context(), "grpc", func(s supervisor.TaskStatus) bool { return s.Status == supervisor.StatusAbandoned }))
	require.EqualValues(t, 1, made.Load())
	close(release)
	require.NoError(t, sup.WaitFor(t.Context(), "grpc", supervisor.UntilHealthy))
	require.NoError(t, sup.Shutdown(context.Background()))
	require.EqualValues(t, 2, made.Load())
}

func TestPanic(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		w, first := newWorld(t), true
		w.sup = start(t, grpctask.Serve(w.listener, func(context.Context) *grpc.Server {
			if first {
				first = false
				panic("it panicked")
			}
			return handler(atOnce).server()
		}))
		bubble.Pass(0)
		var panicked *supervisor.PanicError
		require.ErrorAs(t, w.status(t).LastError, &panicked)
		require.Equal(t, "it panicked", panicked.Value)
		bubble.Pass(2 * time.Second)
		w.requireAnswer(t)
	})
}

// The same server, handed out again, is refused: it would end at once in every run after the first.
func TestTheSameServerIsRefused(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		w, same := newWorld(t), handler(atOnce).server()
		w.sup = start(t, grpctask.Serve(w.listener, func(context.Context) *grpc.Server { return same }), supervisor.WithMaxAttempts(2))
		w.requireAnswer(t)
		require.NoError(t, w.sup.Restart("grpc"))
		bubble.Pass(time.Hour)
		w.requireStatus(t, supervisor.StatusDead)
		require.EqualValues(t, 4, w.status(t).Run)
		require.Equal(t, grpctask.ErrReused, w.status(t).LastError)
		require.ErrorIs(t, same.Serve(w.listener), grpc.ErrServerStopped, "it serves no more")
	})
}

func TestNilIsRefused(t *testing.T) {
	for name, task := range map[string]supervisor.Task{
		"ListenAndServe": grpctask.ListenAndServe("", nil),
		"Serve":          grpctask.Serve(failing{}, nil),
		"no listener":    grpctask.Serve(nil, func(context.Context) *grpc.Server { return grpc.NewServer() }),
	} {
		_, err := supervisor.New(supervisor.WithTask(name, task))
		require.ErrorIs(t, err, supervisor.ErrNilTask, name)
	}
	err := grpctask.Serve(failing{}, func(context.Context) *grpc.Server { return nil }).Run(t.Context())
	require.Equal(t, grpctask.ErrNoServer, err)
}
