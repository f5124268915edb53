package checkers

import (
	"slices"

	"github.com/tasksupervisor/tasksupervisor/core"
)

// window remembers when something happened that a rate limits: the latest instants, as many as the rate's count.
type window struct {
	rate     core.Rate
	instants []core.Instant // the oldest first
	complete bool           // none is missing from before the trace began
}

func (w *window) begin(rate core.Rate, m *core.Machine) {
	*w = window{rate: rate, instants: w.instants[:0], complete: rate.Count == 0 || m.Phase() == core.PhaseCreated}
}

// limit takes over another rate. What was forgotten stays so.
func (w *window) limit(rate core.Rate) {
	w.rate = rate
	w.instants = slices.Delete(w.instants, 0, max(0, len(w.instants)-int(rate.Count)))
	w.complete = w.complete || len(w.instants) == int(rate.Count)
}

func (w *window) record(at core.Instant) {
	w.instants = append(w.instants, at)
	w.limit(w.rate)
}

// count counts those within the window that ends with an instant, which includes its end and not its beginning.
func (w *window) count(at core.Instant) (n uint32) {
	for _, instant := range slices.Backward(w.instants) {
		if w.rate.Per != core.Forever && between(instant, at) >= uint64(w.rate.Per) {
			break
		}
		n++
	}
	return n
}

// full tells whether one more at an instant is one too many.
func (w *window) full(at core.Instant) bool { return w.rate.Per > 0 && w.count(at) >= w.rate.Count }

// room returns the first instant at which one more is not too many: any if the window is not full.
func (w *window) room() core.Instant {
	if w.rate.Per == 0 || len(w.instants) < int(w.rate.Count) {
		return -core.Never
	}
	return after(w.instants[0], w.rate.Per)
}
