package supervisor

import (
	"context"
	"hash/fnv"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/tasksupervisor/tasksupervisor/core"
	fields "github.com/tasksupervisor/tasksupervisor/internal/settings"
)

// Every field of a policy and of the limits can be set by an option of its own.
func TestEverySettingHasAnOption(t *testing.T) {
	check := func(context.Context) error { return nil }
	task := taskSettings{policy: core.DefaultPolicy()}
	for _, option := range []TaskOption{
		WithRestart(RestartAlways), WithBackoff(Backoff{Base: 3, Factor: 3, MaxExponent: 3, Max: 3, Jitter: 0.5}), WithMaxAttempts(3),
		WithStableAfter(3), WithMinUptime(3), WithStopTimeout(3), WithHungStopTimeout(3), WithOnAbandon(AbandonReplace), WithOnExhausted(ExhaustedEscalate),
		WithReadiness(true), WithStartTimeout(3), WithWatchdog(3), WithProbe(check, Probe{Interval: 3, Timeout: 3, Failures: 3}),
		WithOnMiss(MissReport), WithSignificant(false),
	} {
		option.applyToTask(&task)
	}
	require.Empty(t, task.problems)
	policies := fields.NewDraws(core.DefaultPolicy())
	policies.Note(core.DefaultPolicy())
	policies.Note(task.policy)
	require.Empty(t, policies.Missing(), "no option sets these fields of core.Policy: write one in options_task.go, and list it above")

	var limits limitSettings
	for _, option := range []LimitOption{
		WithDeadThreshold(0.5), WithIntensity(3, time.Second), WithRestartRate(3, time.Second), WithAutoShutdown(AutoShutdownAll),
		WithShutdownTimeout(3),
	} {
		option.applyToLimits(&limits)
	}
	require.Empty(t, limits.problems)
	draws := fields.NewDraws(core.Limits{})
	draws.Note(core.Limits{})
	draws.Note(limits.Limits)
	require.Empty(t, draws.Missing(), "no option sets these fields of core.Limits: write one in options_limits.go, and list it above")

	supervisor := new(settings)
	for _, option := range []Option{
		WithStrategy(OneForAll), WithStopOrder(StopReverse), WithSeed(3), WithMaxTasks(3), ReferenceCadence(3),
	} {
		option.applyTo(supervisor)
	}
	require.Empty(t, supervisor.task.problems)
	supervisor.config.Limits = limits.Limits
	configs := fields.NewDraws(core.Config{})
	configs.Note(core.Config{})
	configs.Note(supervisor.config)
	require.Empty(t, configs.Missing(), "no option sets these fields of core.Config: write one in options.go, and list it above")
}

// Recordings and schedules with jitter depend on the keys of tasks.
func TestKeysAreHashesOfNames(t *testing.T) {
	for _, name := range []string{"a", "b", "worker-1", "日本"} {
		hash := fnv.New32a()
		_, _ = hash.Write([]byte(name))
		require.Equal(t, hash.Sum32(), keyOf(name))
	}
}
