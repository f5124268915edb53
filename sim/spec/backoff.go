package spec

import (
	"math"
	"math/bits"

	"github.com/tasksupervisor/tasksupervisor/core"
)

// Delay returns the delay before restart n since a task was last stable, without jitter:
//
//	BaseDelay * Factor^min(n, MaxExponent), at most MaxDelay
//
// n is 0 for the restart after a good end. crate says that the reference cadence is on, which caps the power at 2^32-1.
func Delay(p *core.Policy, crate bool, n uint32) core.Duration {
	const forever = uint64(core.Forever)
	power := uint64(1)
	for i := uint32(0); i < min(n, p.MaxExponent) && power <= forever && p.Factor > 1; i++ {
		power = product(power, uint64(p.Factor))
	}
	if crate {
		power = min(power, math.MaxUint32)
	}
	return min(core.Duration(min(product(uint64(p.BaseDelay), power), forever)), p.MaxDelay)
}

// AskedRestart returns when a task is restarted whose run asked for a delay when it failed, from where the delay begins: the
// policy's cap holds for it, jitter does not, and no delay is endless.
func AskedRestart(p *core.Policy, begins core.Instant, asked core.Duration) core.Instant {
	at := After(begins, min(asked, p.MaxDelay))
	if at == core.Never && begins < core.Never {
		at--
	}
	return at
}

// Asks reports whether an end is one with which a run can ask for a delay.
func Asks(exit core.ExitKind) bool {
	return exit == core.ExitError || exit == core.ExitPanic || exit == core.ExitGoexit
}

// Draw returns a delay shortened by jitter: by a uniform draw from [0, delay*Jitter] that depends on nothing but the seed of
// the configuration, the key of the task and the run that ended.
func Draw(p *core.Policy, delay core.Duration, seed uint64, key uint32, run core.Run) core.Duration {
	if p.Jitter.Num == 0 {
		return delay
	}
	const golden = 0x9e3779b97f4a7c15
	hash := mix(mix(mix(seed+golden)^(uint64(key)<<32^uint64(run))) + golden)
	draw, _ := bits.Mul64(hash, uint64(JitterSpan(p, delay))+1)
	return delay - core.Duration(draw)
}

// mix is the finalizer of SplitMix64.
func mix(x uint64) uint64 {
	x = (x ^ x>>30) * 0xbf58476d1ce4e5b9
	x = (x ^ x>>27) * 0x94d049bb133111eb
	return x ^ x>>31
}

// JitterSpan returns how much jitter shortens a delay at most.
func JitterSpan(p *core.Policy, delay core.Duration) core.Duration {
	if p.Jitter.Num == 0 {
		return 0
	}
	high, low := bits.Mul64(uint64(delay), uint64(p.Jitter.Num))
	span, _ := bits.Div64(high, low, uint64(p.Jitter.Den))
	return core.Duration(span)
}

// Stable returns the first instant at which a run that has been healthy since an instant counts as stable, or Never. started
// is when the supervisor started.
//
// Exactly, that is StableAfter later. In the reference cadence the first health check that sees the run notes it, and a
// later check clears the attempts if more than StableAfter has passed since; what a check decides holds from one nanosecond
// after it.
func Stable(p *core.Policy, interval core.Duration, started, healthy core.Instant) core.Instant {
	if interval == 0 || p.StableAfter == core.Forever {
		return After(healthy, p.StableAfter)
	}
	check, overflow := bits.Add64(firstCheck(interval, started, healthy), uint64(p.StableAfter/interval)+1, 0)
	if overflow > 0 {
		return core.Never
	}
	return checked(interval, started, check)
}

// HealthCheck returns when the first health check at or after an instant is decided. started is when the supervisor started.
func HealthCheck(interval core.Duration, started, at core.Instant) core.Instant {
	return checked(interval, started, firstCheck(interval, started, at))
}

// firstCheck is the number of the first health check at or after an instant, counted from 0 at the start.
func firstCheck(interval core.Duration, started, at core.Instant) uint64 {
	elapsed := Between(started, at)
	n := elapsed / uint64(interval)
	if elapsed%uint64(interval) > 0 {
		n++
	}
	return n
}

// checked is when the n-th health check is decided.
func checked(interval core.Duration, started core.Instant, n uint64) core.Instant {
	ns := product(n, uint64(interval))
	if ns == math.MaxUint64 {
		return core.Never
	}
	return plus(started, ns+1)
}

// After returns the instant a duration after another one; what is beyond all time, as Forever is, is Never.
func After(at core.Instant, d core.Duration) core.Instant {
	if d == core.Forever {
		return core.Never
	}
	return plus(at, uint64(d))
}

// Between returns how many nanoseconds lie between two instants, which can be more than a duration has room for.
func Between(earlier, later core.Instant) uint64 { return uint64(later) - uint64(earlier) }

func plus(at core.Instant, nanoseconds uint64) core.Instant {
	if nanoseconds >= Between(at, core.Never) {
		return core.Never
	}
	return core.Instant(uint64(at) + nanoseconds)
}

// product is a*b, or the largest number there is.
func product(a, b uint64) uint64 {
	high, low := bits.Mul64(a, b)
	if high > 0 {
		return math.MaxUint64
	}
	return low
}
