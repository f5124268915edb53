package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestMutantsReplaceTheTokenWhereTheyStand(t *testing.T) {
	dir := t.TempDir()
	const source = "package core\nif a <= b && c-- { x -= 1 }\n"
	require.NoError(t, os.WriteFile(filepath.Join(dir, "a.go"), []byte(source), 0o666))
	at := func(token string) int { return strings.Index(strings.Split(source, "\n")[1], token) + 1 }
	for _, test := range []struct {
		kind, token, want string
	}{
		{"CONDITIONALS_BOUNDARY", "<=", "if a < b && c-- { x -= 1 }"},
		{"CONDITIONALS_NEGATION", "<=", "if a > b && c-- { x -= 1 }"},
		{"INVERT_LOGICAL", "&&", "if a <= b || c-- { x -= 1 }"},
		{"INCREMENT_DECREMENT", "--", "if a <= b && c++ { x -= 1 }"},
		{"INVERT_ASSIGNMENTS", "-=", "if a <= b && c-- { x += 1 }"},
		{"REMOVE_SELF_ASSIGNMENTS", "-=", "if a <= b && c-- { x = 1 }"},
	} {
		planted, err := mutant{file: "a.go", Line: 2, Column: at(test.token), Type: test.kind}.plant(dir)
		require.NoError(t, err, test.kind)
		require.Equal(t, map[string]string{filepath.Join(dir, "a.go"): "package core\n" + test.want + "\n"}, planted, test.kind)
	}
}

func TestMutantsThatDoNotFitAreErrors(t *testing.T) {
	dir := t.TempDir()
	require.NoError(t, os.WriteFile(filepath.Join(dir, "a.go"), []byte("package core\n"), 0o666))
	for _, m := range []mutant{
		{file: "a.go", Line: 9, Column: 1, Type: "INVERT_LOGICAL"},
		{file: "a.go", Line: 1, Column: 99, Type: "INVERT_LOGICAL"},
		{file: "a.go", Line: 1, Column: 1, Type: "INVERT_LOGICAL"},
		{file: "a.go", Line: 1, Column: 1, Type: "UNHEARD_OF"},
	} {
		_, err := m.plant(dir)
		require.ErrorContains(t, err, "the core has changed")
	}
}

func TestReadTakesTheMachineAlone(t *testing.T) {
	path := filepath.Join(t.TempDir(), "mutants.json")
	require.NoError(t, os.WriteFile(path, []byte(`{"files":[
		{"file_name":"task.go","mutations":[{"line":3,"column":4,"type":"INVERT_LOGICAL","status":"LIVED"}]},
		{"file_name":"timers/timers.go","mutations":[{"line":1,"column":1,"type":"INVERT_LOGICAL","status":"KILLED"}]},
		{"file_name":"scenario/parse.go","mutations":[{"line":1,"column":1,"type":"INVERT_LOGICAL","status":"LIVED"}]},
		{"file_name":"testdata/impure/map.go","mutations":[{"line":1,"column":1,"type":"INVERT_LOGICAL","status":"NOT COVERED"}]}]}`), 0o666))
	mutants, err := read(path)
	require.NoError(t, err)
	require.Equal(t, []mutant{
		{file: "task.go", Line: 3, Column: 4, Type: "INVERT_LOGICAL", Status: "LIVED"},
		{file: "timers/timers.go", Line: 1, Column: 1, Type: "INVERT_LOGICAL", Status: "KILLED"},
	}, mutants)
	require.Equal(t, "task.go:3:4 INVERT_LOGICAL", mutants[0].String())

	_, err = read(filepath.Join(t.TempDir(), "none.json"))
	require.ErrorIs(t, err, os.ErrNotExist)
}
