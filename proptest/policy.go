package proptest

import (
	"math"
	"math/big"
	"time"

	"pgregory.net/rapid"

	"github.com/tasksupervisor/tasksupervisor/core"
)

// Durations returns a generator of durations from zero to Forever. Most are a few nanoseconds, so that different
// timers often fall due at the same instant; the others are everyday values and the largest there are.
func Durations() *rapid.Generator[core.Duration] {
	return rapid.OneOf(
		rapid.Map(rapid.IntRange(0, 8), func(n int) core.Duration { return core.Duration(n) }),
		rapid.Map(rapid.IntRange(0, 8), func(n int) core.Duration { return core.Duration(n) }),
		rapid.SampledFrom([]core.Duration{
			10, 100, time.Microsecond, time.Millisecond, 200 * time.Millisecond, time.Second, 10 * time.Second, 80 * time.Second, time.Hour,
		}),
		rapid.SampledFrom([]core.Duration{1 << 40, 1 << 62, core.Forever - 1, core.Forever}),
	)
}

// Policies returns a generator of valid policies. Every field takes everyday values and edges: no delay, delays that
// saturate, no attempts, unlimited ones, every run stable, none stable, starts and stops that time out at once and
// those that never do. A third opt into readiness, and half are watched by a watchdog or by probes.
func Policies() *rapid.Generator[core.Policy] {
	return rapid.Custom(func(t *rapid.T) core.Policy {
		p := core.Policy{
			Restart:     rapid.SampledFrom([]core.Restart{core.RestartOnFailure, core.RestartOnFailure, core.RestartAlways, core.RestartNever}).Draw(t, "restart"),
			BaseDelay:   Durations().Draw(t, "base delay"),
			Factor:      rapid.OneOf(rapid.Uint32Range(1, 4), rapid.SampledFrom([]uint32{1, 10, 1 << 31, math.MaxUint32})).Draw(t, "factor"),
			MaxExponent: rapid.OneOf(rapid.Uint32Range(0, 6), rapid.SampledFrom([]uint32{31, 32, 63, 64, math.MaxUint32})).Draw(t, "max exponent"),
			MaxDelay:    rapid.OneOf(rapid.Just(core.Forever), Durations()).Draw(t, "max delay"),
			Jitter:      rapid.OneOf(rapid.Just(core.Fraction{}), Fractions()).Draw(t, "jitter"),
			MaxAttempts: rapid.SampledFrom([]uint32{5, 0, 1, 2, 3, core.Unlimited - 1, core.Unlimited}).Draw(t, "max attempts"),
			StableAfter: Durations().Draw(t, "stable after"),
			StopTimeout: Durations().Draw(t, "stop timeout"),
			OnAbandon:   rapid.SampledFrom([]core.OnAbandon{core.AbandonWait, core.AbandonReplace, core.AbandonReplace, core.AbandonEscalate}).Draw(t, "on abandon"),
			Significant: rapid.Bool().Draw(t, "significant"),
			Readiness:   oneIn(t, 3, "readiness"),
			OnMiss:      rapid.SampledFrom([]core.OnMiss{core.MissRestart, core.MissRestart, core.MissRestart, core.MissReport}).Draw(t, "on miss"),
		}
		if p.Readiness {
			p.StartTimeout = Durations().Draw(t, "start timeout")
		}
		if oneIn(t, 4, "hung") {
			p.HungStopTimeout = Durations().Draw(t, "hung stop timeout")
		}
		if oneIn(t, 2, "min uptime") {
			p.MinUptime = Durations().Draw(t, "min uptime of")
		}
		if oneIn(t, 4, "on exhausted") {
			p.OnExhausted = core.ExhaustedEscalate
		}
		switch evenly(t, 4, "watch") {
		case 2:
			p.Watchdog = Durations().Draw(t, "watchdog")
		case 3:
			p.Probe = probes().Draw(t, "probe")
		}
		if p.MaxDelay == core.Forever && endless(p) {
			p.MaxDelay = rapid.SampledFrom([]core.Duration{core.Forever - 1, time.Hour, 3, 0}).Draw(t, "max delay that is needed")
		}
		return p
	})
}

func probes() *rapid.Generator[core.Probe] {
	return rapid.Custom(func(t *rapid.T) core.Probe {
		return core.Probe{
			Interval: max(1, Durations().Draw(t, "interval")),
			Timeout:  Durations().Draw(t, "timeout"),
			Failures: rapid.SampledFrom([]uint8{1, 2, 3, math.MaxUint8}).Draw(t, "failures"),
		}
	})
}

// endless reports whether a policy's longest delay, its cap aside, is beyond every duration: then it needs the cap.
func endless(p core.Policy) bool {
	exponent := min(p.MaxExponent, 64) // a factor of 2 reaches beyond every duration by then
	delay := new(big.Int).Exp(big.NewInt(int64(p.Factor)), big.NewInt(int64(exponent)), nil)
	delay.Mul(delay, big.NewInt(int64(p.BaseDelay)))
	return delay.Cmp(big.NewInt(int64(core.Forever))) >= 0
}

// Rates returns a generator of rates, none of which is the zero Rate: few within a few nanoseconds, mostly. Their Count is
// at least the one given.
func Rates(least uint32) *rapid.Generator[core.Rate] {
	return rapid.Custom(func(t *rapid.T) core.Rate {
		return core.Rate{
			Count: rapid.OneOf(rapid.Uint32Range(least, 3), rapid.SampledFrom([]uint32{least, 5, 1 << 16})).Draw(t, "count"),
			Per:   max(1, Durations().Draw(t, "per")),
		}
	})
}

// Fractions returns a generator of fractions from 0 to 1, both included. None is the zero Fraction.
func Fractions() *rapid.Generator[core.Fraction] {
	return rapid.OneOf(
		rapid.SampledFrom([]core.Fraction{
			{Num: 1, Den: 2}, {Num: 1, Den: 1}, {Num: 0, Den: 1}, {Num: 1, Den: 3}, {Num: 2, Den: 3}, {Num: 1, Den: 10},
			{Num: math.MaxUint32, Den: math.MaxUint32}, {Num: 1, Den: math.MaxUint32}, {Num: math.MaxUint32 - 1, Den: math.MaxUint32},
		}),
		rapid.Custom(func(t *rapid.T) core.Fraction {
			den := rapid.Uint32Range(1, math.MaxUint32).Draw(t, "denominator")
			return core.Fraction{Num: rapid.Uint32Range(0, den).Draw(t, "numerator"), Den: den}
		}),
	)
}
