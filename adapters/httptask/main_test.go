package httptask_test

import (
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"github.com/tasksupervisor/tasksupervisor/adapters/httptask"
	"github.com/tasksupervisor/tasksupervisor/adapters/supervisor"
	"github.com/tasksupervisor/tasksupervisor/internal/bubble"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// pipes is a listener in memory, which works in a bubble. It has no deadlines.
type pipes struct {
	conns  chan net.Conn
	once   sync.Once
	closed chan struct{}
	err    error // of every Accept, once closed
}

func newPipes() *pipes {
	return &pipes{conns: make(chan net.Conn), closed: make(chan struct{}), err: net.ErrClosed}
}

func (p *pipes) Accept() (net.Conn, error) {
	select {
	case conn := <-p.conns:
		return conn, nil
	case <-p.closed:
		return nil, p.err
	}
}

func (p *pipes) Close() error {
	p.once.Do(func() { close(p.closed) })
	return nil
}

func (p *pipes) Addr() net.Addr { return &net.UnixAddr{Name: "pipes", Net: "pipe"} }

func (p *pipes) dial(ctx context.Context, _, _ string) (net.Conn, error) {
	near, far := net.Pipe()
	select {
	case p.conns <- far:
		return near, nil
	case <-p.closed:
		return nil, errors.New("connection refused")
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// client returns a client with connections of its own, which end with the test.
func (p *pipes) client(t *testing.T) *http.Client {
	transport := &http.Transport{DialContext: p.dial}
	t.Cleanup(transport.CloseIdleConnections)
	return &http.Client{Transport: transport}
}

// world is a supervisor with one server.
type world struct {
	sup      *supervisor.Supervisor
	listener *pipes
	client   *http.Client
	made     int // servers
}

// supervise starts a supervisor with a task that serves, in a bubble.
func supervise(t *testing.T, handler http.Handler, options ...supervisor.TaskOption) *world {
	t.Helper()
	w := &world{listener: newPipes()}
	w.client = w.listener.client(t)
	w.sup = start(t, httptask.Serve(w.listener, func() *http.Server {
		w.made++
		return &http.Server{Handler: handler}
	}), options...)
	t.Cleanup(func() { _ = w.listener.Close() })
	return w
}

func start(t *testing.T, task supervisor.Task, options ...supervisor.TaskOption) *supervisor.Supervisor {
	t.Helper()
	sup, err := supervisor.New(supervisor.WithBaseDelay(time.Second))
	require.NoError(t, err)
	require.NoError(t, sup.Add("http", task, options...))
	require.NoError(t, sup.Start(context.Background()))
	t.Cleanup(func() { require.NoError(t, sup.Shutdown(context.Background())) })
	return sup
}

func inBubble(t *testing.T, test func(t *testing.T)) {
	t.Helper()
	bubble.Run(t, test)
}

// get returns what a server answers.
func (w *world) get(path string) (string, error) {
	response, err := w.client.Get("http://server" + path)
	if err != nil {
		return "", err
	}
	defer func() { _ = response.Body.Close() }()
	body, err := io.ReadAll(response.Body)
	if err == nil && response.StatusCode != http.StatusOK {
		err = errors.New(response.Status)
	}
	return string(body), err
}

func (w *world) requireAnswer(t *testing.T) {
	t.Helper()
	answer, err := w.get("/")
	require.NoError(t, err)
	require.Equal(t, "hello", answer)
}

func (w *world) status(t *testing.T) supervisor.TaskStatus {
	t.Helper()
	status, err := w.sup.Status("http")
	require.NoError(t, err)
	return status
}

func (w *world) requireStatus(t *testing.T, want supervisor.Status) {
	t.Helper()
	status := w.status(t)
	require.Equal(t, want.String(), status.Status.String(), status.String())
}

func pass(d time.Duration) {
	time.Sleep(d)
	synctest.Wait()
}

var hello = http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "hello") })
