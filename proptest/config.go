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
			StopOrder: rapid.SampledFrom([]core.StopOrder{
				core.StopTogether, core.StopReverse,
			}).Draw(t, "stop order"),
			ShutdownTimeout: rapid.OneOf(rapid.Just(core.Duration(0)), Durations()).Draw(t, "shutdown timeout"),
		}
		if rapid.Bool().Draw(t, "cadence") {
			cfg.HealthCheckInterval = rapid.OneOf(
				rapid.Map(rapid.IntRange(1, 9), func(n int) core.Duration { return core.Duration(n) }),
				rapid.SampledFrom([]core.Duration{200 * time.Millisecond, time.Hour, core.Forever}),
			).Draw(t, "health check interval")
		}
		if oneIn(t, 3, "dead threshold") {
			cfg.DeadThreshold = Fractions().Draw(t, "dead threshold")
		}
		if oneIn(t, 4, "limits") {
			cfg.AutoShutdown = rapid.SampledFrom([]core.AutoShutdown{
				core.AutoShutdownNever, core.AutoShutdownAll, core.AutoShutdownAny,
			}).Draw(t, "auto shutdown")
			cfg.MaxTasks = rapid.SampledFrom([]uint32{0, 1, 2, 3, 4, core.MaxTasks}).Draw(t, "max tasks")
		}
		return cfg
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
	field := rapid.SampledFrom([]string{
		"DeadThreshold", "AutoShutdown", "StopOrder", "ShutdownTimeout", "HealthCheckInterval", "MaxTasks",
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
	case "MaxTasks":
		cfg.MaxTasks = rapid.Uint32Range(core.MaxTasks+1, math.MaxUint32).Draw(t, "bad max tasks")
	}
	return field
}

// spoilPolicy makes one field of a policy bad, and returns its name.
func spoilPolicy(t *rapid.T, p *core.Policy) string {
	field := rapid.SampledFrom([]string{
		"Restart", "BaseDelay", "Factor", "MaxDelay", "Jitter", "StableAfter", "StopTimeout", "OnAbandon",
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
