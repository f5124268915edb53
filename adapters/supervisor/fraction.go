package supervisor

import (
	"math"
)

// fractionOf returns the fraction that was meant by a number from 0 to 1: the first convergent of its continued
// fraction that is the same float64. So 0.4 is 2/5, where the float64 itself is a little more. Of numbers that need a
// denominator beyond 32 bits it returns the nearest convergent that does not.
func fractionOf(x float64) Fraction {
	before, last := Fraction{Num: 0, Den: 1}, Fraction{Num: 1, Den: 0}
	for rest := x; ; {
		whole := math.Floor(rest)
		if whole > math.MaxUint32 {
			return last
		}
		numerator := uint64(whole)*uint64(last.Num) + uint64(before.Num)
		denominator := uint64(whole)*uint64(last.Den) + uint64(before.Den)
		if denominator > math.MaxUint32 {
			return last
		}
		before, last = last, Fraction{Num: uint32(numerator), Den: uint32(denominator)}
		if float64(numerator)/float64(denominator) == x || rest == whole {
			return last
		}
		rest = 1 / (rest - whole)
	}
}
