package proptest

import (
	"reflect"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/tasksupervisor/tasksupervisor/core"
	"github.com/tasksupervisor/tasksupervisor/internal/settings"
)

// What the generators never draw, no property checks.
func TestEverySettingIsDrawn(t *testing.T) {
	configs := settings.NewDraws(core.Config{})
	limits := settings.NewDraws(core.Limits{})
	policies := settings.NewDraws(core.DefaultPolicy())
	drawFrom(t, rapidSeed(t), 500)
	rapid.Check(t, func(t *rapid.T) {
		configs.Note(Configs().Draw(t, "config"))
		limits.Note(Limits().Draw(t, "limits"))
		policies.Note(Policies().Draw(t, "policy"))
	})
	require.Empty(t, configs.Missing(), "Configs never draws these fields of core.Config")
	require.Empty(t, limits.Missing(), "Limits never draws these fields of core.Limits")
	require.Empty(t, policies.Missing(), "Policies never draws these fields of core.Policy")
}

// Every field that can be bad is among those that BadConfigs spoils.
func TestEverySettingIsSpoiled(t *testing.T) {
	const advice = "core.%s is never bad: add it to the spoilers in config.go, or to those of which every value is good"
	requireSpoiled(t, advice, configSpoilers(), settings.Paths[core.Config](), []string{"Seed"})
	requireSpoiled(t, advice, policySpoilers(), settings.Paths[core.Policy](), []string{"MaxExponent", "MaxAttempts", "Readiness", "Significant"})
	requireSpoiled(t, advice, policySpoilers(), settings.Durations[core.Policy](), nil)
}

func requireSpoiled[S any](t *testing.T, advice string, spoilers []spoiler[S], paths, good []string) {
	t.Helper()
	for _, path := range paths {
		spoiled := slices.ContainsFunc(spoilers, func(s spoiler[S]) bool { return s.field == path })
		require.True(t, spoiled || slices.Contains(good, path), advice, reflect.TypeFor[S]().Name()+"."+path)
	}
}

// Minimize can reset every setting by itself, whatever the others are.
func TestEverySettingIsMinimized(t *testing.T) {
	const advice = "core.%s is never reset by itself: add it to what simpler lists in minimize.go"
	usual := core.DefaultPolicy()
	resets := func(is func(before, after *core.Config) bool) bool {
		return slices.ContainsFunc(simpler(1), func(simplify func(*core.Config)) bool {
			before := core.Config{Policies: []core.Policy{usual}}
			for _, path := range settings.Paths[core.Config]() {
				settings.Change(&before, path)
			}
			for _, path := range settings.Paths[core.Policy]() {
				settings.Change(&before.Policies[0], path)
			}
			after := before
			after.Policies = slices.Clone(before.Policies)
			simplify(&after)
			return is(&before, &after)
		})
	}
	for _, path := range settings.Paths[core.Config]() {
		require.True(t, resets(func(before, after *core.Config) bool {
			settings.Of(before, path).SetZero()
			return reflect.DeepEqual(before, after)
		}), advice, "Config."+path)
	}
	for _, path := range settings.Paths[core.Policy]() {
		require.True(t, resets(func(before, after *core.Config) bool {
			settings.Of(&before.Policies[0], path).Set(settings.Of(&usual, path))
			return reflect.DeepEqual(before, after)
		}), advice, "Policy."+path)
	}
}

// Tame configurations have no duration at the edge of time but Forever.
func TestEveryDurationIsTamed(t *testing.T) {
	tamed := func(d int64) bool { return d <= int64(longest) || d == int64(core.Forever) }
	drawFrom(t, rapidSeed(t), 500)
	rapid.Check(t, func(t *rapid.T) {
		config := tameConfigs().Draw(t, "config")
		for _, path := range settings.Durations[core.Config]() {
			require.True(t, tamed(settings.Of(&config, path).Int()), "core.Config.%s is not tamed: see tameConfigs", path)
		}
		for i := range config.Policies {
			for _, path := range settings.Durations[core.Policy]() {
				require.True(t, tamed(settings.Of(&config.Policies[i], path).Int()), "core.Policy.%s is not tamed: see tameConfigs", path)
			}
		}
	})
}
