package grpctask_test

import (
	"context"
	"net"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/test/bufconn"
	"google.golang.org/protobuf/types/known/wrapperspb"

	"github.com/tasksupervisor/tasksupervisor/adapters/grpctask"
	"github.com/tasksupervisor/tasksupervisor/adapters/supervisor"
	"github.com/tasksupervisor/tasksupervisor/internal/bubble"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// handler answers any call.
type handler func(ctx context.Context) error

func (h handler) server(options ...grpc.ServerOption) *grpc.Server {
	return grpc.NewServer(append(options, grpc.WaitForHandlers(true), grpc.UnknownServiceHandler(func(_ any, stream grpc.ServerStream) error {
		var question wrapperspb.StringValue
		if err := stream.RecvMsg(&question); err != nil {
			return err
		}
		if err := h(stream.Context()); err != nil {
			return err
		}
		return stream.SendMsg(wrapperspb.String("hello " + question.GetValue()))
	}))...)
}

// world is a supervisor with one server, in a bubble.
type world struct {
	sup      *supervisor.Supervisor
	listener *bufconn.Listener
	client   *grpc.ClientConn
	made     int
}

// supervise starts a supervisor with a task that serves.
func supervise(t *testing.T, h handler, options ...supervisor.TaskOption) *world {
	t.Helper()
	w := newWorld(t)
	w.sup = start(t, grpctask.Serve(w.listener, func(context.Context) *grpc.Server {
		w.made++
		return h.server()
	}), options...)
	synctest.Wait()
	return w
}

func newWorld(t *testing.T) *world {
	t.Helper()
	w := &world{listener: bufconn.Listen(1 << 16)}
	w.client = dial(t, "passthrough:///server", grpc.WithContextDialer(func(ctx context.Context, _ string) (net.Conn, error) {
		return w.listener.DialContext(ctx)
	}))
	t.Cleanup(func() { require.NoError(t, w.listener.Close()) })
	return w
}

func dial(t *testing.T, target string, options ...grpc.DialOption) *grpc.ClientConn {
	t.Helper()
	client, err := grpc.NewClient(target, append(options, grpc.WithTransportCredentials(insecure.NewCredentials()))...)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, client.Close()) })
	return client
}

func start(t *testing.T, task supervisor.Task, options ...supervisor.TaskOption) *supervisor.Supervisor {
	t.Helper()
	sup, err := supervisor.New(supervisor.WithBaseDelay(time.Second))
	require.NoError(t, err)
	require.NoError(t, sup.Add("grpc", task, options...))
	require.NoError(t, sup.Start(context.Background()))
	t.Cleanup(func() { require.NoError(t, sup.Shutdown(context.Background())) })
	return sup
}

func inBubble(t *testing.T, test func(t *testing.T)) {
	t.Helper()
	bubble.Run(t, test)
}

func call(ctx context.Context, client *grpc.ClientConn, text string) (string, error) {
	var answer wrapperspb.StringValue
	err := client.Invoke(ctx, "/test.Echo/Call", wrapperspb.String(text), &answer, grpc.WaitForReady(true))
	return answer.GetValue(), err
}

func (w *world) requireAnswer(t *testing.T) {
	t.Helper()
	answer, err := call(t.Context(), w.client, "world")
	require.NoError(t, err)
	require.Equal(t, "hello world", answer)
}

func (w *world) status(t *testing.T) supervisor.TaskStatus {
	t.Helper()
	status, err := w.sup.Status("grpc")
	require.NoError(t, err)
	return status
}

func (w *world) requireStatus(t *testing.T, want supervisor.Status) {
	t.Helper()
	status := w.status(t)
	require.Equal(t, want.String(), status.Status.String(), status.String())
}

func atOnce(context.Context) error { return nil }
