//go:build system

package acceptance_test

import (
	"testing"

	"github.com/stretchr/testify/require"
)

// A task with a terminal of its own prints in colours, one without does not. They are shown in a terminal, unless NO_COLOR is set, and
// not in a pipe.
func TestSystemColours(t *testing.T) {
	t.Parallel()
	const (
		asked = `if [ -t 1 ]; then printf '\\033[31min colours\\033[0m\\n'; else echo in plain; fi; exec sleep 1000`
		tasks = "[tasks.terminal]\ncommand = \"" + asked + "\"\ntty = true\n[tasks.pipe]\ncommand = \"" + asked + "\"\n"
		red   = "\x1b[31min colours"
	)
	shown := func(t *testing.T, before string) string {
		t.Helper()
		directory := t.TempDir()
		write(t, directory, "tasks.toml", tasks)
		terminal := newTmux(t).openShell("ACCEPTANCE=" + directory)
		t.Cleanup(func() { exterminate(t, directory) })
		terminal.typeLine("clear; cd " + directory + "; " + before + taskvisor + " run")
		terminal.await("in plain")
		terminal.await("in colours")
		return terminal.run("capture-pane", "-p", "-e", "-t", "shell")
	}
	t.Run("terminal", func(t *testing.T) {
		t.Parallel()
		require.Contains(t, shown(t, ""), red)
	})
	t.Run("terminal without", func(t *testing.T) {
		t.Parallel()
		require.NotRegexp(t, `\x1b\[([0-9;]*;)?[349][0-7](;[0-9;]*)?m`, shown(t, "NO_COLOR=1 "))
	})
	t.Run("pipe", func(t *testing.T) {
		t.Parallel()
		directory := t.TempDir()
		write(t, directory, "tasks.toml", tasks)
		v := start(t, directory)
		v.says("in plain")
		v.says("in colours")
		require.NotContains(t, v.said(), "\x1b")
	})
}
