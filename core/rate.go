package core

// window remembers the latest instants at which something happened that a Rate counts: so many as the rate's Count,
// in a ring.
type window struct {
	instants []Instant
	oldest   uint32 // the index of the oldest, once the ring is full
}

// full tells whether one more at this instant would be one too many within the rate's window, which is open at its
// beginning: what happened exactly Per ago is forgotten.
func (w *window) full(now Instant, rate Rate) bool {
	switch {
	case rate.Per == 0 || uint32(len(w.instants)) < rate.Count:
		return false
	case rate.Count == 0 || rate.Per == Forever:
		return true
	}
	return now.since(w.instants[w.oldest]) < uint64(rate.Per)
}

// nextFree returns the first instant from now on at which one more is not too many.
func (w *window) nextFree(now Instant, rate Rate) Instant {
	if uint32(len(w.instants)) < rate.Count {
		return now
	}
	return max(now, w.instants[w.oldest].after(rate.Per))
}

// record counts one that happens at this instant, which is not before those counted already.
func (w *window) record(at Instant, rate Rate) {
	switch {
	case rate.Count == 0:
	case uint32(len(w.instants)) < rate.Count:
		w.instants = append(w.instants, at)
	default:
		w.instants[w.oldest] = at
		w.oldest = (w.oldest + 1) % rate.Count
	}
}

// resize makes room for another rate's count. Of what was counted it keeps the latest.
func (w *window) resize(rate Rate) {
	kept := w.list(make([]Instant, 0, max(int(rate.Count), len(w.instants))))
	kept = kept[max(0, len(kept)-int(rate.Count)):]
	*w = window{instants: kept}
}

// list appends what was counted, the oldest first.
func (w *window) list(to []Instant) []Instant {
	to = append(to, w.instants[w.oldest:]...)
	return append(to, w.instants[:w.oldest]...)
}

// copyFrom makes w equal to src in w's own memory.
func (w *window) copyFrom(src *window) {
	w.instants, w.oldest = append(w.instants[:0], src.instants...), src.oldest
}

// sound tells whether the window holds no more than its rate counts, in order, and nothing later than the instant.
func (w *window) sound(rate Rate, latest Instant) bool {
	if uint64(len(w.instants)) > uint64(rate.Count) || w.oldest > 0 && int(w.oldest) >= len(w.instants) {
		return false
	}
	for i := range w.instants {
		at := w.instants[(int(w.oldest)+i)%len(w.instants)]
		if at > latest || i > 0 && at < w.instants[(int(w.oldest)+i-1)%len(w.instants)] {
			return false
		}
	}
	return true
}
