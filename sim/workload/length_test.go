package workload

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
	r.Stream(1, 2)
	all := make([]float64, n)
	for i := range all {
		all[i] = l.Draw(&r).Seconds()
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

func TestEndlessIsForever(t *testing.T) {
	require.Equal(t, core.Forever, Endless().Draw(new(Random)))
}

// The same draws on every GOARCH: these were taken on amd64.
func TestDrawsAreTheSameEverywhere(t *testing.T) {
	var r Random
	r.Stream(7, 9)
	var got []core.Duration
	for _, l := range []Length{
		Uniform(time.Second, time.Hour), Exponential(time.Hour), Exponential(time.Hour),
		Weibull(time.Hour, core.Fraction{Num: 1, Den: 2}), Weibull(time.Hour, core.Fraction{Num: 7, Den: 3}),
	} {
		got = append(got, l.Draw(&r))
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
