package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// write writes a file into a folder of its own and returns its path.
func write(t *testing.T, name, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	require.NoError(t, os.WriteFile(path, []byte(text), 0o600))
	return path
}

const planned = `
[tasks.redis]
command = "redis-server"
ready = { port = "localhost:6379" }
[tasks.nginx]
command = "nginx"
bound_to = ["redis"]
attempts = 4
jitter = 0
[groups.workers]
strategy = "one-for-all"
intensity = { count = 2, within = "1m" }
needs = ["redis"]
[groups.workers.tasks.mail]
command = "mail"
[groups.workers.tasks.print]
command = "print"
restart = "never"
[groups.workers.groups.deep.tasks.x]
command = "x"
attempts = 3
on_exhausted = "escalate"
`

func TestPlan(t *testing.T) {
	path := write(t, "tasks.toml", planned)
	out, errors, code := command("plan", "-f", path)
	require.Empty(t, errors)
	require.Zero(t, code)
	require.Equal(t, `Starts:
  redis           at once
  nginx           when redis is up: bound to it
  workers/        when redis is up: needed
  workers/mail    with its group
  workers/print   when mail is up: one-for-all starts one after another
  workers/deep/   when print is up: one-for-all starts one after another
  workers/deep/x  with its group

Stops:
  1.  workers/, nginx, workers/deep/, workers/deep/x
  2.  workers/print
  3.  workers/mail
  4.  redis

If it always fails:
  redis           is restarted after 2s, 4s, 8s, 16s, 32s and then every 1m, for ever
  nginx           is restarted after 2s, 4s, 8s and 16s; gives up after 30s: it is dead, and the others go on
  workers/mail    is restarted after 2s and 4s; workers/ stops after 6s: more than 2 failures within 1m (intensity); it is restarted after 2s, 4s, 8s, 16s, 32s and then every 1m, for ever
  workers/print   is dead after the first failure; the others go on
  workers/deep/x  is restarted after 2s, 4s and 8s; workers/deep/ stops after 14s: a task has no attempts left (on_exhausted = "escalate"); it is restarted after 2s and 4s; workers/ stops after 48s: more than 2 failures within 1m (intensity); it is restarted after 2s, 4s, 8s, 16s, 32s and then every 1m, for ever

These are the longest delays: jitter makes them shorter by chance.
`, out)

	out, _, code = command("plan", "-f", path, "nginx", "--lasts", "10s")
	require.Zero(t, code)
	require.Equal(t, "If it always fails:\n  nginx  is restarted after 2s, 4s, 8s and 16s; gives up after 1m20s: it is dead, and the others go on\n", out)

	_, errors, code = command("plan", "-f", path, "nginks")
	require.Equal(t, 1, code)
	require.Equal(t, "taskvisor: there is no task \"nginks\"; did you mean \"nginx\"?\n", errors)
}

// What is said of a task is a sentence, and true, also at the edges.
func TestPlanOfOneTask(t *testing.T) {
	for keys, want := range map[string]string{
		"attempts = 0": "gives up at once: it is dead, and the others go on",
		"stop_timeout = \"2562047h47m16s\"\nattempts = 0": "gives up at once: it is dead, and the others go on",
		"attempts = 1":                                        "is restarted after 2s; gives up after 2s: it is dead, and the others go on",
		"attempts = 2\nfactor = 1":                            "is restarted after 1s and 1s; gives up after 2s: it is dead, and the others go on",
		"attempts = 3\nmax_delay = \"4s\"":                    "is restarted after 2s, 4s and 4s; gives up after 10s: it is dead, and the others go on",
		"attempts = 4\nmax_delay = \"4s\"":                    "is restarted after 2s and 4s (3 times); gives up after 14s: it is dead, and the others go on",
		"base_delay = \"0s\"":                                 "is restarted at once each time, for ever",
		"base_delay = \"0s\"\nattempts = 2":                   "is restarted after 0s and 0s; gives up at once: it is dead, and the others go on",
		"base_delay = \"5m\"":                                 "is restarted every 1m, for ever",
		"base_delay = \"1ms\"\nmax_delay = \"40ms\"":          "is restarted after 2ms, 4ms, 8ms, 16ms, 32ms and then every 40ms, for ever",
		"base_delay = \"1000000h\"\nmax_delay = \"2000000h\"": "goes on for more than a hundred years",
		"suspended = true":                                    "does not start by itself: it is suspended, or needs what is",
	} {
		path := write(t, "tasks.toml", "[tasks.x]\ncommand = \"x\"\njitter = 0\n"+keys+"\n")
		out, errors, code := command("plan", "-f", path, "x")
		require.Zero(t, code, errors)
		require.Equal(t, "If it always fails:\n  x  "+want+"\n", out, keys)
	}
	_, errors, code := command("plan", "-f", write(t, "tasks.toml", planned), "--lasts", "-1s")
	require.Equal(t, 1, code)
	require.Equal(t, "taskvisor: --lasts is -1s: it cannot be negative\n", errors)
}

// Where tasks start one after another, those that do not start by themselves are not waited for.
func TestPlanOfWhatIsSuspended(t *testing.T) {
	out, _, code := command("plan", "-f", write(t, "tasks.toml", `
strategy = "one-for-all"
[tasks.a]
command = "a"
suspended = true
[tasks.b]
command = "b"
needs = ["a"]
[tasks.c]
command = "c"
[tasks.d]
command = "d"
`))
	require.Zero(t, code)
	require.Contains(t, out, `Starts:
  c  at once
  d  when c is up: one-for-all starts one after another
  a  not by itself: when it is resumed: it is suspended
  b  not by itself: when a is up: needed

Stops:
`)
}

func TestPlanOfAProcfile(t *testing.T) {
	path := write(t, "Procfile", "web: a\nworker: b\n")
	out, _, code := command("plan", "-f", path, "web")
	require.Zero(t, code)
	require.Contains(t, out, "web.1  everything stops at once: a task has ended (auto_shutdown = \"any\")")
	out, _, code = command("plan", "-f", path, "-r", "web", "web", "--seed", "3")
	require.Zero(t, code)
	require.Regexp(t, `web\.1  is restarted after (\S+, ){5}\S+ and \S+; goes on after 7 restarts in `, out)
	require.NotContains(t, out, "longest")
}

func TestPlanFromAnotherFile(t *testing.T) {
	dir := t.TempDir()
	before, after := filepath.Join(dir, "before.toml"), filepath.Join(dir, "after.toml")
	require.NoError(t, os.WriteFile(before, []byte(planned), 0o600))
	require.NoError(t, os.WriteFile(after, []byte(strings.Replace(planned, "attempts = 4", "attempts = 5", 1)), 0o600))
	out, _, code := command("plan", "-f", after, "--from", before)
	require.Zero(t, code)
	require.Equal(t, "adjust   nginx: attempts\n4 unchanged\n", out)
}

func TestCheck(t *testing.T) {
	path := write(t, "tasks.toml", "[tasks.x]\ncommand = \"x\"\non_miss = \"report\"\n")
	out, errors, code := command("check", "-f", path)
	require.Zero(t, code)
	require.Equal(t, path+" is valid: 1 task, 1 warning\n", out)
	require.Equal(t, path+`:3:11: x: warning: on_miss has no effect: there is neither a watchdog nor a health
     3 | on_miss = "report"
       |           ^^^^^^^^
`, errors)
	_, _, code = command("check", "-f", path, "--strict")
	require.Equal(t, 1, code)

	path = write(t, "tasks.toml", "[tasks.x]\ncomand = \"x\"\n[tasks.y]\ncommand = \"y\"\nneeds = [\"z\"]\n")
	out, errors, code = command("check", "-f", path)
	require.Equal(t, 1, code)
	require.Empty(t, out)
	require.Equal(t, path+`:2:1: tasks.x: unknown key "comand"; did you mean "command"?
     2 | comand = "x"
       | ^^^^^^
`+path+`:5:10: tasks.y: needs names "z", which is not a task or group beside it
     5 | needs = ["z"]
       |          ^^^
`, errors)
}
