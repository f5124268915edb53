package top

import (
	"os"
	"testing"

	"github.com/stretchr/testify/require"
)

// This test is among the processes of the machine, and takes something.
func TestProcesses(t *testing.T) {
	all := processes()
	own := usagesOf(all, []int{os.Getpid()})[os.Getpid()]
	require.GreaterOrEqual(t, own.processes, 1)
	require.Greater(t, own.memory, uint64(1_000_000))
}

func TestParseStat(t *testing.T) {
	p, ok := parseStat(7, "7 (a (b) 9 S 8) S 3 5 6 0 -1 4194560 1 2 3 4 150 50 0 0 20 0 1 0 100 1000 3 18446744073709551615\n")
	require.True(t, ok)
	require.Equal(t, osProcess{7, 3, 5, 6, usage{cpu: 200 * clockTick, memory: 3 * uint64(os.Getpagesize())}}, p)
	for _, bad := range []string{"", "7 (a)", "7 (a) S 1", "7 (a) Z 3 5 6 0 -1 4194560 1 2 3 4 150 50 0 0 20 0 1 0 100 1000 3", "7 (a) S x 5 6 0 -1 4194560 1 2 3 4 150 50 0 0 20 0 1 0 100 1000 3"} {
		_, ok := parseStat(7, bad)
		require.False(t, ok, bad)
	}
}
