package sim

import (
	"bytes"
	"fmt"
	"io"

	"github.com/tasksupervisor/tasksupervisor/core"
	"github.com/tasksupervisor/tasksupervisor/sim/workload"
)

// Violation is something that must not happen, whatever the world does.
type Violation struct {
	Seed       uint64
	Step       uint64       // the step after which it was seen, counted from 1
	At         core.Instant // the supervisor's clock then
	Supervisor string       // the supervisor's path, see [Watch]
	Check      string       // what found it: "watcher", "world", "liveness" and so on
	Err        error        // what was found

	// Scenario is the trace of that supervisor up to the violation, in the text format of core/scenario: it replays
	// without the simulator.
	Scenario string
}

// Error says what was found, where, and the seed that leads there.
func (v *Violation) Error() string {
	where := "the supervisor"
	if v.Supervisor != "" {
		where = "supervisor " + v.Supervisor
	}
	return fmt.Sprintf("seed %d, step %d, %v: %s: %s: %v", v.Seed, v.Step, v.At, where, v.Check, v.Err)
}

// Unwrap returns Err.
func (v *Violation) Unwrap() error { return v.Err }

// explain repeats the simulation up to the violation and keeps the scenario.
func (v *Violation) explain(world workload.World, options options) {
	var trace bytes.Buffer
	options.record = func(path string) io.Writer {
		if path != v.Supervisor {
			return nil
		}
		trace.Reset() // a supervisor of that path may have been before
		return &trace
	}
	options.watchers, options.outages = nil, nil // they have seen it
	s, err := newSimulation(world, options)
	if err != nil {
		return
	}
	for s.lastStep = v.Step; s.result.Steps < v.Step && s.Next(); {
	}
	v.Scenario = trace.String()
}
