package explore

import (
	"bytes"
	"fmt"

	"github.com/tasksupervisor/tasksupervisor/core"
	"github.com/tasksupervisor/tasksupervisor/core/scenario"
)

// Violation is a shortest way to break an invariant: no shorter sequence of the events that were tried does it.
type Violation struct {
	Invariant string             // its name
	Err       error              // how it is broken by the last event
	Events    []core.Event       // from the beginning
	Scenario  *scenario.Scenario // the same as a scenario, with the actions that followed
}

// Error tells which invariant is broken, how, and by which event.
func (v *Violation) Error() string {
	return fmt.Sprintf("invariant %q broken at event %d: %v", v.Invariant, len(v.Events), v.Err)
}

// Unwrap returns Err.
func (v *Violation) Unwrap() error { return v.Err }

func newViolation(model *Model, events []core.Event, invariant string, err error) *Violation {
	v := &Violation{Invariant: invariant, Err: err, Events: events}
	v.Scenario = v.record(model)
	return v
}

// record plays the events and returns what a recorder wrote down of it, with the verdict below.
func (v *Violation) record(model *Model) *scenario.Scenario {
	cfg := model.Config
	cfg.MaxTasks = uint32(model.Tasks)
	machine, err := core.New(cfg)
	if err != nil {
		return nil // the model was valid, and is not changed
	}
	var text bytes.Buffer
	recorder := scenario.NewRecorder(&text, machine)
	for _, limits := range model.Limits {
		_, _ = recorder.DefineLimits(limits) // as above
	}
	panicked := v.play(recorder)
	s, err := scenario.Parse(text.Bytes())
	if err != nil {
		return nil // the recorder writes what the parser reads
	}
	if panicked {
		last := v.Events[len(v.Events)-1]
		s.Statements = append(s.Statements, &scenario.Event{Event: last})
	}
	s.Below = append(s.Below, "# "+v.Error())
	return s
}

// play feeds the events to the recorder, and reports whether the last one panicked and so could not be recorded.
func (v *Violation) play(recorder *scenario.Recorder) (panicked bool) {
	defer func() { panicked = recover() != nil }()
	added := 0
	for _, event := range v.Events {
		if event.Kind == core.EventAdd {
			recorder.Add(nil, taskName(added), event)
			added++
			continue
		}
		recorder.Step(nil, event)
	}
	return false
}

// taskName returns a, b, c, ... and task26 and so on when the letters are used up.
func taskName(i int) string {
	if i < 26 {
		return string(rune('a' + i))
	}
	return fmt.Sprintf("task%d", i)
}
