package proptest

import (
	"fmt"
	"math"
	"time"

	"pgregory.net/rapid"

	"github.com/tasksupervisor/tasksupervisor/core"
)

// Configs returns a generator of valid configurations with one to three policies. Half of them have no limit at all,
// so that the supervisor gets to live long enough for something to happen to it.
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
		limit(&cfg, Limits().Draw(t, "limits"))
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
		if oneIn(t, 4, "budget") {
			l.RestartRate = Rates(1).Draw(t, "budget")
		}
		return l
	})
}

// limit puts limits into a configuration.
func limit(cfg *core.Config, l core.Limits) {
	cfg.DeadThreshold, cfg.Intensity, cfg.RestartRate = l.DeadThreshold, l.Intensity, l.RestartRate
	cfg.AutoShutdown, cfg.ShutdownTimeout = l.AutoShutdown, l.ShutdownTimeout
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
	field := rapid.SampledFrom([]string{
		"DeadThreshold", "AutoShutdown", "StopOrder", "ShutdownTimeout", "HealthCheckInterval", "MaxTasks",
		"Strategy", "Intensity", "RestartRate",
	}).Draw(t, "bad field")
	switch field {
	case "DeadThreshold":
		cfg.DeadThreshold = badFractions().Draw(t, "bad fraction")
	case "AutoShutdown":
		cfg.AutoShutdown = core.AutoShutdown(rapid.Uint8Range(uint8(core.AutoShutdownAny)+1, math.MaxUint8).Draw(t, "bad auto shutdown"))
	case "StopOrder":
		cfg.StopOrder = core.StopOrder(rapid.Uint8Range(uint8(core.StopReverse)+1, math.MaxUint8).Draw(t, "bad stop order"))
	case "ShutdownTimeout":
		cfg.ShutdownTimeout = negativeDurations().Draw(t, "bad shutdown timeout")
	case "HealthCheckInterval":
		cfg.HealthCheckInterval = negativeDurations().Draw(t, "bad health check interval")
	case "Strategy":
		cfg.Strategy = core.Strategy(rapid.Uint8Range(uint8(core.RestForOne)+1, math.MaxUint8).Draw(t, "bad strategy"))
	case "Intensity":
		cfg.Intensity = badRates().Draw(t, "bad intensity")
	case "RestartRate":
		cfg.RestartRate = rapid.OneOf(badRates(), rapid.Just(core.Rate{Per: 1})).Draw(t, "bad budget")
	case "MaxTasks":
		cfg.MaxTasks = rapid.Uint32Range(core.MaxTasks+1, math.MaxUint32).Draw(t, "bad max tasks")
	}
	return field
}

// spoilPolicy makes one field of a policy bad, and returns its name.
func spoilPolicy(t *rapid.T, p *core.Policy) string {
	field := rapid.SampledFrom([]string{
		"Restart", "BaseDelay", "Factor", "MaxDelay", "Jitter", "StableAfter", "StopTimeout", "OnAbandon",
		"OnExhausted", "StartTimeout", "Watchdog", "Probe", "Probe.Interval", "Probe.Timeout", "Probe.Failures", "OnMiss",
	}).Draw(t, "bad field")
	switch field {
	case "Restart":
		p.Restart = core.Restart(rapid.Uint8Range(uint8(core.RestartNever)+1, math.MaxUint8).Draw(t, "bad restart"))
	case "BaseDelay":
		p.BaseDelay = negativeDurations().Draw(t, "bad base delay")
	case "Factor":
		p.Factor = 0
	case "MaxDelay":
		p.MaxDelay = negativeDurations().Draw(t, "bad max delay")
	case "Jitter":
		p.Jitter = badFractions().Draw(t, "bad fraction")
	case "StableAfter":
		p.StableAfter = negativeDurations().Draw(t, "bad stable after")
	case "StopTimeout":
		p.StopTimeout = negativeDurations().Draw(t, "bad stop timeout")
	case "OnAbandon":
		p.OnAbandon = core.OnAbandon(rapid.Uint8Range(uint8(core.AbandonEscalate)+1, math.MaxUint8).Draw(t, "bad on abandon"))
	case "OnExhausted":
		p.OnExhausted = core.OnExhausted(rapid.Uint8Range(uint8(core.ExhaustedEscalate)+1, math.MaxUint8).Draw(t, "bad on exhausted"))
	case "StartTimeout":
		p.StartTimeout = negativeDurations().Draw(t, "bad start timeout")
	case "Watchdog":
		p.Watchdog = negativeDurations().Draw(t, "bad watchdog")
		p.Probe = core.Probe{}
	case "Probe":
		p.Watchdog, p.Probe = 1, core.Probe{Interval: 1, Failures: 1}
	case "Probe.Interval":
		p.Watchdog = 0
		p.Probe = core.Probe{Interval: rapid.OneOf(rapid.Just(core.Duration(0)), negativeDurations()).Draw(t, "bad interval"), Failures: 1}
	case "Probe.Timeout":
		p.Watchdog = 0
		p.Probe = core.Probe{Interval: 1, Timeout: negativeDurations().Draw(t, "bad timeout"), Failures: 1}
	case "Probe.Failures":
		p.Watchdog = 0
		p.Probe = core.Probe{Interval: 1}
	case "OnMiss":
		p.OnMiss = core.OnMiss(rapid.Uint8Range(uint8(core.MissReport)+1, math.MaxUint8).Draw(t, "bad on miss"))
	}
	return field
}

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
