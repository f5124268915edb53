package sim

import (
	"math/bits"
	"math/rand/v2"
	"strconv"

	"github.com/tasksupervisor/tasksupervisor/core"
)

// Seed turns any word into a seed. A decimal number of at most 64 bits stands for itself; any other word, such as a
// commit hash, is hashed.
func Seed(word string) uint64 {
	if number, err := strconv.ParseUint(word, 10, 64); err == nil {
		return number
	}
	hash := uint64(len(word))
	for i := range len(word) {
		hash = mix(hash ^ uint64(word[i]))
	}
	return hash
}

// Random is where all chance in a simulation comes from. The draws depend on the seed and on what they are for, and on
// nothing else: neither on the order in which other tasks draw, nor on the machine.
type Random struct {
	source rand.PCG
}

// Uint64 returns a uniform draw of 64 bits.
func (r *Random) Uint64() uint64 { return r.source.Uint64() }

// Below returns a uniform draw from [0, n), and 0 if n is 0.
func (r *Random) Below(n uint64) uint64 {
	high, _ := bits.Mul64(r.source.Uint64(), n)
	return high
}

// Chance returns true with the given probability. A fraction without a denominator is none.
func (r *Random) Chance(f core.Fraction) bool {
	if f.Num == 0 || f.Den == 0 {
		return false
	}
	return r.Below(uint64(f.Den)) < uint64(f.Num)
}

// seed begins the stream of draws that is named by two words.
func (r *Random) seed(what, which uint64) {
	r.source.Seed(what, mix(what^which*golden))
}

const golden = 0x9e3779b97f4a7c15

// mix scatters the bits of x: the finalizer of SplitMix64.
func mix(x uint64) uint64 {
	x += golden
	x = (x ^ x>>30) * 0xbf58476d1ce4e5b9
	x = (x ^ x>>27) * 0x94d049bb133111eb
	return x ^ x>>31
}
