package scenario_test

import (
	"reflect"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/tasksupervisor/tasksupervisor/core"
	"github.com/tasksupervisor/tasksupervisor/core/scenario"
	"github.com/tasksupervisor/tasksupervisor/internal/settings"
)

// A setting that is not printed, or not parsed, is lost from every recording.
func TestEverySettingIsPrintedAndParsed(t *testing.T) {
	again := func(s scenario.Scenario) *scenario.Scenario {
		t.Helper()
		parsed, err := scenario.Parse(s.Append(nil))
		require.NoError(t, err)
		return parsed
	}
	for _, path := range settings.Paths[core.Policy]() {
		policy := core.DefaultPolicy()
		settings.Change(&policy, path)
		parsed := again(scenario.Scenario{Policies: []scenario.Policy{{Name: "p", Policy: policy}}})
		require.True(t, policy == parsed.Policies[0].Policy,
			"core.Policy.%s is not printed and parsed: add it to policyFields, appendPolicy and setPolicy, and to the list in doc.go", path)
	}
	for _, path := range settings.Paths[core.Config]() {
		var config core.Config
		settings.Change(&config, path)
		parsed := again(scenario.Scenario{Config: config})
		require.True(t, reflect.DeepEqual(config, parsed.Config),
			"core.Config.%s is not printed and parsed: add it to configFields, appendConfig and parseConfig, and to the list in doc.go", path)
	}
	for _, path := range settings.Paths[core.Limits]() {
		define := &scenario.DefineLimits{Name: "l"}
		settings.Change(&define.Limits, path)
		parsed := again(scenario.Scenario{Statements: []scenario.Statement{define}})
		require.True(t, define.Limits == parsed.Statements[0].(*scenario.DefineLimits).Limits,
			"core.Limits.%s is not printed and parsed: add it to limitsFields, appendLimits and setLimits, and to the list in doc.go", path)
	}
}
