//go:build unix

package main

import (
	"bufio"
	"encoding/json"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/tasksupervisor/tasksupervisor/adapters/process/cmd/taskvisor/internal/control"
	"github.com/tasksupervisor/tasksupervisor/core/scenario"
)

func TestCtrlCStopsInOrder(t *testing.T) {
	r := startRun(t, inFolder(t, "tasks.toml", taskTable("db", "waits", "")+taskTable("web", "waits", `needs = ["db"]`)), "--debug")
	r.until(`db +\| waits is up`)
	r.until(`web +\| waits is up`)
	pids := r.pids()
	require.Len(t, pids, 2)
	r.signal(syscall.SIGINT)
	code, by := r.wait()
	require.Equal(t, syscall.SIGINT, by, "a shell has to see that it was Ctrl-C; code %d", code)
	requireDead(t, pids)
	text := r.text()
	require.Regexp(t, `(?s)stopping: interrupt.*web stops.*web has stopped.*db stops.*db has stopped.*all tasks have stopped$`, text)
	require.NoFileExists(t, control.Places(r.file)[0])
}

func TestASecondCtrlCKills(t *testing.T) {
	r := startRun(t, inFolder(t, "tasks.toml", taskTable("web", "stubborn", `stop_timeout = "1h"`)+taskTable("db", "stubborn", `stop_timeout = "1h"`)))
	r.until(`web +\| stubborn is up`)
	r.until(`db +\| stubborn is up`)
	pids := r.pids()
	r.signal(syscall.SIGINT)
	r.until(`waits for web \(pid \d+, SIGKILL in 1 h\), db \(pid \d+, SIGKILL in 1 h\); Ctrl-C again kills at once`)
	r.signal(syscall.SIGINT)
	_, by := r.wait()
	require.Equal(t, syscall.SIGINT, by)
	requireDead(t, pids)
}

// A service manager sends SIGTERM, and takes anything but 0 for a failure.
func TestSIGTERMIsAGoodEnd(t *testing.T) {
	r := startRun(t, inFolder(t, "tasks.toml", taskTable("web", "waits", "")))
	r.until(`waits is up`)
	pids := r.pids()
	r.signal(syscall.SIGTERM)
	code, by := r.wait()
	require.Zero(t, code)
	require.Zero(t, by)
	requireDead(t, pids)
}

func TestExitCodesOfRun(t *testing.T) {
	const escalates = "attempts = 0\non_exhausted = \"escalate\"\n"
	for name, test := range map[string]struct {
		file, text string
		code       int
		says       string
	}{
		"that of the task":  {"tasks.toml", "[tasks.web]\ncommand = \"exit 7\"\n" + escalates, 7, `because of web: exit code 7; ends with code 7`},
		"a signal":          {"tasks.toml", "[tasks.web]\ncommand = \"kill -9 $$\"\n" + escalates, 137, `because of web: ended by SIGKILL`},
		"no such program":   {"tasks.toml", "[tasks.web]\nexec = [\"/no/such/program\"]\n" + escalates, 127, `ends with code 127`},
		"no program":        {"tasks.toml", "[tasks.web]\nexec = [\"/etc/passwd\"]\n" + escalates, 126, `ends with code 126`},
		"deep below":        {"tasks.toml", "auto_shutdown = \"any\"\n[groups.a]\nattempts = 0\n[groups.a.tasks.web]\ncommand = \"exit 9\"\n" + escalates, 9, `ends with code 9`},
		"the first to end":  {"Procfile", "web: exit 3\nworker: exec sleep 1000\n", 3, `because web.1 has ended: exit code 3`},
		"one that ends":     {"Procfile", "web: exec sleep 1000\nworker: true\n", 0, `all tasks have stopped, because worker.1 has ended`},
		"a wrong file":      {"tasks.toml", "[tasks.web]\ncomand = \"x\"\n", 2, `tasks.toml:2:1: tasks.web: unknown key "comand"; did you mean "command"`},
		"no file":           {"other.toml", "", 2, `no such file`},
		"an unknown signal": {"tasks.toml", "[tasks.web]\ncommand = \"x\"\nstop_signal = \"SIGNOPE\"\n", 2, `tasks.toml:3:15: `},
	} {
		t.Run(name, func(t *testing.T) {
			file := inFolder(t, test.file, test.text)
			if test.text == "" {
				require.NoError(t, os.Remove(file))
			}
			r := startUnguarded(t, file)
			code, by := r.wait()
			require.Zero(t, by)
			require.Equal(t, test.code, code)
			require.Contains(t, r.text(), test.says)
		})
	}
}

func TestOnlyOneRuns(t *testing.T) {
	file := inFolder(t, "tasks.toml", taskTable("web", "waits", ""))
	first := startUnguarded(t, file)
	pid := first.until(`pid (\d+), runs`)[1]
	first.until("waits is up")
	second := startUnguarded(t, file)
	code, _ := second.wait()
	require.Equal(t, 3, code)
	require.Contains(t, second.text(), "another taskvisor runs this already: pid "+pid)
}

func TestOnlyWhatIsNamedRuns(t *testing.T) {
	file := inFolder(t, "tasks.toml", taskTable("db", "waits", "")+taskTable("web", "waits", `needs = ["db"]`)+taskTable("mail", "waits", ""))
	r := startUnguarded(t, file, "web")
	r.until(`web +\| waits is up`)
	tasks := r.status()
	require.Len(t, tasks, 2)
	require.Contains(t, tasks, "db", "because web needs it")
	code, _ := startUnguarded(t, file, "wbe").wait()
	require.Equal(t, 2, code)
}

// Where there is no place for a socket, taskvisor runs without one, and says so.
func TestNoPlaceForASocket(t *testing.T) {
	folder := filepath.Join(t.TempDir(), strings.Repeat("d", 120))
	require.NoError(t, os.Mkdir(folder, 0o700))
	writeFile(t, filepath.Join(folder, "tasks.toml"), taskTable("web", "waits", ""))
	t.Setenv("XDG_RUNTIME_DIR", "/proc") // in which no folder can be made
	r := startUnguarded(t, filepath.Join(folder, "tasks.toml"))
	r.until("cannot be asked or commanded: there is no place for a control socket")
	r.until("waits is up")
	r.signal(syscall.SIGTERM)
	code, _ := r.wait()
	require.Zero(t, code)
}

// A folder that is missing is named with the flag that needs it.
func TestFoldersOfRecordings(t *testing.T) {
	file := inFolder(t, "tasks.toml", taskTable("web", "waits", ""))
	none := filepath.Join(filepath.Dir(file), "none")
	for flag, path := range map[string]string{"--dumps": none, "--record": filepath.Join(none, "all.recording")} {
		_, errs, code := command("run", "--hold", "group", "-f", file, flag, path)
		require.Equal(t, 2, code)
		require.Equal(t, "taskvisor: "+flag+": there is no folder "+none+": create it first\n", errs)
	}
}

// Where no taskvisor runs, it is said what to do; also to those who follow with -f, as tail does.
func TestNoneRuns(t *testing.T) {
	file := inFolder(t, "tasks.toml", taskTable("web", "waits", ""))
	_, errs, code := command("status", "-f", file)
	require.Equal(t, 3, code)
	require.Contains(t, errs, "start one with taskvisor run, or name its file with -f")
	_, errs, code = command("logs", "-f", "web")
	require.Equal(t, 3, code)
	require.Contains(t, errs, "there is no file web; -f names the one that taskvisor runs, and -F follows")
}

// What was decided can be replayed, and the last minutes are written on demand.
func TestRecordings(t *testing.T) {
	file := inFolder(t, "tasks.toml", taskTable("web", "waits", ""))
	folder := filepath.Dir(file)
	r := startUnguarded(t, file, "--record", filepath.Join(folder, "all.recording"), "--dumps", folder)
	r.until("waits is up")
	r.signal(syscall.SIGUSR1)
	var dumps []string
	require.Eventually(t, func() bool {
		found, err := filepath.Glob(filepath.Join(folder, "*-signal.recording"))
		dumps = found
		return err == nil && len(found) > 0
	}, patient, time.Millisecond)
	require.Len(t, dumps, 1)
	_, errs, code := command("restart", "web", "-f", file)
	require.Zero(t, code, errs)
	r.signal(syscall.SIGTERM)
	code, _ = r.wait()
	require.Zero(t, code)
	for _, path := range append(dumps, filepath.Join(folder, "all.recording")) {
		text, err := os.ReadFile(path)
		require.NoError(t, err)
		recorded, err := scenario.ParseAll(text)
		require.NoError(t, err)
		require.Len(t, recorded.Scenarios, 1)
		require.Contains(t, string(text), "web")
	}
}

func TestJSONOutput(t *testing.T) {
	r := startUnguarded(t, inFolder(t, "tasks.toml", taskTable("web", "waits", "")), "--log-format", "json")
	r.until(`^\{"time":"[^"]+Z","task":"web","run":1,"stream":"stdout","text":"waits is up"\}$`)
	r.signal(syscall.SIGTERM)
	code, _ := r.wait()
	require.Zero(t, code)
	for line := range strings.Lines(r.text()) {
		var record map[string]any
		require.NoError(t, json.Unmarshal([]byte(line), &record), line)
		require.NotEmpty(t, record["time"])
		require.NotEmpty(t, record["stream"])
	}
	require.Contains(t, r.text(), `"stream":"notice","level":"info","text":"all tasks have stopped"}`)
}

// In `taskvisor run | tee log`, Ctrl-C ends tee as well. All stops in order nevertheless, and the last line is told on standard error.
func TestAnOutputThatIsReadNoMore(t *testing.T) {
	file := inFolder(t, "tasks.toml", taskTable("web", "waits", ""))
	cmd := exec.Command(os.Args[0], "run", "-f", file)
	cmd.Env = append(os.Environ(), asTaskvisor+"=1", "TASKSUPERVISOR_GUARD=off")
	out, err := cmd.StdoutPipe()
	require.NoError(t, err)
	var errs strings.Builder
	cmd.Stderr = &errs
	require.NoError(t, cmd.Start())
	t.Cleanup(func() { _ = cmd.Process.Kill() })
	lines := bufio.NewScanner(out)
	for lines.Scan() && !strings.Contains(lines.Text(), "waits is up") {
	}
	require.Contains(t, lines.Text(), "waits is up", "%v", lines.Err())
	require.NoError(t, out.Close())
	require.NoError(t, cmd.Process.Signal(syscall.SIGTERM))
	require.NoError(t, cmd.Wait(), errs.String())
	require.Regexp(t, `(?m)^taskvisor: all tasks have stopped$`, errs.String())
}

// Who waits for the end waits until all is printed: here that takes until the test reads it.
func TestItAnswersToTheLast(t *testing.T) {
	file := inFolder(t, "tasks.toml", taskTable("web", "waits", ""))
	errs, full, err := os.Pipe()
	require.NoError(t, err)
	fd, filled := int(full.Fd()), 0
	require.NoError(t, syscall.SetNonblock(fd, true))
	for n := 1; n > 0; filled += max(n, 0) {
		n, _ = syscall.Write(fd, make([]byte, 1024))
	}
	require.NoError(t, syscall.SetNonblock(fd, false))
	cmd := exec.Command(os.Args[0], "run", "-f", file)
	cmd.Env = append(os.Environ(), asTaskvisor+"=1", "TASKSUPERVISOR_GUARD=off")
	cmd.Stderr = full
	out, err := cmd.StdoutPipe()
	require.NoError(t, err)
	require.NoError(t, cmd.Start())
	require.NoError(t, full.Close())
	t.Cleanup(func() { _ = cmd.Process.Kill() })
	lines := bufio.NewScanner(out)
	for lines.Scan() && !strings.Contains(lines.Text(), "waits is up") {
	}
	require.Contains(t, lines.Text(), "waits is up", "%v", lines.Err())
	require.NoError(t, out.Close())

	client, err := control.Dial(t.Context(), control.Places(file)...)
	require.NoError(t, err)
	defer client.Close()
	ended := make(chan error, 1)
	go func() { ended <- client.Shutdown(t.Context(), control.ShutdownOrder{}) }()
	for tree := (control.Tree{}); tree.Phase != "halted"; {
		tree, err = client.Tree(t.Context())
		require.NoError(t, err)
	}
	require.Empty(t, ended)
	_, err = io.CopyN(io.Discard, errs, int64(filled))
	require.NoError(t, err)
	last, err := io.ReadAll(errs)
	require.NoError(t, err)
	require.Contains(t, string(last), "taskvisor: all tasks have stopped\n")
	require.NoError(t, <-ended)
	require.NoError(t, cmd.Wait())
}

func TestShutdownCommand(t *testing.T) {
	for _, arguments := range [][]string{{}, {"--now"}} {
		r := startUnguarded(t, inFolder(t, "tasks.toml", taskTable("web", "waits", "")))
		r.until("waits is up")
		pids := r.pids()
		_, errs, code := command(append([]string{"shutdown", "-f", r.file}, arguments...)...)
		require.Zero(t, code, errs)
		requireDead(t, pids)
		want := 0
		if len(arguments) > 0 {
			want = 137
		}
		code, _ = r.wait()
		require.Equal(t, want, code)
	}
}

// What is said of a Procfile would have no effect on a tasks.toml, so it is refused.
func TestFlagsOfAProcfileAreForNoOtherFile(t *testing.T) {
	file := inFolder(t, "tasks.toml", taskTable("web", "waits", ""))
	for _, flag := range []string{"--formation=web=2", "--port=6000", "--auto-restart=web", "--can-die=web", "--processes=web", "--env=x.env"} {
		name, _, _ := strings.Cut(flag, "=")
		for _, verb := range []string{"run", "plan", "check"} {
			_, errs, code := command(verb, flag, "-f", file)
			require.NotZero(t, code, "%s %s", verb, flag)
			require.Contains(t, errs, name+" is for a Procfile, and "+file+" is not one: say it in the file")
		}
	}
}
