package httptask_test

import (
	"context"
	"errors"
	"io"
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"github.com/tasksupervisor/tasksupervisor/adapters/httptask"
	"github.com/tasksupervisor/tasksupervisor/adapters/supervisor"
	"github.com/tasksupervisor/tasksupervisor/internal/bubble"
	"github.com/tasksupervisor/tasksupervisor/internal/pipes"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// world is a supervisor with one server.
type world struct {
	sup      *supervisor.Supervisor
	listener *pipes.Listener
	client   *http.Client
	made     int // servers
}

// supervise starts a supervisor with a task that serves, in a bubble.
func supervise(t *testing.T, handler http.Handler, options ...supervisor.TaskOption) *world {
	t.Helper()
	w := &world{listener: pipes.New()}
	w.client = w.listener.Client(t)
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

var hello = http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "hello") })
