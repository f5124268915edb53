package spec

import (
	"math/bits"
	"slices"

	"github.com/tasksupervisor/tasksupervisor/core"
)

// TooManyDead reports whether more than the allowed share of the tasks is dead. No threshold is the zero Fraction.
func TooManyDead(threshold core.Fraction, dead, total uint64) bool {
	if threshold.Den == 0 {
		return false
	}
	deadHigh, deadLow := bits.Mul64(dead, uint64(threshold.Den))
	allowedHigh, allowedLow := bits.Mul64(total, uint64(threshold.Num))
	return deadHigh > allowedHigh || deadHigh == allowedHigh && deadLow > allowedLow
}

// EnoughEnded returns why a supervisor shuts down when so many of its significant tasks have ended, or ReasonNone.
func EnoughEnded(auto core.AutoShutdown, significant, ended int) core.Reason {
	switch {
	case auto == core.AutoShutdownAll && significant > 0 && ended == significant:
		return core.ReasonAllEnded
	case auto == core.AutoShutdownAny && ended > 0:
		return core.ReasonAnyEnded
	}
	return core.ReasonNone
}

// Window remembers the latest instants at which something happened that a rate counts: as many as the rate allows.
type Window struct {
	Rate     core.Rate
	Instants []core.Instant // the oldest first
}

// Limit puts another rate in force. Of what was counted the window keeps the latest.
func (w *Window) Limit(rate core.Rate) {
	w.Rate = rate
	w.Instants = slices.Delete(w.Instants, 0, max(0, len(w.Instants)-int(rate.Count)))
}

// Record counts one that happens at an instant, which is not before those counted already.
func (w *Window) Record(at core.Instant) {
	w.Instants = append(w.Instants, at)
	w.Limit(w.Rate)
}

// Count returns how many of them lie within the rate's duration before an instant, which includes that instant and excludes
// the window's beginning.
func (w *Window) Count(at core.Instant) (n uint32) {
	for _, instant := range slices.Backward(w.Instants) {
		if w.Rate.Per != core.Forever && Between(instant, at) >= uint64(w.Rate.Per) {
			break
		}
		n++
	}
	return n
}

// Full reports whether one more at an instant is one too many. The zero Rate is no limit.
func (w *Window) Full(at core.Instant) bool { return w.Rate.Per > 0 && w.Count(at) >= w.Rate.Count }

// Free returns the first instant at which one more is not too many: any, the smallest Instant there is, if the window is
// not full.
func (w *Window) Free() core.Instant {
	if w.Rate.Per == 0 || len(w.Instants) < int(w.Rate.Count) {
		return -core.Never - 1
	}
	if len(w.Instants) == 0 {
		return core.Never // the rate allows none
	}
	return After(w.Instants[0], w.Rate.Per)
}
