package assemble_test

import (
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/tasksupervisor/tasksupervisor/adapters/process/cmd/taskvisor/internal/assemble"
	"github.com/tasksupervisor/tasksupervisor/adapters/process/cmd/taskvisor/internal/taskfile"
	"github.com/tasksupervisor/tasksupervisor/adapters/supervisor"
)

func read(t *testing.T, name, text string) *taskfile.File {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	require.NoError(t, os.WriteFile(path, []byte(text), 0o600))
	file, err := taskfile.Load(path, taskfile.Options{})
	require.NoError(t, err)
	return file
}

// readIn completes a file of that text as if it were in a folder.
func readIn(t *testing.T, dir, text string) *taskfile.File {
	t.Helper()
	file, err := taskfile.Parse(filepath.Join(dir, "tasks.toml"), []byte(text), taskfile.Options{})
	require.NoError(t, err)
	complete, err := file.Complete()
	require.NoError(t, err)
	return complete
}

func TestTreeIsWhatTheFileSays(t *testing.T) {
	tree, err := assemble.New(read(t, "tasks.toml", `
dead_threshold = 0.5

[tasks.redis]
command = "redis-server"
ready = { port = "localhost:6379" }
stop_timeout = "30s"
[tasks.nginx]
command = "nginx"
bound_to = ["redis"]
base_delay = "100ms"
factor = 3
max_delay = "10s"
jitter = 0
attempts = 7
health = { http = "http://localhost/", interval = "3s" }

[groups.workers]
strategy = "rest-for-one"
intensity = { count = 2, within = "1m" }
needs = ["redis"]
[groups.workers.tasks.mail]
command = "mail"
restart = "always"
`), assemble.Standin)
	require.NoError(t, err)

	standin, _, err := assemble.Standin("x", &taskfile.Task{})
	require.NoError(t, err)
	service, err := supervisor.New(supervisor.WithTask("x", standin, supervisor.ForService()))
	require.NoError(t, err)
	usual, err := service.Policy("x")
	require.NoError(t, err)

	usual.StopTimeout += 5 * time.Second // after SIGKILL
	redis, nginx, mail, workers := usual, usual, usual, usual
	redis.Readiness, redis.StopTimeout = true, 35*time.Second
	nginx.BaseDelay, nginx.Factor, nginx.MaxDelay, nginx.Jitter, nginx.MaxAttempts = 100*time.Millisecond, 3, 10*time.Second, supervisor.Fraction{}, 7
	nginx.Probe = supervisor.Probe{Interval: 3 * time.Second, Timeout: 5 * time.Second, Failures: 3}
	mail.Restart = supervisor.RestartAlways
	workers.Readiness, workers.StopTimeout, workers.StartTimeout = true, supervisor.Forever, supervisor.Forever
	for path, want := range map[string]supervisor.Policy{"redis": redis, "nginx": nginx, "workers/mail": mail, "workers": workers} {
		is, err := tree.Root.Policy(path)
		require.NoError(t, err)
		require.Equal(t, want, is, path)
	}
	needs, _, err := tree.Root.Needs("nginx")
	require.NoError(t, err)
	require.Equal(t, []supervisor.Need{{Task: "redis", Bound: true}}, needs)
	require.Equal(t, supervisor.Fraction{Num: 1, Den: 2}, tree.Root.Limits().DeadThreshold)
	require.Equal(t, supervisor.Rate{Count: 2, Per: time.Minute}, tree.Group("workers").Limits().Intensity)
}
