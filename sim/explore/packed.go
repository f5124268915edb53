package explore

import "fmt"

// How many bits there are for each part of a key.
const (
	statusBits   = 4
	intentBits   = 4
	phaseBits    = 2
	reasonBits   = 6
	policyBits   = 4  // PoliciesMax
	limitsBits   = 4  // LimitsMax
	placeBits    = 4  // TasksMax, counted from 1
	attemptsBits = 9  // AttemptsMax, and one more where a delay is still to be decided
	timeBits     = 42 // DurationMax, and what a grid adds to it
)

// packed is a word that holds several small numbers, each in bits of its own.
type packed struct {
	word uint64
	used uint
}

// put adds a number. It panics if the number does not fit, because two states would then be taken for one.
func (p *packed) put(n uint64, bits uint) {
	if n>>bits != 0 || p.used+bits > 64 {
		misfit(n, bits, p.used)
	}
	p.word |= n << p.used
	p.used += bits
}

func misfit(n uint64, bits, used uint) {
	panic(fmt.Sprintf("explore: %d does not fit in %d bits behind %d", n, bits, used))
}

// flags adds one bit for each.
func (p *packed) flags(set ...bool) {
	var word uint64
	for i, set := range set {
		if set {
			word |= 1 << i
		}
	}
	p.put(word, uint(len(set)))
}
