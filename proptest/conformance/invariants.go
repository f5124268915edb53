package conformance

import (
	"fmt"

	"github.com/tasksupervisor/tasksupervisor/core"
	"github.com/tasksupervisor/tasksupervisor/sim/checkers"
)

// invariants are those of the machine, with what was found of them in the recordings.
type invariants struct {
	suite   *checkers.Suite
	entries map[checkers.Checker]*entry
}

func newInvariants() invariants {
	return invariantsOf(checkers.NewSuite(append(checkers.All(), checkers.Audits(1)...)...))
}

func invariantsOf(suite *checkers.Suite) invariants {
	all := invariants{suite: suite, entries: make(map[checkers.Checker]*entry)}
	for _, checker := range suite.Checkers() {
		all.entries[checker] = new(entry)
	}
	return all
}

// begin begins with a new recording.
func (all invariants) begin(m *core.Machine) { all.suite.Begin(m) }

// observe looks at one step.
func (all invariants) observe(scenario string, m *core.Machine, ev core.Event, actions []core.Action) {
	_ = all.suite.ObserveAll(m, ev, actions, func(c checkers.Checker, v *checkers.Violation) {
		all.entries[c].fail(fmt.Sprintf("%s: at %v, %v: %v", scenario, ev.At, ev.Kind, v.Problem))
	})
	for checker, entry := range all.entries {
		entry.checked = checker.Checked()
	}
}

// defined tells the checkers, by a tick that changes nothing, that the machine is not what it was after the latest step.
func (all invariants) defined(scenario string, m *core.Machine) {
	all.observe(scenario, m, core.Event{Kind: core.EventTick, At: m.Now()}, nil)
}
