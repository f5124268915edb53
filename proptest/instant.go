package proptest

import (
	"math"

	"pgregory.net/rapid"

	"github.com/tasksupervisor/tasksupervisor/core"
)

// instant draws when the next event happens.
func (w *world) instant(t *rapid.T) core.Instant {
	now := w.oracle.Now()
	if len(w.events) == 0 {
		return rapid.OneOf(rapid.Just(core.Instant(0)), rapid.SampledFrom([]core.Instant{-5, 7, 1 << 40, math.MinInt64})).Draw(t, "origin")
	}
	due := w.due()
	deadline := w.mix.Deadline
	if len(due) == 0 {
		deadline = 0
	}
	return pick(t, "time", []choice[core.Instant]{
		{w.mix.Still, func() core.Instant { return now }},
		{w.mix.Step, func() core.Instant { return shifted(now, rapid.Int64Range(1, 8).Draw(t, "step")) }},
		{deadline, func() core.Instant {
			return shifted(rapid.SampledFrom(due).Draw(t, "deadline"), rapid.SampledFrom([]int64{0, -1, 1}).Draw(t, "off by"))
		}},
		{w.mix.Leap, func() core.Instant {
			return shifted(now, int64(min(Durations().Draw(t, "leap"), 1<<40)))
		}},
		{w.mix.Back, func() core.Instant { return shifted(now, -rapid.Int64Range(1, 1<<40).Draw(t, "back")) }},
		{w.mix.Edge, func() core.Instant {
			return rapid.SampledFrom([]core.Instant{math.MinInt64, math.MaxInt64 - 9, math.MaxInt64}).Draw(t, "edge")
		}},
	})
}

// due lists the instants at which something changes if nothing happens before: the next timer, for every run that has
// attempts to clear, when it counts as stable, and when the latest crash leaves the window.
func (w *world) due() []core.Instant {
	var due []core.Instant
	if at, ok := w.oracle.NextDeadline(); ok {
		due = append(due, at)
	}
	for _, status := range w.tasks {
		if status.ClearsAt != core.Never {
			due = append(due, status.ClearsAt)
		}
	}
	per := w.oracle.Config().Intensity.Per
	if leaves := shifted(w.crash, int64(per)); w.crash != core.Never && per != core.Forever && leaves > w.oracle.Now() {
		due = append(due, leaves)
	}
	return due
}

// shifted is an instant some nanoseconds later, or the edge of time.
func shifted(at core.Instant, by int64) core.Instant {
	sum := at + core.Instant(by)
	switch {
	case by > 0 && sum < at:
		return math.MaxInt64
	case by < 0 && sum > at:
		return math.MinInt64
	default:
		return sum
	}
}
