package supervisor_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"time"

	"github.com/tasksupervisor/tasksupervisor/adapters/supervisor"
	"github.com/tasksupervisor/tasksupervisor/clock"
	"github.com/tasksupervisor/tasksupervisor/core/scenario"
)

func ExampleWithRecorder() {
	var recording bytes.Buffer // a file, in production
	sup := must(supervisor.New(
		supervisor.WithRecorder(&recording),
		supervisor.WithSeed(7),
		supervisor.WithMaxAttempts(0),
		supervisor.WithAutoShutdown(supervisor.AutoShutdownAll),
		supervisor.WithClock(new(clock.Virtual)),
	))
	_ = sup.Add("task", supervisor.TaskFunc(func(context.Context) error { return errors.New("no luck") }))
	_ = sup.Run(context.Background())
	fmt.Print(recording.String())

	replay, err := scenario.Parse(recording.Bytes())
	if err != nil {
		fmt.Println(err)
		return
	}
	machine, err := replay.Play()
	fmt.Println(machine.Phase(), err)
	// Output:
	// scenario 1 part=1 run=1
	// config seed=7 auto=all
	// policy p0 attempts=0
	// at 0s add task key=4098394220
	//   0s add task none->created added
	// at 0s start
	//   0s start task#1 created->healthy supervisor-start
	// at 0s exit task#1 error
	//   0s transition task#1 healthy->dead exhausted exit=error
	//   0s halt all-ended
	// halted <nil>
}

func ExampleFlightRecorder() {
	sup := must(supervisor.New(
		supervisor.WithName("shop"),
		supervisor.WithFlightRecorder(supervisor.FlightRecorder{MinAge: 5 * time.Minute}), // and leave it on
		supervisor.WithSeed(7),
		supervisor.WithMaxAttempts(0),
		supervisor.WithAutoShutdown(supervisor.AutoShutdownAll),
		supervisor.WithClock(new(clock.Virtual)),
	))
	_ = sup.Add("task", supervisor.TaskFunc(func(context.Context) error { return errors.New("no luck") }))
	_ = sup.Run(context.Background())

	if err := sup.DumpRecording(os.Stdout); err != nil { // on demand
		fmt.Println(err)
	}
	// Output:
	// scenario 1 part=1 of=shop run=1
	// config seed=7 auto=all
	// policy p0 attempts=0
	// at 0s add task key=4098394220
	//   0s add task none->created added
	// at 0s start
	//   0s start task#1 created->healthy supervisor-start
	// at 0s exit task#1 error
	//   0s transition task#1 healthy->dead exhausted exit=error
	//   0s halt all-ended
	// expect digest -> 1ce010788e3636da
}
