package tasksupervisor_test

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/tasksupervisor/tasksupervisor/adapters/goroutine"
	"github.com/tasksupervisor/tasksupervisor/core"
)

// The first example of the README.
func Example() {
	sup, err := goroutine.New(
		goroutine.WithBaseDelay(time.Millisecond), // default: 1 s
		goroutine.WithAutoShutdown(core.AutoShutdownAll),
	)
	if err != nil {
		panic(err)
	}
	run := 0
	err = sup.Add("download", goroutine.TaskFunc(func(ctx context.Context) error {
		if run++; run < 3 {
			return errors.New("connection lost")
		}
		fmt.Println("done in run", run)
		return nil
	}))
	if err != nil {
		panic(err)
	}
	err = sup.Run(context.Background())
	fmt.Println(err, "-", sup.Report())

	// Output:
	// done in run 3
	// <nil> - halted, 3 runs started, 3 ended
}

// The second example of the README.
func Example_tree() {
	opening := make(chan struct{})
	database := goroutine.TaskFunc(func(ctx context.Context) error {
		close(opening) // and it would call goroutine.Ready(ctx) when it is open
		<-ctx.Done()
		return nil
	})
	index, web := database, database

	storage, err := goroutine.New(
		goroutine.WithStrategy(core.RestForOne), // a failure restarts those behind as well
		goroutine.WithReadiness(true),           // each starts when the one before is ready
		goroutine.WithTask("database", database),
		goroutine.WithTask("index", index),
	)
	if err != nil {
		panic(err)
	}
	shop, err := goroutine.New(
		goroutine.WithIntensity(5, time.Minute), // more failures end it
		goroutine.WithTask("web", web,
			goroutine.WithBoundTo("storage"), goroutine.WithWatchdog(5*time.Second)),
		goroutine.WithTask("storage", storage, goroutine.WithReadiness(true)),
	)
	if err != nil {
		panic(err)
	}
	_ = shop.Start(context.Background())
	<-opening
	for _, task := range shop.Tree() {
		fmt.Println(task)
	}

	_ = shop.Shutdown(context.Background())
	// Output:
	// storage: starting (supervisor-start), run 1 [supervisor running]
	//   database: starting (supervisor-start), run 1
	//   index: created (supervisor-start), waits for its turn
	// web: created (supervisor-start), waits for "storage"
}
