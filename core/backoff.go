package core

import "math/bits"

// crateFactorMax is the largest power by which the task-supervisor crate multiplies its base delay.
const crateFactorMax = 1<<32 - 1

// Delay returns the delay before the n-th restart since the task was last stable, without jitter.
func (p *Policy) Delay(n uint32) Duration { return p.delay(n, ^uint64(0)) }

// delay is Delay with another limit of the power by which the base delay is multiplied.
func (p *Policy) delay(n uint32, factorMax uint64) Duration {
	factor := min(power(uint64(p.Factor), min(n, p.MaxExponent)), factorMax)
	return min(saturate(multiply(uint64(p.BaseDelay), factor)), p.MaxDelay)
}

// power saturates.
func power(base uint64, n uint32) uint64 {
	switch {
	case base == 2 && n < 64: // as in most policies
		return 1 << n
	case base <= 1:
		return 1
	}
	result := uint64(1)
	for ; n > 0 && result < ^uint64(0); n-- {
		result = multiply(result, base)
	}
	return result
}

// longestDelay returns the longest delay the policy can come to.
func (p *Policy) longestDelay(factorMax uint64) Duration {
	return p.delay(p.MaxAttempts, factorMax)
}

// shortened returns d less a draw from [0, d*jitter]: uniform, and the same for the same hash.
func shortened(d Duration, jitter Fraction, hash uint64) Duration {
	if jitter.Num == 0 || d == 0 {
		return d
	}
	high, low := bits.Mul64(uint64(d), uint64(jitter.Num))
	span, _ := bits.Div64(high, low, uint64(jitter.Den))
	draw, _ := bits.Mul64(hash, span+1)
	return d - Duration(draw)
}

// jitterHash depends on nothing but what identifies the draw, so that no other task and no other run moves it.
func jitterHash(seed uint64, key uint32, run Run) uint64 {
	const golden = 0x9e3779b97f4a7c15
	x := mix(seed + golden)
	x = mix(x ^ uint64(key)<<32 ^ uint64(run))
	return mix(x + golden)
}

// mix is the finalizer of SplitMix64 (Steele, Lea and Flood, "Fast Splittable Pseudorandom Number Generators", 2014,
// in Stafford's variant 13).
func mix(x uint64) uint64 {
	x ^= x >> 30
	x *= 0xbf58476d1ce4e5b9
	x ^= x >> 27
	x *= 0x94d049bb133111eb
	x ^= x >> 31
	return x
}
