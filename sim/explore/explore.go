package explore

import (
	"errors"
	"fmt"
	"slices"

	"github.com/tasksupervisor/tasksupervisor/core"
	"github.com/tasksupervisor/tasksupervisor/sim/spec"
)

// Options say how to explore. The zero Options are good.
type Options struct {
	// MaxStates ends an exploration that has found so many states. A state takes about 40 bytes, and while it
	// waits to be explored about 150 more. Default zero: ten million.
	MaxStates int

	// NoSymmetry tells tasks apart that are in the same state, though for the model that makes no difference. See
	// Result.Symmetric.
	NoSymmetry bool

	// Thorough takes every transition in one step, and audits the machine after it. See the package's documentation. That takes
	// about three times as long.
	Thorough bool

	// Invariants are checked on every transition, beside those that always are.
	Invariants []Invariant

	// Observe, if not nil, is called with every transition, after the invariants.
	Observe func(*Transition)

	// Done, if not nil, ends the exploration early when it is closed.
	Done <-chan struct{}

	// Progress, if not nil, is called now and then, and whenever all states that are so many events away from the
	// beginning have been explored.
	Progress func(Progress)
}

// Progress says how far an exploration is.
type Progress struct {
	Depth       int // how many events the states that are being explored are away from the beginning
	States      int // found so far
	Transitions int // tried so far
	Waiting     int // states found and not yet explored
}

// Result is what an exploration found.
type Result struct {
	// States is the number of different states, and Transitions the number of events tried in all of them, those
	// that were rejected or changed nothing included.
	States      int
	Transitions int

	// Depth is how many events the state is away that is the farthest from the beginning.
	Depth int

	// Symmetric tells that tasks in the same state were taken as interchangeable.
	Symmetric bool

	// Complete tells that every state was explored: there was no violation, MaxStates was enough, and Done was not
	// closed.
	Complete bool

	// Violation is the first violation found, after as few events as possible; nil if there is none.
	Violation *Violation
}

const maxStatesDefault = 10_000_000

// Run explores all states of a model, in the order of how many events lead to them. The error is a [*ModelError] or a
// [*core.ConfigError]; that an invariant does not hold is no error, but a Result.
//
// It takes one goroutine, and calls all functions of the options on it. The same model gives the same result.
func Run(model Model, options Options) (Result, error) {
	if err := model.validate(); err != nil {
		return Result{}, err
	}
	e, err := newExplorer(model, options)
	if err != nil {
		return Result{}, err
	}
	e.run()
	return e.result, nil
}

// explorer is one exploration.
type explorer struct {
	model     Model
	options   Options
	maxStates int
	id        *identifier
	moves     moves
	result    Result

	seen    set
	origins []origin // of every state, in the order they were found
	layer   frontier // states being explored
	next    frontier // states found meanwhile

	// The state being explored, and a step out of it.
	root       *core.Machine // with all definitions, before any event
	before     core.Machine
	beforeView view
	after      core.Machine
	afterView  view
	afterPast  history
	actions    []core.Action
	fresh      bool            // nothing has happened to the machine after since it was made a copy
	tick       tick            // of the instant of the present event
	spec       spec.Supervisor // what checkSettled looks at
	policies   []core.Policy
}

// tick is what a tick led to.
type tick struct {
	machine core.Machine
	view    view
	actions []core.Action
}

// origin tells how a state was found.
type origin struct {
	parent uint32 // index of the state before
	move   uint32 // index of the event among that state's moves
}

func newExplorer(model Model, options Options) (*explorer, error) {
	root, limits, err := model.machine()
	if err != nil {
		return nil, err
	}
	cfg := root.Config()
	e := &explorer{model: model, options: options, maxStates: options.MaxStates, root: root}
	if e.maxStates == 0 {
		e.maxStates = maxStatesDefault
	}
	e.policies = cfg.Policies
	e.id = newIdentifier(&e.model, &cfg, limits)
	e.id.symmetric = e.id.symmetric && !options.NoSymmetry
	e.result.Symmetric = e.id.symmetric
	e.moves = newMoves(&e.model, len(cfg.Policies), limits)

	machine, past, _ := e.replay(nil)
	e.id.look(&e.afterView, machine, past)
	state := e.id.identity(&e.afterView)
	e.seen.add(state)
	e.origins = append(e.origins, origin{})
	e.next.push(machine, past, state)
	return e, nil
}

func (e *explorer) run() {
	index, reported := 0, 0 // the state being explored, and the transitions at the last report
	for e.next.count() > 0 {
		e.layer, e.next = e.next, e.layer
		e.next.reset()
		for i := range e.layer.count() {
			if e.done() || !e.expand(index, i) {
				e.result.States = e.seen.count
				return
			}
			index++
			if e.result.Transitions-reported >= progressEvery {
				reported = e.result.Transitions
				e.progress(e.layer.count() - 1 - i)
			}
		}
		e.result.States = e.seen.count
		if e.next.count() > 0 {
			e.result.Depth++
		}
		reported = e.result.Transitions
		e.progress(0)
	}
	e.result.Complete = true
}

// progressEvery is how many transitions there are at most, or little more, between two calls of Options.Progress.
const progressEvery = 1 << 17

// progress reports how far the exploration is. So many states of the layer are left.
func (e *explorer) progress(left int) {
	if e.options.Progress != nil {
		e.options.Progress(Progress{e.result.Depth, e.seen.count, e.result.Transitions, left + e.next.count()})
	}
}

func (e *explorer) done() bool {
	select {
	case <-e.options.Done:
		return true
	default:
		return false
	}
}

// expand tries every event in the i-th state of the layer. It returns false when the exploration is over.
func (e *explorer) expand(index, i int) (goOn bool) {
	past, err := e.restore(i)
	if err != nil {
		e.result.Violation = newViolation(&e.model, e.path(index), InvariantSnapshot, err)
		return false
	}
	e.moves.list(&e.before, &e.beforeView, e.id)
	move := 0
	defer func() {
		if cause := recover(); cause != nil {
			e.violate(index, move, InvariantPanic, fmt.Errorf("%v", cause))
			goOn = false
		}
	}()
	var path []core.Event
	t := Transition{Before: &e.before, After: &e.after, root: e.root, path: func() []core.Event {
		if path == nil {
			path = e.path(index)
		}
		return path
	}}
	for move = range e.moves.events {
		t.Event = e.moves.events[move]
		e.step(&t)
		e.result.Transitions++
		changed := t.Event.Kind == core.EventTick || !e.after.Identical(&e.tick.machine)
		if changed {
			e.afterPast = past.after(t.Actions)
			e.id.look(&e.afterView, &e.after, e.afterPast)
		}
		if name, err := e.check(&t, changed); err != nil {
			e.violate(index, move, name, err)
			return false
		}
		if e.options.Observe != nil {
			e.options.Observe(&t)
		}
		e.fresh = !changed || t.Event.Kind == core.EventTick
		// Most events change no more than the tick of the same instant does.
		if !changed || t.Event.Kind != core.EventTick && e.afterView.identical(&e.tick.view) {
			continue
		}
		state := e.id.identity(&e.afterView)
		if !e.seen.add(state) {
			continue
		}
		if err := e.after.Check(); err != nil {
			e.violate(index, move, InvariantAudit, err)
			return false
		}
		e.origins = append(e.origins, origin{uint32(index), uint32(move)})
		e.next.push(&e.after, e.afterPast, state)
		if e.seen.count >= e.maxStates {
			return false
		}
	}
	return true
}

// step takes a transition from the state being explored: in one step if that is to be thorough, and otherwise right after the
// tick of the event's instant, which comes to the same (D4).
func (e *explorer) step(t *Transition) {
	before, actions := &e.before, e.actions[:0]
	ticks := t.Event.Kind == core.EventTick
	if !ticks && !e.options.Thorough {
		before, actions = &e.tick.machine, append(actions, e.tick.actions...)
	}
	if ticks || !e.fresh || e.options.Thorough {
		e.after.CopyFrom(before)
	}
	e.actions = e.after.Step(actions, t.Event)
	t.Actions = e.actions
	if ticks {
		e.tick.machine.CopyFrom(&e.after)
		e.tick.actions = append(e.tick.actions[:0], e.actions...)
	}
}

// restore makes the machine before the i-th of the layer, and checks that it is what it was.
func (e *explorer) restore(i int) (history, error) {
	past, state, err := e.layer.pop(i, &e.before)
	if err != nil {
		return past, err
	}
	e.id.look(&e.beforeView, &e.before, past)
	sorted := e.beforeView
	if e.id.identity(&sorted) != state {
		return past, errors.New("the machine is another one after a snapshot")
	}
	return past, nil
}

// path returns the events that lead from the beginning to a state.
func (e *explorer) path(index int) []core.Event {
	var picked []uint32
	for ; index > 0; index = int(e.origins[index].parent) {
		picked = append(picked, e.origins[index].move)
	}
	slices.Reverse(picked)
	_, _, events := e.replay(picked)
	return events
}

// replay returns the machine after the events that a trace begins with and those that were picked among the moves, one in
// each state from there on; its history; and all these events.
func (e *explorer) replay(picked []uint32) (machine *core.Machine, past history, events []core.Event) {
	var v view
	machine = new(core.Machine)
	machine.CopyFrom(e.root)
	step := func(event core.Event) {
		past = past.after(machine.Step(nil, event))
		events = append(events, event)
	}
	for _, event := range e.model.begin() {
		step(event)
	}
	list := e.moves
	list.events, list.at = nil, nil // the moves of the state being explored are still needed
	for _, move := range picked {
		e.id.look(&v, machine, past)
		list.list(machine, &v, e.id)
		step(list.events[move])
	}
	return machine, past, events
}

// violate notes that a move out of a state breaks an invariant.
func (e *explorer) violate(index, move int, name string, err error) {
	events := append(e.path(index), e.moves.events[move])
	e.result.Violation = newViolation(&e.model, events, name, err)
}
