package taskfile_test

import (
	"errors"
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/tasksupervisor/tasksupervisor/adapters/process/cmd/taskvisor/internal/taskfile"
	"github.com/tasksupervisor/tasksupervisor/internal/golden"
)

// Everything that is wrong is told at once, in the order of the file, with what to write instead.
func TestErrors(t *testing.T) {
	_, err := taskfile.Load("testdata/wrong.toml", taskfile.Options{})
	var wrong *taskfile.Error
	require.ErrorAs(t, err, &wrong)
	golden.Compare(t, "testdata/wrong.txt", wrong.Excerpts())
	last := taskfile.Position{}
	for _, p := range wrong.Problems {
		require.False(t, p.At.Before(last), p.Text)
		last = p.At
	}
	require.Equal(t, len(wrong.Problems), strings.Count(wrong.Error(), "\n")+1)
}

// One thing that is wrong, and how it is told.
func TestOneError(t *testing.T) {
	const task = "[tasks.x]\ncommand = \"x\"\n"
	for text, want := range map[string]string{
		"":                       "has no tasks: write [tasks.NAME], and below it command = \"…\"",
		"[tasks.x":               "1:8: expected ']' to close table name",
		"[tasks.x]\ncommand":     "2:7: expected '=' after key",
		"[tasks.x]\nexec = [\"":  "2:9: unterminated basic string",
		task + "a = 1\n\xff":     "4:1: is not UTF-8 text: the byte is 0xff",
		task + task:              "3:8: tasks.x is given twice: first in line 1",
		task + "command = \"y\"": "3:1: command is given twice: first in line 2",
		"tasks.x.command = \"x\"\n[tasks.x]\ndir = \"y\"":               "2:8: tasks.x is given twice: first in line 1",
		"tasks = []\n" + task:                                           "1:9: tasks: must be a table, and not a list\nDIR/tasks.toml:2:2: tasks is given twice: first in line 1",
		"[[tasks]]\ncommand = \"x\"":                                    "1:3: tasks: must be a table, and not a list of tables: write [tasks]",
		"[[tasks.x]]\ncommand = \"x\"":                                  "1:9: tasks: \"x\" must be the table of a task, and not a list of tables: write [tasks.x]",
		"tasks.x = \"run\"":                                             "1:7: tasks: \"x\" must be the table of a task, and not the string \"run\": write [tasks.x]",
		"[tasks.\"a/b\"]\ncommand = \"x\"":                              "1:8: tasks.\"a/b\": the name has a slash, which separates the names of a path",
		"[tasks.\"a\\nb\"]\ncommand = \"x\"":                            "1:8: tasks.\"a\\nb\": the name has a control character",
		"[tasks.\"\"]\ncommand = \"x\"":                                 "1:8: tasks.\"\": has no name",
		task + "instances = 2\n[groups.\"x.1\"]\n":                      "4:9: groups.\"x.1\": the name \"x.1\" is taken: first in line 1",
		task + "stop_timeout = 10":                                      "3:16: tasks.x.stop_timeout: must be a duration in quotes, with its unit: write \"10s\" or \"10ms\"",
		task + "instances = 2\n[groups.x]\n":                            "4:9: groups.x: the name \"x\" is taken: first in line 1",
		task + "instances = 0\n[groups.x]\n":                            "4:9: groups.x: the name \"x\" is taken: first in line 1",
		task + "env = { A = \"x\\u0000\" }":                             "3:13: tasks.x.env.A: has a NUL character, which no program can be given",
		"[tasks.x]\nexec = [\"a\", \"b\\u0000\"]":                       "2:14: tasks.x.exec: has a NUL character, which no program can be given",
		task + "health = { http = \"http://localhost:65536\" }":         "3:19: tasks.x.health: http is \"http://localhost:65536\": it must be an address such as \"http://localhost:8080/health\"",
		task + "health = { http = \"http://localhost:$PORT\" }":         "3:19: tasks.x.health: http is \"http://localhost:$PORT\", but the task has no ports to give out: write port = 5000 for the first",
		task + "needs = [\"x\"]":                                        "3:10: tasks.x: needs names the task itself",
		task + "needs = [\"g/y\"]\n[groups.g.tasks.y]\ncommand = \"y\"": "3:10: tasks.x: needs names \"g/y\", which is not a task or group beside it: only those of the same group can be needed",
		task + "instances = 2000":                                       "3:13: tasks.x: instances is 2000: it must be from 0 to 1000",
		task + "port = 65535\ninstances = 2":                            "3:8: tasks.x: port is 65535, and that of the last instance 65536: both must be from 1 to 65535",
		task + "listen = \":$PORT\"":                                    "3:10: tasks.x: listen is \":$PORT\", but the task has no ports to give out: write port = 5000 for the first",
		task + "listen = \"localhost\"":                                 "3:10: tasks.x: listen is \"localhost\": it must have a port, such as \"localhost:6379\" or \":6379\"",
		task + "ready = { line = \"(\" }":                               "3:18: tasks.x.ready: line is not a regular expression: missing closing ): `(`",
		task + "ready = { port = \":1\", status = [200] }":              "3:33: tasks.x.ready: status is for http",
		task + "health = { http = \"localhost\" }":                      "3:19: tasks.x.health: http is \"localhost\": it must be an address such as \"http://localhost:8080/health\"",
		task + "health = { port = \":1\", failures = 0 }":               "3:36: tasks.x.health: failures is 0: it must be from 1 to 255",
		task + "health = { port = \":1\", interval = \"0s\" }":          "3:36: tasks.x.health: interval is 0: it must be positive",
		task + "success = [1]\nfatal = [1]":                             "4:10: tasks.x: fatal has 1, and so has success",
		task + "done = [300]":                                           "3:9: tasks.x: done has 300: an exit code is from 0 to 255",
		task + "stop_timeout = \"0s\"":                                  "3:16: tasks.x: stop_timeout is 0: write stop_signal = \"KILL\" to give no time",
		task + "stop_timeout = true":                                    "3:16: tasks.x.stop_timeout: \"true\" is not a duration: write one such as \"500ms\", \"10s\" or \"1m30s\", or \"forever\"",
		task + "stop_signal = [15]":                                     "3:15: tasks.x.stop_signal: must be a string, and not a list",
		task + "restart = false":                                        "3:11: tasks.x.restart: must be \"on-failure\", \"always\" or \"never\", and not false",
		task + "success = 2":                                            "3:11: tasks.x.success: must be a list of whole numbers, and not 2: write [2]",
		task + "tty = \"true\"":                                         "3:7: tasks.x.tty: must be true or false, and not the string \"true\": write it without quotes",
		task + "tty = \"yes\"":                                          "3:7: tasks.x.tty: must be true or false, and not the string \"yes\"",
		task + "jitter = \"0.5\"":                                       "3:10: tasks.x.jitter: must be a number, and not the string \"0.5\": write it without quotes",
		task + "port = \"80a\"":                                         "3:8: tasks.x.port: must be a whole number, and not the string \"80a\"",
		task + "output = { max_size = \"10XB\" }":                       "3:23: tasks.x.output.max_size: \"10XB\" is not a size: write one such as \"64KiB\", \"10MB\" or \"1GiB\"",
		task + "output = { max_line = 10 }":                             "3:23: tasks.x.output.max_line: must be a size in quotes, with its unit: write \"10B\" or \"10MB\"",
		task + "output = { buffer = true }":                             "3:21: tasks.x.output.buffer: \"true\" is not a size: write one such as \"64KiB\", \"10MB\" or \"1GiB\"",
		task + "hung_stop_timeout = \"0s\"":                             "3:21: tasks.x: hung_stop_timeout is 0: leave it out for stop_timeout",
		task + "base_delay = \"-1s\"":                                   "3:14: tasks.x.base_delay: -1s is negative",
		task + "base_delay = \"-0s\"":                                   "3:14: tasks.x.base_delay: -0s is negative",
		task + "base_delay = \"2562048h\"":                              "3:14: tasks.x.base_delay: \"2562048h\" is too long: write \"forever\" for no limit",
		task + "base_delay = \"+-1s\"":                                  "3:14: tasks.x.base_delay: \"+-1s\" is not a duration: write one such as \"500ms\", \"10s\" or \"1m30s\", or \"forever\"",
		task + "jitter = 1e400":                                         "3:10: tasks.x.jitter: 1e400 is not a number that a computer can hold",
		task + "jitter = 0x2":                                           "3:10: tasks.x: jitter is 2: it must be from 0 to 1",
		task + "jitter = nan":                                           "3:10: tasks.x: jitter is NaN: it must be from 0 to 1",
		task + "output = { max_size = \"9999999999999999999B\" }":       "3:23: tasks.x.output.max_size: \"9999999999999999999B\" is too large",
		task + "output = { max_size = \"8589934592GiB\" }":              "3:23: tasks.x.output.max_size: \"8589934592GiB\" is too large",
		task + "output = { max_size = 10 }":                             "3:23: tasks.x.output.max_size: must be a size in quotes, with its unit: write \"10B\" or \"10MB\"",
		task + "output = { max_size = \"+10MB\" }":                      "3:23: tasks.x.output.max_size: \"+10MB\" is not a size: write one such as \"64KiB\", \"10MB\" or \"1GiB\"",
		task + "env = { \"A=B\" = \"x\" }":                              "3:17: tasks.x.env: \"A=B\" cannot be the name of a variable",
		task + "env = { A = 2020-01-01 }":                               "3:13: tasks.x.env.A: must be a string, and not 2020-01-01",
		task + "env_file = \"nix.env\"":                                 "3:12: tasks.x: env_file: open DIR/nix.env: no such file or directory",
		task + "output = { buffer = \"0B\" }":                           "3:21: tasks.x.output: buffer is 0: a process could not print anything",
		"intensity = { count = 3 }\n" + task:                            "1:13: intensity: within must be a positive duration: write { count = 3, within = \"1m\" }",
		"restart_rate = { within = \"1m\" }\n" + task:                   "1:16: restart_rate: count is 0: it must be from 1 to 65536",
		"dead_threshold = 1.5\n" + task:                                 "1:18: dead_threshold is 1.5: it must be from 0 to 1",
		"shutdown_timeout = \"0s\"\n" + task:                            "1:20: shutdown_timeout is 0: leave it out for no limit",
		"workers = 3\n" + task:                                          "1:1: unknown key \"workers\"",
	} {
		_, err := load(t, "tasks.toml", text, taskfile.Options{})
		var wrong *taskfile.Error
		require.True(t, errors.As(err, &wrong), "%s: %v", text, err)
		folder := strings.TrimSuffix(wrong.Path, "/tasks.toml")
		got := strings.ReplaceAll(strings.TrimPrefix(strings.TrimPrefix(wrong.Error(), wrong.Path), ":"), folder, "DIR")
		assert.Equal(t, want, strings.TrimPrefix(got, " "), "%q", text)
	}
}

func TestErrorsOfProcfiles(t *testing.T) {
	for text, want := range map[string]string{
		"":                  `has no processes: write one a line, as "name: command"`,
		"web: a\nb: \x00\n": `:2:4: has a NUL character, which no program can be given`,
		"web: a\nweb: b":    `:2:1: the process type "web" is given twice: first in line 1`,
	} {
		_, err := load(t, "Procfile", text, taskfile.Options{})
		require.ErrorContains(t, err, want)
	}
	for _, c := range []struct {
		options taskfile.ProcfileOptions
		want    string
	}{
		{taskfile.ProcfileOptions{Formation: "wbe=2"}, `formation: there is no process type "wbe"; did you mean "web"?`},
		{taskfile.ProcfileOptions{Formation: "web"}, `formation: "web" must be a name and a number from 0 to 1000, such as web=2`},
		{taskfile.ProcfileOptions{CanDie: []string{"weeb"}}, `has no process type "weeb"; did you mean "web"?`},
		{taskfile.ProcfileOptions{EnvFiles: []string{"nix"}}, "nix: no such file or directory"},
	} {
		_, err := load(t, "Procfile", "web: a\n", taskfile.Options{Procfile: c.options})
		require.ErrorContains(t, err, c.want)
	}
}

// An environment file that cannot be read is told with its path.
func TestErrorOfAnEnvironmentFile(t *testing.T) {
	_, err := load(t, "tasks.toml", "[defaults]\nenv_file = [\"a.env\"]\n[tasks.x]\ncommand = \"x\"\n", taskfile.Options{}, "a.env", "A='x\n")
	require.ErrorContains(t, err, ":2:13: defaults: env_file: ")
	require.ErrorContains(t, err, "a.env: ")
	_, err = taskfile.Load("testdata/nix.toml", taskfile.Options{})
	require.ErrorIs(t, err, os.ErrNotExist)
}
