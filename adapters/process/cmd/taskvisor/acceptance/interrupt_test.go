//go:build system

package acceptance_test

import (
	"os"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// chain is three tasks, each of which needs the one before. They say when they are asked to end.
const chain = `
[tasks.database]
command = "trap 'echo database ends; exit 0' TERM; echo database begins; sleep 1000 & wait"
ready = { line = "begins" }
[tasks.service]
command = "trap 'echo service ends; exit 0' TERM; echo service begins; sleep 1000 & wait"
ready = { line = "begins" }
needs = ["database"]
[tasks.web]
command = "trap 'echo web ends; exit 0' TERM; echo web begins; sleep 1000 & wait"
ready = { line = "begins" }
needs = ["service"]
`

// inOrder checks that texts appear in a text one after the other, each once.
func inOrder(t *testing.T, text string, texts ...string) {
	t.Helper()
	at := -1
	for _, part := range texts {
		require.Equal(t, 1, strings.Count(text, part), "%q in:\n%s", part, text)
		require.Greater(t, strings.Index(text, part), at, "%q in:\n%s", part, text)
		at = strings.Index(text, part)
	}
}

// Ctrl-C, typed in a terminal, stops all in order; taskvisor ends as by the signal, so that the shell does not go on with what else
// was typed in the line.
func TestSystemInterruptedOnce(t *testing.T) {
	t.Parallel()
	directory := t.TempDir()
	write(t, directory, "tasks.toml", chain)
	terminal := runInTerminal(t, directory)
	terminal.await("web begins")
	terminal.press("C-c")
	awaitEnd(t, directory)
	terminal.typeLine("echo code $?")
	shown := terminal.await("code 130")
	inOrder(t, shown, "web ends", "service ends", "database ends")
	require.NotContains(t, shown, "the line goes on")
}

// A second Ctrl-C kills at once what does not end.
func TestSystemInterruptedTwice(t *testing.T) {
	t.Parallel()
	directory := t.TempDir()
	write(t, directory, "tasks.toml", `
[tasks.stubborn]
command = "trap '' TERM INT; echo here; while :; do sleep 1; done"
ready = { line = "here" }
stop_timeout = "10m"
`)
	terminal := runInTerminal(t, directory)
	terminal.await("here")
	terminal.press("C-c")
	terminal.await("Ctrl-C again kills at once")
	from := time.Now()
	terminal.press("C-c")
	to := awaitEnd(t, directory)
	t.Logf("%v after the second Ctrl-C", to.Sub(from))
	require.Less(t, to.Sub(from), atMost(200*time.Millisecond, from, to))
	terminal.typeLine("echo code $?")
	terminal.await("code 130")
}

// runInTerminal types the command line that runs the tasks.toml of a directory in a shell in a terminal, and another behind it.
func runInTerminal(t *testing.T, directory string) *terminal {
	t.Helper()
	terminal := newTmux(t).openShell("ACCEPTANCE=" + directory)
	t.Cleanup(func() { exterminate(t, directory) })
	terminal.typeLine("clear; cd " + directory + "; " + taskvisor + " run; echo the line goes on")
	return terminal
}

// awaitEnd waits until nothing of the taskvisor of a directory is left, nor of what it ran, and returns when that was.
func awaitEnd(t *testing.T, directory string) time.Time {
	t.Helper()
	var pids []int
	for _, p := range survey() {
		if p.state != 'Z' && p.pid != os.Getpid() && p.command != "sh" && p.shows(directory) && !strings.HasPrefix(p.command, "tmux") {
			pids = append(pids, p.pid)
		}
	}
	await(t, "nothing of it is left", func() bool {
		return !slices.ContainsFunc(pids, func(pid int) bool { return syscall.Kill(pid, 0) == nil })
	})
	return time.Now()
}

// Ended by Ctrl-C it ends by that signal: a shell, or whatever else has started it, can tell. TERM is how it is asked to stop: it did.
func TestSystemEndsByTheSignalThatEndedIt(t *testing.T) {
	t.Parallel()
	for signal, code := range map[syscall.Signal]int{syscall.SIGINT: -int(syscall.SIGINT), syscall.SIGTERM: 0} {
		t.Run(signal.String(), func(t *testing.T) {
			t.Parallel()
			directory := t.TempDir()
			write(t, directory, "tasks.toml", chain)
			v := start(t, directory)
			v.awaitUp("database", "service", "web")
			v.signal(signal)
			require.Equal(t, code, v.ended())
			inOrder(t, v.said(), "web ends", "service ends", "database ends")
		})
	}
}

// It ends with the exit code of the task that ended it.
func TestSystemExitCodes(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		command string
		code    int
	}{
		"failed":    {"exit 9", 9},
		"by signal": {"kill -SEGV $$", 128 + int(syscall.SIGSEGV)},
		"well":      {"exit 0", 0},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			directory := t.TempDir()
			write(t, directory, "tasks.toml", `
auto_shutdown = "any"
[tasks.main]
command = "`+c.command+`"
restart = "never"
significant = true
[tasks.other]
exec = ["sleep", "1000"]
`)
			require.Equal(t, c.code, start(t, directory).ended())
		})
	}
}
