package swarm_test

import (
	"fmt"

	"github.com/tasksupervisor/tasksupervisor/sim"
	"github.com/tasksupervisor/tasksupervisor/sim/swarm"
)

func ExampleWorld() {
	for seed := range uint64(3) {
		result, err := sim.Run(swarm.World(seed))
		if err != nil {
			fmt.Println(err)
			return
		}
		fmt.Println(seed, result.Violation == nil)
	}
	// Output:
	// 0 true
	// 1 true
	// 2 true
}
