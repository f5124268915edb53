package draw

import (
	"math"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/tasksupervisor/tasksupervisor/core"
)

// A logarithm that is interpolated must be right to six places, and a power must be the inverse of it.
func TestFixedPointIsExactEnough(t *testing.T) {
	for i := range 2000 {
		x := uint64(1)<<63 + Mix(uint64(i))>>1
		log2 := log2Mantissa(x)
		require.InDelta(t, math.Log2(float64(x)/(1<<63)), float64(log2)/(1<<fixedBits), 3e-6)
		require.InEpsilon(t, float64(x), float64(exp2Mantissa(log2)), 1e-12)
	}
	require.Zero(t, log2Mantissa(1<<63))
	require.Equal(t, uint64(1<<63), exp2Mantissa(0))
}

func TestLogarithmicAtItsEnds(t *testing.T) {
	require.InDelta(t, 64*math.Ln2, float64(logarithmic(0))/(1<<fixedBits), 1e-5)
	require.Equal(t, logarithmic(0), logarithmic(1))
	require.Less(t, logarithmic(math.MaxUint64), uint64(8), "nearly zero")
	require.InDelta(t, math.Ln2, float64(logarithmic(1<<63))/(1<<fixedBits), 1e-9)
}

func TestProductsSaturate(t *testing.T) {
	year := 365 * 24 * time.Hour
	require.Equal(t, core.Forever, timesFixed(290*year, 2<<fixedBits))
	require.Equal(t, 280*year, timesFixed(140*year, 2<<fixedBits))
	one := core.Fraction{Num: 1, Den: 1}
	require.Equal(t, core.Forever, timesPower(290*year, 1<<powerBits, one))
	require.Equal(t, 280*year, timesPower(140*year, 1<<powerBits, one))
	require.Equal(t, 140*year, timesPower(140*year, 0, one))
	require.Equal(t, 70*year, timesPower(140*year, -1<<powerBits, one))
	require.Equal(t, core.Forever, timesPower(1, 63<<powerBits, one))
	require.Equal(t, core.Duration(1<<62), timesPower(1, 62<<powerBits, one))
	require.Zero(t, timesPower(core.Forever, -64<<powerBits, one))
}
