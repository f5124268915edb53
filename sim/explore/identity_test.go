package explore

import (
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
	models, limits := honestyModels(t)
	for i, named := range models {
		t.Run(named.Name, func(t *testing.T) {
			e, err := newExplorer(named.Model, Options{MaxStates: limits[i]})
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

// A model with at most honestStates states is compared whole, machine by machine: every event is tried in every machine that
// is met, and not in one of each identity. Of a larger one, which would take minutes, the states nearest to its beginning are.
const (
	honestStates = 2000
	nearStates   = 300
)

// honestyModels returns all models, with how many states of each are compared, and some more: small ones that show what
// otherwise only large ones do.
func honestyModels(t *testing.T) (models []NamedModel, limits []int) {
	known := knownCounts(t, countsGolden)
	for _, named := range Models() {
		var name string
		var symmetric bool
		var states int
		_, err := fmt.Sscan(known[named.Name], &name, &symmetric, &states)
		require.NoError(t, err, named.Name)
		limit := statesMax()
		if states > honestStates && limit == 0 {
			limit = nearStates
		}
		models, limits = append(models, named), append(limits, limit)
	}
	unlimited := quick()
	unlimited.MaxAttempts, unlimited.MaxDelay = core.Unlimited, 2
	retire := model(3, core.Config{Strategy: core.OneForAll}, still(), readyNever())
	retire.Kinds = []core.EventKind{core.EventStart, core.EventReady, core.EventExit, core.EventRestart}
	for _, policy := range []core.PolicyID{0, 1, 1} {
		retire.Begin = append(retire.Begin, core.Event{Kind: core.EventAdd, Policy: policy})
	}
	for _, more := range []NamedModel{
		{"one-unlimited", "", model(1, core.Config{}, unlimited)},
		{"one-grid", "", model(1, core.Config{HealthCheckInterval: 3}, quick())},
		{"few-needs", "", suspends(with(atBoundaries(model(2, core.Config{}, still())), core.EventNeed))},
		{"few-retire", "", atBoundaries(retire)},
	} {
		models, limits = append(models, more), append(limits, statesMax())
	}
	return models, limits
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

// hiddenBehaviour explores, and compares all machines that it meets with the first one of the same identity. It describes the
// first difference, with the two machines, and returns how many were compared.
func hiddenBehaviour(e *explorer) (difference string, compared int) {
	type first struct {
		machine core.Machine
		past    history
		answers uint64
	}
	known := map[fingerprint]*first{}
	asked := newInterview(e)
	met := map[uint64]bool{}
	e.options.Observe = func(*Transition) {
		details := maphash.Comparable(seed, detailsOf(&e.afterView))
		if met[details] || difference != "" {
			return
		}
		met[details] = true
		v := e.afterView
		f := e.id.identity(&v)
		answers := asked.hash(&e.after, e.afterPast)
		expected, again := known[f]
		if !again {
			known[f] = &first{past: e.afterPast, answers: answers}
			known[f].machine.CopyFrom(&e.after)
			return
		}
		compared++
		if answers != expected.answers {
			difference = fmt.Sprintf("two machines of one identity differ:\n%s",
				asked.difference([2]*core.Machine{&expected.machine, &e.after}, [2]history{expected.past, e.afterPast}))
		}
	}
	e.run()
	return difference, compared
}

// difference describes two machines, and an answer that one of them gives and the other does not.
func (i *interview) difference(machines [2]*core.Machine, pasts [2]history) string {
	var views [2]view
	var answers [2]map[uint64]string
	for n, m := range machines {
		i.explorer.id.look(&views[n], m, pasts[n])
		answers[n] = map[uint64]string{}
		i.each(m, pasts[n], func(a *answer) { answers[n][a.hash(i.explorer)] = a.String() })
	}
	text := describe(&views[0]) + "\nand\n" + describe(&views[1])
	for n := range answers {
		for hash, answer := range answers[n] {
			if answers[1-n][hash] == "" {
				return fmt.Sprintf("%s\nonly machine %d gives the answer\n%s", text, 1+n, answer)
			}
		}
	}
	return text
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

// answer is an event and what follows, without absolute times, ids and run numbers.
type answer struct {
	event   core.Event
	actions []core.Action
	next    fingerprint
}

func (a *answer) String() string {
	text := fmt.Sprintf("%+v", a.event)
	for i := range a.actions {
		text += fmt.Sprintf("\n\t%+v", a.actions[i])
	}
	return text + fmt.Sprintf("\n\tand then the identity %x", a.next)
}

// hash depends on the order of the actions only where the order of the tasks matters.
func (a *answer) hash(e *explorer) uint64 {
	hashes := make([]uint64, 0, 16)
	for i := range a.actions {
		hashes = append(hashes, maphash.Comparable(seed, a.actions[i]))
	}
	if e.id.symmetric {
		slices.Sort(hashes)
	}
	return foldAll(append(hashes, maphash.Comparable(seed, a.event), a.next.high, a.next.low))
}

var seed = maphash.MakeSeed()

func foldAll(hashes []uint64) uint64 {
	folded := uint64(len(hashes))
	for _, h := range hashes {
		folded = fold(folded^h^0xa0761d6478bd642f, 0xe7037ed1a0b428db)
	}
	return folded
}

// interview asks machines what they answer to every event. It keeps the memory for that.
type interview struct {
	explorer *explorer
	moves    moves
	after    core.Machine
	answer   answer
	hashes   []uint64
}

func newInterview(e *explorer) *interview {
	i := &interview{explorer: e, moves: e.moves}
	i.moves.events, i.moves.at = nil, nil
	return i
}

// each yields the answers of a machine to all events. An answer is valid until the next one.
func (i *interview) each(m *core.Machine, past history, yield func(*answer)) {
	var v, next view
	id, a := i.explorer.id, &i.answer
	id.look(&v, m, past)
	i.moves.list(m, &v, id)
	for _, event := range i.moves.events {
		i.after.CopyFrom(m)
		a.actions = i.after.Step(a.actions[:0], event)
		id.look(&next, &i.after, past.after(a.actions))
		a.event, a.next = relativeEvent(&v, event), id.identity(&next)
		for n := range a.actions {
			a.actions[n] = relativeAction(i.explorer, &v, a.actions[n])
		}
		yield(a)
	}
}

// hash returns a hash of the set of a machine's answers to all events.
func (i *interview) hash(m *core.Machine, past history) uint64 {
	i.hashes = i.hashes[:0]
	i.each(m, past, func(a *answer) { i.hashes = append(i.hashes, a.hash(i.explorer)) })
	slices.Sort(i.hashes)
	return foldAll(slices.Compact(i.hashes))
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
	attemptsMatter := a.From != a.To && run && v.phase == core.PhaseRunning && !lostBefore(e, v, a)
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

// lostBefore reports whether a run that an action is about was to be the task's last even before: a run that becomes ready
// while it waits for its turn to be killed still tells its attempts, and nothing can follow from them.
func lostBefore(e *explorer, v *view, a core.Action) bool {
	i := v.index(a.Task)
	return i >= 0 && a.From == core.StatusStarting && a.To == core.StatusHealthy && e.id.lost(&v.tasks[i])
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
