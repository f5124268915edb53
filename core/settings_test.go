package core_test

import (
	"math/rand/v2"
	"reflect"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/tasksupervisor/tasksupervisor/core"
	"github.com/tasksupervisor/tasksupervisor/internal/settings"
)

// A negative duration, an unknown value of an enumeration, and a fraction above 1 or a rate without a window are refused,
// whatever setting they are in.
func TestEverySettingIsRefusedWhenBad(t *testing.T) {
	requireRefused := func(path string, config core.Config) {
		t.Helper()
		setting, _, _ := strings.Cut(path, ".")
		for _, field := range fields(t, config) {
			field = strings.TrimPrefix(field, "Policies[0].")
			if field == path || field == setting || strings.HasPrefix(field, path+".") {
				return
			}
		}
		require.Fail(t, "a bad "+path+" is not refused: add it to the checks in validate.go")
	}
	for _, path := range badPaths[core.Config]() {
		var config core.Config
		spoil(settings.Of(&config, path))
		requireRefused(path, config)
	}
	for _, path := range badPaths[core.Policy]() {
		policy := core.DefaultPolicy()
		if strings.HasPrefix(path, "Probe.") {
			policy.Probe = core.Probe{Interval: 1, Timeout: 1, Failures: 1}
		}
		spoil(settings.Of(&policy, path))
		requireRefused(path, core.Config{Policies: []core.Policy{policy}})
	}
}

// badPaths returns the settings that can be bad by themselves.
func badPaths[S any]() []string {
	paths := append(settings.Durations[S](), settings.Enumerations[S]()...)
	return append(paths, settings.Compounds[S]()...)
}

// spoil makes a setting bad: of a fraction or a rate, all parts but the first are zero.
func spoil(setting reflect.Value) {
	switch setting.Kind() {
	case reflect.Int64:
		setting.SetInt(-1)
	case reflect.Uint8:
		setting.SetUint(255)
	default:
		first := setting.Field(0)
		if first.Kind() == reflect.Int64 {
			first.SetInt(1)
		} else {
			first.SetUint(1)
		}
	}
}

// What the worlds of these tests never draw, they do not test.
func TestWorldsDrawEverySetting(t *testing.T) {
	configs := settings.NewDraws(core.Config{})
	limits := settings.NewDraws(core.Limits{})
	policies := settings.NewDraws(core.DefaultPolicy())
	for seed := range uint64(500) {
		random := rand.New(rand.NewPCG(seed, 0))
		config := randomConfig(random)
		configs.Note(config)
		for _, policy := range config.Policies {
			policies.Note(policy)
		}
		limits.Note(randomLimits(random))
	}
	require.Empty(t, configs.Missing(), "randomConfig never draws these fields of core.Config")
	require.Empty(t, limits.Missing(), "randomLimits never draws these fields of core.Limits")
	require.Empty(t, policies.Missing(), "randomPolicy never draws these fields of core.Policy")
}
