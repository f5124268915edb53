package assemble_test

import (
	"errors"
	"net"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/tasksupervisor/tasksupervisor/adapters/process"
	"github.com/tasksupervisor/tasksupervisor/adapters/process/cmd/taskvisor/internal/assemble"
	"github.com/tasksupervisor/tasksupervisor/adapters/process/cmd/taskvisor/internal/taskfile"
	"github.com/tasksupervisor/tasksupervisor/adapters/supervisor"
	"github.com/tasksupervisor/tasksupervisor/adapters/supervisor/supervisortest"
)

func openHost(t *testing.T) *process.Host {
	t.Helper()
	host, err := process.Open(process.WithTightness(process.TightnessGroup))
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, host.Close()) })
	return host
}

// A plan is made of stand-ins. They have the policies of the processes that they stand for.
func TestStandinsHaveThePoliciesOfProcesses(t *testing.T) {
	host := openHost(t)
	for _, keys := range []string{
		"", "stop_timeout = \"1m\"", "stop_timeout = \"1s\"", "stop_timeout = \"forever\"", "start_timeout = \"3s\"",
		"ready = { port = \"localhost:1\" }", "ready = { port = \"localhost:1\", interval = \"1s\" }\nstart_timeout = \"1s\"",
		"ready = { line = \"up\" }", "ready = { notify = true }", "ready = { command = \"true\" }", "ready = { file = \"x\" }",
		"ready = { end = true }", "ready = { end = true }\nstart_timeout = \"1m\"",
		"health = { http = \"http://localhost/\" }", "health = { exec = [\"true\"], interval = \"1s\", timeout = \"2s\", failures = 7 }",
		"watchdog = \"5s\"\non_miss = \"report\"", "watchdog = \"0s\"", "hung_stop_timeout = \"1s\"\nwatchdog = \"1s\"",
		"restart = \"always\"\nmin_uptime = \"1s\"\non_exhausted = \"escalate\"\nattempts = 3\nbase_delay = \"0s\"",
	} {
		file := readIn(t, t.TempDir(), "[tasks.x]\ncommand = \"true\"\n"+keys+"\n")
		standin, err := assemble.New(file, assemble.Standin)
		require.NoError(t, err, keys)
		real, err := assemble.New(file, assemble.Processes(host, nil))
		require.NoError(t, err, keys)
		want, err := real.Root.Policy("x")
		require.NoError(t, err)
		got, err := standin.Root.Policy("x")
		require.NoError(t, err)
		require.Equal(t, want, got, keys)
	}
}

// Every key about a process reaches its command.
func TestKeysReachTheCommand(t *testing.T) {
	dir := t.TempDir()
	file := readIn(t, dir, `
[tasks.x]
exec = ["a", "b"]
dir = "sub"
env = { A = "1" }
clear_env = true
tty = true
stdin = true
notify = true
stop_signal = "SIGINT"
stop_main_only = true
stop_timeout = "20s"
leftover_timeout = "2s"
reload_signal = "usr1"
success = [1]
done = [2]
fatal = [3]
listen = ":8080"
start_timeout = "4s"
ready = { http = "http://localhost:8080/", status = [204], interval = "1s" }
health = { port = "localhost:8080", interval = "2s", timeout = "3s", failures = 4 }
output = { buffer = "2MiB", when_full = "block", max_line = "1KiB", tail = 7 }
`)
	var lines []process.Line
	tree, err := assemble.New(file, assemble.Processes(openHost(t), func(path string, task *taskfile.Task) func(process.Line) {
		require.Equal(t, "x", path)
		require.Equal(t, "x", task.Name)
		return func(l process.Line) { lines = append(lines, l) }
	}))
	require.NoError(t, err)
	c := tree.Task("x").(*assemble.Process).Command()
	c.Output.Lines(process.Line{Text: "hello"})
	require.Len(t, lines, 1)

	names := map[string]any{
		"Args": c.Args, "Dir": c.Dir, "Env": c.Env, "ClearEnv": c.ClearEnv, "TTY": c.TTY, "Stdin": c.Stdin, "Notify": c.Notify,
		"StopSignal": c.StopSignal.String(), "StopTimeout": c.StopTimeout.String(), "StopMainOnly": c.StopMainOnly, "LeftoverTimeout": c.LeftoverTimeout.String(),
		"ReloadSignal": c.ReloadSignal.String(), "Success": c.Success, "Done": c.Done, "Fatal": c.Fatal, "Listen": c.Listen,
		"StartTimeout": c.StartTimeout.String(), "Ready": c.Ready.String(), "ReadyInterval": c.ReadyInterval.String(),
		"Status": c.Ready.(process.HTTPCheck).Status,
		"Probe":  c.Probe.String(), "ProbeInterval": c.ProbeInterval.String(), "ProbeTimeout": c.ProbeTimeout.String(), "ProbeFailures": c.ProbeFailures,
		"Buffer": c.Output.Buffer, "Block": c.Output.Block, "MaxLine": c.Output.MaxLine, "Tail": c.Output.Tail,
	}
	require.Equal(t, map[string]any{
		"Args": []string{"a", "b"}, "Dir": filepath.Join(dir, "sub"), "Env": []string{"A=1"}, "ClearEnv": true, "TTY": true, "Stdin": true, "Notify": true,
		"StopSignal": "interrupt", "StopTimeout": "20s", "StopMainOnly": true, "LeftoverTimeout": "2s",
		"ReloadSignal": "user defined signal 1", "Success": []int{1}, "Done": []int{2}, "Fatal": []int{3}, "Listen": []string{":8080"},
		"StartTimeout": "4s", "Ready": "http http://localhost:8080/", "ReadyInterval": "1s", "Status": []int{204},
		"Probe": "port localhost:8080", "ProbeInterval": "2s", "ProbeTimeout": "3s", "ProbeFailures": uint8(4),
		"Buffer": 2 << 20, "Block": true, "MaxLine": 1024, "Tail": 7,
	}, names)
}

func TestProcessOfNoUserIsRefused(t *testing.T) {
	file := readIn(t, t.TempDir(), "[tasks.x]\ncommand = \"true\"\nuser = \"no-such-user\"\n")
	_, err := assemble.New(file, assemble.Processes(openHost(t), nil))
	require.ErrorContains(t, err, "no-such-user")
	require.ErrorContains(t, err, filepath.Base(file.Path)+": x: ")
}

// A process becomes another when its file changes.
func TestProcessIsPrepared(t *testing.T) {
	dir := t.TempDir()
	tree, err := assemble.New(readIn(t, dir, "[tasks.x]\ncommand = \"true\"\n"), assemble.Processes(openHost(t), nil))
	require.NoError(t, err)
	maker := assemble.Processes(openHost(t), nil)
	update, err := tree.Update(readIn(t, dir, "[tasks.x]\ncommand = \"false\"\nstop_timeout = \"1s\"\n"), maker)
	require.NoError(t, err)
	require.NoError(t, update.Apply(t.Context(), nil))
	require.Equal(t, "false", tree.Task("x").(*assemble.Process).Command().Shell)
	_, err = tree.Update(readIn(t, dir, "[tasks.x]\ncommand = \"false\"\nuser = \"no-such-user\"\n"), maker)
	require.Error(t, err)
}

// A task that is given addresses is held by them from its next start on, as one is that had them when it was made.
func TestProcessIsGivenAddresses(t *testing.T) {
	const without = "[tasks.x]\ncommand = \"true\"\nsuspended = true\n"
	dir, maker := t.TempDir(), assemble.Processes(openHost(t), nil)
	listener, err := net.Listen("unix", filepath.Join(dir, "x.sock"))
	require.NoError(t, err)
	defer func() { _ = listener.Close() }()
	tree, err := assemble.New(readIn(t, dir, without), maker)
	require.NoError(t, err)
	supervisortest.Start(t, tree.Root)
	update, err := tree.Update(readIn(t, dir, without+"listen = \"./x.sock\"\n"), maker)
	require.NoError(t, err)
	require.NoError(t, update.Apply(t.Context(), nil))
	require.NoError(t, tree.Root.Resume("x"))
	var inUse *process.InUseError
	require.NoError(t, tree.Root.WaitUntil(t.Context(), "x", func(status supervisor.TaskStatus) bool {
		return errors.As(status.HeldBy, &inUse) || status.Status == supervisor.StatusCompleted
	}))
	require.NotNil(t, inUse)
	require.Equal(t, os.Getpid(), inUse.PID)
}
