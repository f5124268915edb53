package checkers

import (
	"math"
	"math/bits"

	"github.com/tasksupervisor/tasksupervisor/core"
)

// plus is the instant a number of nanoseconds after another one; what is beyond Never is Never.
func plus(at core.Instant, nanoseconds uint64) core.Instant {
	if nanoseconds >= between(at, core.Never) {
		return core.Never
	}
	return core.Instant(uint64(at) + nanoseconds)
}

// after is the instant a duration after another one. Forever after anything is Never.
func after(at core.Instant, d core.Duration) core.Instant {
	if d == core.Forever {
		return core.Never
	}
	return plus(at, uint64(d))
}

// between is how many nanoseconds lie between two instants, the later one last. Any two are less than 2^64 apart.
func between(earlier, later core.Instant) uint64 { return uint64(later) - uint64(earlier) }

// delays returns the shortest and the longest delay that a policy allows before the n-th restart.
func delays(p *core.Policy, cadence bool, n uint32) (shortest, longest uint64) {
	const forever = uint64(core.Forever)
	power := uint64(1)
	for i := uint32(0); i < min(n, p.MaxExponent) && power <= forever && p.Factor > 1; i++ {
		high, low := bits.Mul64(power, uint64(p.Factor))
		power = low
		if high > 0 {
			power = math.MaxUint64
		}
	}
	if cadence {
		power = min(power, math.MaxUint32)
	}
	high, delay := bits.Mul64(uint64(p.BaseDelay), power)
	if high > 0 {
		delay = forever
	}
	longest = min(delay, forever, uint64(p.MaxDelay))
	if p.Jitter.Num == 0 {
		return longest, longest
	}
	high, low := bits.Mul64(longest, uint64(p.Jitter.Num))
	span, _ := bits.Div64(high, low, uint64(p.Jitter.Den))
	return longest - span, longest
}

// grid is the grid of health checks of the reference cadence, or nothing if stability is exact.
type grid struct {
	interval core.Duration // 0: exact
	start    core.Instant
	known    bool // the instant of the start was observed, or there is no grid
}

// begin reads the configuration. When the supervisor runs already, the beginning of its grid is unknown.
func (g *grid) begin(m *core.Machine) {
	*g = grid{interval: m.Config().HealthCheckInterval, start: math.MinInt64}
	g.known = g.interval == 0
}

// observe takes note of the start of the supervisor.
func (g *grid) observe(m *core.Machine, ev core.Event, actions []core.Action) {
	if heeded(core.EventStart, ev, actions) {
		g.start, g.known = m.Now(), true
	}
}

// next is the number of the first health check at or after an instant, counted from 0.
func (g *grid) next(at core.Instant) uint64 {
	elapsed := between(g.start, at)
	n := elapsed / uint64(g.interval)
	if elapsed%uint64(g.interval) > 0 {
		n++
	}
	return n
}

// decided is when the n-th health check is decided.
func (g *grid) decided(n uint64) core.Instant {
	high, low := bits.Mul64(n, uint64(g.interval))
	if high > 0 || low == math.MaxUint64 {
		return core.Never
	}
	return plus(g.start, low+1)
}

// clears is the first instant at which a run that started at an instant counts as stable.
func (g *grid) clears(started core.Instant, stableAfter core.Duration) core.Instant {
	if g.interval == 0 || stableAfter == core.Forever {
		return after(started, stableAfter)
	}
	check, overflow := bits.Add64(g.next(started), uint64(stableAfter/g.interval)+1, 0)
	if overflow > 0 {
		return core.Never
	}
	return g.decided(check)
}
