package tasksupervisor_test

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/tasksupervisor/tasksupervisor/adapters/supervisor"
)

// The first example of the README.
func Example() {
	sup, err := supervisor.New(
		supervisor.ForService(),                    // without it, a task that fails for a minute is dead
		supervisor.WithBaseDelay(time.Millisecond), // default: 1 s
		supervisor.WithAutoShutdown(supervisor.AutoShutdownAll),
	)
	if err != nil {
		panic(err)
	}
	run := 0
	err = sup.Add("download", supervisor.TaskFunc(func(ctx context.Context) error {
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
	database := supervisor.TaskFunc(func(ctx context.Context) error {
		close(opening) // a real one would call supervisor.Ready(ctx) once it is open
		<-ctx.Done()
		return nil
	})
	index, web := database, database

	storage, err := supervisor.New(
		supervisor.WithStrategy(supervisor.RestForOne), // a failure restarts those behind as well
		supervisor.WithReadiness(true),                 // each starts when the one before is ready
		supervisor.WithTask("database", database),
		supervisor.WithTask("index", index),
	)
	if err != nil {
		panic(err)
	}
	shop, err := supervisor.New(
		supervisor.WithIntensity(5, time.Minute), // more failures end it
		supervisor.WithTask("web", web,
			supervisor.WithBoundTo("storage"),       // runs only while the storage is up
			supervisor.WithWatchdog(5*time.Second)), // a hang is a failure
		supervisor.WithTask("storage", storage, supervisor.WithReadiness(true)),
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
	// storage: starting (supervisor-start), run 1 [supervisor running, rest-for-one]
	//   database: starting (supervisor-start), run 1
	//   index: created (supervisor-start), waits for its turn
	// web: created (supervisor-start), waits for "storage"
}
