package main

import (
	"time"

	"github.com/tasksupervisor/tasksupervisor/adapters/supervisor"
)

// newShop makes the tree of supervisors. The root has all their transitions reported to observe, and ends when they are: but
// a terminal that takes nothing in must not keep the program from ending.
//
// A service begins with supervisor.ForService(), in place of all the delays here. The shop does without: what goes wrong in it is to
// be seen within seconds, with delays that can be counted, and its bank is to give up, while a service is to go on for ever.
func newShop(observe func(supervisor.Transition), mishaps *mishaps, web supervisor.Task) *supervisor.Supervisor {
	part := func(startUp, cleanUp time.Duration) supervisor.Task {
		return &part{startUp: startUp, cleanUp: cleanUp, mishaps: mishaps}
	}
	common := func(delay time.Duration, options ...supervisor.Option) *supervisor.Supervisor {
		return must(supervisor.New(append([]supervisor.Option{
			supervisor.WithBaseDelay(delay),
			supervisor.WithStableAfter(10 * time.Second),
			supervisor.WithStopTimeout(3 * time.Second), // for parts; supervisors take as long as theirs need
		}, options...)...))
	}

	// A chain. Each task starts when the one before it is ready, and when one fails, those after it start again as well.
	storage := common(
		500*time.Millisecond,
		supervisor.WithStrategy(supervisor.RestForOne),
		supervisor.WithReadiness(true),
		supervisor.WithStartTimeout(5*time.Second),
		supervisor.WithTask("database", part(800*time.Millisecond, 300*time.Millisecond)),
		supervisor.WithTask("index", part(600*time.Millisecond, 200*time.Millisecond)),
		supervisor.WithTask("search", part(400*time.Millisecond, 200*time.Millisecond)),
	)

	// A group. Its tasks share state that is of no use when one of them fails: all start again.
	stock := common(
		500*time.Millisecond,
		supervisor.WithStrategy(supervisor.OneForAll),
		supervisor.WithTask("reader", part(0, 200*time.Millisecond)),
		supervisor.WithTask("counter", part(0, 200*time.Millisecond)),
		supervisor.WithTask("writer", part(0, 500*time.Millisecond)),
	)

	// Lines that may fail twice in ten seconds. The third failure ends the bank, and payments starts it again.
	bank := common(
		100*time.Millisecond,
		supervisor.WithIntensity(2, 10*time.Second),
		supervisor.WithTask("line-1", part(0, 100*time.Millisecond)),
		supervisor.WithTask("line-2", part(0, 100*time.Millisecond)),
	)
	payments := common(
		500*time.Millisecond,
		supervisor.WithTask("ledger", part(0, 100*time.Millisecond), supervisor.WithWatchdog(2*time.Second)),
		supervisor.WithTask("bank", bank, supervisor.WithBaseDelay(time.Second), supervisor.WithMaxAttempts(supervisor.Unlimited)),
	)

	// Payments wait for the storage before they start, and then do without. Web and mail come and go with it.
	return common(
		500*time.Millisecond,
		supervisor.WithName("shop"),
		supervisor.WithObserver(observe),
		supervisor.WithDrainTimeout(time.Second),
		supervisor.WithTask("stock", stock),
		supervisor.WithTask("storage", storage, supervisor.WithReadiness(true), supervisor.WithMaxAttempts(supervisor.Unlimited)),
		supervisor.WithTask("payments", payments, supervisor.WithNeeds("storage")),
		supervisor.WithTask("web", web, supervisor.WithReadiness(true), supervisor.WithBoundTo("storage")),
		supervisor.WithTask("mail", part(0, 400*time.Millisecond), supervisor.WithBoundTo("storage")),
	)
}

// must is for a tree that is part of the program: an error in it is a bug, found whenever the program starts.
func must(supervisor *supervisor.Supervisor, err error) *supervisor.Supervisor {
	if err != nil {
		panic(err)
	}
	return supervisor
}
