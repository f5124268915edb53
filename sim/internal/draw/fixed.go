// Package draw holds the arithmetic behind a simulation's draws: hashing, and the distributions in fixed point. It computes
// in integers only, so that a seed gives the same draws on every machine.
package draw

import "math/bits"

// fixedBits are the binary places of a fixed-point number up to 127, powerBits those of one up to 32,767 of either
// sign.
const (
	fixedBits = 57
	powerBits = 48
)

// A logarithm is interpolated between 2^tableBits points, which is exact to six decimal places.
const tableBits = 8

// logarithms holds log2(1 + i/2^tableBits) with fixedBits binary places.
var logarithms = makeLogarithms()

func makeLogarithms() (table [1<<tableBits + 1]uint64) {
	for i := range 1 << tableBits {
		table[i] = log2Exact(1<<63 + uint64(i)<<(63-tableBits))
	}
	table[1<<tableBits] = 1 << fixedBits
	return table
}

// log2Exact is the logarithm of a mantissa in [1, 2) with 63 binary places, bit by bit: squaring a number doubles its
// logarithm, so each square that reaches 2 is a one.
func log2Exact(mantissa uint64) (log2 uint64) {
	for range fixedBits {
		high, low := bits.Mul64(mantissa, mantissa)
		log2 <<= 1
		if high>>63 == 1 {
			log2++
			mantissa = high
		} else {
			mantissa = high<<1 | low>>63
		}
	}
	return log2
}

// log2Mantissa is the logarithm of a mantissa in [1, 2) with 63 binary places.
func log2Mantissa(mantissa uint64) uint64 {
	fraction := mantissa << 1
	i := fraction >> (64 - tableBits)
	between, _ := bits.Mul64(logarithms[i+1]-logarithms[i], fraction<<tableBits)
	return logarithms[i] + between
}

// log2Fixed is the logarithm of a number with fixedBits binary places, which must not be 0, with powerBits binary
// places.
func log2Fixed(x uint64) int64 {
	leading := bits.LeadingZeros64(x)
	whole := int64(63 - leading - fixedBits)
	return whole<<powerBits + int64(log2Mantissa(x<<leading)>>(fixedBits-powerBits))
}

// exp2Mantissa is the inverse of log2Mantissa.
func exp2Mantissa(log2 uint64) uint64 {
	low, high := 0, 1<<tableBits
	for high-low > 1 {
		if middle := (low + high) / 2; logarithms[middle] <= log2 {
			low = middle
		} else {
			high = middle
		}
	}
	between, _ := bits.Div64(log2-logarithms[low], 0, logarithms[low+1]-logarithms[low])
	return 1<<63 + uint64(low)<<(63-tableBits) + between>>(tableBits+1)
}
