package main

import (
	"time"

	"github.com/tasksupervisor/tasksupervisor/adapters/supervisor"
)

// The shop's tasks that the storyboard counts on.
const (
	watchdog     = 2 * time.Second  // of the ledger
	bearable     = 2                // failures of the bank's lines
	bearableIn   = 10 * time.Second // within this
	stableAfter  = 10 * time.Second // then a task's restarts in a row are forgotten
	partStopsIn  = 3 * time.Second
	groupsDelay  = time.Second // doubled with each restart in a row, as all delays
	lonersDelay  = 500 * time.Millisecond
	lineDelay    = 100 * time.Millisecond
	lastLinesFor = time.Second
)

// newShop makes the tree of supervisors. The options are those of the root, which has all transitions reported to observe, and ends
// when they are: but a terminal that takes nothing in must not keep the program from ending.
//
// A service begins with supervisor.ForService(), in place of all the delays here. The shop does without: what goes wrong in it is to
// be seen within seconds, with delays that can be counted, and its bank is to give up, while a service is to go on for ever.
func newShop(observe func(supervisor.Transition), make *workshop, web supervisor.Task, options ...supervisor.Option) *supervisor.Supervisor {
	common := func(delay time.Duration, options ...supervisor.Option) *supervisor.Supervisor {
		return must(supervisor.New(append([]supervisor.Option{
			supervisor.WithBaseDelay(delay),
			supervisor.WithStableAfter(stableAfter),
			supervisor.WithStopTimeout(partStopsIn), // for parts; supervisors take as long as theirs need
		}, options...)...))
	}

	// A group. Its tasks share state that is of no use when one of them fails: all start again, one after the other.
	stock := common(
		groupsDelay,
		supervisor.WithStrategy(supervisor.OneForAll),
		supervisor.WithReadiness(true),
		supervisor.WithTask("reader", make.part(300*time.Millisecond, 300*time.Millisecond)),
		supervisor.WithTask("counter", make.part(300*time.Millisecond, 200*time.Millisecond)),
		supervisor.WithTask("writer", make.part(300*time.Millisecond, 500*time.Millisecond)),
	)

	// A chain. Each task starts when the one before it is ready, and when one fails, those after it start again as well.
	storage := common(
		lonersDelay,
		supervisor.WithStrategy(supervisor.RestForOne),
		supervisor.WithReadiness(true),
		supervisor.WithStartTimeout(5*time.Second),
		supervisor.WithTask("database", make.part(800*time.Millisecond, 300*time.Millisecond)),
		supervisor.WithTask("index", make.part(600*time.Millisecond, 200*time.Millisecond)),
		supervisor.WithTask("search", make.part(400*time.Millisecond, 200*time.Millisecond)),
	)

	// Lines that may fail twice in ten seconds. The third failure ends the bank, and payments starts it again.
	bank := common(
		lineDelay,
		supervisor.WithIntensity(bearable, bearableIn),
		supervisor.WithTask("line-1", make.part(0, 100*time.Millisecond)),
		supervisor.WithTask("line-2", make.part(0, 100*time.Millisecond)),
	)
	payments := common(
		lonersDelay,
		supervisor.WithTask("ledger", make.part(0, 100*time.Millisecond), supervisor.WithWatchdog(watchdog)),
		supervisor.WithTask("bank", bank, supervisor.WithBaseDelay(time.Second), supervisor.WithMaxAttempts(supervisor.Unlimited)),
	)

	// Payments wait for the storage before they start, and then do without. Web and mail come and go with it.
	return common(
		lonersDelay,
		append(options,
			supervisor.WithName("shop"),
			supervisor.WithObserver(observe),
			supervisor.WithDrainTimeout(lastLinesFor),
			supervisor.WithTask("stock", stock, supervisor.WithReadiness(true)),
			supervisor.WithTask("storage", storage, supervisor.WithReadiness(true), supervisor.WithMaxAttempts(supervisor.Unlimited)),
			supervisor.WithTask("payments", payments, supervisor.WithNeeds("storage")),
			supervisor.WithTask("web", web, supervisor.WithReadiness(true), supervisor.WithBoundTo("storage")),
			supervisor.WithTask("mail", make.part(0, 400*time.Millisecond), supervisor.WithBoundTo("storage")),
		)...,
	)
}

// rule says in plain words what the failure of a task brings with it, by the path of the supervisor that the task is in.
func rule(group string) string {
	switch group {
	case "shop/stock":
		return "Its group shares one piece of work: all three stop, and start again in order."
	case "shop/storage":
		return "The storage is a chain: what comes after the failed task restarts as well."
	case "shop/payments/bank":
		return "It restarts alone. But two failures in ten seconds are all its bank bears."
	case "shop/payments":
		return "It restarts alone: the bank beside it does not notice."
	default:
		return "It restarts alone: its neighbours do not notice."
	}
}

// must is for a tree that is part of the program: an error in it is a bug, found whenever the program starts.
func must(supervisor *supervisor.Supervisor, err error) *supervisor.Supervisor {
	if err != nil {
		panic(err)
	}
	return supervisor
}
