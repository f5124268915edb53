package workload_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/tasksupervisor/tasksupervisor/sim/workload"
)

func TestSeedsAreNumbersOrWords(t *testing.T) {
	require.Equal(t, uint64(7), workload.Seed("7"))
	require.Equal(t, ^uint64(0), workload.Seed("18446744073709551615"))
	require.NotEqual(t, workload.Seed("18446744073709551616"), workload.Seed("18446744073709551617"), "too large for a number")
	require.NotEqual(t, workload.Seed("abc"), workload.Seed("abd"))
	require.NotEqual(t, workload.Seed(""), workload.Seed("a"))
	require.Equal(t, uint64(0x1cc950c99efdab90), workload.Seed("commit"))
}
