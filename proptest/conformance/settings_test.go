package conformance

import (
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/tasksupervisor/tasksupervisor/core"
	"github.com/tasksupervisor/tasksupervisor/internal/settings"
)

// What the stress scenarios never draw, no runtime is tried with.
func TestStressDrawsEverySetting(t *testing.T) {
	suite := &Suite{Stress: 200}
	configs := settings.NewDraws(core.Config{})
	for _, test := range suite.stress() {
		configs.Note(test.config)
	}
	require.Empty(t, configs.Missing(), "Suite.stress never draws these fields of core.Config")

	limits := settings.NewDraws(core.Limits{})
	policies := settings.NewDraws(core.DefaultPolicy())
	o := &operator{harness: &harness{suite: suite}, random: rand.New(rand.NewPCG(1, 1))}
	for range 500 {
		limits.Note(o.limits())
		policies.Note(o.policy())
	}
	require.Empty(t, limits.Missing(), "operator.limits never draws these fields of core.Limits")
	require.Empty(t, policies.Missing(), "operator.policy never draws these fields of core.Policy")
}
