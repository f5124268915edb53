package explore

import (
	"maps"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/tasksupervisor/tasksupervisor/core"
	"github.com/tasksupervisor/tasksupervisor/internal/settings"
)

// Times are packed into the keys that identify a state, so every duration has to be bounded.
func TestEveryDurationIsBounded(t *testing.T) {
	requireBounded := func(path string, model Model) {
		t.Helper()
		var invalid *ModelError
		require.ErrorAs(t, model.validate(), &invalid, "core.%s is not bounded: add it to validateLimits or validatePolicy in model.go", path)
	}
	const tooLong = int64(DurationMax + 1)
	for _, path := range settings.Durations[core.Config]() {
		model := Model{Tasks: 1, Config: core.Config{Policies: []core.Policy{core.DefaultPolicy()}}}
		if path == "RestartRate.Per" {
			model.Config.RestartRate.Count = 1
		}
		settings.Of(&model.Config, path).SetInt(tooLong)
		requireBounded("Config."+path, model)
	}
	for _, path := range settings.Durations[core.Policy]() {
		policy := core.DefaultPolicy()
		switch path {
		case "MaxDelay": // shortens, and is bounded with the delays
			policy.BaseDelay = core.Forever - 1
		case "Probe.Interval", "Probe.Timeout":
			policy.Probe = core.Probe{Interval: 1, Timeout: 1, Failures: 1}
		}
		settings.Of(&policy, path).SetInt(tooLong)
		requireBounded("Policy."+path, Model{Tasks: 1, Config: core.Config{Policies: []core.Policy{policy}}})
	}
}

// What every setting means to those who tell states apart. A setting that is not here was forgotten: then states that
// differ in their future may be taken for one.
var (
	// policySettings says how a state is known to differ by a field of its tasks' policies. All of them are known by the
	// policy's id, which is part of the identity; what is said here is what else depends on them.
	policySettings = map[string]string{
		"Restart":         "decides when a run ends",
		"BaseDelay":       "is in the time until a restart",
		"Factor":          "is in the time until a restart",
		"MaxExponent":     "limits the attempts that matter",
		"MaxDelay":        "is in the time until a restart, and limits the attempts that matter",
		"Jitter":          "is refused: a model has none",
		"MaxAttempts":     "limits the attempts that matter",
		"StableAfter":     "is in the time until stability, and bounds it where policies change",
		"StopTimeout":     "is in the time until a run is abandoned; makes tasks differ by order where that can halt",
		"OnAbandon":       "decides when a run is abandoned; makes tasks differ by order where that can halt",
		"OnExhausted":     "decides when no attempts are left; makes tasks differ by order where that can halt",
		"Readiness":       "decides the status after a start",
		"MinUptime":       "is in the time that a run has been healthy",
		"HungStopTimeout": "is in the time until a hung run is abandoned, and whether it hangs is",
		"StartTimeout":    "is in the time until a start fails",
		"Watchdog":        "is in the time until a miss",
		"Probe":           "is in the time until a probe, an answer is awaited or not, and the misses are counted",
		"OnMiss":          "decides what a miss does",
		"Significant":     "counts by policy",
	}

	// configSettings says the same of the configuration. It is one for all states of a model, limits aside.
	configSettings = map[string]string{
		"Seed":                "draws nothing: a model has no jitter",
		"DeadThreshold":       "is compared with the statuses; makes tasks differ by order where a stop timeout can cross it",
		"Intensity":           "looks back at the crashes, which are in the identity as far as it does",
		"RestartRate":         "looks back at the restarts, which are in the identity as far as it does; makes tasks queue",
		"AutoShutdown":        "is compared with the statuses; makes tasks differ by order where a stop timeout can end one",
		"ShutdownTimeout":     "is in the time until the shutdown is over",
		"Strategy":            "makes tasks differ by order",
		"StopOrder":           "makes tasks differ by order",
		"HealthCheckInterval": "the place on the grid is in the identity",
		"MaxTasks":            "is compared with the number of tasks",
	}
)

func TestEverySettingIsKnownToTheIdentity(t *testing.T) {
	const advice = "decide what core.%s means for identity.go and symmetry.go, put a model that shows it on the list, and say it here"
	for _, list := range []struct {
		name  string
		paths []string
		known map[string]string
	}{
		{"Policy", settings.Paths[core.Policy](), policySettings},
		{"Config", settings.Paths[core.Config](), configSettings},
	} {
		for _, path := range list.paths {
			require.Contains(t, list.known, path, advice, list.name+"."+path)
		}
		require.Len(t, list.known, len(list.paths), "of %s, one of these is no setting: %v", list.name, slices.Sorted(maps.Keys(list.known)))
	}
}

// Every setting of a policy is explored: a model has it other than by default. Jitter is refused, and Factor does nothing
// that BaseDelay and MaxExponent do not.
func TestEverySettingHasAModel(t *testing.T) {
	draws := settings.NewDraws(core.DefaultPolicy())
	for _, named := range Models() {
		for _, policy := range named.Model.Config.Policies {
			draws.Note(policy)
		}
	}
	missing := slices.DeleteFunc(draws.Missing(), func(path string) bool { return path == "Jitter" || path == "Factor" })
	require.Empty(t, missing, "no model has these fields of core.Policy other than by default: put one on a list in models*.go")
}

// A supervisor that a stop timeout can halt tells its tasks apart by their order, whichever stop timeout it is.
func TestStopTimeoutsThatHaltMakeTasksDiffer(t *testing.T) {
	policy := core.DefaultPolicy()
	policy.Watchdog, policy.OnAbandon = 1, core.AbandonEscalate
	for _, limits := range []struct{ stop, hung core.Duration }{{1, 0}, {1, core.Forever}, {core.Forever, 1}} {
		policy.StopTimeout, policy.HungStopTimeout = limits.stop, limits.hung
		require.False(t, (&Model{Tasks: 2, Config: core.Config{Policies: []core.Policy{policy}}}).symmetric(), "%+v", limits)
	}
	policy.StopTimeout, policy.HungStopTimeout = core.Forever, core.Forever
	require.True(t, (&Model{Tasks: 2, Config: core.Config{Policies: []core.Policy{policy}}}).symmetric())
}
