package whatif_test

import (
	"fmt"
	"time"

	"github.com/tasksupervisor/tasksupervisor/core"
	"github.com/tasksupervisor/tasksupervisor/core/scenario"
	"github.com/tasksupervisor/tasksupervisor/sim/whatif"
	"github.com/tasksupervisor/tasksupervisor/sim/workload"
)

func ExampleSimulate() {
	outcomes, err := whatif.Simulate(workload.World{
		Tasks:   []workload.Tasks{{Name: "worker", Count: 10}},
		Outages: []workload.Outage{{At: 10 * time.Minute, Lasts: workload.Constant(time.Minute), Fails: workload.Constant(time.Second)}},
	}, []whatif.Case{
		{Name: "as it is"},
		{Name: "two attempts", Policy: func(p *core.Policy) { p.MaxAttempts = 2 }},
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, o := range outcomes {
		fmt.Println(o.Case, o.Restarts, o.Deaths)
	}
	// Output:
	// as it is 50 0
	// two attempts 20 10
}

func ExampleReplay() {
	recording, err := scenario.Parse([]byte(`scenario 1
config
at 0s add web
at 0s start
at 60s exit web#1 error
at 62s tick
at 63s exit web#2 panic
at 67s tick
at 5m shutdown
`))
	if err != nil {
		fmt.Println(err)
		return
	}
	outcomes, err := whatif.Replay(recording, []whatif.Case{
		{Name: "as it was"},
		{Name: "twice as fast", Policy: func(p *core.Policy) { p.BaseDelay /= 2 }},
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	// Twice as fast, the third run begins when the second has failed after a second and the recorded third has not begun:
	// it fails like the second, and the task waits longer in all.
	for _, o := range outcomes {
		fmt.Println(o.Case, o.Restarts, o.Down)
	}
	// Output:
	// as it was 2 6s
	// twice as fast 3 7s
}

func ExampleCase() {
	c := whatif.Case{Name: "patient", Policy: func(p *core.Policy) { p.MaxAttempts = core.Unlimited }}
	policy := core.DefaultPolicy()
	c.Policy(&policy)
	fmt.Println(c.Name, policy.MaxAttempts == core.Unlimited)
	// Output: patient true
}

func ExampleOutcome() {
	o := whatif.Outcome{Case: "as it is", Restarts: 3, Peak: 2, PeakAt: time.Minute}
	fmt.Println(o.Case, o.Restarts, "restarts, at most", o.Peak, "in a second, at", o.PeakAt)
	// Output: as it is 3 restarts, at most 2 in a second, at 1m0s
}

func ExampleTask() {
	t := whatif.Task{Name: "web", Restarts: 2, Down: 6 * time.Second, End: core.StatusHealthy}
	fmt.Println(t.Name, t.Restarts, t.Down, t.End)
	// Output: web 2 6s healthy
}

func ExampleCauses() {
	causes := whatif.Causes{Failure: 3, Command: 1}
	fmt.Println(causes.Failure, "restarts after failures,", causes.Command, "by an operator")
	// Output: 3 restarts after failures, 1 by an operator
}
