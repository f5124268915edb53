package workload

import (
	"math/bits"
	"math/rand/v2"
	"strconv"

	"github.com/tasksupervisor/tasksupervisor/core"
	"github.com/tasksupervisor/tasksupervisor/sim/internal/draw"
)

// Seed turns any word into a seed. A decimal number of at most 64 bits stands for itself; any other word, such as a
// commit hash, is hashed.
func Seed(word string) uint64 {
	if number, err := strconv.ParseUint(word, 10, 64); err == nil {
		return number
	}
	hash := uint64(len(word))
	for i := range len(word) {
		hash = draw.Mix(hash ^ uint64(word[i]))
	}
	return hash
}

// Random is the source of all chance in a simulation. Its draws depend only on the seed and on what they are for:
// neither on the order in which other tasks draw, nor on the computer. It is not safe for concurrent use.
type Random struct {
	rand.PCG
}

// Stream begins the stream of draws that two words name.
func (r *Random) Stream(what, which uint64) {
	r.Seed(what, draw.Mix(what^which*draw.Golden))
}

// Below returns a uniform draw from [0, n), and 0 if n is 0.
func (r *Random) Below(n uint64) uint64 {
	high, _ := bits.Mul64(r.Uint64(), n)
	return high
}

// Chance returns true with the given probability. A fraction without a denominator is probability 0.
func (r *Random) Chance(f core.Fraction) bool {
	if f.Num == 0 || f.Den == 0 {
		return false
	}
	return r.Below(uint64(f.Den)) < uint64(f.Num)
}
