package supervisor

import (
	"encoding/json"
	"math/bits"
	"time"
)

// histogramBounds is how many bounds a histogram has.
const histogramBounds = 16

// Histogram counts durations by their length. Its bounds are the same for all: see [HistogramBounds].
type Histogram struct {
	// Counts says how many durations were as long as the bound of the same index at most, and longer than the one before.
	// The last element, which has no bound, counts those that were longer than all.
	Counts [histogramBounds + 1]uint64

	whole uint64 // seconds, of all together
	parts uint64 // nanoseconds besides
}

// HistogramBounds returns the bounds of a [Histogram], in order: 1 ms, and each four times the one before it, up to 12 days.
func HistogramBounds() []time.Duration {
	bounds := make([]time.Duration, histogramBounds)
	for i := range bounds {
		bounds[i] = time.Millisecond << (2 * i)
	}
	return bounds
}

// Count returns how many durations there were.
func (h Histogram) Count() (n uint64) {
	for _, count := range h.Counts {
		n += count
	}
	return n
}

// Seconds returns how long they were together, which no [time.Duration] might hold.
func (h Histogram) Seconds() float64 { return float64(h.whole) + float64(h.parts)/1e9 }

// MarshalJSON writes the histogram as an object.
func (h Histogram) MarshalJSON() ([]byte, error) {
	bounds := make([]float64, histogramBounds)
	for i, bound := range HistogramBounds() {
		bounds[i] = bound.Seconds()
	}
	return json.Marshal(struct {
		Bounds  []float64                   `json:"bounds_seconds"`
		Counts  [histogramBounds + 1]uint64 `json:"counts"`
		Seconds float64                     `json:"sum_seconds"`
	}{bounds, h.Counts, h.Seconds()})
}

// add counts a duration.
func (h *Histogram) add(d Instant) {
	d = max(d, 0)
	steps := 0
	if d > 0 {
		steps = bits.Len64(uint64(d-1) / uint64(time.Millisecond)) // powers of two that it takes to reach it
	}
	h.Counts[min((steps+1)/2, histogramBounds)]++
	h.parts += uint64(d) % 1e9
	h.whole += uint64(d)/1e9 + h.parts/1e9
	h.parts %= 1e9
}

// atLeast raises each number to that of another histogram, which may have this one in it.
func (h *Histogram) atLeast(other *Histogram) {
	if other.Count() > h.Count() {
		*h = *other
	}
}
