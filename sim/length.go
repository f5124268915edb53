package sim

import (
	"math/bits"

	"github.com/tasksupervisor/tasksupervisor/core"
)

// Length says how long something takes: always the same, or a draw. Make one with [Constant], [Uniform],
// [Exponential], [Weibull] or [Endless]. What the zero Length means is said where it is used.
//
// Draws are computed in integers, so that they are the same on every machine.
type Length struct {
	kind  lengthKind
	least core.Duration // constant: the length; uniform: the shortest; exponential: the mean; Weibull: the scale
	most  core.Duration // uniform: the longest
	shape core.Fraction // Weibull
}

type lengthKind uint8

const (
	lengthUnset lengthKind = iota
	lengthConstant
	lengthUniform
	lengthExponential
	lengthWeibull
	lengthEndless
)

// Constant returns the length that is always d.
func Constant(d core.Duration) Length { return Length{kind: lengthConstant, least: d} }

// Uniform returns a length between least and most, both included, each as likely as any other.
func Uniform(least, most core.Duration) Length {
	return Length{kind: lengthUniform, least: least, most: most}
}

// Exponential returns a length that is mean on average and has no memory: what has lasted a while is no likelier to end
// soon. Failures that come from outside are like that.
func Exponential(mean core.Duration) Length { return Length{kind: lengthExponential, least: mean} }

// Weibull returns a length of which 63% are shorter than scale. With a shape below 1 many end early and some last very
// long (infant mortality); with 1 it is exponential; above 1 they wear out at about the same age. The shape must be
// between 1/10 and 10.
func Weibull(scale core.Duration, shape core.Fraction) Length {
	return Length{kind: lengthWeibull, least: scale, shape: shape}
}

// Endless returns the length that never ends.
func Endless() Length { return Length{kind: lengthEndless} }

// isSet tells whether the length is not the zero Length.
func (l Length) isSet() bool { return l.kind != lengthUnset }

// problem says what is wrong with the length, or "".
func (l Length) problem() string {
	switch {
	case l.least < 0 || l.most < 0:
		return "is negative"
	case l.kind == lengthUniform && l.most < l.least:
		return "ends before it begins"
	case l.kind == lengthWeibull && !shapeFits(l.shape):
		return "has a shape that is not between 1/10 and 10"
	}
	return ""
}

func shapeFits(shape core.Fraction) bool {
	num, den := uint64(shape.Num), uint64(shape.Den)
	return den > 0 && num <= 10*den && 10*num >= den
}

// draw returns one length. The zero Length takes no time.
func (l Length) draw(r *Random) core.Duration {
	switch l.kind {
	case lengthUnset:
		return 0
	case lengthConstant:
		return l.least
	case lengthUniform:
		return l.least + core.Duration(r.Below(uint64(l.most-l.least)+1))
	case lengthExponential:
		return timesFixed(l.least, logarithmic(r.Uint64()))
	case lengthWeibull:
		return l.drawWeibull(r)
	case lengthEndless:
	}
	return core.Forever
}

// drawWeibull is scale * e^(1/shape), for an e from the exponential distribution.
func (l Length) drawWeibull(r *Random) core.Duration {
	e := logarithmic(r.Uint64())
	if e == 0 {
		return 0
	}
	return timesPower(l.least, log2Fixed(e), l.shape)
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
