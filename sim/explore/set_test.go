package explore

import (
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestSetAgainstMap(t *testing.T) {
	var s set
	known := map[fingerprint]bool{}
	random := rand.New(rand.NewPCG(1, 2))
	for range 8_000 {
		// The low words collide, so that probing has to be right.
		f := fingerprint{high: random.Uint64N(8), low: random.Uint64N(512)}
		if f == (fingerprint{}) {
			continue // it is one with {0, 1}, see below
		}
		require.Equal(t, !known[f], s.add(f))
		known[f] = true
		require.Equal(t, len(known), s.count)
	}
	require.Greater(t, s.count, 3_000)
}

func TestSetTakesTheZeroFingerprint(t *testing.T) {
	var s set
	require.True(t, s.add(fingerprint{}))
	require.False(t, s.add(fingerprint{}))
	require.False(t, s.add(fingerprint{low: 1}), "it stands in for zero")
	require.Equal(t, 1, s.count)
}

// Every bit of every word, and the number of words, must reach both lanes.
func TestHashDependsOnEverything(t *testing.T) {
	list := []key{{0, 1}, {1 << 63, 0}, {0, 0}}
	met := map[uint64]bool{}
	note := func(f fingerprint) {
		require.False(t, met[f.high], "the high lane repeats itself")
		require.False(t, met[f.low], "the low lane repeats itself")
		met[f.high], met[f.low] = true, true
	}
	for n := range list {
		note(hash(list[:n+1]))
	}
	note(hash([]key{{1, 0}, {1 << 63, 0}, {0, 0}}))
	for i := range list {
		for j := range list[i] {
			for bit := range 64 {
				list[i][j] ^= 1 << bit
				if list[0] != (key{1, 0}) {
					note(hash(list))
				}
				list[i][j] ^= 1 << bit
			}
		}
	}
	require.Greater(t, len(met), 700)
}
