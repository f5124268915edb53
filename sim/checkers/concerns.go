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

// selection says which checkers a step or an action concerns. Of kinds that are not known it may show them too much: what concerns
// one with the same low bits. There is a suite for each supervisor that is simulated, so it should be small.
type selection struct {
	all  set
	of   [kindsMax]set // by core.EventKind
	kind [kindsMax]set // by core.ActionKind
	from [kindsMax]set // by core.Status
	to   [kindsMax]set // by core.Status
	why  [kindsMax]set // by core.Reason
}

const kindsMax = 64

// add has a checker see what a scope selects.
func (l *selection) add(place int, scope *Scope) {
	one := set(1) << place
	if scope.All {
		l.all |= one
	}
	for _, kind := range scope.Events {
		l.of[kind%kindsMax] |= one
	}
	for _, kind := range scope.Actions {
		l.kind[kind%kindsMax] |= one
	}
	for _, status := range scope.From {
		l.from[status%kindsMax] |= one
	}
	for _, status := range scope.To {
		l.to[status%kindsMax] |= one
	}
	for _, why := range scope.Why {
		l.why[why%kindsMax] |= one
	}
}

// event returns the checkers that an event concerns, whatever the actions.
func (l *selection) event(kind core.EventKind) set { return l.all | l.of[kind%kindsMax] }

// action returns the checkers that an action concerns, whatever the event.
func (l *selection) action(a *core.Action) set {
	return l.kind[a.Kind%kindsMax] | l.from[a.From%kindsMax] | l.to[a.To%kindsMax] | l.why[a.Why%kindsMax]
}
