package control_test

import (
	"context"
	"errors"
	"net/http"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"github.com/tasksupervisor/tasksupervisor/adapters/process/cmd/taskvisor/internal/control"
	"github.com/tasksupervisor/tasksupervisor/adapters/supervisor"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// waits is a task that is up until it has to stop.
func waits() supervisor.Task {
	return supervisor.TaskFunc(func(ctx context.Context) error {
		<-ctx.Done()
		return nil
	})
}

var errBroken = errors.New("it is broken")

// fails is a task that never comes up.
func fails() supervisor.Task {
	return supervisor.TaskFunc(func(context.Context) error { return errBroken })
}

// file returns the path of a file in a folder of its own.
func file(t *testing.T) string {
	t.Helper()
	return filepath.Join(t.TempDir(), "tasks.toml")
}

// start runs a supervisor, and answers for it.
func start(t *testing.T, v control.Visor, options ...supervisor.Option) (*supervisor.Supervisor, *control.Client) {
	t.Helper()
	sup, err := supervisor.New(options...)
	require.NoError(t, err)
	require.NoError(t, sup.Start(context.Background()))
	v.Supervisor, v.Info.PID = sup, os.Getpid()
	path := file(t)
	serve(t, control.NewHandler(v), path)
	client, err := control.Dial(t.Context(), control.Places(path)...)
	require.NoError(t, err)
	t.Cleanup(func() {
		client.Close()
		require.NoError(t, sup.Shutdown(context.Background()))
	})
	return sup, client
}

// serve answers for the file until the test is over.
func serve(t *testing.T, handler http.Handler, path string) *control.Listener {
	t.Helper()
	listener, err := control.Listen(control.Places(path)...)
	require.NoError(t, err)
	server := &http.Server{Handler: handler}
	done := make(chan struct{})
	go func() {
		defer close(done)
		_ = server.Serve(listener)
	}()
	t.Cleanup(func() {
		require.NoError(t, server.Close())
		<-done
	})
	return listener
}

func readFile(t *testing.T, path string) string {
	t.Helper()
	text, err := os.ReadFile(path)
	require.NoError(t, err)
	return string(text)
}
