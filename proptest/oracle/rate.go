package oracle

import (
	"math/big"

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
		if ago.Cmp(big.NewInt(int64(intensity.Per))) < 0 {
			within++
		}
	}
	return within >= int(intensity.Count)
}

// countCrash counts a crash that leads to a restart.
func (o *Oracle) countCrash() { o.crashes = newest(append(o.crashes, o.now), o.cfg.Intensity) }

// reserve returns when the budget lets the next task restart, and counts that.
func (o *Oracle) reserve() core.Instant {
	at := o.now
	if len(o.restarts) >= int(o.cfg.Budget.Count) {
		at = max(at, later(o.restarts[0], o.cfg.Budget.Per))
	}
	o.restarts = newest(append(o.restarts, at), o.cfg.Budget)
	return at
}

// restartOrReserve lets t, whose delay has passed, come back, or has it wait until the budget has room.
func (o *Oracle) restartOrReserve(t *task) {
	if limited(o.cfg.Budget) && !t.reserved {
		if at := o.reserve(); at > o.now {
			t.reserved = true
			t.until = at
			o.tell(core.ActionNote, t, t.status, core.ReasonBudget, core.ExitNone)
			return
		}
	}
	o.startOrWait(t, core.ReasonBackoff, core.ExitNone)
}
