package main

import (
	"context"
	"errors"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestOutcomesInTheTable(t *testing.T) {
	require.Equal(t, "17", outcome{caught: true, cases: "17"}.String())
	require.Equal(t, "missed in 1000", outcome{cases: "1000"}.String())
}

func TestFailuresOfRapidAreCounted(t *testing.T) {
	const out = "    check.go:39: [rapid] failed after 12 tests: event 3\n    check.go:39: [rapid] panic after 4 tests: nil\n"
	failures := rapidFailed.FindAllStringSubmatch(out, -1)
	require.Len(t, failures, 2)
	require.Equal(t, []string{"12", "event 3"}, failures[0][1:])
	require.Equal(t, []string{"4", "nil"}, failures[1][1:])
}

// An engine that panics or never ends has noticed. One that could not be built has not, and says nothing of the canary.
func TestEnginesThatComeToNoResult(t *testing.T) {
	failed := errors.New("exit status 1")
	for _, out := range []string{"--- FAIL: TestLockstep", "panic: out of range", "panic: test timed out after 2m0s"} {
		got, err := brokenOrStuck(t.Context(), out, failed)
		require.NoError(t, err)
		require.True(t, got.caught, out)
	}
	over, cancel := context.WithTimeout(t.Context(), 0)
	defer cancel()
	<-over.Done()
	got, err := brokenOrStuck(over, "", failed)
	require.NoError(t, err)
	require.Equal(t, "stuck", got.cases)

	_, err = brokenOrStuck(t.Context(), "syntax error", failed)
	require.ErrorIs(t, err, failed)
}

func TestUnknownCanary(t *testing.T) {
	_, err := hunt(t.Context(), "../../../core", "no-such-canary")
	require.ErrorContains(t, err, `no canary "no-such-canary"`)
}
