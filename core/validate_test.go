package core_test

import (
	"maps"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/tasksupervisor/tasksupervisor/core"
)

// policyWith returns the default policy with a change.
func policyWith(change func(*core.Policy)) core.Policy {
	p := core.DefaultPolicy()
	change(&p)
	return p
}

// fields returns the fields that New finds bad, in order.
func fields(t *testing.T, config core.Config) []string {
	t.Helper()
	machine, err := core.New(config)
	if err == nil {
		require.NotNil(t, machine)
		return nil
	}
	require.Nil(t, machine)
	var invalid *core.ConfigError
	require.ErrorAs(t, err, &invalid)
	var names []string
	for _, field := range invalid.Fields {
		require.Contains(t, err.Error(), field.Field+" "+field.Problem)
		names = append(names, field.Field)
	}
	return names
}

func TestBadConfigFields(t *testing.T) {
	for _, test := range []struct {
		field  string
		config core.Config
	}{
		{"DeadThreshold", core.Config{Limits: core.Limits{DeadThreshold: core.Fraction{Num: 1}}}},
		{"DeadThreshold", core.Config{Limits: core.Limits{DeadThreshold: core.Fraction{Num: 3, Den: 2}}}},
		{"AutoShutdown", core.Config{Limits: core.Limits{AutoShutdown: 3}}},
		{"AutoShutdown", core.Config{Limits: core.Limits{AutoShutdown: 255}}},
		{"StopOrder", core.Config{StopOrder: 3}},
		{"Strategy", core.Config{Strategy: 3}},
		{"Strategy", core.Config{Strategy: 255}},
		{"Intensity", core.Config{Limits: core.Limits{Intensity: core.Rate{Count: 1, Per: -1}}}},
		{"Intensity", core.Config{Limits: core.Limits{Intensity: core.Rate{Count: 1}}}},
		{"Intensity", core.Config{Limits: core.Limits{Intensity: core.Rate{Count: 1<<16 + 1, Per: 1}}}},
		{"RestartRate", core.Config{Limits: core.Limits{RestartRate: core.Rate{Count: 1, Per: -1}}}},
		{"RestartRate", core.Config{Limits: core.Limits{RestartRate: core.Rate{Count: 1}}}},
		{"RestartRate", core.Config{Limits: core.Limits{RestartRate: core.Rate{Count: 1<<32 - 1, Per: 1}}}},
		{"RestartRate", core.Config{Limits: core.Limits{RestartRate: core.Rate{Per: 1}}}},
		{"ShutdownTimeout", core.Config{Limits: core.Limits{ShutdownTimeout: -1}}},
		{"HealthCheckInterval", core.Config{HealthCheckInterval: -1}},
		{"MaxTasks", core.Config{MaxTasks: core.MaxTasks + 1}},
	} {
		require.Equal(t, []string{test.field}, fields(t, test.config))
	}
}

func TestGoodConfigs(t *testing.T) {
	for _, config := range []core.Config{
		{},
		{Limits: core.Limits{DeadThreshold: core.Fraction{Num: 0, Den: 1}}},
		{Limits: core.Limits{DeadThreshold: core.Fraction{Num: 1<<32 - 1, Den: 1<<32 - 1}}},
		{Limits: core.Limits{ShutdownTimeout: core.Forever}, HealthCheckInterval: core.Forever, MaxTasks: core.MaxTasks},
		{Policies: manyPolicies(1<<16 + 1)},
		{Limits: core.Limits{Intensity: core.Rate{Per: 1}, RestartRate: core.Rate{Count: 1, Per: 1}}},
		{Limits: core.Limits{Intensity: core.Rate{Count: 1 << 16, Per: core.Forever}, RestartRate: core.Rate{Count: 1 << 16, Per: core.Forever}}},
		{Strategy: core.RestForOne, StopOrder: core.StopReverse},
	} {
		require.Empty(t, fields(t, config))
	}
}

func TestBadPolicyFields(t *testing.T) {
	for _, test := range []struct {
		field  string
		change func(*core.Policy)
	}{
		{"Restart", func(p *core.Policy) { p.Restart = 3 }},
		{"OnAbandon", func(p *core.Policy) { p.OnAbandon = 3 }},
		{"BaseDelay", func(p *core.Policy) { p.BaseDelay = -1 }},
		{"Factor", func(p *core.Policy) { p.Factor = 0 }},
		{"MaxDelay", func(p *core.Policy) { p.MaxDelay = -1 }},
		{"StableAfter", func(p *core.Policy) { p.StableAfter = -1 }},
		{"StopTimeout", func(p *core.Policy) { p.StopTimeout = -1 }},
		{"OnExhausted", func(p *core.Policy) { p.OnExhausted = 2 }},
		{"OnMiss", func(p *core.Policy) { p.OnMiss = 2 }},
		{"StartTimeout", func(p *core.Policy) { p.StartTimeout = -1 }},
		{"Watchdog", func(p *core.Policy) { p.Watchdog = -1 }},
		{"Probe.Interval", func(p *core.Policy) { p.Probe = core.Probe{Interval: -1, Failures: 1} }},
		{"Probe.Interval", func(p *core.Policy) { p.Probe = core.Probe{Timeout: 1, Failures: 1} }},
		{"Probe.Interval", func(p *core.Policy) { p.Probe = core.Probe{Timeout: 1} }},
		{"Probe.Interval", func(p *core.Policy) { p.Probe = core.Probe{Failures: 1} }},
		{"Probe.Timeout", func(p *core.Policy) { p.Probe = core.Probe{Interval: 1, Timeout: -1, Failures: 1} }},
		{"Probe.Failures", func(p *core.Policy) { p.Probe = core.Probe{Interval: 1} }},
		{"Probe", func(p *core.Policy) { p.Watchdog, p.Probe = 1, core.Probe{Interval: 1, Failures: 1} }},
		{"Jitter", func(p *core.Policy) { p.Jitter = core.Fraction{Num: 1} }},
		{"Jitter", func(p *core.Policy) { p.Jitter = core.Fraction{Num: 2, Den: 1} }},
		{"MaxDelay", func(p *core.Policy) { p.BaseDelay = core.Forever }},
		{"MaxDelay", func(p *core.Policy) { p.Factor, p.MaxExponent, p.MaxAttempts = 1<<32-1, 5, 5 }},
		{"MaxDelay", func(p *core.Policy) { p.BaseDelay, p.MaxAttempts = core.Forever/2+1, 1 }},
	} {
		policy := policyWith(test.change)
		require.Equal(t, []string{"Policies[1]." + test.field},
			fields(t, core.Config{Policies: []core.Policy{core.DefaultPolicy(), policy}}))

		_, err := newMachine(t, core.Config{}).Define(policy)
		var invalid *core.ConfigError
		require.ErrorAs(t, err, &invalid)
		require.Len(t, invalid.Fields, 1)
		require.Equal(t, test.field, invalid.Fields[0].Field)
	}
}

func TestGoodPolicies(t *testing.T) {
	for _, change := range []func(*core.Policy){
		func(p *core.Policy) { *p = core.Policy{Factor: 1} },
		func(p *core.Policy) {
			p.StableAfter, p.StopTimeout, p.MaxDelay = core.Forever, core.Forever, core.Forever
		},
		func(p *core.Policy) { p.BaseDelay, p.MaxDelay = core.Forever, core.Forever-1 },
		func(p *core.Policy) { p.BaseDelay, p.MaxAttempts = core.Forever/2, 1 }, // at most twice that, which is enough
		func(p *core.Policy) { p.BaseDelay, p.MaxAttempts = core.Forever-1, 0 },
		func(p *core.Policy) { p.Factor, p.MaxExponent, p.BaseDelay = 1<<32-1, 1<<32-1, 0 },
		func(p *core.Policy) { p.Jitter = core.Fraction{Num: 1<<32 - 1, Den: 1<<32 - 1} },
		func(p *core.Policy) { p.Jitter = core.Fraction{Num: 0, Den: 1} },
		func(p *core.Policy) { p.MaxAttempts = core.Unlimited },
		func(p *core.Policy) { p.Readiness, p.StartTimeout = true, 0 },
		func(p *core.Policy) { p.Readiness, p.StartTimeout, p.Watchdog = true, core.Forever, core.Forever },
		func(p *core.Policy) { p.Probe = core.Probe{Interval: 1, Failures: 1} },
		func(p *core.Policy) {
			p.Probe = core.Probe{Interval: core.Forever, Timeout: core.Forever, Failures: 255}
		},
	} {
		require.Empty(t, fields(t, core.Config{Policies: []core.Policy{policyWith(change)}}))
	}
}

// In reference cadence the power of the factor is capped, and with it the longest delay.
func TestLongestDelayInCadence(t *testing.T) {
	policy := policyWith(func(p *core.Policy) { p.Factor, p.MaxExponent = 1<<32-1, 5 })
	require.Equal(t, []string{"Policies[0].MaxDelay"}, fields(t, core.Config{Policies: []core.Policy{policy}}))
	require.Empty(t, fields(t, core.Config{HealthCheckInterval: 1, Policies: []core.Policy{policy}}))
}

// One pass finds all that is bad, in the order of the fields, and each is an error to look for.
func TestAllBadFieldsAreNamedAtOnce(t *testing.T) {
	config := core.Config{
		Strategy: 9, Limits: core.Limits{DeadThreshold: core.Fraction{Num: 1}, Intensity: core.Rate{Per: -1}, RestartRate: core.Rate{Count: 1}, AutoShutdown: 9, ShutdownTimeout: -1},
		StopOrder: 9, HealthCheckInterval: -1, MaxTasks: 1 << 31,
		Policies: []core.Policy{core.DefaultPolicy(), {
			Restart: 9, BaseDelay: -1, Factor: 0, MaxDelay: -1, Jitter: core.Fraction{Num: 1}, StableAfter: -1,
			StopTimeout: -1, OnAbandon: 9, OnExhausted: 9, StartTimeout: -1, Watchdog: -1,
			Probe: core.Probe{Interval: 1, Timeout: -1}, OnMiss: 9,
		}},
	}
	require.Equal(t, []string{
		"Strategy", "DeadThreshold", "Intensity", "RestartRate", "AutoShutdown", "ShutdownTimeout", "StopOrder",
		"HealthCheckInterval", "MaxTasks",
		"Policies[1].Restart", "Policies[1].OnAbandon", "Policies[1].BaseDelay", "Policies[1].Factor",
		"Policies[1].MaxDelay", "Policies[1].StableAfter", "Policies[1].StopTimeout", "Policies[1].OnExhausted",
		"Policies[1].StartTimeout", "Policies[1].Watchdog", "Policies[1].Probe.Timeout", "Policies[1].Probe.Failures",
		"Policies[1].Probe", "Policies[1].OnMiss", "Policies[1].Jitter",
	}, fields(t, config))

	_, err := core.New(config)
	var field *core.FieldError
	require.ErrorAs(t, err, &field)
	require.Equal(t, "Strategy", field.Field)
	require.EqualError(t, field, "Strategy is unknown")
}

// warnings returns the fields that are warned about.
func warnings(config core.Config) []string {
	var names []string
	for _, warning := range config.Warnings() {
		names = append(names, warning.Field)
	}
	return names
}

func TestWarnings(t *testing.T) {
	usual := core.DefaultPolicy()
	for _, test := range []struct {
		field  string // none: no warning
		config core.Config
		change func(*core.Policy)
	}{
		{"", core.Config{Limits: core.Limits{DeadThreshold: core.Fraction{Num: 9, Den: 10}, ShutdownTimeout: usual.StopTimeout}}, nil},
		{"DeadThreshold", core.Config{Limits: core.Limits{DeadThreshold: core.Fraction{Num: 4, Den: 4}}}, nil},
		{"Policies[0].MaxDelay", core.Config{}, func(p *core.Policy) { p.MaxDelay = 32e9 + 1 }},
		{"", core.Config{}, func(p *core.Policy) { p.MaxDelay = 32e9 }},
		{"", core.Config{}, func(p *core.Policy) { p.MaxDelay = core.Forever }},
		{"Policies[0].MaxExponent", core.Config{}, func(p *core.Policy) { p.MaxExponent = 6 }},
		{"", core.Config{}, func(p *core.Policy) { p.MaxExponent, p.MaxAttempts = 6, core.Unlimited }},
		{"", core.Config{}, func(p *core.Policy) { p.MaxExponent, p.Restart = 6, core.RestartNever }},
		{"Policies[0].MaxAttempts", core.Config{}, func(p *core.Policy) { p.StableAfter = 0 }},
		{"", core.Config{HealthCheckInterval: 1}, func(p *core.Policy) { p.StableAfter = 0 }},
		{"", core.Config{}, func(p *core.Policy) { p.StableAfter = 1 }},
		{"", core.Config{}, func(p *core.Policy) { p.StableAfter, p.MaxAttempts = 0, core.Unlimited }},
		{"", core.Config{}, func(p *core.Policy) { p.StableAfter, p.MaxAttempts, p.MaxExponent = 0, 0, 0 }},
		{"Policies[0].MinUptime", core.Config{}, func(p *core.Policy) { p.MinUptime = 1 }},
		{"Policies[0].MinUptime", core.Config{}, func(p *core.Policy) { p.Restart, p.MinUptime = core.RestartAlways, p.StableAfter+1 }},
		{"", core.Config{}, func(p *core.Policy) { p.Restart, p.MinUptime = core.RestartAlways, p.StableAfter }},
		{"Policies[0].HungStopTimeout", core.Config{}, func(p *core.Policy) { p.HungStopTimeout = 1 }},
		{"", core.Config{}, func(p *core.Policy) { p.HungStopTimeout, p.Readiness = 1, true }},
		{"", core.Config{}, func(p *core.Policy) { p.HungStopTimeout, p.Watchdog = 1, 1 }},
		{"", core.Config{}, func(p *core.Policy) {
			p.HungStopTimeout, p.Probe = 1, core.Probe{Interval: 1, Failures: 1}
		}},
		{"", core.Config{Limits: core.Limits{ShutdownTimeout: usual.StopTimeout - 1}}, nil},
		{"Policies[0].StopTimeout", core.Config{Limits: core.Limits{ShutdownTimeout: 11e9 - 1}}, func(p *core.Policy) { p.StopTimeout = 11e9 }},
		{"", core.Config{Limits: core.Limits{ShutdownTimeout: 11e9}}, func(p *core.Policy) { p.StopTimeout = 11e9 }},
		{"", core.Config{Limits: core.Limits{ShutdownTimeout: 1}}, func(p *core.Policy) { p.StopTimeout = core.Forever }},
		{"RestartRate", core.Config{Limits: core.Limits{RestartRate: core.Rate{Count: 1, Per: core.Forever}}}, nil},
		{"", core.Config{Limits: core.Limits{RestartRate: core.Rate{Count: 1, Per: core.Forever - 1}}}, nil},
		{"Policies[0].OnExhausted", core.Config{}, func(p *core.Policy) {
			p.OnExhausted, p.MaxAttempts = core.ExhaustedEscalate, core.Unlimited
		}},
		{"", core.Config{}, func(p *core.Policy) { p.OnExhausted = core.ExhaustedEscalate }},
		{"Policies[0].OnMiss", core.Config{}, func(p *core.Policy) { p.OnMiss = core.MissReport }},
		{"", core.Config{}, func(p *core.Policy) { p.OnMiss, p.Watchdog = core.MissReport, 1 }},
		{"", core.Config{}, func(p *core.Policy) {
			p.OnMiss, p.Probe = core.MissReport, core.Probe{Interval: 1, Failures: 1}
		}},
		{"Policies[0].StartTimeout", core.Config{}, func(p *core.Policy) { p.Readiness, p.StartTimeout = true, 0 }},
		{"Policies[0].StartTimeout", core.Config{}, func(p *core.Policy) { p.StartTimeout = 0 }},
		{"Policies[0].StartTimeout", core.Config{}, func(p *core.Policy) { p.StartTimeout = usual.StartTimeout + 1 }},
		{"", core.Config{}, func(p *core.Policy) { p.StartTimeout = core.Forever }},
		{"", core.Config{}, func(p *core.Policy) { p.Readiness = true }},
		{"", core.Config{}, func(p *core.Policy) { p.MaxAttempts = 3 }}, // the exponent is the default one
		{"", core.Config{}, func(p *core.Policy) { p.Factor = 1 }},
		{"Policies[0].MaxExponent", core.Config{}, func(p *core.Policy) { p.Factor, p.MaxExponent = 1, 3 }},
		{"Policies[0].BaseDelay", core.Config{}, func(p *core.Policy) { p.BaseDelay, p.MaxDelay = 10, 9 }},
		{"", core.Config{}, func(p *core.Policy) { p.BaseDelay, p.MaxDelay = 10, 10 }},
		{"Policies[0].Jitter", core.Config{}, func(p *core.Policy) { p.BaseDelay, p.Jitter = 0, core.Fraction{Num: 1, Den: 2} }},
		{"", core.Config{}, func(p *core.Policy) { p.BaseDelay, p.Jitter = 1, core.Fraction{Num: 1, Den: 2} }},
		{"Policies[0].BaseDelay", core.Config{}, func(p *core.Policy) { p.Restart, p.BaseDelay = core.RestartNever, 1 }},
		{"Policies[0].MaxAttempts", core.Config{}, func(p *core.Policy) { p.Restart, p.MaxAttempts = core.RestartNever, 1 }},
		{"Policies[0].OnExhausted", core.Config{}, func(p *core.Policy) {
			p.Restart, p.OnExhausted = core.RestartNever, core.ExhaustedEscalate
		}},
		{"", core.Config{}, func(p *core.Policy) { p.Restart = core.RestartNever }},
		{"Policies[0].OnAbandon", core.Config{}, func(p *core.Policy) {
			p.OnAbandon, p.StopTimeout = core.AbandonReplace, core.Forever
		}},
		{"", core.Config{}, func(p *core.Policy) {
			p.OnAbandon, p.StopTimeout, p.HungStopTimeout, p.Readiness = core.AbandonReplace, core.Forever, 1, true
		}},
		{"", core.Config{}, func(p *core.Policy) { p.StopTimeout = core.Forever }},
		{"Policies[0].Significant", core.Config{}, func(p *core.Policy) { p.Significant = false }},
		{"", core.Config{Limits: core.Limits{AutoShutdown: core.AutoShutdownAll}}, func(p *core.Policy) { p.Significant = false }},
	} {
		policy := usual
		if test.change != nil {
			test.change(&policy)
		}
		test.config.Policies = []core.Policy{policy}
		var expected []string
		if test.field != "" {
			expected = []string{test.field}
		}
		require.Equal(t, expected, warnings(test.config), "%+v", test.config)
		require.Empty(t, fields(t, test.config), "a warning is no error")
	}
	config := core.Config{Limits: core.Limits{DeadThreshold: core.Fraction{Num: 1, Den: 1}}}
	require.Equal(t, "DeadThreshold is 1 and can never be exceeded", config.Warnings()[0].String())
}

// manyPolicies returns so many different policies.
func manyPolicies(number int) []core.Policy {
	policies := make([]core.Policy, number)
	for i := range policies {
		policies[i] = policyWith(func(p *core.Policy) { p.StableAfter = core.Duration(i) })
	}
	return policies
}

func TestDefine(t *testing.T) {
	machine := newMachine(t, core.Config{})
	id, err := machine.Define(core.DefaultPolicy())
	require.NoError(t, err)
	require.Equal(t, core.PolicyID(0), id, "a known policy keeps its id")
	known, ok := machine.Policy(0)
	require.True(t, ok)
	require.Equal(t, core.DefaultPolicy(), known)

	quick := policyWith(func(p *core.Policy) { p.BaseDelay = 1 })
	digest := machine.Digest()
	id, err = machine.Define(quick)
	require.NoError(t, err)
	require.Equal(t, core.PolicyID(1), id)
	require.NotEqual(t, digest, machine.Digest())
	require.Equal(t, []core.Policy{core.DefaultPolicy()}, machine.Config().Policies)
	require.Equal(t, map[core.PolicyID]core.Policy{0: core.DefaultPolicy(), 1: quick}, maps.Collect(machine.Policies()))
	known, ok = machine.Policy(1)
	require.True(t, ok)
	require.Equal(t, quick, known)
	_, ok = machine.Policy(2)
	require.False(t, ok)

	digest = machine.Digest()
	_, err = machine.Define(core.Policy{})
	require.Error(t, err)
	id, err = machine.Define(quick)
	require.NoError(t, err)
	require.Equal(t, core.PolicyID(1), id)
	require.Equal(t, digest, machine.Digest())
}

func TestDefineLimits(t *testing.T) {
	config := core.Config{Limits: core.Limits{AutoShutdown: core.AutoShutdownAny, ShutdownTimeout: 5, Intensity: core.Rate{Count: 1, Per: 2}}}
	machine := newMachine(t, config)
	own := core.Limits{AutoShutdown: core.AutoShutdownAny, ShutdownTimeout: 5, Intensity: core.Rate{Count: 1, Per: 2}}
	known, ok := machine.Limits(0)
	require.True(t, ok)
	require.Equal(t, own, known)
	id, err := machine.DefineLimits(own)
	require.NoError(t, err)
	require.Equal(t, core.LimitsID(0), id, "known limits keep their id")

	digest := machine.Digest()
	id, err = machine.DefineLimits(core.Limits{})
	require.NoError(t, err)
	require.Equal(t, core.LimitsID(1), id)
	require.NotEqual(t, digest, machine.Digest())
	known, ok = machine.Limits(1)
	require.True(t, ok)
	require.Equal(t, core.Limits{}, known)
	_, ok = machine.Limits(2)
	require.False(t, ok)
	require.Equal(t, core.AutoShutdownAny, machine.Config().AutoShutdown, "not before the event")

	digest = machine.Digest()
	for _, test := range []struct {
		field  string
		limits core.Limits
	}{
		{"DeadThreshold", core.Limits{DeadThreshold: core.Fraction{Num: 2, Den: 1}}},
		{"Intensity", core.Limits{Intensity: core.Rate{Count: 1}}},
		{"RestartRate", core.Limits{RestartRate: core.Rate{Per: 1}}},
		{"AutoShutdown", core.Limits{AutoShutdown: 3}},
		{"ShutdownTimeout", core.Limits{ShutdownTimeout: -1}},
	} {
		_, err = machine.DefineLimits(test.limits)
		var invalid *core.ConfigError
		require.ErrorAs(t, err, &invalid)
		require.Len(t, invalid.Fields, 1)
		require.Equal(t, test.field, invalid.Fields[0].Field)
	}
	require.Equal(t, digest, machine.Digest())
}

// The caller's slice is not the machine's.
func TestNewKeepsItsOwnPolicies(t *testing.T) {
	policies := []core.Policy{core.DefaultPolicy()}
	machine := newMachine(t, core.Config{Policies: policies})
	policies[0].MaxAttempts = 99
	machine.Config().Policies[0].MaxAttempts = 99
	require.Equal(t, uint32(5), machine.Config().Policies[0].MaxAttempts)
}
