package conformance

import (
	"fmt"

	"github.com/tasksupervisor/tasksupervisor/core"
	"github.com/tasksupervisor/tasksupervisor/sim/checkers"
)

// invariants are those of the machine, with what was found of them in the recordings.
type invariants []invariant

type invariant struct {
	checker checkers.Checker
	entry   *entry
}

func newInvariants() invariants {
	var all invariants
	for _, checker := range append(checkers.All(), checkers.Audits(1)...) {
		all = append(all, invariant{checker, new(entry)})
	}
	return all
}

// begin begins with a new recording.
func (all invariants) begin(m *core.Machine) {
	for _, i := range all {
		i.checker.Begin(m)
	}
}

// observe looks at one step.
func (all invariants) observe(scenario string, m *core.Machine, ev core.Event, actions []core.Action) {
	for _, i := range all {
		if err := i.checker.Observe(m, ev, actions); err != nil {
			i.entry.fail(fmt.Sprintf("%s: at %v, %v: %v", scenario, ev.At, ev.Kind, err))
		}
		i.entry.checked = i.checker.Checked()
	}
}

// defined tells the checkers, by a tick that changes nothing, that the machine is not what it was after the latest step.
func (all invariants) defined(scenario string, m *core.Machine) {
	all.observe(scenario, m, core.Event{Kind: core.EventTick, At: m.Now()}, nil)
}
