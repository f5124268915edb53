package clock_test

import (
	"fmt"
	"time"

	"github.com/tasksupervisor/tasksupervisor/clock"
	"github.com/tasksupervisor/tasksupervisor/core"
)

// A driver's loop, on a clock that the example moves.
func ExampleSource() {
	machine, err := core.New(core.Config{})
	if err != nil {
		fmt.Println(err)
		return
	}
	virtual := new(clock.Virtual)
	source := virtual.NewSource()

	step := func(ev core.Event) {
		ev.At = source.Now()
		for _, action := range machine.Step(nil, ev) {
			fmt.Println(source.Now(), action.Task, action.Kind, action.To)
		}
		source.Arm(machine.NextDeadline())
	}
	step(core.Event{Kind: core.EventStart})
	step(core.Event{Kind: core.EventAdd})
	for task := range machine.Tasks() {
		step(core.Event{Kind: core.EventExit, Task: task.Task, Run: task.Run, Exit: core.ExitError})
	}
	virtual.Next()
	<-source.Wake()
	step(core.Event{Kind: core.EventTick})

	// Output:
	// 0s #1 add created
	// 0s #1 start healthy
	// 0s #1 transition failed
	// 2s #1 start healthy
}

func ExampleClock() {
	for _, c := range []clock.Clock{clock.System{}, new(clock.Virtual)} {
		source := c.NewSource()
		source.Arm(source.Now(), true)
		<-source.Wake()
		fmt.Printf("%T woke its source\n", c)
	}
	// Output:
	// clock.System woke its source
	// *clock.Virtual woke its source
}

func ExampleSystem() {
	source := clock.System{}.NewSource()
	before := source.Now()
	source.Arm(before, true) // not in the future: wakes at once
	<-source.Wake()
	fmt.Println(source.Now() >= before)
	// Output: true
}

func ExampleVirtual() {
	virtual := new(clock.Virtual)
	source := virtual.NewSource()
	source.Arm(core.Instant(24*time.Hour), true)

	at, _ := virtual.Next()
	<-source.Wake()
	fmt.Println("woken at", at)
	// Output: woken at 24h0m0s
}

// People want to know the time of day. Not every source knows it.
func ExampleDated() {
	source := new(clock.Virtual).NewSource()
	if date, ok := clock.Date(source, core.Instant(time.Minute)); ok {
		fmt.Println(date.Format(time.RFC3339))
	} else {
		fmt.Println(time.Minute, "after the origin")
	}
	// Output: 1m0s after the origin
}
