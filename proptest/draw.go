package proptest

import (
	"math/bits"

	"pgregory.net/rapid"
)

// choice is one of several things to do, and how likely it is in comparison to the others.
type choice[V any] struct {
	weight int
	draw   func() V
}

// pick draws one of the choices with a weight, or the first if none has any.
func pick[V any](t *rapid.T, label string, choices []choice[V]) V {
	total := 0
	for _, c := range choices {
		total += c.weight
	}
	if total == 0 {
		return choices[0].draw()
	}
	n := evenly(t, total, label)
	for _, c := range choices {
		if n < c.weight {
			return c.draw()
		}
		n -= c.weight
	}
	panic("proptest: a choice beyond the last")
}

// oneIn is true once in n times.
func oneIn(t *rapid.T, n int, label string) bool { return evenly(t, n, label) == n-1 }

// evenly draws from [0, n), each with nearly the same likelihood. Rapid's own integers prefer small ones.
func evenly(t *rapid.T, n int, label string) int {
	drawn := 0
	width := bits.Len(uint(n)) + 3
	for range width {
		drawn <<= 1
		if coin.Draw(t, label) {
			drawn |= 1
		}
	}
	return drawn * n >> width
}

var coin = rapid.Bool()
