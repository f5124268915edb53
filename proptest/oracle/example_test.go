package oracle_test

import (
	"fmt"

	"github.com/tasksupervisor/tasksupervisor/core"
	"github.com/tasksupervisor/tasksupervisor/proptest/oracle"
)

func ExampleOracle() {
	o := oracle.New(core.Config{})
	id := o.Step(core.Event{Kind: core.EventAdd})[0].Task
	o.Step(core.Event{Kind: core.EventStart})
	for _, a := range o.Step(core.Event{At: 3e9, Kind: core.EventExit, Task: id, Run: 1, Exit: core.ExitError}) {
		fmt.Println(a.At, a.Task, a.From, a.To, a.Why, "until", a.Until)
	}
	fmt.Println(o.NextDeadline())
	// Output:
	// 3s #1 healthy failed failure until 5s
	// 5s true
}
