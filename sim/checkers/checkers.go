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
// Checkers believe the events and the actions, which are what a driver lives by. A suite follows them in one [Trace], from
// which each checker draws its own conclusions by the rules of package spec; what the machine answers when asked is compared
// with these. So they share no code with it.
//
// A checker that never had anything to check has proved nothing. Every one counts what it checked, over all traces
// it was shown, and [Suite.Vacuous] names those that came away empty: at the end of a campaign, that is a failure.
//
// A checker sees what concerns it, which it says itself: see [Selective]. One that does not say sees everything.
//
// The checkers of [All] take a time that depends on the number of actions only, unless tasks wait for each other. Those of
// [Audits] look at every task, and so take longer the more tasks there are.
package checkers

import (
	"fmt"
	"iter"
	"math/bits"

	"github.com/tasksupervisor/tasksupervisor/core"
)

// Checker watches for one invariant, or a part of one. A [Suite] shows it each trace; it keeps of it only what the [Trace]
// does not tell. It is not safe for concurrent use.
type Checker interface {
	// Name is the number of the invariant and what it says in short.
	Name() string

	// Begin starts a new trace. What was checked so far stays counted.
	Begin(t *Trace, m *core.Machine)

	// Check looks at one action of a step, with the trace as it was before that action; Step.Task is the task it is about. The
	// error says what the action violated.
	Check(t *Trace, s *Step, i int) error

	// End looks at a step as a whole, with the trace as it is after it. It is called after every step whose actions
	// violated nothing.
	End(t *Trace, s *Step) error

	// Checked counts how often there was something to check.
	Checked() int
}

// Rare is a [Checker] that counts apart what seldom happens among what it checks: a campaign that never came to it has
// proved nothing about it.
type Rare interface {
	Checker

	// Rare returns what seldom happens, in words, with how often it did, always in the same order.
	Rare() iter.Seq2[string, int]
}

// All returns a new checker for each invariant that can be watched step by step.
func All() []Checker {
	return []Checker{
		&OneRun{}, &StaleExits{}, &RequestedStops{}, &Schedule{}, &Escalation{}, &Attempts{}, &Threshold{}, &Ended{},
		&Timers{}, &Health{}, &Intensity{}, &RestartRate{}, &Rounds{}, &DelayBegins{}, &Needs{}, &Independence{}, &Shutdown{}, &Acceptance{},
		&Liveness{}, &Settled{}, &Outcomes{}, &Order{},
	}
}

// Audits returns new checkers for the invariants that need a look at every task. They look at every n-th step only;
// n must be at least 1.
func Audits(n int) []Checker {
	return []Checker{&Rejections{Every: n}, &Recount{Every: n}}
}

// Suite keeps one trace and shows it to several checkers, to each that is [Selective] what concerns it.
type Suite struct {
	checkers []Checker
	check    selection
	end      selection
	trace    Trace
	step     Step
	failed   []error // by checker, in the current step
}

// NewSuite returns a suite of the given checkers. It panics if they are more than 64.
func NewSuite(checkers ...Checker) *Suite {
	if len(checkers) > setMax {
		panic(fmt.Sprintf("checkers: a suite holds at most %d checkers, not %d", setMax, len(checkers)))
	}
	s := &Suite{checkers: checkers, failed: make([]error, len(checkers))}
	for place, c := range checkers {
		check, end := everything, everything
		if selective, ok := c.(Selective); ok {
			check, end = selective.Concerns()
		}
		s.check.add(place, &check)
		s.end.add(place, &end)
	}
	return s
}

// Begin starts a new trace at the state the machine is in.
func (s *Suite) Begin(m *core.Machine) {
	s.trace.begin(m)
	for _, c := range s.checkers {
		c.Begin(&s.trace, m)
	}
}

// Observe shows one step to every checker: the event, the actions it gave, and the machine afterwards, of which it changes
// nothing. The error is nil or the first *Violation.
func (s *Suite) Observe(m *core.Machine, ev core.Event, actions []core.Action) error {
	if err := s.ObserveAll(m, ev, actions); err != nil {
		return err
	}
	return nil
}

// ObserveAll is Observe. Of the violations it returns the first, and gives each of them to the functions, if there are any.
func (s *Suite) ObserveAll(m *core.Machine, ev core.Event, actions []core.Action, each ...func(Checker, *Violation)) (first *Violation) {
	t, step := &s.trace, &s.step
	step.begin(t, m, ev, actions)
	t.start(step)
	ofEvent, end, failed := s.check.event(ev.Kind), s.end.event(ev.Kind), set(0)
	for i := range actions {
		t.prepare(step, i)
		end |= s.end.action(&actions[i])
		for left := (ofEvent | s.check.action(&actions[i])) &^ failed; left != 0; left &= left - 1 {
			n := bits.TrailingZeros64(uint64(left))
			if err := s.checkers[n].Check(t, step, i); err != nil {
				s.failed[n], failed = err, failed|1<<n
			}
		}
		t.apply(step, i)
	}
	t.end(step)
	for left := end | failed; left != 0; left &= left - 1 {
		n := bits.TrailingZeros64(uint64(left))
		var err error
		if failed>>n&1 != 0 {
			err = s.failed[n]
		} else {
			err = s.checkers[n].End(t, step)
		}
		if err == nil {
			continue
		}
		violation := &Violation{Invariant: s.checkers[n].Name(), Event: ev, Problem: err}
		if first == nil {
			first = violation
		}
		for _, f := range each {
			f(s.checkers[n], violation)
		}
	}
	return first
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

// Rare returns what seldom happens among what the checkers check, with how often it did. See [Rare].
func (s *Suite) Rare() iter.Seq2[string, int] {
	return func(yield func(string, int) bool) {
		for _, c := range s.checkers {
			rare, ok := c.(Rare)
			if !ok {
				continue
			}
			for what, times := range rare.Rare() {
				if !yield(what, times) {
					return
				}
			}
		}
	}
}

// inOrder yields the names with their counts.
func inOrder(names []string, counts []int) iter.Seq2[string, int] {
	return func(yield func(string, int) bool) {
		for i, name := range names {
			if !yield(name, counts[i]) {
				return
			}
		}
	}
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
