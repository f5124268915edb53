//go:build unix

package main

import (
	"bufio"
	"bytes"
	"encoding/json"
	"io"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/tasksupervisor/tasksupervisor/adapters/process/cmd/taskvisor/internal/screen"
)

// What tasks have written last is printed as it is asked for, and is in their log files.
func TestLogsCommand(t *testing.T) {
	const output = "output = { log = \"logs/\" }\n"
	file := inFolder(t, "tasks.toml", taskTable("db", "waits", output)+"[groups.workers]\n"+
		strings.Replace(taskTable("mail", "stubborn", output+"stop_timeout = \"1s\"\n"), "[tasks.", "[groups.workers.tasks.", 1))
	r := startRun(t, file)
	r.until(`db +\| waits is up`)
	r.until(`workers/mail +\| stubborn is up`)
	logs := func(arguments ...string) string {
		out, errors, code := command(append([]string{"logs", "-f", file}, arguments...)...)
		require.Zero(t, code, errors)
		return out
	}
	require.Equal(t, 2, strings.Count(logs(), "\n"))
	require.Equal(t, "db | waits is up\n", logs("db"))
	require.Equal(t, "workers/mail | stubborn is up\n", logs("workers"))
	require.Equal(t, "waits is up\n", logs("--no-names", "db"))
	require.Empty(t, logs("-n", "0"))
	require.Empty(t, logs("--since", "1ns"))
	require.Regexp(t, `^\d\d:\d\d:\d\d\.\d{3} db +\| waits is up\n$`, logs("-t", "db"))
	require.Equal(t, "\x1b[", logs("--color", "always", "db")[:2])
	var record screen.Record
	require.NoError(t, json.Unmarshal([]byte(logs("--json", "--color", "always", "db")), &record))
	require.False(t, record.Time.IsZero())
	require.Equal(t, "db", record.Task)
	require.Equal(t, "waits is up", record.Text)
	require.Equal(t, uint64(1), record.Run)
	for name, text := range map[string]string{"db": "waits is up\n", "workers.mail": "stubborn is up\n"} {
		kept, err := os.ReadFile(filepath.Join(filepath.Dir(file), "logs", name+".log"))
		require.NoError(t, err)
		require.Equal(t, text, string(kept))
	}

	for _, wrong := range []struct {
		arguments []string
		code      int
		says      string
	}{
		{[]string{"-n", "-1"}, 2, "neither --lines nor --since can be negative"},
		{[]string{"--color", "red"}, 2, `--color: it must be "auto", "always" or "never"`},
		{[]string{"nothing"}, 1, `there is no task "nothing"`},
	} {
		_, errors, code := command(append([]string{"logs", "-f", file}, wrong.arguments...)...)
		require.Equal(t, wrong.code, code, wrong.arguments)
		require.Contains(t, errors, wrong.says)
	}

	ended := make(chan int)
	followed, prints := io.Pipe()
	go func() {
		code, _ := execute([]string{"logs", "-f", file, "-F", "db"}, strings.NewReader(""), prints, prints)
		ended <- code
		_ = prints.Close()
	}()
	first := bufio.NewScanner(followed)
	require.True(t, first.Scan())
	require.Contains(t, first.Text(), "waits is up")
	go func() { _, _ = io.Copy(io.Discard, followed) }()
	r.signal(syscall.SIGTERM)
	r.wait()
	require.Zero(t, <-ended, "the end of the taskvisor is the end of what is followed")
}

// Where no taskvisor runs, or there is no terminal, that is said.
func TestCommandsWithoutATaskvisor(t *testing.T) {
	file := inFolder(t, "tasks.toml", taskTable("db", "waits", ""))
	for _, words := range [][]string{{"logs"}, {"attach", "db"}} {
		_, errors, code := command(append(words, "-f", file)...)
		require.Equal(t, 3, code, words)
		require.Contains(t, errors, "no taskvisor runs here")
	}
	_, errors, code := command("top", "-f", file)
	require.Equal(t, 2, code)
	require.Contains(t, errors, "top needs a terminal: taskvisor status prints what it shows")
	_, errors, code = command("attach", "db", "-f", file, "--detach-key", "x")
	require.Equal(t, 2, code)
	require.Contains(t, errors, `--detach-key: "x" is not a key: it must be like ctrl-] or ctrl-x`)
}

// What is typed into a task is what comes by standard input, until its end.
func TestAttachCommandInAPipe(t *testing.T) {
	file := inFolder(t, "tasks.toml", taskTable("echo", "echoes", "stdin = true\n")+taskTable("db", "waits", ""))
	r := startRun(t, file)
	r.until(`echo +\| echoes is up`)
	attach := func(task, typed string) (out, errors string, code int) {
		var stdout, stderr bytes.Buffer
		code, _ = execute([]string{"attach", "-f", file, task}, strings.NewReader(typed), &stdout, &stderr)
		return stdout.String(), stderr.String(), code
	}
	out, errors, code := attach("echo", "hello\n")
	require.Zero(t, code)
	require.Contains(t, out, "echoes is up\n", "what it has written last comes first")
	require.Contains(t, errors, "[detached from echo]")
	r.until(`echo +\| got hello`)
	_, errors, code = attach("nothing", "")
	require.Equal(t, 1, code)
	require.Contains(t, errors, `there is no task "nothing"`)
}
