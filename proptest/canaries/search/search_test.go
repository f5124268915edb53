package main

import (
	"errors"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestSimulateCountsSeeds(t *testing.T) {
	seeds := 0
	require.NoError(t, simulate(20, &seeds))
	require.Equal(t, 20, seeds)
}

// The explorer ends with the model in which the limit is reached.
func TestExploreModelsCountsTransitions(t *testing.T) {
	t.Chdir("../../..") // hunt runs it in the module's folder
	transitions := 0
	require.NoError(t, exploreModels(1, &transitions))
	require.Equal(t, 2785, transitions, "those of one-never, the smallest model")
}

func TestAttemptMakesAnErrorOfAPanic(t *testing.T) {
	cases := 0
	panics := func(int, *int) error { panic("out of range") }
	require.EqualError(t, attempt(panics, 1, &cases), "panic: out of range")
	failed := errors.New("failed")
	require.Equal(t, failed, attempt(func(int, *int) error { return failed }, 1, &cases))
}
