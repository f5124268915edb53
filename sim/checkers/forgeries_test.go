package checkers_test

import (
	"slices"
	"time"

	"github.com/tasksupervisor/tasksupervisor/core"
	"github.com/tasksupervisor/tasksupervisor/sim/checkers"
)

func forgeries() []forgery {
	return slices.Concat(taskForgeries(), healthForgeries(), intensityForgeries(), rateForgeries(), roundForgeries(),
		needForgeries(), supervisorForgeries(), outcomeForgeries())
}

// taskForgeries violate invariants about a single task.
func taskForgeries() []forgery {
	return []forgery{
		{"invariant 1: a second run", core.Config{}, &checkers.OneRun{},
			after(at(1, tick())), func([]core.Action) []core.Action {
				return []core.Action{{Task: first, Run: 2, Kind: core.ActionStart, To: core.StatusHealthy}}
			}, "starts run 2 while run 1 lives", nil},
		{"invariant 1: a number left out", core.Config{}, &checkers.OneRun{},
			after(at(1, fail(first, 1)), at(3, tick())), change(0, func(a *core.Action) { a.Run = 3 }), "run 3 after run 1", nil},
		{"invariant 1: a stop of no run", core.Config{}, &checkers.OneRun{},
			after(at(1, kill(first))), change(0, func(a *core.Action) { a.Run = 7 }), "run 7, which does not live", nil},
		{"invariant 1: a probe of no run", core.Config{}, &checkers.OneRun{},
			after(at(1, kill(first))), change(0, func(a *core.Action) { a.Kind, a.Run = core.ActionProbe, 2 }), "probe of run 2, which does not live", nil},
		{"invariant 1: replaced where the policy waits", core.Config{}, &checkers.OneRun{},
			after(at(1, restart(first)), at(11, tick())), func(actions []core.Action) []core.Action {
				return append(actions, core.Action{At: actions[0].At, Task: first, Run: 1, From: core.StatusAbandoned, To: core.StatusCreated})
			}, "from abandoned to created while run 1 lives", nil},
		{"invariant 1: forgotten alive", core.Config{}, &checkers.OneRun{},
			after(at(1, remove(first))), change(0, func(a *core.Action) { a.Kind = core.ActionForget }), "forgotten while 1", nil},

		{"invariant 1: started beside a run left behind", core.Config{}, &checkers.OneRun{},
			[]core.Event{{Kind: core.EventAdd, Run: 4}, at(1, start())}, func([]core.Action) []core.Action {
				return []core.Action{{Until: core.Never, Task: first, Run: 5, Kind: core.ActionStart, From: core.StatusCreated, To: core.StatusHealthy}}
			}, "starts run 5 while run 4, which was left behind, lives", nil},
		{"invariant 1: the older of two that were left behind forgotten", core.Config{}, &checkers.OneRun{},
			[]core.Event{{Kind: core.EventAdd, Run: 4, Fenced: 3}, at(1, remove(first)), at(2, fail(first, 4))}, func(actions []core.Action) []core.Action {
				return append(actions, core.Action{Until: core.Never, Task: first, Run: 4, Kind: core.ActionForget, From: core.StatusAbandoned})
			}, "forgotten while 1 of its runs live", nil},

		{"invariant 2: a stale end taken for new", core.Config{}, &checkers.StaleExits{},
			after(at(1, fail(first, 1)), at(3, tick()), at(4, fail(first, 1))), change(0, func(a *core.Action) {
				a.Kind, a.Exit = core.ActionTransition, core.ExitError
			}), "run 1 of task #1 does not live, and its end led to a change", nil},
		{"invariant 2: a stale end swallowed", core.Config{}, &checkers.StaleExits{},
			after(at(1, fail(first, 9))), nothing, "is not rejected", nil},
		{"invariant 2: an end ignored", core.Config{}, &checkers.StaleExits{},
			after(at(1, fail(first, 1))), nothing, "lives, and its end is ignored", nil},

		{"invariant 2: a stale beat taken for new", core.Config{}, &checkers.StaleExits{},
			after(at(1, fail(first, 1)), at(3, beat(first, 1, 0))), change(1, func(a *core.Action) { a.Kind = core.ActionTransition }), "its beat is not rejected", nil},

		{"invariant 8: started though it is held", core.Config{}, &checkers.Ended{},
			[]core.Event{{Kind: core.EventAdd, Held: true}, at(1, start())}, func([]core.Action) []core.Action {
				return []core.Action{{Until: core.Never, Task: first, Run: 1, Kind: core.ActionStart, From: core.StatusCreated, To: core.StatusHealthy}}
			}, "starts from created, and is held", nil},
		{"invariant 8: started though its driver came to hold it", core.Config{}, &checkers.Ended{},
			after(at(1, hold(first)), at(2, fail(first, 1)), at(9, tick())), change(0, func(a *core.Action) {
				a.Kind, a.Run, a.To = core.ActionStart, 2, core.StatusHealthy
			}), "starts from failed, and is held", nil},
		{"invariant 8: held, and told otherwise", core.Config{}, &checkers.Ended{},
			after(at(1, hold(first))), change(0, func(a *core.Action) { a.Why = core.ReasonReleased }), "says that it is held: true", nil},
		{"invariant 3: a failure", core.Config{}, &checkers.RequestedStops{},
			after(at(1, kill(first)), at(2, fail(first, 1))), change(0, func(a *core.Action) { a.Exit = core.ExitError }), "counts as error when it ends", nil},
		{"invariant 3: a loss of a run that stops", core.Config{}, &checkers.RequestedStops{},
			after(at(1, kill(first)), at(2, lose(first, 1))), change(0, func(a *core.Action) { a.Exit = core.ExitLost }), "counts as lost when it ends", nil},
		{"invariant 3: a stop that leads to a restart as of a loss", core.Config{}, &checkers.RequestedStops{},
			after(at(1, kill(first)), at(2, lose(first, 1))), change(0, func(a *core.Action) { a.Why = core.ReasonLost }), "led to lost", nil},
		{"invariant 3: a restart", core.Config{}, &checkers.RequestedStops{},
			after(at(1, kill(first)), at(2, fail(first, 1))), change(0, func(a *core.Action) { a.Why = core.ReasonFailure }), "led to failure", nil},

		{"invariant 3: a hang taken for a stop", hanging(), &checkers.RequestedStops{},
			after(at(5, tick()), at(6, fail(first, 1))), change(0, func(a *core.Action) { a.Exit = core.ExitStopped }), "is to count as watchdog", nil},
		{"invariant 3: killed, not asked yet, a failure", core.Config{}, &checkers.RequestedStops{},
			after(need(second, first, true), at(1, kill(first)), at(2, fail(first, 1))), change(0, func(a *core.Action) { a.Why = core.ReasonExhausted }),
			"led to exhausted", nil},
		{"invariant 3: a sibling's stop a failure", core.Config{Strategy: core.OneForAll}, &checkers.RequestedStops{},
			after(at(1, fail(first, 1)), at(2, fail(second, 1))), change(0, func(a *core.Action) { a.Attempts = 1 }), "with 1 attempts after 0", nil},

		{"invariant 4: too early", core.Config{}, &checkers.Schedule{},
			after(at(1, fail(first, 1)), at(3, tick())), change(0, func(a *core.Action) { a.At-- }), "was due at 3s", nil},
		{"invariant 4: too late", core.Config{}, &checkers.Schedule{},
			after(at(1, fail(first, 1)), at(3, tick())), change(0, func(a *core.Action) { a.At++ }), "was due at 3s", nil},
		{"invariant 4: another delay", core.Config{}, &checkers.Schedule{},
			after(at(1, fail(first, 1))), change(0, func(a *core.Action) { a.Until-- }), "not between 3s and 3s", nil},
		{"invariant 4: another draw of jitter", core.Config{Policies: []core.Policy{jittered()}}, &checkers.Schedule{},
			after(at(1, fail(first, 1))), change(0, func(a *core.Action) { a.Until-- }), "which is the draw of jitter", nil},
		{"invariant 4: from the wrong status", core.Config{}, &checkers.Schedule{},
			after(at(1, fail(first, 1)), at(3, tick())), change(0, func(a *core.Action) { a.From = core.StatusDead }), "as if its delay had passed", nil},

		{"invariant 4: not counted from where the delay begins", core.Config{Strategy: core.OneForAll}, &checkers.Schedule{},
			after(at(1, fail(first, 1)), at(4, fail(second, 1))), change(1, func(a *core.Action) { a.Until -= 3 }), "not between 6s and 6s", nil},
		{"invariant 4: without a delay", core.Config{}, &checkers.Schedule{},
			after(at(1, fail(first, 1)), at(3, tick())), change(0, func(a *core.Action) { a.Why = core.ReasonStartAgain }), "start-again; its restart was due at 3s", nil},
		{"invariant 4: put off at another instant", core.Config{Limits: core.Limits{RestartRate: core.Rate{Count: 1, Per: time.Minute}}}, &checkers.Schedule{},
			after(at(1, fail(first, 1)), at(1, fail(second, 1)), at(3, tick())), change(1, func(a *core.Action) { a.At-- }), "was due at 3s", nil},

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

		{"invariant 6: cleared by a slow start", ready(core.DefaultPolicy()), &checkers.Attempts{},
			after(at(1, fail(first, 1)), at(80, isReady(first, 2)), at(89, fail(first, 2))), change(0, func(a *core.Action) { a.Attempts = 1 }),
			"they should be 2", nil},

		{"invariant 8: a dead task starts", core.Config{}, &checkers.Ended{},
			after(at(1, kill(first)), at(2, fail(first, 1)), at(3, restart(second))), startsToo(first, 2, core.StatusDead, core.ReasonRestarted),
			"without an operator command", nil},
		{"invariant 8: a killed task starts", core.Config{}, &checkers.Ended{},
			after(at(1, kill(first)), at(2, fail(first, 1))), func(actions []core.Action) []core.Action {
				return startsToo(first, 2, core.StatusStopping, core.ReasonRestarted)(actions)[1:]
			}, "the latest intent is kill", nil},
		{"invariant 8: a suspended task starts", core.Config{}, &checkers.Ended{},
			after(at(1, suspend(first)), at(2, fail(first, 1)), at(3, fail(second, 1))), startsToo(first, 2, core.StatusCreated, core.ReasonStartAgain),
			"and is suspended", nil},
		{"invariant 8: a temporary sibling comes back", never(core.OneForAll), &checkers.Ended{},
			[]core.Event{add(), addAs(1), start(), at(1, fail(first, 1)), at(2, fail(second, 1))}, change(0, func(a *core.Action) {
				a.To, a.Why = core.StatusCreated, core.ReasonStartAgain
			}), "the latest intent is retire", nil},
		{"invariant 8: the end of the supervisor wakes a suspended task", core.Config{}, &checkers.Ended{},
			after(at(1, suspend(first)), at(2, fail(first, 1)), at(3, down())), func(actions []core.Action) []core.Action {
				return []core.Action{{At: actions[0].At, Until: core.Never, Task: first, Run: 1, From: core.StatusCreated, To: core.StatusHalted, Why: core.ReasonSupervisorStop}}
			}, "says that it is suspended: false",
			told(at(3, resume(first)))},
		{"invariant 8: a task that is killed while the supervisor stops is halted", core.Config{}, &checkers.Ended{},
			after(at(1, down()), at(2, kill(first)), at(3, fail(first, 1))), change(0, func(a *core.Action) {
				a.To, a.Why = core.StatusHalted, core.ReasonSupervisorStop
			}), "is halted, and the latest intent is kill", nil},
		{"invariant 8: a dead task is halted", core.Config{}, &checkers.Ended{},
			after(at(1, fail(first, 1)), at(2, kill(first)), at(3, down())), func(actions []core.Action) []core.Action {
				return append(actions, core.Action{Until: core.Never, Task: first, Run: 1, From: core.StatusDead, To: core.StatusHalted, Why: core.ReasonSupervisorStop})
			}, "is halted, supervisor-stop, and was dead", nil},
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
	}
}

// never is a supervisor whose second policy never restarts a task.
func never(strategy core.Strategy) core.Config {
	p := core.DefaultPolicy()
	p.Restart = core.RestartNever
	return core.Config{Strategy: strategy, Policies: []core.Policy{core.DefaultPolicy(), p}}
}

// jittered is a policy whose delays can be half as long.
func jittered() core.Policy {
	p := core.DefaultPolicy()
	p.Jitter = core.Fraction{Num: 1, Den: 2}
	return p
}

// once is a policy with a single restart.
func once() core.Policy {
	p := core.DefaultPolicy()
	p.MaxAttempts = 1
	return p
}
