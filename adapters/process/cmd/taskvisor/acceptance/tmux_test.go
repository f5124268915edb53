//go:build system

package acceptance_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// tmux is a server of terminals.
type tmux struct {
	t      *testing.T
	socket string
}

func newTmux(t *testing.T) *tmux {
	t.Helper()
	x := &tmux{t: t, socket: filepath.Join(t.TempDir(), "tmux")}
	t.Cleanup(func() { _ = x.command("kill-server").Run() })
	return x
}

func (x *tmux) command(args ...string) *exec.Cmd {
	c := exec.Command("tmux", append([]string{"-S", x.socket, "-f", "/dev/null"}, args...)...)
	c.Env = append(os.Environ(), "LC_ALL=C.UTF-8", "TMUX=")
	return c
}

func (x *tmux) run(args ...string) string {
	x.t.Helper()
	out, err := x.command(args...).CombinedOutput()
	require.NoError(x.t, err, string(out))
	return string(out)
}

// open opens a terminal with a shell that runs a command, as if it had been typed there.
func (x *tmux) open(session string, environment, command []string) {
	x.t.Helper()
	args := []string{"new-session", "-d", "-s", session, "-x", "120", "-y", "40"}
	for _, variable := range environment {
		args = append(args, "-e", variable)
	}
	x.run(append(args, "--", "sh", "-c", strings.Join(command, " ")+"; :")...)
}

// terminal is a terminal with a shell in it.
type terminal struct{ *tmux }

func (x *tmux) openShell(environment string) *terminal {
	x.t.Helper()
	x.run("new-session", "-d", "-s", "shell", "-x", "120", "-y", "40", "-e", environment, "--", "sh")
	return &terminal{x}
}

// typeLine types a line.
func (x *terminal) typeLine(text string) {
	x.t.Helper()
	x.run("send-keys", "-t", "shell", "-l", text)
	x.press("Enter")
}

func (x *terminal) press(key string) {
	x.t.Helper()
	x.run("send-keys", "-t", "shell", key)
}

// await looks at the terminal until it shows a text, and returns all that it shows, each line of it to its end.
func (x *terminal) await(text string) (shown string) {
	x.t.Helper()
	defer func() {
		if x.t.Failed() {
			x.t.Log(strings.TrimRight(shown, "\n"))
		}
	}()
	await(x.t, "the terminal shows "+text, func() bool {
		shown = x.run("capture-pane", "-p", "-J", "-t", "shell")
		return strings.Contains(shown, text)
	})
	return shown
}

// close closes a terminal, as one closes a window.
func (x *tmux) close(session string) {
	x.t.Helper()
	x.run("kill-session", "-t", session)
}
