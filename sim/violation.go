package sim

import (
	"bytes"
	"fmt"
	"io"

	"github.com/tasksupervisor/tasksupervisor/core"
)

// Violation says that something went wrong that must not, whatever happens.
type Violation struct {
	Seed       uint64
	Step       uint64       // the step after which it was seen, counted from 1
	At         core.Instant // the supervisor's clock then
	Supervisor string       // the supervisor's path, see Options.Watchers
	Check      string       // what found it: "watcher", "world", "liveness" and so on
	Err        error        // what was found

	// Scenario is the trace of that supervisor up to the violation, in the text format of core/scenario: it replays
	// without the simulator.
	Scenario string
}

// Error tells what was found, where, and the seed that leads there.
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
func (v *Violation) explain(o Options) {
	var trace bytes.Buffer
	o.Record = func(path string) io.Writer {
		if path != v.Supervisor {
			return nil
		}
		trace.Reset() // a supervisor of that path may have been before
		return &trace
	}
	o.Watchers = nil // they have seen it
	s, err := New(o)
	if err != nil {
		return
	}
	for s.last = v.Step; s.result.Steps < v.Step && s.Next(); {
	}
	v.Scenario = trace.String()
}
