package explore

import (
	"errors"
	"fmt"
	"slices"

	"github.com/tasksupervisor/tasksupervisor/core"
	"github.com/tasksupervisor/tasksupervisor/sim/checkers"
)

// Transition is one step of the machine. It is valid until the function it was given to returns; the machines must
// not be stepped, but may be copied.
type Transition struct {
	Before  *core.Machine
	Event   core.Event
	Actions []core.Action
	After   *core.Machine

	root *core.Machine // the new machine that the path begins with
	path func() []core.Event
}

// Path returns the events that lead from a new machine to Before: a shortest way there. It is the same slice for all
// transitions from one state, and must not be changed.
func (t *Transition) Path() []core.Event { return t.path() }

// Invariant is a rule that every transition has to keep. States are checked by the transitions that lead to them.
type Invariant struct {
	Name  string
	Check func(*Transition) error // what is wrong, or nil
}

// Names of the invariants that Run always checks.
const (
	InvariantAudit    = "audit"    // core.Machine.Check finds nothing wrong with the state
	InvariantReject   = "reject"   // a rejected event has one reject and changes nothing (D8, invariant 14)
	InvariantSettled  = "settled"  // nothing is left to do at once: no task to stop or start, no delay to begin
	InvariantPast     = "past"     // an event from the past happens now (D2), and no deadline lies in the past
	InvariantPanic    = "panic"    // core.Machine.Step does not panic
	InvariantSnapshot = "snapshot" // a state survives a snapshot (D7)
)

// check returns the name of the first invariant that the transition breaks, and how. changed is false if the machine is
// identical to that after the tick of the same instant, of which all that can be said was said then.
func (e *explorer) check(t *Transition, changed bool) (name string, err error) {
	if e.options.Thorough {
		if err := t.After.Check(); err != nil {
			return InvariantAudit, err
		}
	}
	if changed {
		if err := e.checkSettled(t.After, &e.afterView); err != nil {
			return InvariantSettled, err
		}
		if err := checkPast(t); err != nil {
			return InvariantPast, err
		}
	}
	if err := e.checkReject(t, changed); err != nil {
		return InvariantReject, err
	}
	for i := range e.options.Invariants {
		err := e.options.Invariants[i].Check(t)
		if violation, ok := err.(*checkers.Violation); ok {
			return violation.Invariant, violation.Problem
		}
		if err != nil {
			return e.options.Invariants[i].Name, err
		}
	}
	return "", nil
}

func checkPast(t *Transition) error {
	now := max(t.Event.At, t.Before.Now())
	if t.After.Now() != now {
		return fmt.Errorf("the machine is at %v, not at %v", t.After.Now(), now)
	}
	if deadline, ok := t.After.NextDeadline(); ok && deadline <= now {
		return fmt.Errorf("the next deadline, %v, is not later than %v", deadline, now)
	}
	return nil
}

// checkReject compares a transition whose event was rejected with the tick at the same instant.
func (e *explorer) checkReject(t *Transition, changed bool) error {
	if t.Event.Kind == core.EventTick {
		e.tick.view = e.afterView
	}
	switch {
	case !rejected(t.Actions):
		return nil
	case t.Event.Kind == core.EventTick:
		return errors.New("a tick was rejected")
	}
	last := len(t.Actions) - 1
	switch {
	case rejected(t.Actions[:last]):
		return errors.New("one event was rejected more than once")
	case t.Actions[last].Kind != core.ActionReject || !slices.Equal(t.Actions[:last], e.tick.actions):
		return errors.New("a rejected event had actions of its own")
	case changed:
		return errors.New("a rejected event changed something")
	}
	return nil
}
