package proptest

import (
	"flag"
	"iter"
	"maps"
	"strconv"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/tasksupervisor/tasksupervisor/core"
)

// machine returns a fresh machine for a case.
func machine(c Case) *core.Machine {
	m, err := c.Machine()
	if err != nil {
		panic(err) // Check reports it
	}
	return m
}

// checkedAtLeast fails a test whose property never had anything to check.
func checkedAtLeast(t *testing.T, checked int) {
	t.Helper()
	if !t.Failed() {
		require.Positive(t, checked, "nothing was checked")
		t.Logf("checked %d times", checked)
	}
}

// rapidSeed returns the seed that rapid was given.
func rapidSeed(t *testing.T) uint64 {
	t.Helper()
	seed, err := strconv.ParseUint(flag.Lookup("rapid.seed").Value.String(), 10, 64)
	require.NoError(t, err)
	return seed
}

// drawFrom makes rapid draw so many cases from a seed, for the rest of the test.
func drawFrom(t *testing.T, seed uint64, cases int) {
	t.Helper()
	if testing.Short() {
		cases *= 5 // of which rapid makes a fifth
	}
	for name, value := range map[string]string{"rapid.seed": strconv.FormatUint(seed, 10), "rapid.checks": strconv.Itoa(cases)} {
		before := flag.Lookup(name).Value.String()
		require.NoError(t, flag.Set(name, value))
		t.Cleanup(func() { require.NoError(t, flag.Set(name, before)) })
	}
}

func keys[K comparable, V any](m map[K]V) iter.Seq[K] { return maps.Keys(m) }

// tameCases are cases without instants and durations at the edge of what there is, where sums saturate.
func tameCases() *rapid.Generator[Case] {
	return rapid.Custom(func(t *rapid.T) Case {
		cfg := tameConfigs().Draw(t, "config")
		mix := Mixes().Draw(t, "mix")
		mix.Edge = 0
		c := drawCase(t, cfg, mix)
		for i := range c.Events {
			c.Events[i].At = min(max(c.Events[i].At, -1<<50), 1<<61) // a deadline that was drawn may have been later
			tame(&c.Events[i].Within)
			tame(&c.Events[i].Delay)
		}
		for i := range c.Limits {
			tame(&c.Limits[i].ShutdownTimeout)
			tame(&c.Limits[i].Intensity.Per)
			tame(&c.Limits[i].RestartRate.Per)
		}
		return c
	})
}

func tameConfigs() *rapid.Generator[core.Config] {
	return rapid.Map(Configs(), func(cfg core.Config) core.Config {
		tame(&cfg.ShutdownTimeout)
		tame(&cfg.Intensity.Per)
		tame(&cfg.RestartRate.Per)
		cfg.HealthCheckInterval = min(cfg.HealthCheckInterval, longest)
		for i := range cfg.Policies {
			p := &cfg.Policies[i]
			tame(&p.BaseDelay)
			tame(&p.StableAfter)
			tame(&p.StopTimeout)
			tame(&p.HungStopTimeout)
			tame(&p.MinUptime)
			tame(&p.StartTimeout)
			tame(&p.Watchdog)
			tame(&p.Probe.Interval)
			tame(&p.Probe.Timeout)
			p.MaxDelay = min(p.MaxDelay, longest)
		}
		return cfg
	})
}

const longest core.Duration = 1 << 40

func tame(d *core.Duration) {
	if *d != core.Forever {
		*d = min(*d, longest)
	}
}
