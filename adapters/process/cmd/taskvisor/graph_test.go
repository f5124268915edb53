package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/tasksupervisor/tasksupervisor/adapters/process/cmd/taskvisor/internal/taskfile"
)

func TestGraph(t *testing.T) {
	path := write(t, "tasks.toml", "[tasks.a]\ncommand = \"a\"\n[tasks.b]\ncommand = \"b\"\nneeds = [\"a\"]\n")
	out, _, code := command("graph", "-f", path, "--format", "mermaid")
	require.Zero(t, code)
	require.Equal(t, "flowchart LR\n  n1[\"a\"]\n  n2[\"b\"]\n  n2 --> n1\n", out)
	_, errors, code := command("graph", "-f", path, "--format", "png")
	require.Equal(t, 1, code)
	require.Contains(t, errors, `there is no format "png"`)
}

func TestCompletionOfNames(t *testing.T) {
	path := write(t, "tasks.toml", "[tasks.a]\ncommand = \"a\"\n[groups.g.tasks.b]\ncommand = \"b\"\n")
	for _, name := range []string{"plan", "run"} {
		out, _, code := command("__complete", name, "-f", path, "")
		require.Zero(t, code)
		require.True(t, strings.HasPrefix(out, "a\ng/b\n"), out)
	}
}

// What init writes is valid, and so is all that it shows in comments. It does not overwrite.
func TestInit(t *testing.T) {
	path := filepath.Join(t.TempDir(), "tasks.toml")
	out, _, code := command("init", path)
	require.Zero(t, code)
	require.Contains(t, out, "Wrote "+path)
	out, errors, code := command("check", "-f", path)
	require.Zero(t, code)
	require.Empty(t, errors)
	require.Contains(t, out, "2 tasks\n")
	_, errors, code = command("init", path)
	require.Equal(t, 1, code)
	require.Contains(t, errors, "is there already")

	text, err := os.ReadFile(path)
	require.NoError(t, err)
	var shown []string
	for line := range strings.Lines(string(text)) {
		if code, ok := strings.CutPrefix(line, "# "); ok && (strings.Contains(code, " = ") || strings.HasPrefix(code, "[")) && !strings.Contains(code, "bound_to") {
			line = code
		}
		shown = append(shown, line)
	}
	require.NoError(t, os.WriteFile(filepath.Join(filepath.Dir(path), ".env"), nil, 0o600))
	file, err := taskfile.Parse(path, []byte(strings.Join(shown, "")), taskfile.Options{})
	require.NoError(t, err)
	complete, err := file.Complete()
	require.NoError(t, err)
	paths, _ := complete.All()
	require.Equal(t, []string{"web.1", "web.2", "ticker", "pipeline/read", "pipeline/write"}, paths)
}
