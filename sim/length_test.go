package sim

import (
	"math"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/tasksupervisor/tasksupervisor/core"
)

// draws returns sorted draws, in seconds.
func draws(l Length, n int) []float64 {
	var r Random
	r.seed(1, 2)
	all := make([]float64, n)
	for i := range all {
		all[i] = l.draw(&r).Seconds()
	}
	slices.Sort(all)
	return all
}

// The quantiles of 300,000 draws must be where the distribution has them, to one part in thirty.
func TestLengthsHaveTheirDistributions(t *testing.T) {
	const n = 300_000
	weibull := func(scale, shape float64) func(p float64) float64 {
		return func(p float64) float64 { return scale * math.Pow(-math.Log(1-p), 1/shape) }
	}
	for name, c := range map[string]struct {
		length   Length
		quantile func(p float64) float64
	}{
		"constant":         {Constant(3 * time.Second), func(float64) float64 { return 3 }},
		"uniform":          {Uniform(time.Second, 5*time.Second), func(p float64) float64 { return 1 + 4*p }},
		"exponential":      {Exponential(7 * time.Second), weibull(7, 1)},
		"weibull, early":   {Weibull(10*time.Second, core.Fraction{Num: 1, Den: 2}), weibull(10, 0.5)},
		"weibull, neither": {Weibull(10*time.Second, core.Fraction{Num: 3, Den: 3}), weibull(10, 1)},
		"weibull, late":    {Weibull(10*time.Second, core.Fraction{Num: 7, Den: 2}), weibull(10, 3.5)},
	} {
		t.Run(name, func(t *testing.T) {
			all := draws(c.length, n)
			for _, p := range []float64{0.1, 0.25, 0.5, 0.75, 0.95, 0.99} {
				require.InEpsilon(t, c.quantile(p), all[int(p*n)], 0.033, "quantile %v", p)
			}
		})
	}
}

// A logarithm that is interpolated must be right to six places, and a power must be the inverse of it.
func TestFixedPointIsExactEnough(t *testing.T) {
	for i := range 2000 {
		x := uint64(1)<<63 + mix(uint64(i))>>1
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

func TestLongLengthsSaturate(t *testing.T) {
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
	require.Equal(t, core.Forever, Endless().draw(new(Random)))
}

// The same draws on every GOARCH: these were taken on amd64.
func TestDrawsAreTheSameEverywhere(t *testing.T) {
	var r Random
	r.seed(7, 9)
	var got []core.Duration
	for _, l := range []Length{
		Uniform(time.Second, time.Hour), Exponential(time.Hour), Exponential(time.Hour),
		Weibull(time.Hour, core.Fraction{Num: 1, Den: 2}), Weibull(time.Hour, core.Fraction{Num: 7, Den: 3}),
	} {
		got = append(got, l.draw(&r))
	}
	require.Equal(t, []core.Duration{2977401574114, 94352400227, 2297045966566, 6476179076956, 4095867862554}, got)
}

func TestProblemsOfLengths(t *testing.T) {
	for _, l := range []Length{
		Constant(-1), Uniform(2, 1), Uniform(-1, 1), Exponential(-1),
		Weibull(1, core.Fraction{}), Weibull(1, core.Fraction{Num: 1, Den: 11}), Weibull(1, core.Fraction{Num: 101, Den: 10}),
	} {
		require.NotEmpty(t, l.problem(), "%v", l)
	}
	for _, l := range []Length{
		{}, Constant(0), Uniform(1, 1), Endless(), Weibull(0, core.Fraction{Num: 1, Den: 10}), Weibull(1, core.Fraction{Num: 10, Den: 1}),
	} {
		require.Empty(t, l.problem(), "%v", l)
	}
}
