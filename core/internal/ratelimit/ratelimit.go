// Package ratelimit limits how many things happen within any window of time.
package ratelimit

import (
	"iter"
	"math"
	"time"

	"github.com/tasksupervisor/tasksupervisor/core/internal/equal"
)

// Forever is the length of a window that forgets nothing.
const Forever time.Duration = math.MaxInt64

// never is later than every instant that counts.
const never = math.MaxInt64

// Window remembers the latest instants at which something happened, as many as its limit allows at a time. I is the
// type of the instants, in nanoseconds.
//
// The zero value has no limit, and remembers nothing. A window allocates only in SetLimit, and is not safe for
// concurrent use.
type Window[I ~int64] struct {
	count    uint32
	per      time.Duration
	instants []I    // a ring, once as many are remembered as the limit allows
	oldest   uint32 // the index of the oldest, once the ring is full
}

// SetLimit allows count things within any duration per. Without a duration there is no limit. What the window
// remembers it keeps, the latest as far as the count reaches.
func (w *Window[I]) SetLimit(count uint32, per time.Duration) {
	w.per = per
	if count == w.count {
		return
	}
	kept := make([]I, 0, max(int(count), len(w.instants)))
	for at := range w.All() {
		kept = append(kept, at)
	}
	w.count, w.instants, w.oldest = count, kept[max(0, len(kept)-int(count)):], 0
}

// Full reports whether one more at this instant would be one too many. The window is open at its beginning: what
// happened exactly one duration ago no longer counts.
func (w *Window[I]) Full(now I) bool {
	switch {
	case w.per == 0 || uint32(len(w.instants)) < w.count:
		return false
	case w.count == 0 || w.per == Forever:
		return true
	}
	return uint64(now)-uint64(w.instants[w.oldest]) < uint64(w.per)
}

// NextFree returns the first instant from now on at which the window is not full, or the greatest I if there is none.
func (w *Window[I]) NextFree(now I) I {
	switch {
	case w.per == 0 || uint32(len(w.instants)) < w.count:
		return now
	case w.count == 0 || w.per == Forever:
		return never
	}
	oldest := w.instants[w.oldest]
	if uint64(w.per) >= never-uint64(oldest) {
		return never
	}
	return max(now, oldest+I(w.per))
}

// Record remembers that something happened at this instant, which must not be before those remembered already.
func (w *Window[I]) Record(at I) {
	switch {
	case w.count == 0:
	case uint32(len(w.instants)) < w.count:
		w.instants = append(w.instants, at)
	default:
		w.instants[w.oldest] = at
		w.oldest = (w.oldest + 1) % w.count
	}
}

// Len returns how many instants the window remembers. Some of them may be too long ago to count.
func (w *Window[I]) Len() int { return len(w.instants) }

// All iterates over the instants that the window remembers, the oldest first. The window must not change meanwhile.
func (w *Window[I]) All() iter.Seq[I] {
	return func(yield func(I) bool) {
		for i := range w.instants {
			if !yield(w.instants[(int(w.oldest)+i)%len(w.instants)]) {
				return
			}
		}
	}
}

// CopyFrom makes w an independent copy of src, in w's own memory as far as it reaches.
func (w *Window[I]) CopyFrom(src *Window[I]) {
	instants := append(w.instants[:0], src.instants...)
	*w = *src
	w.instants = instants
}

// Identical reports whether w has the limit and the instants of other, laid out in the same way.
func (w *Window[I]) Identical(other *Window[I]) bool {
	return w.count == other.count && w.per == other.per && w.oldest == other.oldest && equal.Slices(w.instants, other.instants)
}

// Sound reports whether the window has this limit, remembers no more than it allows, in order, and nothing that is
// later than an instant. Only a defect can make a window unsound.
func (w *Window[I]) Sound(count uint32, per time.Duration, latest I) bool {
	if w.count != count || w.per != per || uint64(len(w.instants)) > uint64(count) ||
		w.oldest > 0 && int64(w.oldest) >= int64(len(w.instants)) {
		return false
	}
	before := I(int64(math.MinInt64))
	for at := range w.All() {
		if at < before || at > latest {
			return false
		}
		before = at
	}
	return true
}
