package main

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/tasksupervisor/tasksupervisor/core"
	"github.com/tasksupervisor/tasksupervisor/sim/explore"
)

// exploreLine runs the command and returns what it answered.
func exploreLine(t *testing.T, args ...string) (code int, stdout, stderr string) {
	var out, errors bytes.Buffer
	code = run(t.Context(), append([]string{"explore"}, args...), nil, &out, &errors)
	return code, out.String(), errors.String()
}

func modelFile(t *testing.T, text string) string {
	path := filepath.Join(t.TempDir(), "model.scenario")
	require.NoError(t, os.WriteFile(path, []byte(text), 0o600))
	return path
}

func TestExploreModel(t *testing.T) {
	code, stdout, stderr := exploreLine(t, "-model", "one", "-traces", "-table", "-")
	require.Equal(t, exitOK, code, stderr)
	require.Regexp(t, `(?m)^one +true +44 +4133 +6 `, stdout)
	require.Contains(t, stdout, "running  failed, waits: delay             | its timer")
}

func TestExploreFile(t *testing.T) {
	path := modelFile(t, "scenario 1\npolicy p0 base=1ns exponent=2 attempts=2 stable=3ns stop=2ns\nat 0s start\n")
	code, stdout, stderr := exploreLine(t, "-tasks", "1", "-instants", "around", path)
	require.Equal(t, exitOK, code, stderr)
	require.Regexp(t, `true +79 +10739 +6 `, stdout)

	code, stdout, _ = exploreLine(t, "-tasks", "2", "-states", "100", "-quick", path)
	require.Equal(t, exitOK, code)
	require.Contains(t, stdout, "gave up after 100 states")
}

func TestExploreMistakes(t *testing.T) {
	good := modelFile(t, "scenario 1\n")
	for _, test := range []struct {
		stderr string
		args   []string
	}{
		{`there is no model "nine"; there are one, two, three`, []string{"-model", "nine"}},
		{`-instants is "now": it must be at, around or all`, []string{"-instants", "now", good}},
		{"Tasks is 9: it must be 1 to 8", []string{"-tasks", "9", good}},
		{"it takes one file, not 2", []string{good, good}},
		{"model.scenario:2:8: ", []string{modelFile(t, "scenario 1\nconfig what\n")}},
		{"Config.Policies[0].Jitter is not zero", []string{modelFile(t, "scenario 1\npolicy a jitter=1/2\n")}},
		{"Policies[0].Factor", []string{modelFile(t, "scenario 1\npolicy a factor=0\n")}},
		{"no such file", []string{filepath.Join(t.TempDir(), "none")}},
	} {
		code, _, stderr := exploreLine(t, test.args...)
		require.Equal(t, exitUsage, code)
		require.Contains(t, stderr, test.stderr)
	}
}

func TestExploreShowsItsProgress(t *testing.T) {
	code, _, stderr := exploreLine(t, "-model", "two", "-quick", "-progress", "1ns")
	require.Equal(t, exitOK, code)
	require.Regexp(t, `^two: [0-9]+ states, [0-9]+ of them waiting to be explored, [0-9]+ transitions, depth [0-9]+, after `, stderr)
	_, _, stderr = exploreLine(t, "-model", "two", "-quick")
	require.Empty(t, stderr, "it is not a terminal")
	_, _, stderr = exploreLine(t, "-model", "two", "-quick", "-progress", "0")
	require.Empty(t, stderr)
}

func TestAnInterruptedExplorationSaysSo(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	stdout, stderr, code := tasksimIn(ctx, "explore", "-model", "two")
	require.Equal(t, exitInterrupted, code)
	require.Contains(t, stdout, "two ")
	require.Equal(t, "tasksim explore: interrupted after 0 of 1 models; the last line is of a part of it\n", stderr)
}

// A violation ends the command with the scenario, on the standard output and in a file.
func TestExploreViolation(t *testing.T) {
	path := filepath.Join(t.TempDir(), "violation.scenario")
	var stdout, stderr bytes.Buffer
	e := exploration{record: path, options: explore.Options{Invariants: []explore.Invariant{{
		Name: "no start",
		Check: func(tr *explore.Transition) error {
			if tr.After.Phase() == core.PhaseRunning {
				return usageError("it started")
			}
			return nil
		},
	}}}}
	err := e.explore(&call{ctx: t.Context(), stdout: &stdout, stderr: &stderr}, explore.Models()[0])
	require.ErrorIs(t, err, errViolation)
	require.Contains(t, stdout.String(), "at 0s start\n")
	recorded, err := os.ReadFile(path)
	require.NoError(t, err)
	require.Contains(t, stdout.String(), string(recorded))
	require.Contains(t, string(recorded), `# invariant "no start" broken at event 2: it started`)
}
