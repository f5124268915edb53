package oracle

import (
	"math"
	"math/big"

	"github.com/tasksupervisor/tasksupervisor/core"
)

// delay is how long t waits for its n-th restart:
//
//	BaseDelay * Factor^min(n, MaxExponent), at most MaxDelay, shortened by the jitter
func (o *Oracle) delay(t *task, n uint32) core.Duration {
	p := o.policyOf(t)
	power := power(p.Factor, min(n, p.MaxExponent))
	if o.cfg.HealthCheckInterval > 0 {
		power = smaller(power, big.NewInt(math.MaxUint32))
	}
	delay := new(big.Int).Mul(big.NewInt(int64(p.BaseDelay)), power)
	delay = smaller(delay, big.NewInt(int64(core.Forever)))
	delay = smaller(delay, big.NewInt(int64(p.MaxDelay)))
	delay.Sub(delay, o.jitter(t, delay))
	return core.Duration(delay.Int64())
}

// jitter is what a delay is shortened by: a draw from [0, delay*Jitter], the same every time for the same seed, task
// key and run.
func (o *Oracle) jitter(t *task, delay *big.Int) *big.Int {
	fraction := o.policyOf(t).Jitter
	if fraction.Num == 0 {
		return new(big.Int)
	}
	span := new(big.Int).Mul(delay, big.NewInt(int64(fraction.Num)))
	span.Div(span, big.NewInt(int64(fraction.Den)))
	choices := span.Add(span, big.NewInt(1))
	draw := new(big.Int).SetUint64(hash(o.cfg.Seed, t.key, t.run))
	draw.Mul(draw, choices)
	return draw.Rsh(draw, 64)
}

// hash spreads a seed, a task key and a run number over 64 bits. The sums and products wrap.
func hash(seed uint64, key uint32, run core.Run) uint64 {
	const golden = 0x9e3779b97f4a7c15
	x := mix(seed + golden)
	x = mix(x ^ (uint64(key)<<32 | uint64(run)))
	return mix(x + golden)
}

// mix is the finalizer of splitmix64.
func mix(x uint64) uint64 {
	x ^= x >> 30
	x *= 0xbf58476d1ce4e5b9
	x ^= x >> 27
	x *= 0x94d049bb133111eb
	x ^= x >> 31
	return x
}

// attemptsNow is how many attempts count against t: none any more once its run is stable.
func (o *Oracle) attemptsNow(t *task) uint32 {
	if t.attempts > 0 && o.stable(t) {
		return 0
	}
	return t.attempts
}

// stable tells whether t is Healthy and has been so for long enough.
func (o *Oracle) stable(t *task) bool {
	if t.status != core.StatusHealthy {
		return false
	}
	at := o.clearsAt(t)
	return at != core.Never && at <= o.now
}

// clearsAt is the first instant at which a run of t that is healthy since it started counts as stable.
//
// Exactly, that is StableAfter after its start. With a health check interval, the first check that sees the run
// notes it, and a later check clears the attempts if more than StableAfter has passed since; what a check decides
// holds from one nanosecond after it.
func (o *Oracle) clearsAt(t *task) core.Instant {
	interval := big.NewInt(int64(o.cfg.HealthCheckInterval))
	stableAfter := o.policyOf(t).StableAfter
	if stableAfter == core.Forever || interval.Sign() == 0 {
		return later(t.since, stableAfter)
	}
	noted := o.gridAtOrAfter(t.since)
	checks := new(big.Int).Div(big.NewInt(int64(stableAfter)), interval)
	checks.Add(checks, big.NewInt(1))
	clears := new(big.Int).Add(noted, checks.Mul(checks, interval))
	return instant(clears.Add(clears, big.NewInt(1)))
}

// nextHealthCheck is when the next health check will have been decided.
func (o *Oracle) nextHealthCheck() core.Instant {
	check := o.gridAtOrAfter(o.now)
	return instant(check.Add(check, big.NewInt(1)))
}

// gridAtOrAfter is the first instant of the grid of health checks at or after another one.
func (o *Oracle) gridAtOrAfter(at core.Instant) *big.Int {
	start := big.NewInt(int64(o.startedAt))
	interval := big.NewInt(int64(o.cfg.HealthCheckInterval))
	elapsed := new(big.Int).Sub(big.NewInt(int64(at)), start)
	steps, rest := new(big.Int).DivMod(elapsed, interval, new(big.Int))
	if rest.Sign() > 0 {
		steps.Add(steps, big.NewInt(1))
	}
	return start.Add(start, steps.Mul(steps, interval))
}

// later is the instant a duration after another one. Forever after anything is Never.
func later(at core.Instant, d core.Duration) core.Instant {
	if d == core.Forever {
		return core.Never
	}
	return instant(new(big.Int).Add(big.NewInt(int64(at)), big.NewInt(int64(d))))
}

// instant turns an integer into an instant; what is beyond Never is Never.
func instant(x *big.Int) core.Instant {
	return core.Instant(smaller(x, big.NewInt(int64(core.Never))).Int64())
}

// power is base^exponent, or some number beyond every duration if that is so large.
func power(base, exponent uint32) *big.Int {
	result := big.NewInt(1)
	if base == 1 {
		return result
	}
	for range exponent {
		if !result.IsInt64() {
			break
		}
		result.Mul(result, big.NewInt(int64(base)))
	}
	return result
}

func smaller(a, b *big.Int) *big.Int {
	if a.Cmp(b) < 0 {
		return a
	}
	return b
}
