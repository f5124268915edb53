package explore

import (
	"github.com/tasksupervisor/tasksupervisor/core"
	"github.com/tasksupervisor/tasksupervisor/sim/checkers"
)

// Checkers returns an invariant that shows the suite every transition as a trace of one step: that is quick, and misses what
// takes several steps to go wrong, see [Traces]. Ask the suite afterwards whether any checker never had anything to check.
func Checkers(suite *checkers.Suite) Invariant {
	return Invariant{Name: "checkers", Check: func(t *Transition) error {
		suite.Begin(t.Before)
		return suite.Observe(t.After, t.Event, t.Actions)
	}}
}

// Traces returns an invariant that shows the suite, for every transition, the whole trace from a new machine up to it.
// It takes time in proportion to the length of that trace. Ask the suite afterwards whether any checker never had
// anything to check.
func Traces(suite *checkers.Suite) Invariant {
	var actions []core.Action
	var fork core.Machine
	return Invariant{Name: "traces", Check: func(t *Transition) error {
		fork.CopyFrom(t.root)
		suite.Begin(&fork)
		for _, event := range t.Path() {
			actions = fork.Step(actions[:0], event)
			if err := suite.Observe(&fork, event, actions); err != nil {
				return err
			}
		}
		return suite.Observe(t.After, t.Event, t.Actions)
	}}
}
