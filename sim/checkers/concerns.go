package checkers

import "github.com/tasksupervisor/tasksupervisor/core"

// Selective is a [Checker] that need not see everything, and says what it has to see. What it says holds for every trace, the
// wrong ones included: to leave out the rest must change nothing that the checker ever finds, counts or remembers.
type Selective interface {
	Checker

	// Concerns returns which actions Check has to see, and which steps End has to: those whose event End selects, and those with
	// an action that it selects. It is asked once.
	Concerns() (check, end Scope)
}

// Scope selects actions and steps: those of which one of these is true. The zero Scope selects none.
type Scope struct {
	All      bool              // every one
	Events   []core.EventKind  // the event of the step is one of these
	Actions  []core.ActionKind // the action is one of these,
	From, To []core.Status     // leaves one of these or stays in it, gets into one of these or stays in it,
	Why      []core.Reason     // and has one of these reasons
}

// everything is the scope of a checker that is not selective.
var everything = Scope{All: true}

// set is a set of the checkers of a suite, by their places.
type set uint64

const setMax = 64

// selection says which checkers a step or an action concerns.
type selection struct {
	all  set
	of   [1 << 8]set // by core.EventKind
	kind [1 << 8]set // by core.ActionKind
	from [1 << 8]set // by core.Status
	to   [1 << 8]set // by core.Status
	why  [1 << 8]set // by core.Reason
}

// add has a checker see what a scope selects.
func (l *selection) add(place int, scope *Scope) {
	one := set(1) << place
	if scope.All {
		l.all |= one
	}
	for _, kind := range scope.Events {
		l.of[kind] |= one
	}
	for _, kind := range scope.Actions {
		l.kind[kind] |= one
	}
	for _, status := range scope.From {
		l.from[status] |= one
	}
	for _, status := range scope.To {
		l.to[status] |= one
	}
	for _, why := range scope.Why {
		l.why[why] |= one
	}
}

// event returns the checkers that an event concerns, whatever the actions.
func (l *selection) event(kind core.EventKind) set { return l.all | l.of[kind] }

// action returns the checkers that an action concerns, whatever the event.
func (l *selection) action(a *core.Action) set {
	return l.kind[a.Kind] | l.from[a.From] | l.to[a.To] | l.why[a.Why]
}
