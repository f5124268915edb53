// Package checkers watches traces of a supervisor for violations of its invariants.
//
// A trace is what a machine was told and what it decided, step by step. Where it comes from does not matter: a
// simulation, an exploration, a property, a recording made in production. A [Suite] holds a [Checker] for every
// invariant, or for every part of it, and is shown each step right after it was taken:
//
//	suite := checkers.NewSuite(checkers.All()...)
//	suite.Begin(machine)
//	for _, ev := range events {
//		actions = machine.Step(actions[:0], ev)
//		if err := suite.Observe(machine, ev, actions); err != nil {
//			return err // a *Violation
//		}
//	}
//
// Checkers believe the events and the actions, which are what a driver lives by, and draw their own conclusions
// from them; what the machine answers when asked is only compared with these. So they share no code with it.
//
// A checker that never had anything to check has proved nothing. Every one counts what it checked, over all traces
// it was shown, and [Suite.Vacuous] names those that came away empty: at the end of a campaign, that is a failure.
//
// The checkers of [All] take a time that depends on the number of actions only, unless tasks wait for each other. Those of
// [Audits] look at every task and so take longer the more there are.
package checkers

import (
	"fmt"

	"github.com/tasksupervisor/tasksupervisor/core"
)

// Checker watches for one invariant, or a part of one. It is not safe for concurrent use.
type Checker interface {
	// Name is the number of the invariant and what it says in short.
	Name() string

	// Begin starts a new trace at the state the machine is in. What was checked so far stays counted.
	Begin(m *core.Machine)

	// Observe looks at one step: the event, the actions it gave, and the machine afterwards, of which it changes
	// nothing. The error says what the step violated.
	Observe(m *core.Machine, ev core.Event, actions []core.Action) error

	// Checked counts how often there was something to check.
	Checked() int
}

// All returns a new checker for each invariant that can be watched step by step.
func All() []Checker {
	return []Checker{
		&OneRun{}, &StaleExits{}, &RequestedStops{}, &Schedule{}, &Escalation{}, &Attempts{}, &Threshold{}, &Ended{},
		&Timers{}, &Health{}, &Intensity{}, &Budget{}, &Rounds{}, &Quiet{}, &Needs{}, &Independence{}, &Shutdown{}, &Acceptance{},
		&Liveness{}, &Settled{},
	}
}

// Audits returns new checkers for the invariants that need a look at every task. They look at every n-th step only;
// n must be at least 1.
func Audits(n int) []Checker {
	return []Checker{&Rejections{Every: n}, &Recount{Every: n}}
}

// Suite shows the same trace to several checkers.
type Suite struct{ checkers []Checker }

// NewSuite returns a suite of the given checkers.
func NewSuite(checkers ...Checker) *Suite { return &Suite{checkers} }

// Begin starts a new trace at the state the machine is in.
func (s *Suite) Begin(m *core.Machine) {
	for _, c := range s.checkers {
		c.Begin(m)
	}
}

// Observe shows one step to every checker. The error is nil or the first *Violation.
func (s *Suite) Observe(m *core.Machine, ev core.Event, actions []core.Action) error {
	var violation error
	for _, c := range s.checkers {
		if err := c.Observe(m, ev, actions); err != nil && violation == nil {
			violation = &Violation{Invariant: c.Name(), Event: ev, Problem: err}
		}
	}
	return violation
}

// Checkers returns the checkers of the suite.
func (s *Suite) Checkers() []Checker { return s.checkers }

// Vacuous returns the names of the checkers that never had anything to check.
func (s *Suite) Vacuous() []string {
	var names []string
	for _, c := range s.checkers {
		if c.Checked() == 0 {
			names = append(names, c.Name())
		}
	}
	return names
}

// Violation says which invariant a step violated.
type Violation struct {
	Invariant string     // the name of the checker
	Event     core.Event // the event of the step
	Problem   error      // what is wrong
}

func (v *Violation) Error() string {
	return fmt.Sprintf("%s: at %v, %v: %v", v.Invariant, v.Event.At, v.Event.Kind, v.Problem)
}

// Unwrap returns Problem.
func (v *Violation) Unwrap() error { return v.Problem }
