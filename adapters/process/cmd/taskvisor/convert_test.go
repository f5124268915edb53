package main

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestConvert(t *testing.T) {
	dir := t.TempDir()
	from, to := filepath.Join(dir, "process-compose.yaml"), filepath.Join(dir, "tasks.toml")
	require.NoError(t, os.WriteFile(from, []byte("version: \"0.5\"\nprocesses:\n  web: {command: ./web, is_daemon: true, colour: red}\n"), 0o644))

	out, errors, code := command("convert", from)
	require.Zero(t, code, errors)
	require.Contains(t, out, "[tasks.web]\ncommand = \"./web\"\n")
	require.Contains(t, errors, from+":1:1: version: refused: ")
	require.Contains(t, errors, from+":3:9: processes.web.command: carried: command\n")
	require.Contains(t, errors, from+":3:42: processes.web.colour: unknown: ")
	require.Contains(t, errors, "4 keys: 1 carried, 0 changed, 2 refused, 1 unknown\n")

	printed, errors, code := command("convert", "-q", from, "-o", to)
	require.Zero(t, code)
	require.Empty(t, printed)
	require.Empty(t, errors)
	text, err := os.ReadFile(to)
	require.NoError(t, err)
	require.Equal(t, out, string(text))

	_, errors, code = command("convert", "-q", from, "-o", to)
	require.Equal(t, 1, code)
	require.Contains(t, errors, "is there already: --force writes over it")
	_, _, code = command("convert", "-q", from, "-o", to, "--force")
	require.Zero(t, code)
}

func TestConvertWhatIsWrong(t *testing.T) {
	t.Chdir(t.TempDir())
	require.NoError(t, os.WriteFile("p.yaml", []byte("processes:\n  a: {command: x, env_file: none.env}\n"), 0o644))
	out, errors, code := command("convert", "-q", "p.yaml")
	require.Equal(t, 1, code)
	require.Contains(t, out, "[tasks.a]", "it is printed all the same")
	require.Contains(t, errors, "none.env: no such file")

	require.NoError(t, os.WriteFile("p.yaml", []byte("processes:\n  a: {}\n"), 0o644))
	out, errors, code = command("convert", "p.yaml", "-o", "tasks.toml")
	require.Equal(t, 1, code)
	require.Empty(t, out)
	require.Contains(t, errors, "p.yaml:2:6: processes.a: has neither command nor entrypoint")
	require.NoFileExists(t, "tasks.toml")

	require.NoError(t, os.WriteFile("unnamed", []byte("web: x\n"), 0o644))
	_, errors, code = command("convert", "unnamed")
	require.Equal(t, 1, code)
	require.Contains(t, errors, "it must be one of")
	out, _, code = command("convert", "unnamed", "--from", "procfile")
	require.Zero(t, code)
	require.Contains(t, out, "[tasks.web]")
}
