package checkers_test

import (
	"time"

	"github.com/tasksupervisor/tasksupervisor/core"
	"github.com/tasksupervisor/tasksupervisor/sim/checkers"
)

// supervisorForgeries violate invariants about the supervisor as a whole.
func supervisorForgeries() []forgery {
	half := core.Config{Limits: core.Limits{DeadThreshold: core.Fraction{Num: 1, Den: 2}}}
	checked := half
	checked.HealthCheckInterval = 10 * time.Second
	timed := core.Config{Limits: core.Limits{ShutdownTimeout: 5 * time.Second}}

	return []forgery{
		{"invariant 7: halts at the threshold", half, &checkers.Threshold{},
			after(at(1, kill(first)), at(2, fail(first, 1)), at(3, kill(second)), at(4, fail(second, 1))), func(actions []core.Action) []core.Action {
				return actions[1:]
			}, "while 1 of 2 tasks are dead", nil},
		{"invariant 7: halts late", checked, &checkers.Threshold{},
			after(at(1, kill(first)), at(2, fail(first, 1)), at(3, kill(second)), at(4, fail(second, 1)), at(10, tick()), at(11, tick())),
			truth, "2 of 2 tasks are dead since 4s, and the supervisor runs on", &secret{config: &core.Config{}}},
		{"invariant 7: halts early", checked, &checkers.Threshold{},
			after(at(1, kill(first)), at(2, fail(first, 1)), at(3, kill(second)), at(4, fail(second, 1))), truth, "halts before 10", &secret{config: &half}},
		{"invariant 7: never halts", half, &checkers.Threshold{},
			after(at(1, kill(first)), at(2, fail(first, 1)), at(3, kill(second)), at(4, fail(second, 1))), truth, "runs on", &secret{config: &core.Config{}}},
		{"invariant 7: other limits ignored", core.Config{}, &checkers.Threshold{},
			after(at(1, kill(first)), at(2, fail(first, 1)), at(3, limit(1))), truth, "1 of 2 tasks are dead since 3s, and the supervisor runs on",
			told(at(3, tick()))},

		{"invariant 12: a failure starts another task", core.Config{}, &checkers.Independence{},
			after(at(1, fail(first, 1)), at(2, fail(second, 1))), startsToo(first, 2, core.StatusFailed, core.ReasonBackoff), "though it was to wait until 3s", nil},
		{"invariant 12: a failure stops another task", core.Config{}, &checkers.Independence{},
			after(at(1, kill(first)), at(2, fail(second, 1))), func(actions []core.Action) []core.Action {
				return append(actions, core.Action{
					At: actions[0].At, Until: core.Never, Task: first, Run: 1, Kind: core.ActionAbandon,
					From: core.StatusStopping, To: core.StatusAbandoned, Why: core.ReasonStopTimeout,
				})
			}, "though it was to wait until 11s", nil},

		{"invariant 13: starts while halting", core.Config{}, &checkers.Shutdown{},
			after(at(1, down())), startsToo(first, 2, core.StatusStopping, core.ReasonRestarted), "while the supervisor halts", nil},
		{"invariant 13: restarts while halting", core.Config{}, &checkers.Shutdown{},
			after(at(1, down()), at(2, fail(first, 1))), change(0, func(a *core.Action) { a.To = core.StatusFailed }), "from stopping to failed while", nil},
		{"invariant 13: stops behind the halt", core.Config{}, &checkers.Shutdown{},
			after(at(1, down()), at(2, fail(first, 1)), at(2, fail(second, 1))), func(actions []core.Action) []core.Action {
				return append(actions, core.Action{At: actions[0].At, Kind: core.ActionStop, Task: first, Run: 1})
			}, "stop after the supervisor halted", nil},
		{"invariant 13: another culprit", core.Config{}, &checkers.Shutdown{},
			after(at(1, exit(first, 1, core.ExitFatal)), at(2, fail(second, 1))), change(1, func(a *core.Action) { a.Task = second }),
			"halts for run 1 of task #1, and blames run 1 of task #2", nil},
		{"invariant 13: a culprit though there is none", core.Config{}, &checkers.Shutdown{},
			after(at(1, down()), at(2, fail(first, 1)), at(2, fail(second, 1))), change(1, func(a *core.Action) { a.Task = second }),
			"halts for shutdown, and blames task #2", nil},
		{"invariant 13: halts twice", core.Config{}, &checkers.Shutdown{},
			after(at(1, down()), at(2, fail(second, 1)), at(2, fail(first, 1))), twice, "a second time", nil},
		{"invariant 13: halts late", timed, &checkers.Shutdown{},
			after(at(1, down()), at(9, tick())), change(2, func(a *core.Action) { a.At++ }), "has to end by 6s", nil},
		{"invariant 13: a run not accounted for", timed, &checkers.Shutdown{},
			after(at(1, down()), at(9, tick())), change(2, func(a *core.Action) { a.LeftBehind = 1 }), "leaves 2 runs behind, and reports 1", nil},
		{"invariant 13: a run not abandoned", timed, &checkers.Shutdown{},
			after(at(1, down()), at(9, tick())), change(0, func(a *core.Action) { a.Kind = core.ActionTransition }), "was not abandoned", nil},

		{"invariant 14: rejected without cause", core.Config{}, &checkers.Acceptance{},
			after(at(1, fail(first, 9))), change(0, func(a *core.Action) { a.Refusal = core.RefusalUnknownTask }), "which is not so", nil},
		{"invariant 14: more than a rejection", core.Config{}, &checkers.Acceptance{},
			after(at(1, fail(first, 9))), twice, "reject follows a rejection", nil},
		{"invariant 14: a rejection that changes the status", core.Config{}, &checkers.Acceptance{},
			after(at(1, fail(first, 9))), change(0, func(a *core.Action) { a.To = core.StatusDead }), "goes from healthy to dead", nil},
		{"invariant 14: the dead killed", core.Config{}, &checkers.Acceptance{},
			after(at(1, finish(first, 1)), at(2, kill(first))), change(0, func(a *core.Action) {
				a.Kind, a.To, a.Why = core.ActionTransition, core.StatusDead, core.ReasonKilled
			}), "it is completed already", nil},
		{"invariant 14: the dead suspended", core.Config{}, &checkers.Acceptance{},
			after(at(1, finish(first, 1)), at(2, suspend(first))), change(0, func(a *core.Action) {
				a.Kind, a.Why = core.ActionTransition, core.ReasonSuspended
			}), "it is completed already", nil},
		wrongly(core.StatusHealthy, core.RefusalNotSuspended, suspend(first)),
		wrongly(core.StatusStopping, core.RefusalNotSuspended, suspend(first), resume(first)),
		wrongly(core.StatusHealthy, core.RefusalNeeded, remove(first)),
		wrongly(core.StatusHealthy, core.RefusalNeedsLaterTask, need(second, first, false)),
		wrongly(core.StatusHealthy, core.RefusalBeingRemoved, need(second, first, false)),
		wrongly(core.StatusNone, core.RefusalUnknownLimits, limit(1)),
		wrongly(core.StatusNone, core.RefusalUnknownRun, limit(1)),
		wrongly(core.StatusHealthy, core.RefusalUnknownPolicy, policy(first, 0)),
		wrongly(core.StatusHealthy, core.RefusalUnknownExit, exit(first, 1, core.ExitFatal)),
		wrongly(core.StatusHealthy, core.RefusalUnknownEvent, suspend(first)),
		wrongly(core.StatusHealthy, core.RefusalStaleRun, beat(first, 1, 0)),
		wrongly(core.StatusHealthy, core.RefusalStaleProbe, beat(first, 1, 0)),
		wrongly(core.StatusHealthy, core.RefusalShuttingDown, beat(first, 1, 0)),
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

// wrongly is a rejection of the last of the events, about a task with that status, for what is not so.
func wrongly(status core.Status, refusal core.Refusal, events ...core.Event) forgery {
	return forgery{"invariant 14: rejected for " + refusal.String() + " and yet it is not", core.Config{}, &checkers.Acceptance{},
		after(events...), func([]core.Action) []core.Action {
			return []core.Action{{Until: core.Never, Kind: core.ActionReject, From: status, To: status, Refusal: refusal}}
		}, "which is not so", told(tick())}
}
