package check_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/tasksupervisor/tasksupervisor/adapters/process/cmd/taskvisor/internal/check"
	"github.com/tasksupervisor/tasksupervisor/adapters/process/cmd/taskvisor/internal/taskfile"
)

// oddIn returns what is odd about a file of that text, each in one line.
func oddIn(t *testing.T, name, text string) (lines []string) {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	require.NoError(t, os.WriteFile(path, []byte(text), 0o600))
	file, err := taskfile.Load(path, taskfile.Options{})
	require.NoError(t, err)
	odd, err := check.File(file)
	require.NoError(t, err)
	for _, p := range odd {
		lines = append(lines, strings.ReplaceAll(p.At.String()+" "+p.Where+" "+p.Text, file.Dir, "."))
	}
	return lines
}

// What defaults say need not concern each task, as of most converted files. It is odd only where it concerns none.
func TestDefaultsWithoutEffect(t *testing.T) {
	const text = "[defaults]\nattempts = 3\n[tasks.x]\ncommand = \"x\"\nrestart = \"never\"\n"
	require.Equal(t, []string{
		`3:8 x attempts has no effect: a task with restart = "never" is not restarted`,
	}, oddIn(t, "tasks.toml", text))
	require.Empty(t, oddIn(t, "tasks.toml", text+"[tasks.y]\ncommand = \"y\"\n"))
	require.Equal(t, []string{
		`3:8 x attempts has no effect: a task with restart = "never" is not restarted`,
	}, oddIn(t, "tasks.toml", text+"[tasks.y]\ncommand = \"y\"\nattempts = 4\n"), "y has its own")
}

func TestSettingsWithoutEffect(t *testing.T) {
	for keys, want := range map[string][]string{
		"":                                  nil,
		"restart = \"never\"":               nil,
		"restart = \"never\"\nattempts = 3": {`4:12 x attempts has no effect: a task with restart = "never" is not restarted`},
		"restart = \"never\"\nbase_delay = \"1m\"": {`4:14 x base_delay has no effect: a task with restart = "never" is not restarted`},
		"base_delay = \"2m\"":                      {"3:14 x base_delay is longer than max_delay, which makes every delay 1m0s"},
		"attempts = 3\nmax_delay = \"2h\"":         {"4:13 x max_delay is never reached: the longest delay is 8s"},
		"base_delay = \"0s\"\njitter = 0.5":        {"4:10 x jitter has no effect: base_delay is 0, so there is no delay"},
		"attempts = 3\nstable_after = \"0s\"":      {"3:12 x attempts is never reached: with stable_after 0 every run clears the attempts"},
		"on_exhausted = \"escalate\"":              {`3:16 x on_exhausted has no effect: attempts is "unlimited"`},
		"on_abandon = \"replace\"\nstop_timeout = \"forever\"": {
			`3:14 x on_abandon has no effect: with stop_timeout "forever" no run is abandoned`,
		},
		"on_miss = \"report\"":                  {"3:11 x on_miss has no effect: there is neither a watchdog nor a health"},
		"start_timeout = \"1s\"":                {"3:17 x start_timeout has no effect: without ready a run is healthy at once"},
		"hung_stop_timeout = \"1s\"":            {"3:21 x hung_stop_timeout has no effect: no run is found to hang without ready, a watchdog or a health"},
		"min_uptime = \"1s\"":                   {`3:14 x min_uptime has no effect: a good end is followed by a restart with restart = "always" only`},
		"significant = false":                   {"3:15 x significant has no effect: there is no auto_shutdown that it could count for"},
		"listen = [\":80\", \":80\"]":           nil,
		"dir = \"nix\"":                         {"3:7 x dir: stat ./nix: no such file or directory"},
		"dir = \"tasks.toml\"":                  {"3:7 x dir: ./tasks.toml is not a folder"},
		"instances = 2\nlisten = \":80\"":       {"4:10 x.2 listen: x.1 listens on port 80, too"},
		"instances = 2\nlisten = \"80\"":        {"4:10 x.2 listen: x.1 listens on port 80, too"},
		"instances = 2\nlisten = \"/run/x\"":    {"4:10 x.2 listen: x.1 listens on socket /run/x, too"},
		"instances = 2\nlisten = \"udp://:53\"": {"4:10 x.2 listen: x.1 listens on udp port 53, too"},
	} {
		require.Equal(t, want, oddIn(t, "tasks.toml", "[tasks.x]\ncommand = \"x\"\n"+keys+"\n"), keys)
	}
}

func TestOddLimits(t *testing.T) {
	require.Equal(t, []string{"1:18  dead_threshold is 1 and can never be exceeded"},
		oddIn(t, "tasks.toml", "dead_threshold = 1\n[tasks.x]\ncommand = \"x\"\n"))
	require.Equal(t, []string{"2:16 pool restart_rate is never refilled: after 1 restarts no task is restarted"},
		oddIn(t, "tasks.toml", "[groups.pool]\nrestart_rate = { count = 1, within = \"forever\" }\n[groups.pool.tasks.x]\ncommand = \"x\"\n"))
	require.Equal(t, []string{"2:13 pool intensity is never exceeded: the tasks' delays and attempts allow at most 1 failure within 1m0s"},
		oddIn(t, "tasks.toml", "[groups.pool]\nintensity = { count = 5, within = \"1m\" }\n[groups.pool.tasks.x]\ncommand = \"x\"\nattempts = 1\n"))
}

func TestProgramsThatAreNotExecutable(t *testing.T) {
	dir := t.TempDir()
	require.NoError(t, os.WriteFile(filepath.Join(dir, "data"), nil, 0o600))
	require.Equal(t, []string{"2:9 a exec: " + filepath.Join(dir, "data") + " is not executable"},
		oddIn(t, "tasks.toml", fmt.Sprintf("[tasks.a]\nexec = [%q]\n", filepath.Join(dir, "data"))))
}

// What all tasks have by default is told once, where it is said.
func TestProgramsThatAreNotThere(t *testing.T) {
	require.Equal(t, []string{
		`2:9 a exec: there is no program "no-such-program" in PATH`,
		`4:9 b exec: there is no program ./no/such`,
	}, oddIn(t, "tasks.toml", `[tasks.a]
exec = ["no-such-program"]
[tasks.b]
exec = ["no/such"]
[tasks.c]
exec = ["no-such-program"]
env = { PATH = "/opt/bin" }
[tasks.d]
exec = ["`+os.Args[0]+`"]
`))
	require.Equal(t, []string{
		`3:20 a ready.exec: there is no program "no-such-check" in PATH`,
		`4:20 a health.exec: there is no program ./no/check`,
	}, oddIn(t, "tasks.toml", `[tasks.a]
command = "x"
ready  = { exec = ["no-such-check"] }
health = { exec = ["no/check"] }
`))
}

func TestLinesThatAreReadOver(t *testing.T) {
	require.Equal(t, []string{`2:2  is not "name: command", and is ignored`}, oddIn(t, "Procfile", "web: x\n what\n"))
}

func TestTwoListenAtOneAddress(t *testing.T) {
	for addresses, want := range map[[2]string]string{
		{"127.0.0.1:80", "127.0.0.2:80"}: "",
		{":80", "udp://:80"}:             "",
		{"/run/x", "/run/y"}:             "",
		{":80", "127.0.0.1:80"}:          "port 80",
		{"127.0.0.1:80", "0.0.0.0:80"}:   "address 127.0.0.1:80",
		{"localhost:80", "127.0.0.1:80"}: "address localhost:80",
		{"./x", "unix:x"}:                "socket ",
	} {
		found := oddIn(t, "tasks.toml", fmt.Sprintf("[tasks.a]\ncommand = \"x\"\nlisten = %q\n[tasks.b]\ncommand = \"x\"\nlisten = %q\n", addresses[0], addresses[1]))
		if want == "" {
			require.Empty(t, found, addresses)
			continue
		}
		require.Len(t, found, 1, addresses)
		require.Contains(t, found[0], "6:10 b listen: a listens on "+want)
	}
}
