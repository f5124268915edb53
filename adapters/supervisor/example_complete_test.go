package supervisor_test

import (
	"context"
	"errors"
	"fmt"
	"sync/atomic"
	"time"

	"github.com/tasksupervisor/tasksupervisor/adapters/supervisor"
)

// A complete program: a tree with a strategy, needs, readiness, a watchdog and an observer.
//
// The storage is a chain: the index starts when the database is ready. A failure is too much for it, so that its parent
// restarts it as a whole. The worker is bound to the storage: it stops with it, and starts when it is ready again. It
// ends the program when it has done its work.
func Example_complete() {
	var failed atomic.Bool
	down := make(chan struct{})

	database := func(ctx context.Context) error {
		if err := supervisor.Ready(ctx); err != nil { // connected
			return err
		}
		select {
		case <-down:
			if failed.CompareAndSwap(false, true) {
				return errors.New("connection lost")
			}
		case <-ctx.Done():
		}
		<-ctx.Done()
		return nil
	}
	index := func(ctx context.Context) error {
		if err := supervisor.Ready(ctx); err != nil { // loaded
			return err
		}
		<-ctx.Done()
		return nil
	}
	worker := func(ctx context.Context) error {
		heart, err := supervisor.HeartOf(ctx)
		if err != nil {
			return err
		}
		for job := range 3 {
			heart.Beat()
			if job == 1 && !failed.Load() {
				close(down) // the outage
				<-ctx.Done()
				return nil
			}
		}
		return nil // all jobs are done
	}

	storage, err := supervisor.New(
		supervisor.WithStrategy(supervisor.RestForOne),
		supervisor.WithReadiness(true),
		supervisor.WithBackoff(supervisor.Backoff{Base: time.Millisecond, Max: time.Second, Jitter: 0.5}),
		supervisor.WithTask("database", supervisor.TaskFunc(database)),
		supervisor.WithTask("index", supervisor.TaskFunc(index)),
		supervisor.WithIntensity(0, time.Minute), // one failure is too many
	)
	if err != nil {
		fmt.Println(err)
		return
	}
	root, err := supervisor.New(
		supervisor.WithName("shop"),
		supervisor.WithBaseDelay(time.Millisecond),
		supervisor.WithAutoShutdown(supervisor.AutoShutdownAny),
		supervisor.WithObserver(func(t supervisor.Transition) {
			if t.Task == "worker" && t.From != t.To {
				fmt.Printf("%s/%s: %v -> %v (%v)\n", t.Supervisor, t.Task, t.From, t.To, t.Why)
			}
		}),
		supervisor.WithTask("storage", storage, supervisor.WithReadiness(true), supervisor.WithSignificant(false)),
		supervisor.WithTask("worker", supervisor.TaskFunc(worker),
			supervisor.WithBoundTo("storage"), supervisor.WithWatchdog(time.Minute)),
	)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(root.Run(context.Background())) // it returns when the observer has been told everything
	// Output:
	// shop/worker: none -> created (added)
	// shop/worker: created -> healthy (supervisor-start)
	// shop/worker: healthy -> stopping (dependency)
	// shop/worker: stopping -> created (start-again)
	// shop/worker: created -> healthy (start-again)
	// shop/worker: healthy -> completed (completed)
	// <nil>
}
