package checkers_test

import (
	"time"

	"github.com/tasksupervisor/tasksupervisor/core"
	"github.com/tasksupervisor/tasksupervisor/sim/checkers"
)

func forgeries() []forgery {
	half := core.Config{DeadThreshold: core.Fraction{Num: 1, Den: 2}}
	checked := half
	checked.HealthCheckInterval = 10 * time.Second
	reverse := core.Config{StopOrder: core.StopReverse}
	timed := core.Config{ShutdownTimeout: 5 * time.Second}
	running := []core.Event{at(0, add()), at(0, add()), at(0, start())}
	after := func(events ...core.Event) []core.Event { return append(running[:len(running):len(running)], events...) }

	return []forgery{
		{"invariant 1: a second run", core.Config{}, &checkers.OneRun{},
			after(at(1, tick())), func([]core.Action) []core.Action {
				return []core.Action{{Task: first, Run: 2, Kind: core.ActionStart, To: core.StatusHealthy}}
			}, "starts run 2 while run 1 lives", nil},
		{"invariant 1: a number left out", core.Config{}, &checkers.OneRun{},
			after(at(1, fail(first, 1)), at(3, tick())), change(0, func(a *core.Action) { a.Run = 3 }), "run 3 after run 1", nil},
		{"invariant 1: a stop of no run", core.Config{}, &checkers.OneRun{},
			after(at(1, kill(first))), change(0, func(a *core.Action) { a.Run = 7 }), "run 7, which does not live", nil},
		{"invariant 1: forgotten alive", core.Config{}, &checkers.OneRun{},
			after(at(1, remove(first))), change(0, func(a *core.Action) { a.Kind = core.ActionForget }), "forgotten while 1", nil},

		{"invariant 2: a stale end taken for new", core.Config{}, &checkers.StaleExits{},
			after(at(1, fail(first, 1)), at(3, tick()), at(4, fail(first, 1))), change(0, func(a *core.Action) {
				a.Kind, a.Exit = core.ActionNote, core.ExitError
			}), "run 1 of task #1 does not live, and its end led to a change", nil},
		{"invariant 2: a stale end swallowed", core.Config{}, &checkers.StaleExits{},
			after(at(1, fail(first, 9))), nothing, "is not rejected", nil},
		{"invariant 2: an end ignored", core.Config{}, &checkers.StaleExits{},
			after(at(1, fail(first, 1))), nothing, "lives, and its end is ignored", nil},

		{"invariant 3: a failure", core.Config{}, &checkers.RequestedStops{},
			after(at(1, kill(first)), at(2, fail(first, 1))), change(0, func(a *core.Action) { a.Exit = core.ExitError }), "counts as error", nil},
		{"invariant 3: a restart", core.Config{}, &checkers.RequestedStops{},
			after(at(1, kill(first)), at(2, fail(first, 1))), change(0, func(a *core.Action) { a.Why = core.ReasonFailure }), "led to failure", nil},

		{"invariant 4: too early", core.Config{}, &checkers.Schedule{},
			after(at(1, fail(first, 1)), at(3, tick())), change(0, func(a *core.Action) { a.At-- }), "was due at 3s", nil},
		{"invariant 4: too late", core.Config{}, &checkers.Schedule{},
			after(at(1, fail(first, 1)), at(3, tick())), change(0, func(a *core.Action) { a.At++ }), "was due at 3s", nil},
		{"invariant 4: another delay", core.Config{}, &checkers.Schedule{},
			after(at(1, fail(first, 1))), change(0, func(a *core.Action) { a.Until-- }), "not between 3s and 3s", nil},
		{"invariant 4: from the wrong status", core.Config{}, &checkers.Schedule{},
			after(at(1, fail(first, 1)), at(3, tick())), change(0, func(a *core.Action) { a.From = core.StatusDead }), "as if its delay had passed", nil},

		{"invariant 5: a delay shrinks", core.Config{}, &checkers.Escalation{},
			after(at(1, fail(first, 1)), at(3, fail(first, 2))), change(1, func(a *core.Action) { a.Until = a.At + 1 }), "waits 1 ns", nil},
		{"invariant 5: one restart too many", core.Config{Policies: []core.Policy{once()}}, &checkers.Escalation{},
			after(at(1, fail(first, 1)), at(3, fail(first, 2))), change(1, func(a *core.Action) { a.Why = core.ReasonFailure }), "1 are allowed", nil},

		{"invariant 6: not cleared", core.Config{}, &checkers.Attempts{},
			after(at(1, fail(first, 1)), at(83, fail(first, 2))), change(1, func(a *core.Action) { a.Attempts = 2 }), "they should be 1", nil},
		{"invariant 6: cleared too early", core.Config{}, &checkers.Attempts{},
			after(at(1, fail(first, 1)), at(82, fail(first, 2))), change(1, func(a *core.Action) { a.Attempts = 1 }), "they should be 2", nil},
		{"invariant 6: not cleared by an operator", core.Config{}, &checkers.Attempts{},
			after(at(1, fail(first, 1)), at(2, restart(first))), change(0, func(a *core.Action) { a.Attempts = 1 }), "they should be 0", nil},

		{"invariant 7: halts at the threshold", half, &checkers.Threshold{},
			after(at(1, kill(first)), at(2, fail(first, 1)), at(3, kill(second)), at(4, fail(second, 1))), func(actions []core.Action) []core.Action {
				return actions[1:]
			}, "while 1 of 2 tasks are dead", nil},
		{"invariant 7: halts late", checked, &checkers.Threshold{},
			after(at(1, kill(first)), at(2, fail(first, 1)), at(3, kill(second)), at(4, fail(second, 1)), at(10, tick()), at(11, tick())),
			truth, "2 of 2 tasks are dead since 4s, and the supervisor runs on", &core.Config{}},
		{"invariant 7: halts early", checked, &checkers.Threshold{},
			after(at(1, kill(first)), at(2, fail(first, 1)), at(3, kill(second)), at(4, fail(second, 1))), truth, "halts before 10", &half},
		{"invariant 7: never halts", half, &checkers.Threshold{},
			after(at(1, kill(first)), at(2, fail(first, 1)), at(3, kill(second)), at(4, fail(second, 1))), truth, "runs on", &core.Config{}},

		{"invariant 8: a dead task starts", core.Config{}, &checkers.Ended{},
			after(at(1, kill(first)), at(2, fail(first, 1)), at(3, restart(second))), startsToo(first, 2, core.StatusDead, core.ReasonRestarted),
			"without an operator's word", nil},
		{"invariant 8: a killed task starts", core.Config{}, &checkers.Ended{},
			after(at(1, kill(first)), at(2, fail(first, 1))), startsToo(first, 2, core.StatusStopping, core.ReasonRestarted), "the latest word on it is killed", nil},
		{"invariant 8: a removed task starts", core.Config{}, &checkers.Ended{},
			after(at(1, remove(first)), at(2, fail(first, 1))), startsToo(first, 2, core.StatusStopping, core.ReasonRestarted), "not known", nil},

		{"invariant 9: a timer moves", core.Config{}, &checkers.Timers{},
			after(at(1, kill(first)), at(2, remove(first))), change(0, func(a *core.Action) { a.Until++ }), "its timer moves", nil},
		{"invariant 9: a timer fires twice", core.Config{}, &checkers.Timers{},
			after(at(1, fail(first, 1)), at(3, tick())), twice, "a timer fires at 3s", nil},
		{"invariant 9: a timer outlives its status", core.Config{}, &checkers.Timers{},
			after(at(1, fail(first, 1)), at(2, kill(first))), change(0, func(a *core.Action) { a.Until = 3 }), "is dead until 3ns", nil},
		{"invariant 9: a timer that is not waited for", core.Config{}, &checkers.Timers{},
			after(at(1, fail(first, 1)), at(2, kill(first))), nothing, "the next deadline is never", nil},

		{"invariant 12: a failure starts another task", core.Config{}, &checkers.Independence{},
			after(at(1, fail(first, 1)), at(2, fail(second, 1))), startsToo(first, 2, core.StatusFailed, core.ReasonBackoff), "though it was to wait until 3s", nil},

		{"invariant 13: starts while halting", core.Config{}, &checkers.Shutdown{},
			after(at(1, down())), startsToo(first, 2, core.StatusStopping, core.ReasonRestarted), "while the supervisor halts", nil},
		{"invariant 13: the wrong order", core.Config{}, &checkers.Shutdown{},
			after(at(1, down())), func(actions []core.Action) []core.Action { return []core.Action{actions[1], actions[0]} }, "which was added before it", nil},
		{"invariant 13: together", reverse, &checkers.Shutdown{},
			after(at(1, down())), func(actions []core.Action) []core.Action {
				other := actions[0]
				other.Task = first
				return append(actions, other)
			}, "while another is stopping", nil},
		{"invariant 13: halts twice", core.Config{}, &checkers.Shutdown{},
			after(at(1, down()), at(2, fail(second, 1)), at(2, fail(first, 1))), twice, "a second time", nil},
		{"invariant 13: halts late", timed, &checkers.Shutdown{},
			after(at(1, down()), at(9, tick())), change(2, func(a *core.Action) { a.At++ }), "has to end by 6s", nil},
		{"invariant 13: a run not accounted for", timed, &checkers.Shutdown{},
			after(at(1, down()), at(9, tick())), change(2, func(a *core.Action) { a.Left = 1 }), "leaves 2 runs behind, and reports 1", nil},
		{"invariant 13: a run not abandoned", timed, &checkers.Shutdown{},
			after(at(1, down()), at(9, tick())), change(0, func(a *core.Action) { a.Kind = core.ActionNote }), "was not abandoned", nil},

		{"invariant 14: rejected without cause", core.Config{}, &checkers.Acceptance{},
			after(at(1, fail(first, 9))), change(0, func(a *core.Action) { a.Why = core.ReasonUnknownTask }), "which is not so", nil},
		{"invariant 14: more than a rejection", core.Config{}, &checkers.Acceptance{},
			after(at(1, fail(first, 9))), twice, "reject follows a rejection", nil},
		{"invariant 14: a rejection that changes the status", core.Config{}, &checkers.Acceptance{},
			after(at(1, fail(first, 9))), change(0, func(a *core.Action) { a.To = core.StatusDead }), "goes from healthy to dead", nil},
		{"invariant 14: the dead killed", core.Config{}, &checkers.Acceptance{},
			after(at(1, finish(first, 1)), at(2, kill(first))), change(0, func(a *core.Action) {
				a.Kind, a.To, a.Why = core.ActionNote, core.StatusDead, core.ReasonKilled
			}), "it is completed already", nil},
		{"invariant 14: a rejection with consequences", core.Config{}, &checkers.Rejections{},
			after(at(1, tick()), at(1, kill(first))), change(0, func(a *core.Action) { a.Kind = core.ActionReject }), "the digest is another", nil},

		{"invariant 15: a change that is not told", core.Config{}, &checkers.Recount{},
			after(at(1, kill(first))), nothing, "going by the actions", nil},

		{"invariant 16: a restart that does not come", core.Config{}, &checkers.Liveness{},
			after(at(1, fail(first, 1)), at(3, tick())), nothing, "still waits for 3s", nil},
		{"invariant 16: a stop that does not end", core.Config{}, &checkers.Liveness{},
			after(at(1, kill(first)), at(11, tick())), nothing, "still waits for 11s", nil},
		{"invariant 16: another stop timeout", core.Config{}, &checkers.Liveness{},
			after(at(1, kill(first))), change(0, func(a *core.Action) { a.Until++ }), "not until 11s", nil},
	}
}

// once is a policy with a single restart.
func once() core.Policy {
	p := core.DefaultPolicy()
	p.MaxAttempts = 1
	return p
}
