package checkers_test

import (
	"github.com/tasksupervisor/tasksupervisor/core"
	"github.com/tasksupervisor/tasksupervisor/sim/checkers"
)

// outcomeForgeries violate invariant 17, which says what policies and limits do, and clause D3 of the contract.
func outcomeForgeries() []forgery {
	never, escalating, two := core.DefaultPolicy(), core.DefaultPolicy(), []core.Event{addAs(0), addAs(1), start()}
	never.Restart = core.RestartNever
	escalating.OnAbandon, escalating.OnExhausted, escalating.MaxAttempts = core.AbandonEscalate, core.ExhaustedEscalate, 0
	then := func(events ...core.Event) []core.Event { return append(two[:len(two):len(two)], events...) }
	both := core.Config{Policies: []core.Policy{core.DefaultPolicy(), never}}
	patient := core.Config{Policies: []core.Policy{core.DefaultPolicy(), core.DefaultPolicy()}}
	escalates := core.Config{Policies: []core.Policy{escalating, core.DefaultPolicy()}}
	calm := escalating
	calm.OnAbandon, calm.OnExhausted = core.AbandonWait, core.ExhaustedDead
	calms := core.Config{Policies: []core.Policy{calm, core.DefaultPolicy()}}
	all := core.Config{Limits: core.Limits{AutoShutdown: core.AutoShutdownAll}}
	any := core.Config{Limits: core.Limits{AutoShutdown: core.AutoShutdownAny}}
	return []forgery{
		{"invariant 17: restarted though its policy says never", both, &checkers.Outcomes{},
			then(at(1, fail(second, 1))), truth, "is not what its policy says", &secret{config: &patient}},
		{"invariant 17: dead though its policy restarts it", patient, &checkers.Outcomes{},
			then(at(1, fail(second, 1))), truth, "not-restartable of task #2", &secret{config: &both}},
		{"invariant 17: restarted after a loss though its policy says never", both, &checkers.Outcomes{},
			then(at(1, lose(second, 1))), truth, "lost of task #2 (never)", &secret{config: &patient}},
		{"invariant 17: a loss is taken for a failure", core.Config{}, &checkers.Outcomes{},
			after(at(1, lose(first, 1))), change(0, func(a *core.Action) { a.Why = core.ReasonFailure }), "failure of task #1 (on-failure) after lost", nil},
		{"invariant 17: a failure is taken for a loss", core.Config{}, &checkers.Outcomes{},
			after(at(1, fail(first, 1))), change(0, func(a *core.Action) { a.Why = core.ReasonLost }), "lost of task #1 (on-failure) after error", nil},
		{"invariant 17: a loss kills", core.Config{}, &checkers.Outcomes{},
			after(at(1, lose(first, 1))), change(0, func(a *core.Action) { a.To, a.Why = core.StatusDead, core.ReasonExhausted }), "exhausted of task #1 (on-failure) after lost", nil},
		{"invariant 17: a failure completes", core.Config{}, &checkers.Outcomes{},
			after(at(1, finish(first, 1))), change(0, func(a *core.Action) { a.Exit = core.ExitError }), "completed of task #1", nil},
		{"invariant 17: a policy that was given is ignored", both, &checkers.Outcomes{},
			then(at(1, policy(first, 1)), at(2, fail(first, 1))), change(0, func(a *core.Action) {
				a.To, a.Why, a.Until = core.StatusFailed, core.ReasonFailure, a.At
			}), "failure of task #1 (never)", nil},
		{"invariant 17: an end that is passed over", core.Config{}, &checkers.Outcomes{},
			after(at(1, fail(first, 1))), change(0, func(a *core.Action) {
				a.Kind, a.To, a.Why, a.Run = core.ActionStart, core.StatusHealthy, core.ReasonStartAgain, 2
			}), "run 1 of task #1 ended by itself (error), and no restart", nil},
		{"invariant 17: a second culprit that starts again for nothing", core.Config{Strategy: core.OneForAll}, &checkers.Outcomes{},
			[]core.Event{add(), add(), add(), start(), at(1, fail(first, 1)), at(2, fail(second, 1))}, change(0, func(a *core.Action) {
				a.To, a.Why = core.StatusCreated, core.ReasonStartAgain
			}), "ended by itself (error), and no restart", nil},
		{"invariant 17: a hang that is passed over", hanging(), &checkers.Outcomes{},
			after(at(5, tick()), at(6, fail(first, 1))), change(0, func(a *core.Action) { a.To, a.Why = core.StatusCreated, core.ReasonStartAgain }),
			"ended by itself", nil},
		{"invariant 17: halted without a halt", core.Config{}, &checkers.Outcomes{},
			after(at(1, fail(first, 1))), change(0, func(a *core.Action) { a.To, a.Why = core.StatusHalted, core.ReasonStartAgain }),
			"ended by itself", nil},
		{"invariant 17: exhausted, and does not escalate", escalates, &checkers.Outcomes{},
			then(at(1, fail(first, 1))), truth, "exhausted of task #1 is to escalate", &secret{config: &calms}},
		{"invariant 17: abandoned, and does not escalate", escalates, &checkers.Outcomes{},
			then(at(1, kill(first)), at(11, tick())), truth, "stop-timeout of task #1 is to escalate", &secret{config: &calms}},
		{"invariant 17: a fatal end that does not escalate", core.Config{}, &checkers.Outcomes{},
			after(at(1, fail(first, 1))), change(0, func(a *core.Action) {
				a.To, a.Why, a.Exit = core.StatusDead, core.ReasonFatal, core.ExitFatal
			}), "fatal of task #1 is to escalate", nil},
		{"invariant 17: all have ended, and the supervisor runs on", all, &checkers.Outcomes{},
			after(at(1, finish(first, 1)), at(2, finish(second, 1))), truth, "runs on though enough significant tasks have ended",
			&secret{config: &core.Config{}}},
		{"invariant 17: one has ended, and the supervisor runs on", any, &checkers.Outcomes{},
			after(at(1, finish(first, 1))), truth, "runs on though enough significant tasks have ended", &secret{config: &all}},
		{"invariant 17: halts before all have ended", all, &checkers.Outcomes{},
			after(at(1, finish(first, 1))), truth, "though not enough significant tasks have ended", &secret{config: &any}},
		{"invariant 17: halts for the end of tasks, and need not", core.Config{}, &checkers.Outcomes{},
			after(at(1, finish(first, 1))), truth, "though not enough significant tasks have ended", &secret{config: &any}},

		{"contract D3: a timer fires before an earlier one", core.Config{}, &checkers.Order{},
			after(at(1, fail(first, 1)), at(2, fail(second, 1)), at(9, tick())), swapped(0, 1), "out of order", nil},
		{"contract D3: tasks out of order at one instant", core.Config{}, &checkers.Order{},
			after(at(1, fail(first, 1)), at(1, fail(second, 1)), at(9, tick())), swapped(0, 1), "out of order", nil},
		{"contract D3: a timer fires twice", core.Config{}, &checkers.Order{},
			after(at(1, fail(first, 1)), at(9, tick())), twice, "out of order", nil},
	}
}
