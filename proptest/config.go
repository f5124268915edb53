package proptest

import (
	"fmt"
	"math"
	"time"

	"pgregory.net/rapid"

	"github.com/tasksupervisor/tasksupervisor/core"
)

// Configs returns a generator of valid configurations with one to three policies. Half of them have no limits, so that
// the supervisor lives long enough for something to happen.
func Configs() *rapid.Generator[core.Config] {
	return rapid.Custom(func(t *rapid.T) core.Config {
		cfg := core.Config{
			Policies: rapid.SliceOfN(Policies(), 1, 3).Draw(t, "policies"),
			Seed:     rapid.Uint64().Draw(t, "seed"),
			Strategy: rapid.SampledFrom([]core.Strategy{
				core.OneForOne, core.OneForAll, core.RestForOne, core.OneForOne,
			}).Draw(t, "strategy"),
			StopOrder: rapid.SampledFrom([]core.StopOrder{
				core.StopTogether, core.StopReverse, core.StopByStrategy,
			}).Draw(t, "stop order"),
		}
		if rapid.Bool().Draw(t, "cadence") {
			cfg.HealthCheckInterval = rapid.OneOf(
				rapid.Map(rapid.IntRange(1, 9), func(n int) core.Duration { return core.Duration(n) }),
				rapid.SampledFrom([]core.Duration{200 * time.Millisecond, time.Hour, core.Forever}),
			).Draw(t, "health check interval")
		}
		if oneIn(t, 4, "max tasks") {
			cfg.MaxTasks = rapid.SampledFrom([]uint32{0, 1, 2, 3, 4, core.MaxTasks}).Draw(t, "max tasks")
		}
		cfg.Limits = Limits().Draw(t, "limits")
		return cfg
	})
}

// Limits returns a generator of valid limits. Half of them limit nothing.
func Limits() *rapid.Generator[core.Limits] {
	return rapid.Custom(func(t *rapid.T) core.Limits {
		l := core.Limits{
			ShutdownTimeout: rapid.OneOf(rapid.Just(core.Duration(0)), Durations()).Draw(t, "shutdown timeout"),
		}
		if oneIn(t, 3, "dead threshold") {
			l.DeadThreshold = Fractions().Draw(t, "dead threshold")
		}
		if oneIn(t, 6, "auto shutdown") {
			l.AutoShutdown = rapid.SampledFrom([]core.AutoShutdown{core.AutoShutdownAll, core.AutoShutdownAny}).Draw(t, "auto shutdown")
		}
		if oneIn(t, 5, "intensity") {
			l.Intensity = Rates(0).Draw(t, "intensity")
		}
		if oneIn(t, 4, "restart rate") {
			l.RestartRate = Rates(1).Draw(t, "restart rate")
		}
		return l
	})
}

// BadConfig is a configuration that is valid but for one field.
type BadConfig struct {
	Config core.Config
	Field  string // the bad field, named as in core.FieldError
}

// BadConfigs returns a generator of configurations that core.New must refuse, naming the one field that is bad.
func BadConfigs() *rapid.Generator[BadConfig] {
	return rapid.Custom(func(t *rapid.T) BadConfig {
		bad := BadConfig{Config: Configs().Draw(t, "config before")}
		if rapid.Bool().Draw(t, "in a policy") {
			i := rapid.IntRange(0, len(bad.Config.Policies)-1).Draw(t, "policy")
			field := spoilPolicy(t, &bad.Config.Policies[i])
			bad.Field = fmt.Sprintf("Policies[%d].%s", i, field)
			return bad
		}
		bad.Field = spoilConfig(t, &bad.Config)
		return bad
	})
}

// spoilConfig makes one field of the configuration itself bad, and returns its name.
func spoilConfig(t *rapid.T, cfg *core.Config) string {
	spoiler := rapid.SampledFrom(configSpoilers()).Draw(t, "bad field")
	spoiler.spoil(t, cfg)
	return spoiler.field
}

// spoilPolicy makes one field of a policy bad, and returns its name.
func spoilPolicy(t *rapid.T, p *core.Policy) string {
	spoiler := rapid.SampledFrom(policySpoilers()).Draw(t, "bad field")
	spoiler.spoil(t, p)
	return spoiler.field
}

// spoiler makes one field of a valid S bad.
type spoiler[S any] struct {
	field string // as core.FieldError names it
	spoil func(t *rapid.T, s *S)
}

// String makes draws readable.
func (s spoiler[S]) String() string { return s.field }

func configSpoilers() []spoiler[core.Config] {
	return []spoiler[core.Config]{
		{"DeadThreshold", func(t *rapid.T, cfg *core.Config) { cfg.DeadThreshold = badFractions().Draw(t, "bad fraction") }},
		{"AutoShutdown", func(t *rapid.T, cfg *core.Config) { cfg.AutoShutdown = beyond(t, core.AutoShutdownAny) }},
		{"StopOrder", func(t *rapid.T, cfg *core.Config) { cfg.StopOrder = beyond(t, core.StopReverse) }},
		{"ShutdownTimeout", func(t *rapid.T, cfg *core.Config) { cfg.ShutdownTimeout = negative(t) }},
		{"HealthCheckInterval", func(t *rapid.T, cfg *core.Config) { cfg.HealthCheckInterval = negative(t) }},
		{"Strategy", func(t *rapid.T, cfg *core.Config) { cfg.Strategy = beyond(t, core.RestForOne) }},
		{"Intensity", func(t *rapid.T, cfg *core.Config) { cfg.Intensity = badRates().Draw(t, "bad intensity") }},
		{"RestartRate", func(t *rapid.T, cfg *core.Config) {
			cfg.RestartRate = rapid.OneOf(badRates(), rapid.Just(core.Rate{Per: 1})).Draw(t, "bad restart rate")
		}},
		{"MaxTasks", func(t *rapid.T, cfg *core.Config) {
			cfg.MaxTasks = rapid.Uint32Range(core.MaxTasks+1, math.MaxUint32).Draw(t, "bad max tasks")
		}},
	}
}

func policySpoilers() []spoiler[core.Policy] {
	return []spoiler[core.Policy]{
		{"Restart", func(t *rapid.T, p *core.Policy) { p.Restart = beyond(t, core.RestartNever) }},
		{"BaseDelay", func(t *rapid.T, p *core.Policy) { p.BaseDelay = negative(t) }},
		{"Factor", func(_ *rapid.T, p *core.Policy) { p.Factor = 0 }},
		{"MaxDelay", func(t *rapid.T, p *core.Policy) { p.MaxDelay = negative(t) }},
		{"Jitter", func(t *rapid.T, p *core.Policy) { p.Jitter = badFractions().Draw(t, "bad fraction") }},
		{"StableAfter", func(t *rapid.T, p *core.Policy) { p.StableAfter = negative(t) }},
		{"MinUptime", func(t *rapid.T, p *core.Policy) { p.MinUptime = negative(t) }},
		{"HungStopTimeout", func(t *rapid.T, p *core.Policy) { p.HungStopTimeout = negative(t) }},
		{"StopTimeout", func(t *rapid.T, p *core.Policy) { p.StopTimeout = negative(t) }},
		{"OnAbandon", func(t *rapid.T, p *core.Policy) { p.OnAbandon = beyond(t, core.AbandonEscalate) }},
		{"OnExhausted", func(t *rapid.T, p *core.Policy) { p.OnExhausted = beyond(t, core.ExhaustedEscalate) }},
		{"StartTimeout", func(t *rapid.T, p *core.Policy) { p.StartTimeout = negative(t) }},
		{"Watchdog", func(t *rapid.T, p *core.Policy) { p.Watchdog, p.Probe = negative(t), core.Probe{} }},
		{"Probe", func(_ *rapid.T, p *core.Policy) { p.Watchdog, p.Probe = 1, core.Probe{Interval: 1, Failures: 1} }},
		{"Probe.Interval", func(t *rapid.T, p *core.Policy) {
			interval := rapid.OneOf(rapid.Just(core.Duration(0)), negativeDurations()).Draw(t, "bad interval")
			p.Watchdog, p.Probe = 0, core.Probe{Interval: interval, Failures: 1}
		}},
		{"Probe.Timeout", func(t *rapid.T, p *core.Policy) {
			p.Watchdog, p.Probe = 0, core.Probe{Interval: 1, Timeout: negative(t), Failures: 1}
		}},
		{"Probe.Failures", func(_ *rapid.T, p *core.Policy) { p.Watchdog, p.Probe = 0, core.Probe{Interval: 1} }},
		{"OnMiss", func(t *rapid.T, p *core.Policy) { p.OnMiss = beyond(t, core.MissReport) }},
	}
}

// beyond draws a value after the last of an enumeration.
func beyond[E ~uint8](t *rapid.T, last E) E {
	return E(rapid.Uint8Range(uint8(last)+1, math.MaxUint8).Draw(t, "unknown value"))
}

func negative(t *rapid.T) core.Duration { return negativeDurations().Draw(t, "negative duration") }

func negativeDurations() *rapid.Generator[core.Duration] {
	return rapid.Map(rapid.Int64Max(-1), func(n int64) core.Duration { return core.Duration(n) })
}

// badFractions are those above 1 and those with denominator 0 that are not the zero Fraction.
func badFractions() *rapid.Generator[core.Fraction] {
	return rapid.Custom(func(t *rapid.T) core.Fraction {
		den := rapid.Uint32Range(0, math.MaxUint32-1).Draw(t, "denominator")
		return core.Fraction{Num: rapid.Uint32Range(den+1, math.MaxUint32).Draw(t, "numerator"), Den: den}
	})
}

// badRates are those with a count and no duration, those with a negative duration, and those that count too many.
func badRates() *rapid.Generator[core.Rate] {
	return rapid.OneOf(
		rapid.Just(core.Rate{Count: 1}),
		rapid.Map(negativeDurations(), func(d core.Duration) core.Rate { return core.Rate{Count: 1, Per: d} }),
		rapid.Map(rapid.Uint32Range(1<<16+1, math.MaxUint32), func(n uint32) core.Rate { return core.Rate{Count: n, Per: 1} }),
	)
}
