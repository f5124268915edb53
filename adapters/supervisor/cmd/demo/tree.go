package main

import (
	"time"

	"github.com/tasksupervisor/tasksupervisor/adapters/supervisor"
)

// watchdog is how long the ledger may give no sign of life.
const watchdog = 2 * time.Second

// newShop makes the tree of supervisors. The options are those of the root, which has all transitions reported to observe, and ends
// when they are: but a terminal that takes nothing in must not keep the program from ending.
//
// A service begins with supervisor.ForService(), in place of all the delays here. The shop does without: what goes wrong in it is to
// be seen within seconds, with delays that can be counted, and its bank is to give up, while a service is to go on for ever.
func newShop(observe func(supervisor.Transition), workshop *workshop, web supervisor.Task, options ...supervisor.Option) *supervisor.Supervisor {
	common := func(delay time.Duration, options ...supervisor.Option) *supervisor.Supervisor {
		return must(supervisor.New(append([]supervisor.Option{
			supervisor.WithBaseDelay(delay),
			supervisor.WithStableAfter(10 * time.Second),
			supervisor.WithStopTimeout(3 * time.Second), // for parts; supervisors take as long as theirs need
		}, options...)...))
	}

	// A group. Its tasks share state that is of no use when one of them fails: all start again, one after the other.
	stock := common(
		time.Second,
		supervisor.WithStrategy(supervisor.OneForAll),
		supervisor.WithReadiness(true),
		supervisor.WithTask("reader", workshop.part(300*time.Millisecond, 300*time.Millisecond)),
		supervisor.WithTask("counter", workshop.part(300*time.Millisecond, 200*time.Millisecond)),
		supervisor.WithTask("writer", workshop.part(300*time.Millisecond, 500*time.Millisecond)),
	)

	// A chain. Each task starts when the one before it is ready, and when one fails, those after it start again as well.
	storage := common(
		500*time.Millisecond,
		supervisor.WithStrategy(supervisor.RestForOne),
		supervisor.WithReadiness(true),
		supervisor.WithStartTimeout(5*time.Second),
		supervisor.WithTask("database", workshop.part(800*time.Millisecond, 300*time.Millisecond)),
		supervisor.WithTask("index", workshop.part(600*time.Millisecond, 200*time.Millisecond)),
		supervisor.WithTask("search", workshop.part(400*time.Millisecond, 200*time.Millisecond)),
	)

	// Lines that may fail twice in ten seconds. The third failure ends the bank, and payments starts it again.
	bank := common(
		100*time.Millisecond,
		supervisor.WithIntensity(2, 10*time.Second),
		supervisor.WithTask("line-1", workshop.part(0, 100*time.Millisecond)),
		supervisor.WithTask("line-2", workshop.part(0, 100*time.Millisecond)),
	)
	payments := common(
		500*time.Millisecond,
		supervisor.WithTask("ledger", workshop.part(0, 100*time.Millisecond), supervisor.WithWatchdog(watchdog)),
		supervisor.WithTask("bank", bank, supervisor.WithBaseDelay(time.Second), supervisor.WithMaxAttempts(supervisor.Unlimited)),
	)

	// Payments wait for the storage before they start, and then do without. Web and mail come and go with it.
	return common(
		500*time.Millisecond,
		append(options,
			supervisor.WithName("shop"),
			supervisor.WithObserver(observe),
			supervisor.WithDrainTimeout(time.Second),
			supervisor.WithTask("stock", stock, supervisor.WithReadiness(true)),
			supervisor.WithTask("storage", storage, supervisor.WithReadiness(true), supervisor.WithMaxAttempts(supervisor.Unlimited)),
			supervisor.WithTask("payments", payments, supervisor.WithNeeds("storage")),
			supervisor.WithTask("web", web, supervisor.WithReadiness(true), supervisor.WithBoundTo("storage")),
			supervisor.WithTask("mail", workshop.part(0, 400*time.Millisecond), supervisor.WithBoundTo("storage")),
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
