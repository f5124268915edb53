package explore

import (
	"errors"
	"flag"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/tasksupervisor/tasksupervisor/core"
	"github.com/tasksupervisor/tasksupervisor/core/scenario"
	"github.com/tasksupervisor/tasksupervisor/internal/golden"
)

var large = flag.Bool("large", false, "explore the large models, which takes minutes")

const countsGolden = "testdata/counts.txt"

// The small models are explored once, for all that is to be known of them. With -large, the large ones are.
func TestModels(t *testing.T) {
	models, countsFile := Models(), countsGolden
	if *large {
		models, countsFile = LargeModels(), "testdata/counts-large.txt"
	}
	if statesMax() > 0 {
		t.Logf("only %d states of each model", statesMax())
	}
	var counts strings.Builder
	var table Table
	reasons, refusals := map[core.Reason]bool{}, map[core.Refusal]bool{}
	fmt.Fprintf(&counts, "%-18s %9s %9s %12s %6s\n", "model", "symmetric", "states", "transitions", "depth")
	for _, named := range models {
		result, err := Run(named.Model, Options{MaxStates: statesMax(), Observe: func(tr *Transition) {
			table.Observe(tr)
			for i := range tr.Actions {
				reasons[tr.Actions[i].Why] = true
				refusals[tr.Actions[i].Refusal] = true
			}
		}})
		require.NoError(t, err)
		require.Nil(t, result.Violation, named.Name)
		require.True(t, result.Complete || statesMax() > 0)
		require.NotEmpty(t, named.About)
		counts.WriteString(countsLine(named, result))
	}
	if statesMax() == 0 {
		t.Run("counts", func(t *testing.T) {
			// The numbers are exact, and a change of any of them is a change of behaviour.
			golden.Compare(t, countsFile, counts.String())
		})
	}
	switch {
	case *large: // what only the large models bring about
		t.Run("table", func(t *testing.T) { golden.Compare(t, "testdata/transitions-large.txt", linesBeyond(t, &table)) })
		return
	case statesMax() > 0:
		t.Run("table", func(t *testing.T) { require.Empty(t, linesBeyond(t, &table)) })
		return
	}
	t.Run("reasons", func(t *testing.T) {
		for reason := range core.ValuesFrom(core.ReasonAdded) {
			require.True(t, reasons[reason], reason.String())
		}
		for refusal := range core.ValuesFrom(core.RefusalUnknownEvent) {
			require.True(t, refusals[refusal], refusal.String())
		}
	})
	t.Run("table", func(t *testing.T) { requireTable(t, &table) })
}

func countsLine(named NamedModel, result Result) string {
	return fmt.Sprintf("%-18s %9v %9d %12d %6d\n", named.Name, result.Symmetric, result.States, result.Transitions, result.Depth)
}

// planted is an invariant that does not hold: that no task ever dies of failing too often.
func planted() Invariant {
	return Invariant{Name: "planted", Check: func(t *Transition) error {
		if slices.ContainsFunc(t.Actions, func(a core.Action) bool { return a.Why == core.ReasonExhausted }) {
			return errors.New("a task is exhausted")
		}
		return nil
	}}
}

func TestViolationIsAShortestScenario(t *testing.T) {
	for _, name := range []string{"two", "threshold", "all-instants"} {
		t.Run(name, func(t *testing.T) {
			model := namedModel(t, name)
			result, err := Run(model, Options{Invariants: []Invariant{planted()}})
			require.NoError(t, err)
			require.False(t, result.Complete)
			violation := result.Violation
			require.NotNil(t, violation)
			require.Equal(t, "planted", violation.Invariant)
			require.EqualError(t, violation, `invariant "planted" broken at event 6: a task is exhausted`)
			require.EqualError(t, errors.Unwrap(violation), "a task is exhausted")
			// The tick at the origin, add, start, and three failures: it cannot be done in less. Each of the later
			// two comes at the very instant of the restart before.
			require.Len(t, violation.Events, 6)

			parsed, err := scenario.Parse([]byte(violation.Scenario.String()))
			require.NoError(t, err)
			machine, err := parsed.Play()
			require.NoError(t, err)
			require.Equal(t, 1, machine.Counts().Dead)
			require.Contains(t, violation.Scenario.String(), "exhausted")
		})
	}
}

// A panic is a violation like any other, with the event that caused it as the last one.
func TestViolationByPanic(t *testing.T) {
	shots := 0
	fragile := Invariant{Name: "fragile", Check: func(t *Transition) error {
		if t.Event.Kind == core.EventKill && t.After.Counts().Dead > 0 {
			shots++
			panic("boom")
		}
		return nil
	}}
	result, err := Run(namedModel(t, "one"), Options{Invariants: []Invariant{fragile}})
	require.NoError(t, err)
	require.Equal(t, 1, shots)
	require.Equal(t, InvariantPanic, result.Violation.Invariant)
	require.EqualError(t, result.Violation.Err, "boom")
	require.Equal(t, core.EventKill, result.Violation.Events[len(result.Violation.Events)-1].Kind)
}

func TestMaxStates(t *testing.T) {
	result, err := Run(namedModel(t, "two"), Options{MaxStates: 50})
	require.NoError(t, err)
	require.Equal(t, 50, result.States)
	require.False(t, result.Complete)
	require.Nil(t, result.Violation)
}

func TestProgressAndObserve(t *testing.T) {
	var progress []Progress
	observed := 0
	result, err := Run(namedModel(t, "two"), Options{
		Progress: func(p Progress) { progress = append(progress, p) },
		Observe:  func(*Transition) { observed++ },
	})
	require.NoError(t, err)
	require.Equal(t, result.Transitions, observed)
	require.Len(t, progress, result.Depth+1)
	last := progress[len(progress)-1]
	require.Equal(t, Progress{result.Depth, result.States, result.Transitions, 0}, last)
}

func TestModelErrors(t *testing.T) {
	good := namedModel(t, "two")
	for _, test := range []struct {
		field string
		spoil func(*Model)
	}{
		{"Tasks", func(m *Model) { m.Tasks = 0 }},
		{"Tasks", func(m *Model) { m.Tasks = TasksMax + 1 }},
		{"Instants", func(m *Model) { m.Instants = instants }},
		{"Config.Policies", func(m *Model) { m.Config.Policies = make([]core.Policy, PoliciesMax+1); fill(m.Config.Policies) }},
		{"Config.Policies[0].Jitter", func(m *Model) { m.Config.Policies[0].Jitter = core.Fraction{Num: 1, Den: 9} }},
		{"Config.Policies[0].MaxAttempts", func(m *Model) { m.Config.Policies[0].MaxAttempts = AttemptsMax + 1 }},
		{"Config.Policies[0].MaxDelay", func(m *Model) { m.Config.Policies[0].BaseDelay = DurationMax }},
		{"Config.Policies[0].StableAfter", func(m *Model) { m.Config.Policies[0].StableAfter = DurationMax + 1 }},
		{"Config.Policies[0].StopTimeout", func(m *Model) { m.Config.Policies[0].StopTimeout = DurationMax + 1 }},
		{"Config.Policies[0].StartTimeout", func(m *Model) { m.Config.Policies[0].StartTimeout = DurationMax + 1 }},
		{"Config.Policies[0].Watchdog", func(m *Model) { m.Config.Policies[0].Watchdog = DurationMax + 1 }},
		{"Config.Policies[0].Probe.Timeout", func(m *Model) {
			m.Config.Policies[0].Probe = core.Probe{Interval: 1, Timeout: DurationMax + 1, Failures: 1}
		}},
		{"Config.Intensity", func(m *Model) { m.Config.Intensity = core.Rate{Count: CountMax + 1, Per: 1} }},
		{"Config.RestartRate", func(m *Model) { m.Config.RestartRate = core.Rate{Count: 1, Per: core.Forever} }},
		{"Limits[0].Intensity", func(m *Model) { m.Limits = []core.Limits{{Intensity: core.Rate{Count: 1, Per: DurationMax + 1}}} }},
		{"Limits", func(m *Model) {
			for i := range LimitsMax {
				m.Limits = append(m.Limits, core.Limits{ShutdownTimeout: core.Duration(i + 1)})
			}
		}},
		{"Config.ShutdownTimeout", func(m *Model) { m.Config.ShutdownTimeout = DurationMax + 1 }},
		{"Config.HealthCheckInterval", func(m *Model) { m.Config.HealthCheckInterval = DurationMax + 1 }},
	} {
		model := good
		model.Config.Policies = slices.Clone(good.Config.Policies)
		test.spoil(&model)
		_, err := Run(model, Options{})
		var modelError *ModelError
		require.ErrorAs(t, err, &modelError)
		require.Equal(t, test.field, modelError.Field)
		require.Contains(t, err.Error(), test.field+" "+modelError.Problem)
	}

	var configError *core.ConfigError
	model := good
	model.Config.Policies = []core.Policy{{}}
	_, err := Run(model, Options{})
	require.ErrorAs(t, err, &configError)
	model = good
	model.Limits = []core.Limits{{ShutdownTimeout: -1}}
	_, err = Run(model, Options{})
	require.ErrorAs(t, err, &configError)
}

func fill(policies []core.Policy) {
	for i := range policies {
		policies[i] = quick()
	}
}

func TestInstantsString(t *testing.T) {
	require.Equal(t, "around at all", fmt.Sprint(InstantsAround, InstantsAt, InstantsAll))
	require.Equal(t, "Instants(3)", instants.String())
}

// The model's own limits must leave its largest durations room in the identity.
func TestIdentityHasRoom(t *testing.T) {
	policy := core.DefaultPolicy()
	policy.BaseDelay, policy.MaxDelay = DurationMax, DurationMax
	policy.StableAfter, policy.StopTimeout = DurationMax, DurationMax
	cfg := core.Config{
		Policies: []core.Policy{policy}, HealthCheckInterval: DurationMax, Limits: core.Limits{ShutdownTimeout: DurationMax, DeadThreshold: core.Fraction{Num: 1, Den: 2}},
	}
	observed := 0
	e, err := newExplorer(Model{Config: cfg, Tasks: 1}, Options{MaxStates: 200})
	require.NoError(t, err)
	e.options.Observe = func(*Transition) {
		for _, w := range e.afterView.keys[e.afterView.supervisorKeys:][:e.afterView.count] {
			observed++
			require.LessOrEqual(t, w[0]>>21, uint64(3*DurationMax+1))
		}
	}
	e.run()
	require.Positive(t, observed)
	require.Less(t, uint64(3*DurationMax+1), uint64(1)<<43)
	require.Less(t, uint64((TasksMax+1)*DurationMax), uint64(1)<<43)
}

// Attempts stop to matter where one more no longer changes a delay.
func TestAttemptsThatMatter(t *testing.T) {
	for _, test := range []struct {
		expected uint32
		change   func(*core.Policy)
	}{
		{2, func(*core.Policy) {}},
		{4, func(p *core.Policy) { p.MaxAttempts, p.MaxExponent = core.Unlimited, 5 }},
		{1, func(p *core.Policy) { p.MaxAttempts, p.MaxExponent, p.MaxDelay = core.Unlimited, 5, 3 }},
		{0, func(p *core.Policy) { p.MaxAttempts, p.Factor = core.Unlimited, 1 }},
		{0, func(p *core.Policy) { p.MaxAttempts, p.MaxExponent = core.Unlimited, 1 }},
		{0, func(p *core.Policy) { p.MaxAttempts, p.BaseDelay = core.Unlimited, 0 }},
		{62, func(p *core.Policy) { p.MaxAttempts, p.MaxExponent = core.Unlimited, 1<<31 }},
	} {
		p := quick()
		test.change(&p)
		require.Equal(t, test.expected, attemptsThatMatter(&p, &core.Config{}, false))
	}
	p := always() // delays of 2 and 3: after a loss the second attempt is waited for, too
	require.Equal(t, uint32(1), attemptsThatMatter(&p, &core.Config{}, false))
	require.Equal(t, uint32(2), attemptsThatMatter(&p, &core.Config{}, true))
}

func TestDone(t *testing.T) {
	done := make(chan struct{})
	observed := 0
	result, err := Run(namedModel(t, "two"), Options{Done: done, Observe: func(*Transition) {
		if observed++; observed == 500 {
			close(done)
		}
	}})
	require.NoError(t, err)
	require.False(t, result.Complete)
	require.Nil(t, result.Violation)
	require.Less(t, result.Transitions, 1000)
	require.GreaterOrEqual(t, result.Transitions, 500)
}
