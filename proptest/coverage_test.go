package proptest

import (
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/tasksupervisor/tasksupervisor/core"
	"github.com/tasksupervisor/tasksupervisor/proptest/oracle"
)

// TestCasesReachEverything: the generated cases lead to every decision, for every reason, and every event about a task
// finds it in every status it can have. What no case reaches, no property checks. Cases are drawn until all of this has
// occurred; the bound is many times what that takes, so that no change of a generator makes this a matter of luck.
func TestCasesReachEverything(t *testing.T) {
	const batch, batches = 1000, 40
	r := reached{
		reasons:    map[core.Reason]int{},
		refusals:   map[core.Refusal]int{},
		kinds:      map[core.ActionKind]int{},
		changes:    map[[2]core.Status]int{},
		situations: map[situation]int{},
		waits:      map[core.Wait]int{},
		intents:    map[intention]int{},
		states:     map[string]int{},
	}
	drawn, seed := 0, rapidSeed(t)
	for ; drawn < batches && (drawn == 0 || len(r.missing()) > 0); drawn++ {
		drawFrom(t, seed+uint64(drawn), batch)
		Check(t, Cases(), r.play)
	}
	require.Empty(t, r.missing(), "what %d cases never led to", drawn*batch)
	t.Logf("%d cases led to everything", drawn*batch)
	for change := range r.changes {
		assert.Contains(t, possibleChanges(), change, "a task went from %v to %v", change[0], change[1])
	}
}

// missing lists what was not reached yet.
func (r *reached) missing() []string {
	var missing []string
	want := func(times int, format string, args ...any) {
		if times == 0 {
			missing = append(missing, fmt.Sprintf(format, args...))
		}
	}
	for why := range core.ValuesFrom(core.ReasonAdded) {
		want(r.reasons[why], "nothing was ever decided for %v", why)
	}
	for refusal := range core.ValuesFrom(core.RefusalUnknownEvent) {
		want(r.refusals[refusal], "nothing was ever refused for %v", refusal)
	}
	for kind := range core.ValuesFrom(core.ActionTransition) {
		want(r.kinds[kind], "there never was %v", kind)
	}
	for wait := range core.ValuesFrom(core.WaitNone) {
		want(r.waits[wait], "no task ever waited for %v", wait)
	}
	for _, i := range intentions() {
		want(r.intents[i], "no task was ever %v with intent %v", i.status, i.intent)
	}
	for _, state := range rareStates() {
		want(r.states[state.name], "there never was %s", state.name)
	}
	for _, s := range possible() {
		want(r.situations[s], "the supervisor was %v, the task %v, and there never was %v", s.phase, s.status, s.kind)
	}
	for _, change := range possibleChanges() {
		want(r.changes[change], "no task ever went from %v to %v", change[0], change[1])
	}
	return missing
}

// reached counts what cases led to.
type reached struct {
	reasons    map[core.Reason]int
	refusals   map[core.Refusal]int
	kinds      map[core.ActionKind]int
	changes    map[[2]core.Status]int
	situations map[situation]int
	waits      map[core.Wait]int
	intents    map[intention]int
	states     map[string]int
}

// situation is an event that finds a task in a status and the supervisor in a phase.
type situation struct {
	phase  core.Phase
	status core.Status
	kind   core.EventKind
}

// intention is what will become of a task in a status.
type intention struct {
	status core.Status
	intent core.Intent
}

func (r *reached) play(c Case, _ *rand.Rand) error {
	o := c.oracle()
	for _, ev := range c.Events {
		task, _ := o.Status(ev.Task)
		r.situations[situation{o.Phase(), task.Status, ev.Kind}]++
		for _, a := range o.Step(ev) {
			r.reasons[a.Why]++
			r.refusals[a.Refusal]++
			r.kinds[a.Kind]++
			if a.From != a.To {
				r.changes[[2]core.Status{a.From, a.To}]++
			}
		}
		tasks := o.Tasks()
		for _, s := range tasks {
			r.waits[s.Wait]++
			r.intents[intention{s.Status, s.Intent}]++
		}
		for _, state := range rareStates() {
			if state.is(o, tasks) {
				r.states[state.name]++
			}
		}
	}
	return nil
}

// possible lists every situation in which an event about a task can find it. Where the phase decides, one status will
// do for most kinds.
func possible() []situation {
	statuses := map[core.Phase][]core.Status{
		core.PhaseCreated: {core.StatusNone, core.StatusCreated, core.StatusDead},
		core.PhaseRunning: {
			core.StatusNone, core.StatusCreated, core.StatusStarting, core.StatusHealthy, core.StatusStopping, core.StatusFailed,
			core.StatusCompleted, core.StatusDead, core.StatusAbandoned,
		},
		core.PhaseHalting: {
			core.StatusNone, core.StatusStarting, core.StatusHealthy, core.StatusStopping, core.StatusCompleted, core.StatusDead,
			core.StatusHalted, core.StatusAbandoned,
		},
		core.PhaseHalted: {core.StatusNone, core.StatusCompleted, core.StatusDead, core.StatusHalted, core.StatusAbandoned},
	}
	words := []core.EventKind{core.EventRemove, core.EventRestart, core.EventKill, core.EventExit}
	others := []core.EventKind{
		core.EventReady, core.EventBeat, core.EventProbe, core.EventUnready, core.EventNeed, core.EventSuspend, core.EventResume, core.EventPolicy,
	}
	var all []situation
	for phase, list := range statuses {
		for _, status := range list {
			for _, kind := range words {
				all = append(all, situation{phase, status, kind})
			}
			for _, kind := range others {
				if phase == core.PhaseRunning || status == core.StatusDead {
					all = append(all, situation{phase, status, kind})
				}
			}
		}
	}
	return all
}

// intentions lists what can become of a task in each status in which that is open. No task has a stop pending because
// it failed or is being removed: a failed run is asked to stop at once, and no other task may need one that is removed.
func intentions() []intention {
	marks := []core.Intent{core.IntentNone, core.IntentRestart, core.IntentKill, core.IntentHalt, core.IntentStartAgain, core.IntentSuspend, core.IntentRetire}
	stops := []core.Intent{
		core.IntentRestart, core.IntentKill, core.IntentRemove, core.IntentHalt, core.IntentRetry, core.IntentStartAgain, core.IntentSuspend, core.IntentRetire,
	}
	var all []intention
	for status, intents := range map[core.Status][]core.Intent{
		core.StatusStarting: marks, core.StatusHealthy: marks, core.StatusStopping: stops, core.StatusAbandoned: stops,
	} {
		for _, intent := range intents {
			all = append(all, intention{status, intent})
		}
	}
	return all
}

// possibleChanges lists every change of status there is.
func possibleChanges() [][2]core.Status {
	targets := map[core.Status][]core.Status{
		core.StatusNone:      {core.StatusCreated, core.StatusHalted},
		core.StatusCreated:   {core.StatusStarting, core.StatusHealthy, core.StatusDead, core.StatusHalted, core.StatusAbandoned, core.StatusNone},
		core.StatusStarting:  {core.StatusHealthy, core.StatusStopping, core.StatusFailed, core.StatusCompleted, core.StatusDead, core.StatusHalted, core.StatusCreated},
		core.StatusHealthy:   {core.StatusStopping, core.StatusFailed, core.StatusCompleted, core.StatusDead, core.StatusHalted, core.StatusCreated},
		core.StatusStopping:  {core.StatusStarting, core.StatusHealthy, core.StatusFailed, core.StatusCreated, core.StatusAbandoned, core.StatusDead, core.StatusHalted, core.StatusNone},
		core.StatusFailed:    {core.StatusStarting, core.StatusHealthy, core.StatusCreated, core.StatusDead, core.StatusHalted, core.StatusAbandoned, core.StatusNone},
		core.StatusCompleted: {core.StatusStarting, core.StatusHealthy, core.StatusCreated, core.StatusDead, core.StatusHalted, core.StatusAbandoned, core.StatusNone},
		core.StatusDead:      {core.StatusCreated, core.StatusStarting, core.StatusHealthy, core.StatusHalted, core.StatusAbandoned, core.StatusNone},
		core.StatusHalted:    {core.StatusDead, core.StatusAbandoned, core.StatusNone},
		core.StatusAbandoned: {core.StatusStarting, core.StatusHealthy, core.StatusFailed, core.StatusCreated, core.StatusDead, core.StatusHalted, core.StatusNone},
	}
	var all [][2]core.Status
	for from, list := range targets {
		for _, to := range list {
			all = append(all, [2]core.Status{from, to})
		}
	}
	return all
}

// state is something that can be true of all tasks together.
type state struct {
	name string
	is   func(o *oracle.Oracle, tasks []core.TaskStatus) bool
}

// rareStates lists states that only arise when tasks concern each other, or ignore their stop.
func rareStates() []state {
	count := func(least int, is func(core.TaskStatus) bool) func(*oracle.Oracle, []core.TaskStatus) bool {
		return func(_ *oracle.Oracle, tasks []core.TaskStatus) bool {
			found := 0
			for _, s := range tasks {
				if is(s) {
					found++
				}
			}
			return found >= least
		}
	}
	grouped := func(strategy core.Strategy, also func(*oracle.Oracle, []core.TaskStatus) bool) func(*oracle.Oracle, []core.TaskStatus) bool {
		return func(o *oracle.Oracle, tasks []core.TaskStatus) bool {
			return o.Config().Strategy == strategy && also(o, tasks)
		}
	}
	culprits := count(2, func(s core.TaskStatus) bool { return s.Wait == core.WaitOthersStopped })
	taken := count(2, func(s core.TaskStatus) bool { return s.Why == core.ReasonSibling })
	hangs := count(1, func(s core.TaskStatus) bool {
		return s.Status == core.StatusStopping && s.Why == core.ReasonStartTimeout
	})
	turns := count(2, func(s core.TaskStatus) bool { return s.Wait == core.WaitTurn })
	return []state{
		{"a run that was replaced while it lives", count(1, func(s core.TaskStatus) bool { return s.Fenced != 0 })},
		{"two culprits in a one-for-all round", grouped(core.OneForAll, culprits)},
		{"two culprits in a rest-for-one round", grouped(core.RestForOne, culprits)},
		{"two siblings of a one-for-all round on their way to stop", grouped(core.OneForAll, taken)},
		{"two siblings of a rest-for-one round on their way to stop", grouped(core.RestForOne, taken)},
		{"a start timeout in a one-for-all start", grouped(core.OneForAll, hangs)},
		{"a start timeout in a rest-for-one start", grouped(core.RestForOne, hangs)},
		{"two that wait their turn in a one-for-all start", grouped(core.OneForAll, turns)},
		{"two that wait their turn in a rest-for-one start", grouped(core.RestForOne, turns)},
		{"two dependents that were taken along", count(2, func(s core.TaskStatus) bool {
			return s.Status == core.StatusStopping && s.Why == core.ReasonDependency
		})},
		{"two that wait for tasks they need", count(2, func(s core.TaskStatus) bool { return s.Wait == core.WaitNeed })},
		{"three that wait for the restart rate", count(3, func(s core.TaskStatus) bool { return s.Wait == core.WaitRestartRate })},
		{"two that are suspended", count(2, func(s core.TaskStatus) bool { return s.Suspended })},
		{"one that is held and suspended", count(1, func(s core.TaskStatus) bool { return s.Held && s.Suspended })},
		{"one that is held and has a run", count(1, func(s core.TaskStatus) bool { return s.Held && s.Live })},
		{"one that is held and waits for its restart", count(1, func(s core.TaskStatus) bool { return s.Held && s.Status == core.StatusFailed })},
		{"one that is suspended and has a run", count(1, func(s core.TaskStatus) bool { return s.Suspended && s.Live })},
		{"one that failed two probes", count(1, func(s core.TaskStatus) bool { return s.Misses == 2 })},
	}
}
