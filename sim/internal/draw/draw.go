package draw

import (
	"math/bits"

	"github.com/tasksupervisor/tasksupervisor/core"
)

// Golden is 2^64 divided by the golden ratio. Its multiples are spread evenly over 64 bits.
const Golden = 0x9e3779b97f4a7c15

// Mix scatters the bits of x: the finalizer of SplitMix64.
func Mix(x uint64) uint64 {
	x += Golden
	x = (x ^ x>>30) * 0xbf58476d1ce4e5b9
	x = (x ^ x>>27) * 0x94d049bb133111eb
	return x ^ x>>31
}

// Exponential turns 64 uniform bits into a draw from the exponential distribution with the given mean.
func Exponential(mean core.Duration, uniform uint64) core.Duration {
	return timesFixed(mean, logarithmic(uniform))
}

// Weibull turns 64 uniform bits into a draw from the Weibull distribution: scale * e^(1/shape), for an e from the
// exponential distribution with mean 1.
func Weibull(scale core.Duration, shape core.Fraction, uniform uint64) core.Duration {
	e := logarithmic(uniform)
	if e == 0 {
		return 0
	}
	return timesPower(scale, log2Fixed(e), shape)
}

// logarithmic turns 64 uniform bits into -ln(x/2^64), with fixedBits binary places.
func logarithmic(x uint64) uint64 {
	const ln2 = 0xb17217f7d1cf79ac // with 64 binary places
	if x == 0 {
		x = 1
	}
	whole := uint64(bits.LeadingZeros64(x))
	log2 := whole<<fixedBits + (1<<fixedBits - log2Mantissa(x<<whole))
	high, _ := bits.Mul64(log2, ln2)
	return high
}

// timesFixed is d*x, for an x with fixedBits binary places. It saturates.
func timesFixed(d core.Duration, x uint64) core.Duration {
	high, low := bits.Mul64(uint64(d), x)
	if high>>(fixedBits-1) != 0 {
		return core.Forever
	}
	return core.Duration(high<<(64-fixedBits) | low>>fixedBits)
}

// timesPower is d*2^(log2/shape). It saturates.
func timesPower(d core.Duration, log2 int64, shape core.Fraction) core.Duration {
	magnitude := uint64(log2)
	if log2 < 0 {
		magnitude = uint64(-log2)
	}
	high, low := bits.Mul64(magnitude, uint64(shape.Den))
	magnitude, _ = bits.Div64(high, low, uint64(shape.Num))
	exponent := int64(magnitude)
	if log2 < 0 {
		exponent = -exponent
	}
	whole := exponent >> powerBits
	mantissa := exp2Mantissa(uint64(exponent-whole<<powerBits) << (fixedBits - powerBits))
	high, low = bits.Mul64(uint64(d), mantissa) // with 63 binary places
	switch {
	case whole < -63:
		return 0
	case whole < 0:
		low = low>>-whole | high<<(64+whole)
		high >>= -whole
	case whole > 62 || high>>(62-whole) != 0:
		return core.Forever
	default:
		high = high<<whole | low>>(64-whole)
		low <<= whole
	}
	return core.Duration(high<<1 | low>>63)
}
