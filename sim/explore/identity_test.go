package explore

import (
	"cmp"
	"fmt"
	"hash/maphash"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/tasksupervisor/tasksupervisor/core"
)

// Two machines with the same identity must answer every event with the same actions and the same next identity: else
// exploring only one of them leaves something out.
func TestIdentityHidesNoBehaviour(t *testing.T) {
	for _, named := range honestyModels(t) {
		t.Run(named.Name, func(t *testing.T) {
			e, err := newExplorer(named.Model, Options{MaxStates: statesMax()})
			require.NoError(t, err)
			hidden, compared := hiddenBehaviour(e)
			require.Empty(t, hidden)
			require.Nil(t, e.result.Violation)
			require.Greater(t, compared, e.result.States/3, "too few machines had the identity of another one")
		})
	}
}

// Where symmetric says that the order of tasks matters, it does.
func TestSymmetryIsRefusedWhereOrderMatters(t *testing.T) {
	for _, name := range []string{"threshold-zero", "escalate", "reverse", "all-suspend", "needs"} {
		t.Run(name, func(t *testing.T) {
			e, err := newExplorer(namedModel(t, name), Options{})
			require.NoError(t, err)
			require.False(t, e.result.Symmetric)
			e.id.symmetric = true
			hidden, _ := hiddenBehaviour(e)
			require.NotEmpty(t, hidden)
		})
	}
}

// Taking interchangeable tasks as one must find the same states as telling them apart, up to their order.
func TestSymmetryFindsTheSameStates(t *testing.T) {
	models, reduced, enough := Models(), 0, 5
	if testing.Short() {
		models, _ = smallModels(t, knownCounts(t, countsGolden))
		enough = 1
	}
	for _, named := range models {
		if named.Name == "three" || named.Name == "mixed" || named.Name == "suspend" {
			continue // as many states as all the others together
		}
		few, err := newExplorer(named.Model, Options{})
		require.NoError(t, err)
		if !few.result.Symmetric {
			continue
		}
		t.Run(named.Name, func(t *testing.T) {
			all, err := newExplorer(named.Model, Options{NoSymmetry: true})
			require.NoError(t, err)
			require.Equal(t, sortedIdentities(all), sortedIdentities(few))
			require.GreaterOrEqual(t, all.result.States, few.result.States)
			if all.result.States > few.result.States {
				reduced++
			}
		})
	}
	require.Greater(t, reduced, enough)
}

// honestStates is the number of states up to which a model is compared machine by machine: every event is tried in every
// machine that is met, and not in one of each identity, which takes time and memory.
const honestStates = 240

// honestyModels returns every model of that size, and some more that show what only larger ones do.
func honestyModels(t *testing.T) []NamedModel {
	var models []NamedModel
	known := knownCounts(t, countsGolden)
	for _, named := range Models() {
		var name string
		var symmetric bool
		var states int
		_, err := fmt.Sscan(known[named.Name], &name, &symmetric, &states)
		require.NoError(t, err, named.Name)
		if states <= honestStates || named.Name == "policies" || named.Name == "intensity-two" {
			models = append(models, named)
		}
	}
	unlimited, once := quick(), never()
	unlimited.MaxAttempts, unlimited.MaxDelay = core.Unlimited, 2
	once.StopTimeout = 1
	all := core.Config{Strategy: core.OneForAll}
	spread := core.Config{Strategy: core.RestForOne, Limits: core.Limits{RestartRate: core.Rate{Count: 1, Per: 2}}}
	half := core.Fraction{Num: 1, Den: 2}
	return append(models,
		NamedModel{"one-replace", "", model(1, core.Config{}, replace())},
		NamedModel{"one-unlimited", "", model(1, core.Config{}, unlimited)},
		NamedModel{"one-grid", "", model(1, core.Config{HealthCheckInterval: 3}, quick())},
		NamedModel{"threshold-grid", "", model(2, core.Config{HealthCheckInterval: 2, Limits: core.Limits{DeadThreshold: half}}, once)},
		NamedModel{"reverse", "", model(2, core.Config{StopOrder: core.StopReverse, Limits: core.Limits{ShutdownTimeout: 2}}, once)},
		NamedModel{"auto-any", "", model(2, core.Config{Limits: core.Limits{AutoShutdown: core.AutoShutdownAny}}, once)},
		NamedModel{"one-probe", "", model(1, core.Config{}, probed())},
		NamedModel{"one-ready", "", suspends(model(1, core.Config{}, ready()))},
		NamedModel{"limits", "", limited(model(1, core.Config{}, brief()),
			core.Limits{ShutdownTimeout: 1, Intensity: core.Rate{Count: 1, Per: 2}}, core.Limits{DeadThreshold: half})},
		NamedModel{"all", "", atBoundaries(model(2, all, brief(), always()))},
		NamedModel{"all-suspend", "", suspends(atBoundaries(model(2, all, still())))},
		NamedModel{"rest-rate", "", atBoundaries(model(2, spread, still()))},
		NamedModel{"needs", "", suspends(with(atBoundaries(model(2, core.Config{}, still())), core.EventNeed))})
}

func namedModel(t *testing.T, name string) Model {
	models := Models()
	i := slices.IndexFunc(models, func(m NamedModel) bool { return m.Name == name })
	require.GreaterOrEqual(t, i, 0)
	return models[i].Model
}

// sortedIdentities returns the identities that an exploration meets, with the tasks in sorted order.
func sortedIdentities(e *explorer) map[fingerprint]bool {
	sorted := *e.id
	sorted.symmetric = true
	met := map[fingerprint]bool{}
	e.options.Observe = func(*Transition) {
		v := e.afterView
		met[sorted.identity(&v)] = true
	}
	e.run()
	return met
}

// hiddenBehaviour explores, and compares all machines that it meets with the same identity. It describes the first
// difference, with the two machines, and returns how many were compared.
func hiddenBehaviour(e *explorer) (difference string, compared int) {
	type machine struct {
		description string
		outcomes    []outcomeOf
	}
	known := map[fingerprint]machine{}
	met := map[machineDetails]bool{}
	e.options.Observe = func(*Transition) {
		details := detailsOf(&e.afterView)
		if met[details] || difference != "" {
			return
		}
		met[details] = true
		v := e.afterView
		f := e.id.identity(&v)
		outcomes := outcomesOf(e, &e.after, e.afterPast)
		expected, again := known[f]
		if !again {
			known[f] = machine{describe(&e.afterView), outcomes}
			return
		}
		compared++
		for _, one := range expected.outcomes {
			if !slices.Contains(outcomes, one) {
				i := slices.IndexFunc(outcomes, func(o outcomeOf) bool { return o.event == one.event })
				difference = fmt.Sprintf("two machines of one identity differ:\n%s\nand\n%s\nafter %v\nit is %v",
					expected.description, describe(&e.afterView), one, outcomes[max(i, 0)])
				return
			}
		}
	}
	e.run()
	return difference, compared
}

// describe returns the status lines of a machine.
func describe(v *view) string {
	text := fmt.Sprintf("at %v: %+v, crashes %v, restarts %v", v.now, v.supervisor, v.crashes.list(), v.restarts.list())
	for i := range v.tasks[:v.count] {
		text += fmt.Sprintf("\n\t%+v", v.tasks[i])
	}
	return text
}

// machineDetails is all that can be seen of a machine, apart from when everything happened and to whom.
type machineDetails struct {
	supervisor [supervisorKeysMax]key
	tasks      [TasksMax]core.TaskStatus
}

func detailsOf(v *view) machineDetails {
	details := machineDetails{supervisor: [supervisorKeysMax]key(v.keys[:supervisorKeysMax])}
	clear(details.supervisor[v.supervisorKeys:])
	copy(details.tasks[:], v.tasks[:v.count])
	for i := range v.count {
		t := &details.tasks[i]
		t.Task = core.TaskID(i + 1)
		t.Since = max(t.Since-v.now, -8)
		t.Run, t.Fenced = min(t.Run, 3), t.Fenced-t.Run
		t.Until, t.ClearsAt = relativeInstant(v, t.Until), relativeInstant(v, t.ClearsAt)
	}
	return details
}

// outcomeOf is an event and what follows, without absolute times, ids and run numbers.
type outcomeOf struct {
	hash    uint64 // of the rest
	event   core.Event
	actions [16]core.Action
	next    fingerprint
}

func (o outcomeOf) String() string {
	text := fmt.Sprintf("%+v", o.event)
	for _, a := range o.actions {
		if a != (core.Action{}) {
			text += fmt.Sprintf("\n\t%+v", a)
		}
	}
	return text
}

// outcomesOf returns the outcomes of all events, sorted.
func outcomesOf(e *explorer, m *core.Machine, past history) []outcomeOf {
	var v, next view
	e.id.look(&v, m, past)
	list := e.moves
	list.events, list.at = nil, nil
	list.list(m, &v, e.id)
	outcomes := make([]outcomeOf, 0, len(list.events))
	var after core.Machine
	for _, event := range list.events {
		after.CopyFrom(m)
		actions := after.Step(nil, event)
		e.id.look(&next, &after, past.after(actions))
		o := outcomeOf{event: relativeEvent(&v, event), next: e.id.identity(&next)}
		for i := range actions {
			o.actions[i] = relativeAction(e, &v, actions[i])
		}
		if e.id.symmetric {
			slices.SortFunc(o.actions[:len(actions)], compareHashes)
		}
		o.hash = maphash.Comparable(seed, o)
		outcomes = append(outcomes, o)
	}
	slices.SortFunc(outcomes, func(a, b outcomeOf) int { return cmp.Compare(a.hash, b.hash) })
	return outcomes
}

var seed = maphash.MakeSeed()

// compareHashes orders actions, in any order that depends on nothing but them.
func compareHashes(a, b core.Action) int {
	return cmp.Compare(maphash.Comparable(seed, a), maphash.Comparable(seed, b))
}

func relativeEvent(v *view, ev core.Event) core.Event {
	ev.At -= v.now
	ev.Task, ev.Run = relativeTask(v, ev.Task), relativeRun(v, ev.Task, ev.Run)
	ev.Other = relativeTask(v, ev.Other)
	return ev
}

// relativeAction tells attempts only where they matter. It tells neither who was the culprit of a halt, nor what the
// machine only remembers to tell it: why a task that waited starts, why a marked one is stopped, and what the verdict on a
// run was.
func relativeAction(e *explorer, v *view, a core.Action) core.Action {
	run := a.To == core.StatusFailed || a.To == core.StatusStarting || a.To == core.StatusHealthy
	attemptsMatter := a.From != a.To && run && v.phase == core.PhaseRunning
	a.Task, a.Run = relativeTask(v, a.Task), relativeRun(v, a.Task, a.Run)
	switch {
	case a.Kind == core.ActionHalt:
		a.Task, a.Run = 0, 0
	case a.Kind == core.ActionForget || a.Kind == core.ActionTransition && a.Why != core.ReasonLateExit:
		a.Run = 0 // it need not be live, and may be fenced or over
	}
	if !attemptsMatter {
		a.Attempts = 0
	}
	if a.Kind == core.ActionStop || a.Kind == core.ActionStart && a.From == core.StatusCreated {
		a.Why = core.ReasonNone
	}
	if a.Exit == core.ExitStartTimeout || a.Exit == core.ExitWatchdog {
		a.Exit = core.ExitNone
	}
	a.Attempts = min(a.Attempts, slices.Max(e.id.attempts))
	a.At -= v.now
	a.Until = relativeInstant(v, a.Until)
	return a
}

// relativeTask returns the state that a task is in before the event.
func relativeTask(v *view, id core.TaskID) core.TaskID {
	for i := range v.tasks[:v.count] {
		if v.tasks[i].Task == id {
			w := v.keys[v.supervisorKeys+i]
			return core.TaskID(w[0] ^ w[1]<<1)
		}
	}
	return 0
}

const (
	runOver core.Run = iota
	runFenced
	runLive // and those that follow it
)

func relativeRun(v *view, id core.TaskID, run core.Run) core.Run {
	for i := range v.tasks[:v.count] {
		t := &v.tasks[i]
		switch {
		case t.Task != id:
		case t.Fenced != 0 && run == t.Fenced:
			return runFenced
		case run < t.Run || run == t.Run && !t.Live:
			return runOver
		default:
			return runLive + run - t.Run
		}
	}
	return run // of a task that does not exist yet, or not at all
}

func relativeInstant(v *view, at core.Instant) core.Instant {
	if at == core.Never {
		return core.Never
	}
	return at - v.now
}
