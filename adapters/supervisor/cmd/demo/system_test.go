//go:build system

package main

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/charmbracelet/x/ansi"
	"github.com/stretchr/testify/require"
)

// The demo in a real terminal: what is seen in each part of the storyboard, keys, another size, the end.
func TestSystemDemoInTmux(t *testing.T) {
	t.Parallel()
	demo := build(t)
	for _, size := range sizes {
		t.Run(fmt.Sprintf("%dx%d", size.Width, size.Height), func(t *testing.T) {
			t.Parallel()
			recording := filepath.Join(t.TempDir(), "demo.recording")
			tmux := newTmux(t, size.Width, size.Height, "LC_ALL=C.UTF-8 "+demo+" -recording "+recording)
			tmux.await("The shop opens.", "▲   database        starting", "✓   reader          up")
			tmux.await("page (key o): http://127.0.0.1:", "✓ mail              up", "✓ All is up.")
			tmux.await("counter fails: its group restarts.", "✗   counter         failed", "↳ starts again with counter", "█")
			tmux.await("✓ All is up again, after ")
			tmux.await("ledger hangs: its watchdog catches it.", "!   ledger          silent", "ledger has been silent for ")
			tmux.await("✗   ledger          failed", "no sign of life")
			tmux.await("The bank's lines keep failing", "bank has given up, and starts again as a whole in ", "↑ restarts bank as a whole")
			tmux.await("Your turn: break something.", "▸ ✓   database", "8 restarts, 0 lost, 0 overlapping")

			tmux.press("Down", "f")
			tmux.await("You make index fail.", "▸ ✗   index", "The storage is a chain")
			tmux.press("?")
			tmux.await("What you can do to index")
			tmux.press("?", "Up", "Up", "s")
			tmux.await("You suspend storage.", "▸ ‖ storage           suspended", "Down: storage. Waiting for what is down: web, mail.")
			tmux.run("resize-window", "-t", "demo", "-x", "60", "-y", "16")
			tmux.await(title[:20], "▸ ‖ storage", "choose")
			tmux.fits(60, 16)
			tmux.press("s")
			tmux.await("✓ All is up again, after ")
			tmux.run("resize-window", "-t", "demo", "-x", "100", "-y", "40")
			tmux.await(title[:20], "What happened", "storage is up", "choose")
			tmux.fits(100, 40)

			tmux.press("q")
			tmux.await("The shop closes, in order.", "Still running: ")
			tmux.await("shop: halted, ", "0 lost, 0 overlapping", "tasksim replay "+recording, "exit 0")
		})
	}
}

// Ctrl-C stops in order, and a second one at once; the terminal is as it was.
func TestSystemDemoInterruptedInTmux(t *testing.T) {
	t.Parallel()
	tmux := newTmux(t, 80, 24, "LC_ALL=C.UTF-8 "+build(t)+" -calm -recording "+os.DevNull)
	tmux.await("✓   database        up")
	tmux.press("j", "C-c")
	tmux.await("Still running: database.", "Ctrl-C again ends it at once")
	tmux.press("C-c")
	tmux.await("ended at once", "exit 130")
	tmux.run("send-keys", "-t", "demo", "-l", "echo and $((6 * 7)) goes on")
	tmux.press("Enter")
	tmux.await("and 42 goes on")
}

// Where there are no colours there are none, and where there is no picture there are lines.
func TestSystemDemoWithoutColourInTmux(t *testing.T) {
	t.Parallel()
	demo := build(t)
	tmux := newTmux(t, 80, 24, "LC_ALL=C.UTF-8 NO_COLOR=1 "+demo+" -calm -recording "+os.DevNull)
	tmux.await("✓ All is up.")
	styled := tmux.run("capture-pane", "-p", "-e", "-t", "demo")
	require.Contains(t, styled, "\x1b[1m", "bold is no colour")
	require.NotRegexp(t, `\x1b\[([0-9;]*;)?[349][0-7](;[0-9;]*)?m`, styled)

	const brief = " -calm -for 500ms -recording " + os.DevNull
	for _, command := range []string{"TERM=dumb " + demo + brief, demo + brief + " < /dev/null", demo + brief + " | cat", demo + brief + " -plain"} {
		tmux := newTmux(t, 120, 60, command)
		tmux.await("# The shop closes, in order.", "-> stopping  supervisor-stop", "shop: halted", "exit 0")
	}
}

// build builds the demo.
func build(t *testing.T) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "demo")
	out, err := exec.Command("go", "build", "-o", path, ".").CombinedOutput()
	require.NoError(t, err, string(out))
	return path
}

// tmux is a terminal that a program runs in, and after it a shell.
type tmux struct {
	t      *testing.T
	socket string
	shown  string
}

func newTmux(t *testing.T, width, height int, command string) *tmux {
	t.Helper()
	x := &tmux{t: t, socket: filepath.Join(t.TempDir(), "tmux")}
	x.run("-u", "-f", "/dev/null", "new-session", "-d", "-s", "demo", "-x", fmt.Sprint(width), "-y", fmt.Sprint(height), "sh")
	t.Cleanup(func() { _ = exec.Command("tmux", "-S", x.socket, "kill-server").Run() })
	x.run("send-keys", "-t", "demo", "-l", "clear; "+command+"; echo exit $?")
	x.press("Enter")
	return x
}

func (x *tmux) run(args ...string) string {
	x.t.Helper()
	cmd := exec.Command("tmux", append([]string{"-S", x.socket}, args...)...)
	cmd.Env = append(os.Environ(), "LC_ALL=C.UTF-8", "TMUX=")
	out, err := cmd.CombinedOutput()
	require.NoError(x.t, err, string(out))
	return string(out)
}

func (x *tmux) press(keys ...string) {
	x.t.Helper()
	for _, key := range keys {
		x.run("send-keys", "-t", "demo", key)
	}
}

// await looks at the terminal until it shows all of these texts, and logs that frame.
func (x *tmux) await(texts ...string) {
	x.t.Helper()
	missing := texts[0]
	for deadline := time.Now().Add(time.Minute); time.Now().Before(deadline); <-time.After(50 * time.Millisecond) {
		x.shown = x.run("capture-pane", "-p", "-t", "demo")
		missing = ""
		for _, text := range texts {
			if !strings.Contains(x.shown, text) {
				missing = text
			}
		}
		if missing == "" {
			x.t.Logf("\n%s", x.shown)
			return
		}
	}
	require.Fail(x.t, "the terminal does not show "+missing, x.shown)
}

// fits checks that what is shown is a whole frame.
func (x *tmux) fits(width, height int) {
	x.t.Helper()
	lines := strings.Split(strings.TrimSuffix(x.shown, "\n"), "\n")
	require.Len(x.t, lines, height)
	require.Contains(x.t, lines[0], title[:20])
	require.Contains(x.t, lines[height-2], "restarts")
	require.Contains(x.t, lines[height-1], "choose")
	for _, line := range lines {
		require.LessOrEqual(x.t, ansi.StringWidth(line), width)
	}
}
