package tasksupervisor_test

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/tasksupervisor/tasksupervisor/adapters/goroutine"
	"github.com/tasksupervisor/tasksupervisor/core"
)

// The example of the README.
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
