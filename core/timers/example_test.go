package timers_test

import (
	"fmt"
	"time"

	"github.com/tasksupervisor/tasksupervisor/core"
	"github.com/tasksupervisor/tasksupervisor/core/timers"
)

// One driver owns two machines. The queue holds the next deadline of each, so a single timer of the host is enough for
// both. The slot of a machine is its index in the driver's list.
func Example() {
	policy := core.DefaultPolicy()
	policy.BaseDelay = time.Second
	var machines []*core.Machine
	var wakeUps timers.Queue[core.Instant, uint64]

	step := func(index uint64, ev core.Event) {
		for _, action := range machines[index].Step(nil, ev) {
			if action.Kind == core.ActionStart {
				fmt.Printf("%v: machine %d starts run %d\n", time.Duration(ev.At), index, action.Run)
			}
		}
		deadline, _ := machines[index].NextDeadline() // core.Never, if nothing is scheduled: that disarms the timer
		wakeUps.Arm(index, deadline)
	}
	for index := range uint64(2) {
		machine, err := core.New(core.Config{Policies: []core.Policy{policy}})
		if err != nil {
			fmt.Println(err)
			return
		}
		machines = append(machines, machine)
		step(index, core.Event{Kind: core.EventStart})
		step(index, core.Event{Kind: core.EventAdd})
	}

	// Both tasks fail, the second machine's first.
	for index, machine := range machines {
		for task := range machine.Tasks() {
			at := core.Instant(2-index) * core.Instant(time.Second)
			step(uint64(index), core.Event{Kind: core.EventExit, At: at, Task: task.Task, Run: task.Run, Exit: core.ExitError})
		}
	}
	for wakeUps.Len() > 0 {
		step(wakeUps.First(), core.Event{Kind: core.EventTick, At: wakeUps.Next()})
	}
	// Output:
	// 0s: machine 0 starts run 1
	// 0s: machine 1 starts run 1
	// 3s: machine 1 starts run 2
	// 4s: machine 0 starts run 2
}
