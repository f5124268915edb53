package taskfile_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/tasksupervisor/tasksupervisor/adapters/process/cmd/taskvisor/internal/taskfile"
)

// load reads a file of that text from a folder of its own, beside others.
func load(t *testing.T, name, text string, options taskfile.Options, others ...string) (*taskfile.File, error) {
	t.Helper()
	dir := t.TempDir()
	for i := 0; i+1 < len(others); i += 2 {
		require.NoError(t, os.WriteFile(filepath.Join(dir, others[i]), []byte(others[i+1]), 0o600))
	}
	path := filepath.Join(dir, name)
	require.NoError(t, os.WriteFile(path, []byte(text), 0o600))
	return taskfile.Load(path, options)
}

func TestFile(t *testing.T) {
	file, err := load(t, "tasks.toml", `
[defaults]
stop_timeout = "10s"
env = { LANG = "C", WORKERS = 3 }

[tasks.redis]
exec  = ["redis-server", "--port", "6379"]
ready = { port = "localhost:6379" }

[tasks.nginx]
command  = "nginx -g 'daemon off;'"
bound_to = ["redis"]
stop_timeout = "1m"
instances = 2
port = 8000
listen = ":$PORT"
ready = { http = "http://localhost:${PORT}/" }

[groups.workers]
strategy = "one-for-all"
intensity = { count = 3, within = "1m" }
[groups.workers.defaults]
attempts = "unlimited"
[groups.workers.tasks.mail]
command = "./mail"
env = { LANG = "de" }
dir = "mail"
`, taskfile.Options{})
	require.NoError(t, err)
	paths, tasks := file.All()
	require.Equal(t, []string{"redis", "nginx.1", "nginx.2", "workers/mail"}, paths)
	require.Equal(t, []string{"redis-server", "--port", "6379"}, tasks[0].Exec)
	require.Equal(t, "localhost:6379", tasks[0].Ready.Port)
	require.Equal(t, "10s", tasks[0].StopTimeout.String())
	require.Equal(t, "1m", tasks[2].StopTimeout.String())
	require.Equal(t, []taskfile.Variable{{"LANG", "C"}, {"WORKERS", "3"}, {"PORT", "8001"}}, tasks[2].Env)
	require.Equal(t, taskfile.Strings{":8001"}, tasks[2].Listen)
	require.Equal(t, "http://localhost:8001/", tasks[2].Ready.HTTP)
	require.Equal(t, []string{"redis"}, tasks[2].BoundTo)
	require.Equal(t, []taskfile.Variable{{"LANG", "de"}, {"WORKERS", "3"}}, tasks[3].Env)
	require.Equal(t, filepath.Join(file.Dir, "mail"), tasks[3].Dir)
	require.Equal(t, taskfile.Unlimited, *tasks[3].Attempts)
	require.Equal(t, taskfile.Strategy("one-for-all"), file.Groups[0].Strategy)
	require.Equal(t, taskfile.Position{Line: 6, Column: 8}, tasks[0].At)
	require.Equal(t, taskfile.Position{Line: 7, Column: 9}, tasks[0].Keys["exec"])
}

// A log file is beside the task file, and a folder for log files stays one.
func TestLogPaths(t *testing.T) {
	file, err := load(t, "tasks.toml", `
[defaults.output]
log = "logs/"
[tasks.a]
command = "./a"
[tasks.b]
command = "./b"
output = { log = "b.log" }
[tasks.c]
command = "./c"
output = { log = "/var/log/c/" }
`, taskfile.Options{})
	require.NoError(t, err)
	_, tasks := file.All()
	require.Equal(t, filepath.Join(file.Dir, "logs")+"/", tasks[0].Output.Log)
	require.Equal(t, filepath.Join(file.Dir, "b.log"), tasks[1].Output.Log)
	require.Equal(t, "/var/log/c/", tasks[2].Output.Log)
}

// Defaults in defaults add up, as the variables of an environment do.
func TestDefaultsInDefaults(t *testing.T) {
	file, err := load(t, "tasks.toml", `
[defaults]
env_file = "a.env"
env = { A = "outer", B = "outer" }
dir = "there"
success = [3]

[groups.g.defaults]
env_file = "b.env"
env = { B = "inner" }
[groups.g.tasks.x]
command = "./x"
env = { C = "own" }
[groups.g.tasks.y]
command = "./y"
success = []
`, taskfile.Options{}, "a.env", "A=file\nF=outer file\n", "b.env", "A=inner file\nC=inner file\n")
	require.NoError(t, err)
	_, tasks := file.All()
	require.ElementsMatch(t, []taskfile.Variable{{"F", "outer file"}, {"A", "inner file"}, {"B", "inner"}, {"C", "own"}}, tasks[0].Env)
	require.Equal(t, filepath.Join(file.Dir, "there"), tasks[0].Dir)
	require.Equal(t, []int{3}, tasks[0].Success)
	require.Empty(t, tasks[1].Success, "an empty list is one, too")
}

// Each instance has its port wherever it can be said, and what it needs is named once.
func TestInstances(t *testing.T) {
	file, err := load(t, "tasks.toml", `
[tasks.web]
command = "./web"
instances = 2
port = 8000
listen = "/run/${PORT}.sock"
ready = { exec = ["ask", "localhost:$PORT"] }
health = { exec = ["ask", "localhost:$PORT"] }
[tasks.file]
command = "./file"
port = 80
ready = { file = "$PORT.up" }
[tasks.line]
command = "./line"
port = 80
ready = { line = "on $PORT" }
[tasks.last]
command = "./last"
needs = ["web", "web.1", "web.1"]
`, taskfile.Options{})
	require.NoError(t, err)
	_, tasks := file.All()
	require.Equal(t, taskfile.Strings{"/run/8001.sock"}, tasks[1].Listen)
	require.Equal(t, []string{"ask", "localhost:8001"}, tasks[1].Ready.Exec)
	require.Equal(t, []string{"ask", "localhost:8001"}, tasks[1].Health.Exec)
	require.Equal(t, []string{"ask", "localhost:8000"}, tasks[0].Health.Exec)
	require.Equal(t, "80.up", tasks[2].Ready.File)
	require.Equal(t, "on 80", tasks[3].Ready.Line)
	require.Equal(t, []string{"web.1", "web.2"}, tasks[4].Needs)
}
