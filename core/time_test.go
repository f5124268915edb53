package core

import (
	"math"
	"math/big"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestInstantsSaturateAtNever(t *testing.T) {
	instants := []Instant{math.MinInt64, math.MinInt64 + 1, -1e18, -2, -1, 0, 1, 2, 1e18, Never - 2, Never - 1, Never}
	durations := []Duration{0, 1, 2, 1e9, 1e18, math.MaxInt64/2 + 1, Forever - 2, Forever - 1}
	for _, at := range instants {
		require.Equal(t, Never, at.after(Forever), "forever later is never, from %d on as well", int64(at))
		for _, d := range durations {
			exact := new(big.Int).Add(big.NewInt(int64(at)), big.NewInt(int64(d)))
			if exact.Cmp(big.NewInt(math.MaxInt64)) > 0 {
				exact = big.NewInt(math.MaxInt64)
			}
			require.Equal(t, Instant(exact.Int64()), at.after(d), "%d after %d", d, int64(at))
		}
		for _, ns := range edges() {
			exact := new(big.Int).Add(big.NewInt(int64(at)), new(big.Int).SetUint64(ns))
			if exact.Cmp(big.NewInt(math.MaxInt64)) > 0 {
				exact = big.NewInt(math.MaxInt64)
			}
			require.Equal(t, Instant(exact.Int64()), at.plus(ns), "%d + %d", int64(at), ns)
		}
		for _, earlier := range instants {
			if earlier <= at {
				exact := new(big.Int).Sub(big.NewInt(int64(at)), big.NewInt(int64(earlier)))
				require.Equal(t, exact.Uint64(), at.since(earlier))
			}
		}
	}
}
