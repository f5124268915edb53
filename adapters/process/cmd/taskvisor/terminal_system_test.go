//go:build system

package main

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/charmbracelet/x/ansi"
	"github.com/stretchr/testify/require"
)

const shop = `
[tasks.store]
command = "echo store listens; exec sleep 1000"
ready = { line = "listens" }

[tasks.api]
command = 'while :; do echo GET /; printf "\033[2J\033[31mred\033]0;owned\007\n"; sleep 0.2; done'
bound_to = ["store"]

[tasks.broken]
command = "echo trying; sleep 0.3; echo no such table >&2; exit 3"

[groups.workers]
strategy = "one-for-all"
[groups.workers.tasks.mail]
command = "while :; do echo mail; sleep 0.5; done"
[groups.workers.tasks.shell]
command = '''while read line; do case $line in
size) echo size $(stty size);;
draw) printf '\033[?1049h\033[?25l\033[?1000h\033[31mdrawn\n';;
*) echo got $line;; esac; done'''
tty = true
`

// The tasks in a real terminal, beside the terminal that they run in.
func TestSystemTopInTmux(t *testing.T) {
	t.Parallel()
	for _, size := range [][2]int{{80, 24}, {120, 34}} {
		t.Run(fmt.Sprintf("%dx%d", size[0], size[1]), func(t *testing.T) {
			t.Parallel()
			x := newTerminals(t, size[0], size[1])
			x.run()
			x.typeIn("top", "taskvisor top; echo exit $?")
			x.await("top", "taskvisor: ", "▸ ✓ store", "✗ broken", "exit code 3", "█", "output of store", "store listens")
			require.Regexp(t, `✓ store +up +(\d+ +)?\d`, x.shown("top"), "what it takes")
			x.press("top", "Down")
			x.await("top", "▸ ✓ api", "output of api", "GET /", "  red")
			x.press("top", "s")
			x.await("top", "stop api: done", "▸ ‖ api", "stopped", "by hand; s starts it")
			x.press("top", "s")
			x.await("top", "▸ ✓ api")
			x.press("top", "/")
			x.send("top", "brok")
			x.await("top", "find: brok▏", "▸ ✗ broken")
			require.NotContains(t, x.shown("top"), "store")
			x.press("top", "Enter", "Escape")
			x.await("top", "✓ store")
			x.press("top", "?")
			x.await("top", helpLine)
			x.press("top", "?", "x")
			x.await("top", "Stop broken for good? It then counts as dead.")
			x.press("top", "y")
			x.await("top", "▸ ✗ broken", "stopped for good; r starts it")
			x.resize("top", 60, 14)
			x.await("top", "▸ ✗ broken", "choose")
			x.fits("top", 60, 14)
			x.resize("top", 140, 40)
			x.await("top", "PID", "choose", "output of broken")
			x.fits("top", 140, 40)
			x.press("top", "q")
			x.await("top", "exit 0")
			x.await("run", "stays down")
		})
	}
}

const helpLine = "reload: its process is asked to read its configuration again"

// Where there are no colours, top has none; where there is no terminal, it says what to do.
func TestSystemTopWithoutColourInTmux(t *testing.T) {
	t.Parallel()
	x := newTerminals(t, 80, 24)
	x.run()
	x.typeIn("top", "NO_COLOR=1 taskvisor top")
	x.await("top", "▸ ✓ store", "✗ broken")
	styled := x.tmux("top", "capture-pane", "-p", "-e")
	require.Contains(t, styled, "\x1b[1m", "bold is no colour")
	require.NotRegexp(t, `\x1b\[([0-9;]*;)?[349][0-7](;[0-9;]*)?m`, styled)
	x.press("top", "q")
	x.await("top", "taskvisor top\n$")
	x.typeIn("top", "clear; LC_ALL=C taskvisor top")
	x.await("top", "> + store", "x broken")
	for _, r := range x.shown("top") {
		require.Less(t, r, rune(0x80))
	}
	x.press("top", "q")
	x.await("top", "$")
	x.typeIn("top", "clear; taskvisor top | cat; TERM=dumb taskvisor top; echo exit $?")
	x.await("top", "top needs a terminal: taskvisor status prints what it shows", "exit 2")
}

// What tasks write among each other, on a terminal: with colours, and without harm.
func TestSystemRunInTmux(t *testing.T) {
	t.Parallel()
	x := newTerminals(t, 100, 60)
	x.run()
	x.await("run", "store         | store listens", "              * store is ready", "workers/mail  | mail")
	x.await("run", "* broken failed (exit code 3: no such table); restarts in ", "* broken has started again (restart 1 in a row)", "api           | red")
	require.Contains(t, x.shown("run"), "store listens", "the screen was not cleared")
	styled := x.tmux("run", "capture-pane", "-p", "-e", "-S", "-10000")
	require.Regexp(t, "\x1b\\[31mred", styled)
	require.Regexp(t, "\x1b\\[[0-9;]+mapi           \\| ", styled)
	require.Equal(t, "run\n", x.tmux("run", "display-message", "-p", "#{window_name}"))
	require.NotContains(t, x.tmux("run", "display-message", "-p", "#{pane_title}"), "owned")

	x.typeIn("top", "taskvisor logs -n 3 api; taskvisor logs -n 1 --no-names store; taskvisor logs nothing; echo exit $?")
	x.await("top", "api | ", "\nstore listens\n", `there is no task "nothing"`, "exit 1")
	x.typeIn("top", "clear; taskvisor logs -F -n 0 workers")
	x.await("top", "workers/mail  | mail")
	x.press("top", "C-c")
	x.typeIn("top", "clear; taskvisor logs -n 1000 api --json | grep -c '\"task\":\"api\",.*\"stream\":\"stdout\",\"text\":\"red\"'")
	x.until(func() bool { return regexp.MustCompile(`(?m)^[1-9]\d*$`).MatchString(x.shown("top")) })

	x.interrupt()
	x.await("run", "store has stopped")
}

// A terminal that is stopped delays no decision. What was left out of its lines is counted when it goes on.
func TestSystemStoppedTerminal(t *testing.T) {
	t.Parallel()
	x := newTerminals(t, 100, 50)
	x.write("[tasks.loud]\ncommand = \"until [ -e stopped ]; do sleep 0.01; done; yes | head -n 300000; exec sleep 1000\"\noutput = { when_full = \"drop\" }\n[tasks.broken]\ncommand = \"exit 3\"\nbase_delay = \"50ms\"\nmax_delay = \"50ms\"\njitter = 0.0\n")
	x.run()
	x.press("run", "C-s")
	require.NoError(t, os.WriteFile(filepath.Join(filepath.Dir(x.file), "stopped"), nil, 0o644))
	restarts := func() int {
		out := x.command("taskvisor", "status", "-f", x.file)
		found := regexp.MustCompile(`broken +\S+ +\S+ +\d+ +(\d+)`).FindStringSubmatch(out)
		require.Len(t, found, 2, out)
		n, err := strconv.Atoi(found[1])
		require.NoError(t, err)
		return n
	}
	before := restarts()
	x.until(func() bool { return restarts() > before+20 })
	x.press("run", "C-q")
	x.until(func() bool {
		return regexp.MustCompile(`loud   \* \(\d{3,} lines left out here, [\d.]+ [kM]B: the output is too slow\)`).MatchString(x.shown("run"))
	})
	x.interrupt()
}

// The terminal of a task in another: typed into, resized, looked at by two, and left as it was, whatever ends it.
func TestSystemAttachInTmux(t *testing.T) {
	t.Parallel()
	x := newTerminals(t, 90, 30)
	x.run()
	x.await("run", "store listens")
	x.open("other", 70, 20)
	const attach = "clear; stty -g; taskvisor attach workers/shell; echo exit $?; stty -g"
	state := func(session string) (before, after string) {
		var states []string
		x.until(func() bool {
			states = regexp.MustCompile(`(?m)^[0-9a-f]+(?::[0-9a-f]+){10,}$`).FindAllString(x.tmux(session, "capture-pane", "-p", "-J", "-S", "-100"), -1)
			return len(states) >= 2
		})
		require.Len(t, states, 2)
		return states[0], states[1]
	}
	modes := func() string { // whether it is on its other screen, shows the cursor, and reports the mouse
		return strings.TrimSpace(x.tmux("top", "display-message", "-p", "#{alternate_on} #{cursor_flag} #{mouse_standard_flag}"))
	}
	for _, end := range []struct {
		how  string
		end  func()
		says string
	}{
		{"by its key", func() { x.press("top", "C-]") }, "exit 0"},
		{"by a signal", func() { x.command("pkill", "-TERM", "-f", "attach -f "+x.file) }, "exit 143"},
	} {
		x.typeIn("top", strings.Replace(attach, "attach ", "attach -f "+x.file+" ", 1))
		x.await("top", "[workers/shell: ctrl-] ends this, and the task goes on]")
		x.send("top", "size")
		x.press("top", "Enter")
		x.await("top", "size 30 90")
		x.resize("top", 100, 35)
		x.typeIn("other", attach)
		x.await("other", "[workers/shell: ctrl-] ends this, and the task goes on]")
		x.send("other", "no")
		x.await("other", "another viewer types: you only see")
		x.send("top", "size")
		x.press("top", "Enter")
		x.await("top", "size 35 100")
		x.await("other", "size 35 100")
		x.press("other", "C-]")
		x.await("other", "[detached from workers/shell]", "exit 0")
		x.send("top", "draw")
		x.press("top", "Enter")
		x.until(func() bool { return modes() == "1 0 1" })
		end.end()
		x.await("top", "size 35 100", end.says)
		require.Equal(t, "0 1 0", modes(), end.how)
		before, after := state("top")
		require.Equal(t, before, after, end.how)
		x.typeIn("top", "clear")
		x.resize("top", 90, 30)
		x.typeIn("other", "clear")
	}
	x.typeIn("top", "clear; taskvisor attach workers/shell; echo exit $?")
	x.await("top", "ends this")
	x.interrupt()
	x.await("top", "[the taskvisor has ended]", "exit 0")
}

// terminals are those of tmux: the terminal "run", where a taskvisor runs, and others beside it.
type terminals struct {
	t      *testing.T
	folder string
	file   string
}

func newTerminals(t *testing.T, width, height int) *terminals {
	t.Helper()
	folder, err := os.MkdirTemp("", "tv") // the path of a socket is short
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, os.RemoveAll(folder)) })
	out, err := exec.Command("go", "build", "-o", filepath.Join(folder, "bin", "taskvisor"), ".").CombinedOutput()
	require.NoError(t, err, string(out))
	x := &terminals{t: t, folder: folder, file: filepath.Join(folder, "tasks.toml")}
	x.write(shop)
	require.NoError(t, os.WriteFile(filepath.Join(folder, "tmux.conf"), []byte("set -g history-limit 50000\nset -g automatic-rename off\n"), 0o644))
	x.open("run", width, height)
	t.Cleanup(func() { x.command("sh", "-c", "taskvisor shutdown -f "+x.file+" || true") })
	x.open("top", width, height)
	return x
}

func (x *terminals) write(text string) {
	x.t.Helper()
	require.NoError(x.t, os.WriteFile(x.file, []byte(text), 0o644))
}

// open opens a terminal with a shell. Each has a server of its own, or the size of one would be that of all.
func (x *terminals) open(session string, width, height int) {
	x.t.Helper()
	x.tmux(session, "-u", "-f", filepath.Join(x.folder, "tmux.conf"), "new-session", "-d", "-n", session, "-x", fmt.Sprint(width), "-y", fmt.Sprint(height), "sh")
	x.t.Cleanup(func() { _ = exec.Command("tmux", "-S", filepath.Join(x.folder, session), "kill-server").Run() })
	x.typeIn(session, "cd "+x.folder+"; PATH="+x.folder+"/bin:$PATH; LC_ALL=C.UTF-8; export LC_ALL; PS1='$ '; clear")
}

// run runs the tasks.
func (x *terminals) run() {
	x.t.Helper()
	x.typeIn("run", "taskvisor run")
	x.await("run", "answers on")
}

// interrupt ends the taskvisor by Ctrl-C. The shell is told of the signal.
func (x *terminals) interrupt() {
	x.t.Helper()
	x.press("run", "C-c")
	x.until(func() bool { return strings.HasSuffix(strings.TrimRight(x.shown("run"), " \n"), "$") })
	x.typeIn("run", "echo code $?")
	x.await("run", "code 130")
}

func (x *terminals) environ() []string {
	return append(os.Environ(), "LC_ALL=C.UTF-8", "TMUX=", "PATH="+x.folder+"/bin:"+os.Getenv("PATH"))
}

func (x *terminals) tmux(session string, args ...string) string {
	x.t.Helper()
	return x.command("tmux", append([]string{"-S", filepath.Join(x.folder, session)}, args...)...)
}

func (x *terminals) command(name string, args ...string) string {
	x.t.Helper()
	if name == "taskvisor" {
		name = filepath.Join(x.folder, "bin", "taskvisor")
	}
	cmd := exec.Command(name, args...)
	cmd.Env = x.environ()
	out, err := cmd.CombinedOutput()
	require.NoError(x.t, err, string(out))
	return string(out)
}

func (x *terminals) press(session string, keys ...string) {
	x.t.Helper()
	for _, key := range keys {
		x.tmux(session, "send-keys", key)
	}
}

// send types a text, typeIn a line.
func (x *terminals) send(session, text string) {
	x.t.Helper()
	x.tmux(session, "send-keys", "-l", text)
}

func (x *terminals) typeIn(session, line string) {
	x.t.Helper()
	x.send(session, line)
	x.press(session, "Enter")
}

func (x *terminals) resize(session string, width, height int) {
	x.t.Helper()
	x.tmux(session, "resize-window", "-x", fmt.Sprint(width), "-y", fmt.Sprint(height))
}

// shown returns what a terminal shows. Of that in which the tasks write it is all that it has shown.
func (x *terminals) shown(session string) string {
	x.t.Helper()
	if session == "run" {
		return x.tmux(session, "capture-pane", "-p", "-J", "-S", "-10000")
	}
	return x.tmux(session, "capture-pane", "-p")
}

// fits says that a terminal shows all of a picture of its size.
func (x *terminals) fits(session string, width, height int) {
	x.t.Helper()
	lines := strings.Split(strings.TrimRight(x.shown(session), "\n"), "\n")
	require.LessOrEqual(x.t, len(lines), height)
	for _, line := range lines {
		require.LessOrEqual(x.t, ansi.StringWidth(line), width, line)
	}
}

// until waits until something is so.
func (x *terminals) until(is func() bool) {
	x.t.Helper()
	for deadline := time.Now().Add(time.Minute); time.Now().Before(deadline); <-time.After(50 * time.Millisecond) {
		if is() {
			return
		}
	}
	x.t.Fatal("it does not come to that; the terminal shows\n" + x.shown("run"))
}

// await looks at a terminal until it shows all of these texts, and logs that frame.
func (x *terminals) await(session string, texts ...string) string {
	x.t.Helper()
	var shown, missing string
	for deadline := time.Now().Add(time.Minute); time.Now().Before(deadline); <-time.After(50 * time.Millisecond) {
		shown, missing = x.shown(session), ""
		for _, text := range texts {
			if !strings.Contains(shown, text) {
				missing = text
			}
		}
		if missing == "" {
			x.t.Log("in " + session + ":\n" + shown[max(0, len(shown)-4000):])
			return shown
		}
	}
	require.Empty(x.t, missing, "is not in %s:\n%s", session, shown[max(0, len(shown)-4000):])
	return shown
}
