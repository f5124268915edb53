package sim

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/tasksupervisor/tasksupervisor/core"
	"github.com/tasksupervisor/tasksupervisor/sim/workload"
)

// Each forged action breaks one rule of the policy, and is found; the true one is not.
func TestRulesOfPolicies(t *testing.T) {
	never, always, usual := core.DefaultPolicy(), core.DefaultPolicy(), core.DefaultPolicy()
	never.Restart, always.Restart = core.RestartNever, core.RestartAlways
	unlimited := core.DefaultPolicy()
	unlimited.MaxAttempts = core.Unlimited
	for name, c := range map[string]struct {
		policy core.Policy
		action core.Action
		want   bool
	}{
		"a restart":                       {usual, core.Action{Why: core.ReasonFailure, Exit: core.ExitPanic}, true},
		"a restart of never":              {never, core.Action{Why: core.ReasonFailure, Exit: core.ExitPanic}, false},
		"a repetition":                    {always, core.Action{Why: core.ReasonRepeat, Exit: core.ExitOK}, true},
		"a repetition of a failure":       {always, core.Action{Why: core.ReasonRepeat, Exit: core.ExitError}, false},
		"a repetition of on-failure":      {usual, core.Action{Why: core.ReasonRepeat, Exit: core.ExitOK}, false},
		"the death of never":              {never, core.Action{Why: core.ReasonNotRestartable, Exit: core.ExitError}, true},
		"the death of on-failure":         {usual, core.Action{Why: core.ReasonNotRestartable, Exit: core.ExitError}, false},
		"the death of a good end":         {never, core.Action{Why: core.ReasonNotRestartable, Exit: core.ExitOK}, false},
		"exhaustion":                      {usual, core.Action{Why: core.ReasonExhausted, Exit: core.ExitError}, true},
		"exhaustion of the unlimited":     {unlimited, core.Action{Why: core.ReasonExhausted, Exit: core.ExitError}, false},
		"exhaustion of never":             {never, core.Action{Why: core.ReasonExhausted, Exit: core.ExitError}, false},
		"completion":                      {usual, core.Action{Why: core.ReasonCompleted, Exit: core.ExitOK}, true},
		"completion with a failure":       {usual, core.Action{Why: core.ReasonCompleted, Exit: core.ExitError}, false},
		"what a policy does not decide":   {usual, core.Action{Why: core.ReasonKilled}, true},
		"a restart of what is done":       {usual, core.Action{Why: core.ReasonFailure, Exit: core.ExitDone}, false},
		"a restart of what was stopped":   {usual, core.Action{Why: core.ReasonFailure, Exit: core.ExitStopped}, false},
		"a restart of what hung":          {usual, core.Action{Why: core.ReasonFailure, Exit: core.ExitWatchdog}, true},
		"completion of what is done":      {always, core.Action{Why: core.ReasonCompleted, Exit: core.ExitDone}, true},
		"a crash too many":                {usual, core.Action{Why: core.ReasonIntensity, Exit: core.ExitStartTimeout}, true},
		"a good end too many":             {always, core.Action{Why: core.ReasonIntensity, Exit: core.ExitOK}, false},
		"a fatal end":                     {never, core.Action{Why: core.ReasonFatal, Exit: core.ExitFatal}, true},
		"a fatal end without one":         {usual, core.Action{Why: core.ReasonFatal, Exit: core.ExitError}, false},
		"a sibling that is not restarted": {usual, core.Action{From: core.StatusStopping, Why: core.ReasonNotRestartable, Exit: core.ExitStopped}, true},
		"a sibling's older run":           {usual, core.Action{From: core.StatusAbandoned, Why: core.ReasonNotRestartable, Exit: core.ExitOK}, true},
		"a sibling that was not stopped":  {usual, core.Action{From: core.StatusHealthy, Why: core.ReasonNotRestartable, Exit: core.ExitStopped}, false},
	} {
		require.Equal(t, c.want, follows(&c.action, &c.policy), name)
	}
}

// forge shows forged actions to the rules of a supervisor of two significant tasks that runs.
func forge(t *testing.T, auto core.AutoShutdown, policy core.Policy, shutdown bool, actions ...core.Action) error {
	t.Helper()
	s, err := New(workload.World{
		Config: core.Config{Limits: core.Limits{AutoShutdown: auto}},
		Tasks:  []workload.Tasks{{Name: "a", Count: 2, Policy: policy}},
	})
	require.NoError(t, err)
	for i := range actions {
		actions[i].Task = s.nodes[0].members[0][i%2]
	}
	if shutdown {
		s.feed(0, core.Event{Kind: core.EventShutdown}, "")
		s.nodes[0].rules = rules{running: true, significant: 2}
	}
	s.actions = actions
	return s.checkRules(0, &core.Event{})
}

func TestRulesOfTheSupervisor(t *testing.T) {
	completed := core.Action{From: core.StatusHealthy, To: core.StatusCompleted, Why: core.ReasonCompleted, Exit: core.ExitOK}
	forgotten := core.Action{From: core.StatusNone, To: core.StatusDead, Why: core.ReasonKilled}
	escalate := core.DefaultPolicy()
	escalate.OnAbandon = core.AbandonEscalate
	abandoned := core.Action{Kind: core.ActionAbandon, From: core.StatusStopping, To: core.StatusAbandoned, Why: core.ReasonStopTimeout}

	require.NoError(t, forge(t, core.AutoShutdownAll, core.DefaultPolicy(), false, completed))
	require.ErrorIs(t, forge(t, core.AutoShutdownAll, core.DefaultPolicy(), false, completed, completed), errEndTooLate)
	require.ErrorIs(t, forge(t, core.AutoShutdownAny, core.DefaultPolicy(), false, completed), errEndTooLate)
	require.NoError(t, forge(t, core.AutoShutdownNever, core.DefaultPolicy(), false, completed, completed))
	require.ErrorIs(t, forge(t, core.AutoShutdownNever, core.DefaultPolicy(), false, completed, completed, completed), errSignificant)
	require.NoError(t, forge(t, core.AutoShutdownNever, core.DefaultPolicy(), false, forgotten))
	require.ErrorIs(t, forge(t, core.AutoShutdownNever, escalate, false, abandoned), errEscalate)
	require.NoError(t, forge(t, core.AutoShutdownNever, escalate, true, abandoned))
	require.NoError(t, forge(t, core.AutoShutdownNever, core.DefaultPolicy(), false, abandoned))
	exhausted := core.Action{From: core.StatusHealthy, To: core.StatusDead, Why: core.ReasonExhausted, Exit: core.ExitError}
	require.NoError(t, forge(t, core.AutoShutdownNever, core.DefaultPolicy(), false, exhausted))
	escalate.OnExhausted = core.ExhaustedEscalate
	require.ErrorIs(t, forge(t, core.AutoShutdownNever, escalate, false, exhausted), errEscalate)
	fatal := core.Action{From: core.StatusHealthy, To: core.StatusDead, Why: core.ReasonFatal, Exit: core.ExitFatal}
	require.ErrorIs(t, forge(t, core.AutoShutdownNever, core.DefaultPolicy(), false, fatal), errEscalate)
	require.NoError(t, forge(t, core.AutoShutdownAll, core.DefaultPolicy(), true, core.Action{Why: core.ReasonSupervisorStop}),
		"a shutdown that was asked for needs no end")
}

// A supervisor that halts because all have ended must not do so before they have.
func TestHaltingTooSoonIsFound(t *testing.T) {
	s, err := New(workload.World{
		Config:    core.Config{Limits: core.Limits{AutoShutdown: core.AutoShutdownAny}},
		Tasks:     []workload.Tasks{{Name: "a", Count: 2}},
		Operators: []workload.Operator{{Does: core.EventKill}},
	})
	require.NoError(t, err)
	for s.Machine().HaltReason() != core.ReasonAnyEnded {
		require.True(t, s.Next())
	}
	s.nodes[0].rules = rules{running: true, significant: 2}
	s.actions = []core.Action{{Kind: core.ActionHalt, Why: core.ReasonAnyEnded}}
	require.ErrorIs(t, s.checkRules(0, &core.Event{}), errEndTooSoon)
	s.nodes[0].rules = rules{running: true, significant: 2, ended: 1}
	require.NoError(t, s.checkRules(0, &core.Event{}))
}

// What a change of policy changes about significant tasks is counted when the task gets the policy.
func TestRulesOfChanges(t *testing.T) {
	var r rules
	r.move(core.StatusNone, core.StatusCreated)
	r.change(&core.Action{From: core.StatusDead, To: core.StatusDead}, false, true)
	require.Equal(t, rules{significant: 2, ended: 1}, r)
	r.change(&core.Action{From: core.StatusDead, To: core.StatusDead}, true, false)
	require.Equal(t, rules{significant: 1}, r)
	r.change(&core.Action{From: core.StatusCreated, To: core.StatusCreated}, true, true)
	require.Equal(t, rules{significant: 1}, r)
}

// A task whose policy changes is judged by the old one before the action that says so, and by the new one after it.
func TestRulesFollowTheNewPolicy(t *testing.T) {
	never := core.DefaultPolicy()
	never.Restart = core.RestartNever
	s, err := New(workload.World{
		Tasks:     []workload.Tasks{{Name: "a"}},
		Operators: []workload.Operator{{Does: core.EventPolicy, At: 1e9, Policy: never}},
	})
	require.NoError(t, err)
	for s.result.Coverage.Commands[core.EventPolicy] == 0 {
		require.True(t, s.Next())
	}
	require.Nil(t, s.Result().Violation)
	id := s.nodes[0].members[0][0]
	ev := core.Event{Kind: core.EventPolicy, Task: id}
	failure := core.Action{Task: id, From: core.StatusHealthy, To: core.StatusFailed, Why: core.ReasonFailure, Exit: core.ExitError}
	death := core.Action{Task: id, From: core.StatusHealthy, To: core.StatusDead, Why: core.ReasonNotRestartable, Exit: core.ExitError}
	note := core.Action{Task: id, From: core.StatusHealthy, To: core.StatusHealthy, Why: core.ReasonPolicy}
	s.actions = []core.Action{failure, note, death}
	require.NoError(t, s.checkRules(0, &ev))
	s.actions = []core.Action{death, note}
	require.ErrorIs(t, s.checkRules(0, &ev), errRestart)
	s.actions = []core.Action{note, failure}
	require.ErrorIs(t, s.checkRules(0, &ev), errRestart)
}
