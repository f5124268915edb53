package oracle

import (
	"cmp"
	"math/big"
	"slices"

	"github.com/tasksupervisor/tasksupervisor/core"
)

// limited tells whether a rate limits anything.
func limited(rate core.Rate) bool { return rate.Per > 0 }

// newest returns the newest of what a window has counted, as many as its rate has.
func newest(counted []core.Instant, rate core.Rate) []core.Instant {
	if surplus := len(counted) - int(rate.Count); surplus > 0 {
		return counted[surplus:]
	}
	return counted
}

// oneCrashTooMany tells whether a crash now is one more than the intensity allows: it has had its number of them in
// (now-Per, now] already.
func (o *Oracle) oneCrashTooMany() bool {
	intensity := o.cfg.Intensity
	if !limited(intensity) {
		return false
	}
	within := 0
	for _, crash := range o.crashes {
		ago := new(big.Int).Sub(big.NewInt(int64(o.now)), big.NewInt(int64(crash)))
		if intensity.Per == core.Forever || ago.Cmp(big.NewInt(int64(intensity.Per))) < 0 {
			within++
		}
	}
	return within >= int(intensity.Count)
}

// countCrash counts a crash that leads to a restart.
func (o *Oracle) countCrash() { o.crashes = newest(append(o.crashes, o.now), o.cfg.Intensity) }

// roomAt is when the budget lets the next task restart: now, or when the oldest of a full window leaves it.
func (o *Oracle) roomAt() core.Instant {
	budget := o.cfg.RestartRate
	if !limited(budget) || len(o.restarts) < int(budget.Count) {
		return o.now
	}
	return max(o.now, later(o.restarts[0], budget.Per))
}

// waiting returns the tasks that wait for the budget, first those whose delay passed first.
func (o *Oracle) waiting() []*task {
	tasks := o.those(func(t *task) bool { return t.waits })
	slices.SortStableFunc(tasks, func(a, b *task) int { return cmp.Compare(a.dueAt, b.dueAt) })
	return tasks
}

// delayPassed: t comes back, or waits until the budget has room for it.
func (o *Oracle) delayPassed(t *task) {
	if limited(o.cfg.RestartRate) && (len(o.waiting()) > 0 || o.roomAt() > o.now) {
		t.waits = true
		t.dueAt = o.now
		t.until = core.Never
		o.tell(core.ActionTransition, t, t.status, core.ReasonRestartRate, core.ExitNone)
		return
	}
	o.comeBack(t)
}

// comeBack counts in the budget.
func (o *Oracle) comeBack(t *task) {
	o.restarts = newest(append(o.restarts, o.now), o.cfg.RestartRate)
	o.startOrWait(t, core.ReasonBackoff, core.ExitNone)
}
