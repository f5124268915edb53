package checkers_test

import (
	"time"

	"github.com/tasksupervisor/tasksupervisor/core"
	"github.com/tasksupervisor/tasksupervisor/sim/checkers"
)

// healthForgeries violate invariant 9 for tasks that run.
func healthForgeries() []forgery {
	slow, hangs, reports := ready(core.DefaultPolicy()), hanging(), hanging()
	reports.Policies[0].OnMiss = core.MissReport
	probes := probing(2)
	return []forgery{
		{"invariant 9: a start timeout comes late", slow, &checkers.Health{},
			after(at(90, tick())), change(0, func(a *core.Action) { a.At++ }), "its timer was due at 1m30s", nil},
		{"invariant 9: another start timeout", slow, &checkers.Health{},
			[]core.Event{add(), start()}, change(0, func(a *core.Action) { a.Until++ }), "should be at 1m30s", nil},
		{"invariant 9: a beat is missed early", hangs, &checkers.Health{},
			after(at(5, tick())), change(0, func(a *core.Action) { a.At-- }), "its timer was due at 5s", nil},
		{"invariant 9: readiness does not start the watchdog", hangs, &checkers.Health{},
			[]core.Event{add(), start()}, change(0, func(a *core.Action) { a.Until = core.Never }), "should be at 5s", nil},
		{"invariant 9: a beat is not heard", hangs, &checkers.Health{},
			after(at(3, beat(first, 1, 0))), truth, "due at 5s with 0 misses (probing: false), and should be at 8s", told(at(3, tick()))},
		{"invariant 9: a beat's own deadline is not heard", hangs, &checkers.Health{},
			after(at(3, beat(first, 1, time.Minute))), truth, "should be at 1m3s", told(at(3, beat(first, 1, 0)))},
		{"invariant 9: a miss is reported, and not acted on", hangs, &checkers.Health{},
			after(at(5, tick())), change(0, func(a *core.Action) { a.Kind, a.To = core.ActionTransition, core.StatusHealthy }), "the policy says restart", nil},
		{"invariant 9: a miss is acted on, and not reported", reports, &checkers.Health{},
			after(at(5, tick())), change(0, func(a *core.Action) { a.Kind, a.To = core.ActionStop, core.StatusStopping }), "the policy says report", nil},
		{"invariant 9: another timer behind a report", reports, &checkers.Health{},
			after(at(5, tick())), change(0, func(a *core.Action) { a.Until = core.Instant(10 * time.Second) }), "should be at never", nil},
		{"invariant 9: another policy does not begin anew", hangs, &checkers.Health{},
			after(at(3, policy(first, 0))), change(0, func(a *core.Action) { a.Until = core.Instant(5 * time.Second) }), "should be at 8s", nil},

		{"invariant 9: a probe comes early", probes, &checkers.Health{},
			after(at(5, tick())), change(0, func(a *core.Action) { a.At-- }), "its timer was due at 5s", nil},
		{"invariant 9: two probes at a time", probes, &checkers.Health{},
			after(at(5, tick())), func(actions []core.Action) []core.Action { return append(actions, actions[0]) }, "whether a probe was under way is true", nil},
		{"invariant 9: another probe timeout", probes, &checkers.Health{},
			after(at(5, tick())), change(0, func(a *core.Action) { a.Until++ }), "should be at 6s", nil},
		{"invariant 9: an answer is not heard", probes, &checkers.Health{},
			after(at(5, tick()), at(5, probed(first, 1, core.ExitOK))), truth, "(probing: true), and should be at 10s", told(at(5, tick()))},
		{"invariant 9: an answer is rejected", probes, &checkers.Health{},
			after(at(5, tick()), at(5, probed(first, 1, core.ExitOK))), func([]core.Action) []core.Action {
				return []core.Action{{Kind: core.ActionReject, Refusal: core.RefusalStaleProbe}}
			}, "is being probed, and the answer is rejected", nil},
		{"invariant 9: an answer to nothing", probes, &checkers.Health{},
			after(at(4, probed(first, 1, core.ExitOK))), nothing, "is not being probed, and an answer is accepted", nil},
		{"invariant 9: a failed probe without a probe", probes, &checkers.Health{},
			after(at(5, tick())), change(0, func(a *core.Action) { a.Kind, a.Why = core.ActionTransition, core.ReasonProbeFailed }), "no probe was under way", nil},
		{"invariant 9: an answer is awaited too long", probes, &checkers.Health{},
			after(at(5, tick()), at(6, tick())), change(0, func(a *core.Action) { a.At++ }), "its timer was due at 6s", nil},
		{"invariant 9: another timer behind a failed probe", probes, &checkers.Health{},
			after(at(5, tick()), at(6, tick())), change(0, func(a *core.Action) { a.Until++ }), "should be at 11s", nil},
		{"invariant 9: too few failed probes are a miss", probes, &checkers.Health{},
			after(at(5, tick()), at(5, probed(first, 1, core.ExitError))), change(0, func(a *core.Action) {
				a.Kind, a.To, a.Why = core.ActionStop, core.StatusStopping, core.ReasonWatchdog
			}), "only 1 probes have failed in a row, and 2 are a miss", nil},
		{"invariant 9: enough failed probes are no miss", probing(1), &checkers.Health{},
			after(at(5, tick()), at(5, probed(first, 1, core.ExitError))), change(0, func(a *core.Action) {
				a.Kind, a.To, a.Why = core.ActionTransition, core.StatusHealthy, core.ReasonProbeFailed
			}), "1 probes have failed in a row, and 1 are a miss", nil},
	}
}

// ready is a supervisor whose tasks say when they are ready.
func ready(p core.Policy) core.Config {
	p.Readiness = true
	return core.Config{Policies: []core.Policy{p}}
}

// hanging is a supervisor whose tasks have to beat.
func hanging() core.Config {
	p := core.DefaultPolicy()
	p.Watchdog = 5 * time.Second
	return core.Config{Policies: []core.Policy{p}}
}

// probing is a supervisor whose tasks are probed.
func probing(failures uint8) core.Config {
	p := core.DefaultPolicy()
	p.Probe = core.Probe{Interval: 5 * time.Second, Timeout: time.Second, Failures: failures}
	return core.Config{Policies: []core.Policy{p}}
}
