package checkers_test

import (
	"slices"
	"time"

	"github.com/tasksupervisor/tasksupervisor/core"
	"github.com/tasksupervisor/tasksupervisor/sim/checkers"
)

// roundForgeries violate invariants 11 and 16 for tasks that depend on each other by their order.
func roundForgeries() []forgery {
	all, rest := core.Config{Strategy: core.OneForAll}, core.Config{Strategy: core.RestForOne}
	together := core.Config{Strategy: core.OneForAll, StopOrder: core.StopTogether}
	reverse := core.Config{StopOrder: core.StopReverse}
	slow := ready(core.DefaultPolicy())
	slow.Strategy = core.RestForOne
	three := []core.Event{add(), add(), add(), start(), at(1, fail(first, 1))}
	then := func(events ...core.Event) []core.Event { return slices.Concat(three, events) }

	return []forgery{
		{"invariant 11: starts while another stops", all, &checkers.Rounds{},
			after(at(1, fail(first, 1))), startsToo(first, 2, core.StatusCreated, core.ReasonBackoff), "task #1 starts while task #2 is stopping", nil},
		{"invariant 11: starts without waiting its turn", all, &checkers.Rounds{},
			after(at(1, fail(first, 1)), at(2, fail(second, 1)), at(4, tick())), change(0, func(a *core.Action) {
				a.Kind, a.To = core.ActionStart, core.StatusHealthy
			}), "starts from failed", nil},
		{"invariant 11: starts out of order", all, &checkers.Rounds{},
			after(at(1, fail(first, 1)), at(2, fail(second, 1)), at(4, tick())), swapped(1, 2), "task #2 starts before task #1, which can start, too", nil},
		{"invariant 11: starts before the one in front is ready", slow, &checkers.Rounds{},
			running, startsToo(second, 1, core.StatusCreated, core.ReasonSupervisorStart), "task #2 starts while task #1 is starting", nil},
		{"invariant 11: starts before the one in front is ready again", slow, &checkers.Rounds{},
			after(unreadyBefore(second)...), startsToo(second, 1, core.StatusCreated, core.ReasonResumed), "task #2 starts while task #1 is healthy and unready", nil},
		{"invariant 11: starts during the delay of another", all, &checkers.Rounds{},
			after(at(1, fail(first, 1)), at(2, fail(second, 1)), at(3, fail(second, 1))), startsToo(second, 2, core.StatusCreated, core.ReasonStartAgain),
			"task #2 starts while task #1 is failed", nil},
		{"invariant 11: the first is stopped first", together, &checkers.Rounds{},
			three, swapped(1, 2), "task #2 is asked to stop before task #3", nil},
		{"invariant 11: the first is stopped first at a shutdown", core.Config{}, &checkers.Rounds{},
			after(at(1, down())), swapped(0, 1), "task #1 is asked to stop before task #2", nil},
		{"invariant 11: not one by one", all, &checkers.Rounds{},
			three, func(actions []core.Action) []core.Action {
				other := actions[1]
				other.Task = second
				return append(actions, other)
			}, "task #2 is asked to stop while task #3 is stopping", nil},
		{"invariant 11: not one by one at a shutdown", reverse, &checkers.Rounds{},
			after(at(1, down())), change(0, func(a *core.Action) { a.Task = first }), "while task #2 is healthy", nil},
		{"invariant 11: a sibling is left out", all, &checkers.Rounds{},
			after(at(1, fail(first, 1))), truth, "task #2 runs on", &secret{config: &core.Config{}}},
		{"invariant 11: too many siblings", rest, &checkers.Rounds{},
			after(at(1, fail(second, 1))), truth, "task #1 is asked to stop, sibling, and no other gave cause", &secret{config: &all}},

		{"invariant 11: a delay begins too soon", all, &checkers.DelayBegins{},
			three, change(0, func(a *core.Action) { a.Until = a.At + 1 }), "begins at 1s, and what went down with it has not stopped", nil},
		{"invariant 11: a delay waits though no task is left to stop", core.Config{}, &checkers.DelayBegins{},
			three, truth, "does not begin at 1s, and there is no task to wait for", &secret{config: &all}},
		{"invariant 11: a delay begins twice", core.Config{}, &checkers.DelayBegins{},
			then(at(2, fail(second, 9))), delayBegins(first), "begins at 2s, and it was not put off", nil},
		{"invariant 11: a delay begins before the last has gone", all, &checkers.DelayBegins{},
			then(at(2, fail(third, 1))), delayBegins(first), "begins at 2s, and what went down with it has not stopped", nil},
		{"invariant 11: delays begin out of order", all, &checkers.DelayBegins{},
			then(at(2, fail(second, 1)), at(3, fail(third, 1))), swapped(1, 2), "task #2 begins before that of task #1", nil},

		{"invariant 16: a task that can start waits", slow, &checkers.Settled{},
			after(at(1, isReady(first, 1))), short(1), "task #2 can start, and waits", nil},
		{"invariant 16: a task that may be asked to stop is not", all, &checkers.Settled{},
			three, without(core.ActionStop), "task #2 is to stop and none is in its way", nil},
		{"invariant 16: a delay does not begin", all, &checkers.Settled{},
			after(at(1, fail(first, 1)), at(2, fail(second, 1))), short(1), "its restart delay does not begin", nil},
		{"invariant 16: a halt that does not come", core.Config{}, &checkers.Settled{},
			after(at(1, down()), at(2, fail(first, 1)), at(3, fail(second, 1))), short(1), "has no run to wait for, and does not halt", nil},
		{"invariant 16: a task waits though there are no others", ready(core.DefaultPolicy()), &checkers.Settled{},
			running, truth, "task #2 can start, and waits", &secret{config: &slow}},
		{"invariant 16: a wait for something else", all, &checkers.Settled{},
			[]core.Event{add(), suspend(first)}, change(0, func(a *core.Action) { a.Why = core.ReasonPolicy }), "waits for supervisor (task #0), and says it is suspended", nil},
	}
}

// delayBegins adds the beginning of a restart delay.
func delayBegins(id core.TaskID) func([]core.Action) []core.Action {
	return func(actions []core.Action) []core.Action {
		return append(actions, core.Action{
			At: actions[0].At, Until: actions[0].At + 1, Task: id, Run: 1,
			From: core.StatusFailed, To: core.StatusFailed, Why: core.ReasonDelayBegins,
		})
	}
}

// unreadyBefore has a task wait for its start until the first is up, and unready again.
func unreadyBefore(waits core.TaskID) []core.Event {
	return []core.Event{suspend(waits), at(1, isReady(first, 1)), at(2, unready(first, 1)), at(3, resume(waits))}
}

// needForgeries violate invariant 11 for tasks that need others.
func needForgeries() []forgery {
	bound := func(events ...core.Event) []core.Event {
		return slices.Concat([]core.Event{add(), add(), need(second, first, true), start()}, events)
	}
	three := func(bound bool, events ...core.Event) []core.Event {
		return slices.Concat([]core.Event{add(), add(), add(), need(second, first, bound), start()}, events)
	}
	stopped := core.Action{
		At: core.Instant(time.Second), Kind: core.ActionStop, Task: second, Run: 1,
		From: core.StatusHealthy, To: core.StatusStopping, Why: core.ReasonDependency,
	}
	stopsFirst := func(actions []core.Action) []core.Action { return slices.Insert(actions, 0, stopped) }
	stopsToo := func(actions []core.Action) []core.Action { return append(actions, stopped) }
	return []forgery{
		{"invariant 11: starts before what it needs", ready(core.DefaultPolicy()), &checkers.Needs{},
			bound(), startsToo(second, 1, core.StatusCreated, core.ReasonSupervisorStart), "task #2 starts, and task #1, which it needs, is starting", nil},
		{"invariant 11: stops before what needs it", core.Config{}, &checkers.Needs{},
			bound(at(1, kill(first))), change(0, func(a *core.Action) { a.Kind, a.To = core.ActionStop, core.StatusStopping }),
			"stop of task #1, and task #2, which needs it, is healthy", nil},
		{"invariant 11: starts before what needs it has stopped", core.Config{}, &checkers.Needs{},
			bound(at(1, fail(first, 1))), startsToo(first, 2, core.StatusFailed, core.ReasonBackoff),
			"start of task #1, and task #2, which needs it, is stopping", nil},
		{"invariant 11: stopped for a need that is up", core.Config{}, &checkers.Rounds{},
			bound(at(1, finish(first, 1))), stopsToo, "dependency, and no other gave cause", nil},
		{"invariant 11: stopped for one it has nothing to do with", core.Config{}, &checkers.Rounds{},
			three(true, at(1, kill(third))), stopsFirst, "task #2 is asked to stop, dependency, and no other gave cause", nil},
		{"invariant 11: stopped for one it needs and is not bound to", core.Config{}, &checkers.Rounds{},
			three(false, at(1, kill(first))), stopsFirst, "task #2 is asked to stop, dependency, and no other gave cause", nil},
		{"invariant 11: stopped for one that is bound to it", core.Config{}, &checkers.Rounds{},
			[]core.Event{add(), add(), add(), need(third, second, true), start(), at(1, kill(third))}, stopsFirst,
			"task #2 is asked to stop, dependency, and no other gave cause", nil},
		{"invariant 11: starts while what it needs is unready", ready(core.DefaultPolicy()), &checkers.Needs{},
			bound(unreadyBefore(second)...), startsToo(second, 1, core.StatusCreated, core.ReasonResumed),
			"task #2 starts, and task #1, which it needs, is healthy and unready", nil},
		{"invariant 11: stopped because what it is bound to is unready", ready(core.DefaultPolicy()), &checkers.Rounds{},
			bound(isReady(first, 1), isReady(second, 1), at(1, unready(first, 1))), stopsToo,
			"task #2 is asked to stop, dependency, and no other gave cause", nil},
		{"invariant 11: forgotten though it is needed", core.Config{}, &checkers.Needs{},
			bound(at(1, kill(first)), at(2, kill(second))), change(0, func(a *core.Action) { a.Task, a.Kind, a.To = first, core.ActionForget, core.StatusNone }),
			"task #1 is forgotten, and task #2 needs it", nil},
		{"invariant 11: bound, and runs on", core.Config{}, &checkers.Needs{},
			after(at(1, fail(first, 1)), at(2, need(second, first, true))), nothing, "task #2 runs on, and task #1, which it is bound to, is failed",
			told(at(2, need(second, first, false)))},
		{"invariant 11: another need", core.Config{}, &checkers.Needs{},
			after(at(2, need(second, first, true))), nothing, "is said to need task #1 (bound: false)", told(at(2, need(second, first, false)))},
		{"invariant 11: a need is forgotten", core.Config{}, &checkers.Needs{},
			after(at(2, need(second, first, true))), nothing, "needs 1 tasks, and 0 are said to be", told(at(2, tick()))},
		{"invariant 16: a wait for another need", ready(core.DefaultPolicy()), &checkers.Settled{},
			[]core.Event{add(), add(), add(), need(third, second, false), start(), need(third, first, false)}, nothing,
			"waits for need (task #1), and says it is need (task #2)", told(tick())},
	}
}
