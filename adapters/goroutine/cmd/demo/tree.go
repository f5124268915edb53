package main

import (
	"time"

	"github.com/tasksupervisor/tasksupervisor/adapters/goroutine"
	"github.com/tasksupervisor/tasksupervisor/core"
)

// newShop makes the tree of supervisors. Each of them tells observe what it decides.
func newShop(observe func(goroutine.Event), mishaps *mishaps, web goroutine.Task) *goroutine.Supervisor {
	part := func(startUp, cleanUp time.Duration) goroutine.Task {
		return &part{startUp: startUp, cleanUp: cleanUp, mishaps: mishaps}
	}
	common := func(options ...goroutine.Option) *goroutine.Supervisor {
		return must(goroutine.New(append([]goroutine.Option{
			goroutine.WithObserver(observe),
			goroutine.WithBaseDelay(500 * time.Millisecond),
			goroutine.WithStableAfter(10 * time.Second),
			goroutine.WithStopTimeout(3 * time.Second), // for parts; supervisors take as long as theirs need
		}, options...)...))
	}

	// A chain. Each task starts when the one before it is ready, and when one fails, those behind it start again, too.
	storage := common(
		goroutine.WithStrategy(core.RestForOne),
		goroutine.WithReadiness(true),
		goroutine.WithStartTimeout(5*time.Second),
		goroutine.WithTask("database", part(800*time.Millisecond, 300*time.Millisecond)),
		goroutine.WithTask("index", part(600*time.Millisecond, 200*time.Millisecond)),
		goroutine.WithTask("search", part(400*time.Millisecond, 200*time.Millisecond)),
	)

	// A group. Its tasks share state that is of no use when one of them fails: all start again.
	stock := common(
		goroutine.WithStrategy(core.OneForAll),
		goroutine.WithTask("reader", part(0, 200*time.Millisecond)),
		goroutine.WithTask("counter", part(0, 200*time.Millisecond)),
		goroutine.WithTask("writer", part(0, 500*time.Millisecond)),
	)

	// Lines that may fail twice in ten seconds. The third failure ends the bank, and payments starts it again.
	bank := common(
		goroutine.WithIntensity(2, 10*time.Second),
		goroutine.WithBaseDelay(100*time.Millisecond),
		goroutine.WithTask("line-1", part(0, 100*time.Millisecond)),
		goroutine.WithTask("line-2", part(0, 100*time.Millisecond)),
	)
	payments := common(
		goroutine.WithTask("ledger", part(0, 100*time.Millisecond), goroutine.WithWatchdog(2*time.Second)),
		goroutine.WithTask("bank", bank, goroutine.WithBaseDelay(time.Second), goroutine.WithUnlimitedAttempts()),
	)

	// Payments wait for the storage before they start, and then do without. Web and mail come and go with it.
	return common(
		goroutine.WithName("shop"),
		goroutine.WithTask("stock", stock),
		goroutine.WithTask("storage", storage, goroutine.WithReadiness(true), goroutine.WithUnlimitedAttempts()),
		goroutine.WithTask("payments", payments, goroutine.WithNeeds("storage")),
		goroutine.WithTask("web", web, goroutine.WithReadiness(true), goroutine.WithBoundTo("storage")),
		goroutine.WithTask("mail", part(0, 400*time.Millisecond), goroutine.WithBoundTo("storage")),
	)
}

// must is for a tree that is part of the program: an error in it is a bug, found whenever the program starts.
func must(supervisor *goroutine.Supervisor, err error) *goroutine.Supervisor {
	if err != nil {
		panic(err)
	}
	return supervisor
}
