package core

import (
	"math"
	"math/big"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"
)

// edges are the numbers around which 64-bit arithmetic goes wrong.
func edges() []uint64 {
	return []uint64{
		0, 1, 2, 3, 1<<31 - 1, 1 << 31, 1<<32 - 1, 1 << 32, 1<<32 + 1, 1<<62 - 1, 1 << 62, 1<<63 - 2, 1<<63 - 1, 1 << 63,
		1<<64 - 2, 1<<64 - 1,
	}
}

func TestMultiplySaturates(t *testing.T) {
	limit := new(big.Int).SetUint64(math.MaxUint64)
	for _, a := range edges() {
		for _, b := range edges() {
			exact := new(big.Int).Mul(new(big.Int).SetUint64(a), new(big.Int).SetUint64(b))
			if exact.Cmp(limit) > 0 {
				exact = limit
			}
			require.Equal(t, exact.Uint64(), multiply(a, b), "%d * %d", a, b)
		}
	}
}

func TestDelayDoublesUpToTheExponentAndTheCap(t *testing.T) {
	p := DefaultPolicy()
	p.MaxDelay = 20 * second
	var delays []Duration
	for n := range uint32(7) {
		delays = append(delays, p.Delay(n))
	}
	require.Equal(t, []Duration{1e9, 2e9, 4e9, 8e9, 16e9, 20e9, 20e9}, delays)
}

func TestSaturateIsAtMostForever(t *testing.T) {
	for _, ns := range edges() {
		if ns < 1<<63 {
			require.Equal(t, Duration(ns), saturate(ns))
		} else {
			require.Equal(t, Forever, saturate(ns))
		}
	}
}

// exactDelay is the formula of the package doc in numbers without limits.
func exactDelay(p *Policy, n uint32, factorMax uint64) Duration {
	factor := new(big.Int).Exp(big.NewInt(int64(p.Factor)), big.NewInt(int64(min(n, p.MaxExponent))), nil)
	if limit := new(big.Int).SetUint64(factorMax); factorMax == crateFactorMax && factor.Cmp(limit) > 0 {
		factor = limit
	}
	delay := factor.Mul(factor, big.NewInt(int64(p.BaseDelay)))
	if limit := big.NewInt(int64(p.MaxDelay)); delay.Cmp(limit) > 0 {
		delay = limit
	}
	return Duration(delay.Int64())
}

// Invariant 4: the schedule is the formula, and at most the cap.
func TestDelayIsTheFormula(t *testing.T) {
	durations := []Duration{0, 1, 2, 999, 1e9, 3600e9, math.MaxInt64/2 - 1, math.MaxInt64/2 + 1, Forever - 1, Forever}
	for _, base := range durations {
		for _, limit := range durations {
			for _, factor := range []uint32{1, 2, 3, 10, 1<<16 - 1, 1 << 16, 1<<32 - 1} {
				for _, exponent := range []uint32{0, 1, 2, 5, 31, 32, 33, 63, 64, 65, 300} {
					p := Policy{BaseDelay: base, MaxDelay: limit, Factor: factor, MaxExponent: exponent}
					for _, n := range []uint32{0, 1, 2, 3, 4, 5, 6, 31, 32, 62, 63, 64, 65, 301, 1<<32 - 1} {
						for _, factorMax := range []uint64{crateFactorMax, math.MaxUint64} {
							require.Equal(t, exactDelay(&p, n, factorMax), p.delay(n, factorMax), "%+v, n = %d", p, n)
						}
					}
				}
			}
		}
	}
}

// A huge exponent costs no more than a small one: the power stops growing when it saturates.
func TestDelayOfAHugeExponentIsCheap(t *testing.T) {
	p := Policy{BaseDelay: 1, MaxDelay: Forever, Factor: 2, MaxExponent: math.MaxUint32}
	require.Equal(t, Forever, p.delay(math.MaxUint32, math.MaxUint64))
	p.Factor = 1
	require.Equal(t, Duration(1), p.delay(math.MaxUint32, math.MaxUint64))
}

// exactSpan is floor(d*jitter) in numbers without limits.
func exactSpan(d Duration, jitter Fraction) Duration {
	span := new(big.Int).Mul(big.NewInt(int64(d)), big.NewInt(int64(jitter.Num)))
	return Duration(span.Div(span, big.NewInt(int64(jitter.Den))).Int64())
}

// Invariant 4: jitter only shortens, within [d*(1-j), d], and both ends are reached.
func TestJitterBounds(t *testing.T) {
	jitters := []Fraction{{1, 1}, {1, 2}, {1, 3}, {2, 3}, {1, 1<<32 - 1}, {1<<32 - 2, 1<<32 - 1}, {1<<32 - 1, 1<<32 - 1}}
	for _, d := range []Duration{0, 1, 2, 3, 1000, 1e9, math.MaxInt64 / 2, Forever - 1} {
		require.Equal(t, d, shortened(d, Fraction{}, math.MaxUint64), "no jitter, no draw")
		require.Equal(t, d, shortened(d, Fraction{0, 7}, math.MaxUint64), "no jitter, no draw")
		for _, jitter := range jitters {
			least := d - exactSpan(d, jitter)
			require.Equal(t, d, shortened(d, jitter, 0), "%d %v", d, jitter)
			require.Equal(t, least, shortened(d, jitter, math.MaxUint64), "%d %v", d, jitter)
			before := d
			for _, hash := range edges() {
				got := shortened(d, jitter, hash)
				require.LessOrEqual(t, got, before, "a larger hash shortens more")
				require.GreaterOrEqual(t, got, least)
				before = got
			}
		}
	}
}

// The draws are uniform: over many tasks and runs each tenth of the range is hit about equally often. The numbers are
// fixed, so the bounds, four standard deviations, are met or not once and for all.
func TestJitterDistribution(t *testing.T) {
	const draws, tenths = 100_000, 10
	random := rand.New(rand.NewPCG(1, 2))
	seed := random.Uint64()
	for _, draw := range []struct {
		name string
		hash func(i uint32) uint64
	}{
		{"by run", func(i uint32) uint64 { return jitterHash(seed, 5, Run(i)) }},
		{"by key", func(i uint32) uint64 { return jitterHash(seed, i, 1) }},
		{"by seed", func(i uint32) uint64 { return jitterHash(uint64(i), 5, 1) }},
		{"by diagonal", func(i uint32) uint64 { return jitterHash(seed, i, Run(i)) }},
	} {
		var hits [tenths]int
		for i := range uint32(draws) {
			d := shortened(1e9, Fraction{1, 1}, draw.hash(i))
			hits[min(int(d/1e8), tenths-1)]++
		}
		for tenth, hit := range hits {
			require.InDelta(t, draws/tenths, hit, 4*95, "%s, tenth %d", draw.name, tenth)
		}
	}
}

// A range of three values is hit in thirds, with none favoured for being at an end.
func TestJitterOfASmallRange(t *testing.T) {
	const draws = 30_000
	var hits [3]int
	for i := range uint32(draws) {
		hits[shortened(2, Fraction{1, 1}, jitterHash(9, i, 1))]++
	}
	for value, hit := range hits {
		require.InDelta(t, draws/3, hit, 4*82, "%d", value)
	}
}

// The draw depends on seed, key and run, and on each of them.
func TestJitterHashIsKeyed(t *testing.T) {
	seen := map[uint64]bool{}
	for seed := range uint64(20) {
		for key := range uint32(20) {
			for run := range Run(20) {
				hash := jitterHash(seed, key, run)
				require.False(t, seen[hash])
				seen[hash] = true
				require.Equal(t, hash, jitterHash(seed, key, run))
			}
		}
	}
	// Key and run do not run into each other.
	require.NotEqual(t, jitterHash(0, 1, 0), jitterHash(0, 0, 1))
	require.NotEqual(t, jitterHash(0, 0, math.MaxUint32), jitterHash(0, 1, 0))
}

// The hash is part of the contract (D1): these values were computed apart from this package.
func TestJitterHashIsFixed(t *testing.T) {
	require.Equal(t, uint64(0x568a9b0b1a2c05ec), jitterHash(0, 0, 0))
	require.Equal(t, uint64(0xcb1532e553e37d86), jitterHash(7, 1, 1))
	require.Equal(t, uint64(0xbb01391f6277d93c), jitterHash(math.MaxUint64, 4294967295, 4294967295))
	require.Equal(t, uint64(0x57c324c96eea3787), jitterHash(7, 1, 1<<32+1))
	require.Equal(t, uint64(0xff28c925a0d417c9), jitterHash(7, 1, math.MaxUint64))
}
