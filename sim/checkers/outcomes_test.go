package checkers

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/tasksupervisor/tasksupervisor/core"
)

// Each forged action breaks one rule of the policy, and is found; the true one is not.
func TestOutcomesOfPolicies(t *testing.T) {
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
		if c.action.From == core.StatusNone {
			c.action.From, c.action.To = core.StatusHealthy, core.StatusFailed
		}
		decided, allowed := outcome(&c.action, &c.policy)
		require.Equal(t, c.want, allowed, name)
		require.Equal(t, c.action.Why != core.ReasonKilled, decided, name)
	}
}
