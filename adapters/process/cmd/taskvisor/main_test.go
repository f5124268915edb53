package main

import (
	"bytes"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// command runs a command line, and returns what it printed.
func command(arguments ...string) (out, errors string, code int) {
	var stdout, stderr bytes.Buffer
	code, _ = execute(arguments, strings.NewReader(""), &stdout, &stderr)
	return stdout.String(), stderr.String(), code
}

func TestVersion(t *testing.T) {
	out, _, code := command("version")
	require.Zero(t, code)
	require.Regexp(t, `^taskvisor \S+\n$`, out)
	again, _, code := command("--version")
	require.Zero(t, code)
	require.Equal(t, out, again)
}

func TestUnknownCommand(t *testing.T) {
	out, errors, code := command("rnu")
	require.Equal(t, 2, code)
	require.Empty(t, out)
	require.Contains(t, errors, `unknown command "rnu"`)
	_, errors, code = command("run", "--nope")
	require.Equal(t, 2, code)
	require.Equal(t, "taskvisor: unknown flag: --nope\n", errors)
}

func TestCompletion(t *testing.T) {
	for _, shell := range []string{"bash", "zsh", "fish"} {
		out, _, code := command("completion", shell)
		require.Zero(t, code)
		require.Contains(t, out, "taskvisor")
	}
}
