package taskfile_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/tasksupervisor/tasksupervisor/adapters/process/cmd/taskvisor/internal/taskfile"
)

func TestEnvironmentFile(t *testing.T) {
	path := filepath.Join(t.TempDir(), ".env")
	require.NoError(t, os.WriteFile(path, []byte(`
# a comment
export EXPORTED=yes
PLAIN=a b # not part of it
SINGLE='c $PLAIN # d'
DOUBLE="e\nf"
JSON="{\"a\": \"b\"}"
SAID="say \"yes\""
QUOTED="\"all of it\""
SYMBOL=
EMPTY=
LINES="first
second"
`), 0o600))
	variables, err := taskfile.ReadEnvironment(path)
	require.NoError(t, err)
	require.Equal(t, []taskfile.Variable{
		{Name: "DOUBLE", Value: "e\nf"}, {Name: "EMPTY", Value: ""}, {Name: "EXPORTED", Value: "yes"}, {Name: "JSON", Value: `{"a": "b"}`},
		{Name: "LINES", Value: "first\nsecond"}, {Name: "PLAIN", Value: "a b"}, {Name: "QUOTED", Value: `"all of it"`},
		{Name: "SAID", Value: `say "yes"`}, {Name: "SINGLE", Value: "c $PLAIN # d"}, {Name: "SYMBOL", Value: "\uE000"},
	}, variables)

	for text, want := range map[string]string{
		"A=\"open\n": "unterminated quoted value", "A=1\nB": `"B" is not NAME=value`, "A=\"a\" b": `"b" is not NAME=value`,
		"A=\x00\n": `"A=\x00" is not NAME=value`,
	} {
		require.NoError(t, os.WriteFile(path, []byte(text), 0o600))
		_, err = taskfile.ReadEnvironment(path)
		require.ErrorContains(t, err, path)
		require.ErrorContains(t, err, want)
	}
}
