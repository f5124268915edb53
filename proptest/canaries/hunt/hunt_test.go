package main

import (
	"errors"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/tasksupervisor/tasksupervisor/proptest/canaries"
)

const root = "../../.."

func TestOutcomesInTheTable(t *testing.T) {
	require.Equal(t, "17", outcome{Caught: true, Cases: "17"}.String())
	require.Equal(t, "missed in 1000", outcome{Cases: "1000"}.String())
}

func TestTheFirstFailureOfRapidCounts(t *testing.T) {
	const out = "    check.go:39: [rapid] failed after 12 tests: event 3\n    check.go:39: [rapid] panic after 4 tests: nil\n"
	require.Equal(t, outcome{Caught: true, Cases: "5", What: "nil"}, firstOfRapid(out))
}

// An engine that panics has noticed.
func TestEnginesThatBreak(t *testing.T) {
	const out = "=== RUN TestLockstep\npanic: out of range\ngoroutine 7\n"
	require.Equal(t, outcome{Caught: true, Cases: "1", What: "panic: out of range"}, broken(out))
	require.Equal(t, outcome{Caught: true, Cases: "1", What: "panic: out of range"}, firstOfRapid(out))
	require.Equal(t, outcome{Caught: true, Cases: "1", What: "--- FAIL"}, broken("--- FAIL\n"))
}

func TestUnknownCanary(t *testing.T) {
	t.Chdir(root)
	h := hunt{only: "no-such-canary"}
	_, err := h.run(t.Context())
	require.ErrorContains(t, err, `no canary is called "no-such-canary"`)
}

func TestRecordsAreReadAgain(t *testing.T) {
	path := filepath.Join(t.TempDir(), "bin", "record")
	found := outcome{Caught: true, Cases: "3", What: "something"}
	r, err := openRecord(path)
	require.NoError(t, err)
	got, err := r.remember("key", func() (outcome, error) { return found, nil })
	require.NoError(t, err)
	require.Equal(t, found, got)
	failed := errors.New("interrupted")
	_, err = r.remember("other", func() (outcome, error) { return outcome{}, failed })
	require.ErrorIs(t, err, failed)
	r.close()
	file, err := os.OpenFile(path, os.O_APPEND|os.O_WRONLY, 0)
	require.NoError(t, err)
	_, err = file.WriteString(`{"key":"cut sh`)
	require.NoError(t, err)
	require.NoError(t, file.Close())

	r, err = openRecord(path)
	require.NoError(t, err)
	got, err = r.remember("key", func() (outcome, error) { t.Fatal("it is known"); return outcome{}, nil })
	require.NoError(t, err)
	require.Equal(t, found, got)
	_, err = r.remember("other", func() (outcome, error) { return outcome{}, failed })
	require.ErrorIs(t, err, failed, "an error was kept")
	_, err = r.remember("behind the cut", func() (outcome, error) { return found, nil })
	require.NoError(t, err)
	_, err = r.remember("no time", func() (outcome, error) { return outcome{OutOfTime: true}, nil })
	require.NoError(t, err)
	r.close()

	r, err = openRecord(path)
	require.NoError(t, err)
	defer r.close()
	require.Equal(t, map[string]outcome{"key": found, "behind the cut": found}, r.outcomes)
}

// What was found holds for one target, one defect, one engine and one state of the sources.
func TestKeys(t *testing.T) {
	t.Chdir(root)
	core, planted := canaries.Core(), map[string]string{"task.go": "a"}
	require.Equal(t, key(core, "fuzz", planted), key(core, "fuzz", map[string]string{"task.go": "a"}))
	require.NotEqual(t, key(core, "fuzz", planted), key(canaries.Runtime(), "fuzz", planted))
	require.NotEqual(t, key(core, "fuzz", planted), key(core, "explorer", planted))
	require.NotEqual(t, key(core, "fuzz", planted), key(core, "fuzz", map[string]string{"task.go": "b"}))
	require.NotEqual(t, key(core, "fuzz", planted), key(core, "fuzz", map[string]string{"exit.go": "a"}))
}

// An engine that is out of time has noticed nothing, unless it comes to an end by itself where nothing is planted.
func TestOutOfTimeIsNoCatch(t *testing.T) {
	never := func(time.Duration) (outcome, error) { return outcome{Cases: "no time", OutOfTime: true}, nil }
	passes := func(time.Duration) (outcome, error) { return outcome{Cases: "all"}, nil }
	finds := func(time.Duration) (outcome, error) { return outcome{Caught: true, Cases: "7"}, nil }
	fails := func(time.Duration) (outcome, error) { return outcome{}, errors.New("no compiler") }
	for _, test := range []struct {
		name            string
		intact, planted func(time.Duration) (outcome, error)
		want            outcome
	}{
		{"a busy machine", never, never, outcome{Cases: "no time", OutOfTime: true}},
		{"a loop", passes, never, outcome{Caught: true, Cases: "stuck", What: "it does not come to an end"}},
		{"it was only slow, and misses", passes, passes, outcome{Cases: "all"}},
		{"it was only slow, and catches", passes, finds, outcome{Caught: true, Cases: "7"}},
	} {
		got, err := secondTry(time.Minute, test.intact, test.planted)
		require.NoError(t, err, test.name)
		require.Equal(t, test.want, got, test.name)
	}
	_, err := secondTry(time.Minute, fails, passes)
	require.Error(t, err)
	_, err = secondTry(time.Minute, passes, fails)
	require.Error(t, err)
	require.Equal(t, "no time", outcome{Cases: "no time", OutOfTime: true}.String())
}

// The engines that have to catch a canary depend on what it breaks.
func TestWhoMustCatch(t *testing.T) {
	caught, missed := outcome{Caught: true}, outcome{}
	edits := canaries.Core().Canaries[0].Edits
	for _, test := range []struct {
		name     string
		target   string
		canary   canaries.Canary
		outcomes []outcome
		want     bool
	}{
		{"two of the core's", "core", canaries.Canary{Edits: edits}, []outcome{caught, missed, caught, missed}, true},
		{"one of the core's", "core", canaries.Canary{Edits: edits}, []outcome{missed, missed, caught, missed}, false},
		{"no defect", "core", canaries.Canary{}, make([]outcome, 4), true},
		{"fault with the core as it is", "core", canaries.Canary{}, []outcome{caught, missed, missed, missed}, false},
		{"its own tests", "runtime", canaries.Canary{Edits: edits}, []outcome{caught, missed, missed}, true},
		{"the model", "runtime", canaries.Canary{Edits: edits}, []outcome{missed, caught, missed}, true},
		{"the suite alone", "runtime", canaries.Canary{Edits: edits}, []outcome{missed, missed, caught}, false},
		{"a duty that the suite misses", "runtime", canaries.Canary{Edits: edits, Duty: true}, []outcome{caught, caught, missed}, false},
		{"a duty", "runtime", canaries.Canary{Edits: edits, Duty: true}, []outcome{caught, missed, caught}, true},
	} {
		r := row{sought: &sought{Target: canaries.Target{Name: test.target}, engines: enginesOf[test.target]}, canary: test.canary, outcomes: test.outcomes}
		require.Equal(t, test.want, r.enough(), test.name)
	}
}

// Every target has engines, packages to build, and a hash of what it depends on.
func TestTargetsAreComplete(t *testing.T) {
	for _, target := range canaries.Targets() {
		require.NotEmpty(t, enginesOf[target.Name])
		require.NotEmpty(t, packagesOf[target.Name])
		require.NotEmpty(t, trees[target.Name])
		for _, folder := range append(slices.Clone(roots[target.Name]), target.Folders...) {
			_, err := os.Stat(filepath.Join(root, folder))
			require.NoError(t, err)
		}
	}
}

func TestTheTestThatFailsIsNamed(t *testing.T) {
	const out = "--- FAIL: TestTree (0.01s)\n    --- FAIL: TestTree/deep (0.00s)\n        tree_test.go:7: no\nFAIL\n"
	require.Equal(t, outcome{Caught: true, Cases: "TestTree/deep", What: "--- FAIL: TestTree/deep"}, firstFailed(out))
	require.Equal(t, "TestTree", firstFailed("panic: test timed out after 2m0s\n\trunning tests:\n\t\tTestTree (2m0s)\n").Cases)
}
