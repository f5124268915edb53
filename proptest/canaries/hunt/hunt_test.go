package main

import (
	"errors"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestOutcomesInTheTable(t *testing.T) {
	require.Equal(t, "17", outcome{Caught: true, Cases: "17"}.String())
	require.Equal(t, "missed in 1000", outcome{Cases: "1000"}.String())
}

func TestTheFirstFailureOfRapidCounts(t *testing.T) {
	const out = "    check.go:39: [rapid] failed after 12 tests: event 3\n    check.go:39: [rapid] panic after 4 tests: nil\n"
	require.Equal(t, outcome{true, "5", "nil"}, firstOfRapid(out))
}

// An engine that panics has noticed.
func TestEnginesThatBreak(t *testing.T) {
	const out = "=== RUN TestLockstep\npanic: out of range\ngoroutine 7\n"
	require.Equal(t, outcome{true, "1", "panic: out of range"}, broken(out))
	require.Equal(t, outcome{true, "1", "panic: out of range"}, firstOfRapid(out))
	require.Equal(t, outcome{true, "1", "--- FAIL"}, broken("--- FAIL\n"))
}

func TestUnknownCanary(t *testing.T) {
	h := hunt{only: "no-such-canary"}
	_, err := h.run(t.Context())
	require.ErrorContains(t, err, `no canary is called "no-such-canary"`)
}

func TestRecordsAreReadAgain(t *testing.T) {
	path := filepath.Join(t.TempDir(), "bin", "record")
	found := outcome{true, "3", "something"}
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
	defer r.close()
	got, err = r.remember("key", func() (outcome, error) { t.Fatal("it is known"); return outcome{}, nil })
	require.NoError(t, err)
	require.Equal(t, found, got)
	_, err = r.remember("other", func() (outcome, error) { return outcome{}, failed })
	require.ErrorIs(t, err, failed, "an error was kept")
}

// What was found holds for one defect, one engine and one state of the sources.
func TestKeys(t *testing.T) {
	planted := map[string]string{"task.go": "a"}
	require.Equal(t, key("fuzz", planted), key("fuzz", map[string]string{"task.go": "a"}))
	require.NotEqual(t, key("fuzz", planted), key("explorer", planted))
	require.NotEqual(t, key("fuzz", planted), key("fuzz", map[string]string{"task.go": "b"}))
	require.NotEqual(t, key("fuzz", planted), key("fuzz", map[string]string{"exit.go": "a"}))
}
