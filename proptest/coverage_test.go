package proptest

import (
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/tasksupervisor/tasksupervisor/core"
	"github.com/tasksupervisor/tasksupervisor/proptest/oracle"
)

// situation is an event that finds a task in a status and the supervisor in a phase.
type situation struct {
	phase  core.Phase
	status core.Status
	kind   core.EventKind
}

// TestCasesReachEverything: the generated cases lead to every decision there is, for every reason there is, and every
// event about a task finds it in every status it can have. What no case reaches, no property checks. The seed is
// always the same: what is asked is what the generators can do, not what they happen to do today.
func TestCasesReachEverything(t *testing.T) {
	drawTheSame(t, 3000)
	r := reached{
		reasons:    map[core.Reason]int{},
		kinds:      map[core.ActionKind]int{},
		changes:    map[[2]core.Status]int{},
		situations: map[situation]int{},
	}
	Check(t, Cases(), r.play)

	for why := core.ReasonAdded; why <= core.ReasonSupervisorDone; why++ {
		require.Positive(t, r.reasons[why], "nothing was ever decided for %v", why)
	}
	for kind := core.ActionNote; kind <= core.ActionHalt; kind++ {
		require.Positive(t, r.kinds[kind], "there never was %v", kind)
	}
	require.Positive(t, r.replaced, "no run was ever replaced alive")
	for _, s := range possible() {
		require.Positive(t, r.situations[s], "the supervisor was %v, the task %v, and there never was %v", s.phase, s.status, s.kind)
	}
	for _, change := range possibleChanges() {
		require.Positive(t, r.changes[change], "no task ever went from %v to %v", change[0], change[1])
	}
	for change := range r.changes {
		require.Contains(t, possibleChanges(), change, "a task went from %v to %v", change[0], change[1])
	}
}

// reached counts what cases led to.
type reached struct {
	reasons    map[core.Reason]int
	kinds      map[core.ActionKind]int
	changes    map[[2]core.Status]int
	situations map[situation]int
	replaced   int
}

func (r *reached) play(c Case, _ *rand.Rand) error {
	o := oracle.New(c.Config)
	for _, ev := range c.Events {
		task, _ := o.Status(ev.Task)
		r.situations[situation{o.Phase(), task.Status, ev.Kind}]++
		for _, a := range o.Step(ev) {
			r.reasons[a.Why]++
			r.kinds[a.Kind]++
			if a.From != a.To {
				r.changes[[2]core.Status{a.From, a.To}]++
			}
		}
		if task, ok := o.Status(ev.Task); ok && task.Fenced != 0 {
			r.replaced++
		}
	}
	return nil
}

// possible lists every situation in which an event about a task can find it.
func possible() []situation {
	statuses := map[core.Phase][]core.Status{
		core.PhaseCreated: {core.StatusNone, core.StatusCreated, core.StatusDead},
		core.PhaseRunning: {
			core.StatusNone, core.StatusHealthy, core.StatusStopping, core.StatusFailed, core.StatusCompleted, core.StatusDead, core.StatusAbandoned,
		},
		core.PhaseHalting: {
			core.StatusNone, core.StatusHealthy, core.StatusStopping, core.StatusCompleted, core.StatusDead, core.StatusAbandoned,
		},
		core.PhaseHalted: {core.StatusNone, core.StatusCompleted, core.StatusDead, core.StatusAbandoned},
	}
	var all []situation
	for phase, list := range statuses {
		for _, status := range list {
			for _, kind := range []core.EventKind{core.EventRemove, core.EventRestart, core.EventKill, core.EventExit} {
				all = append(all, situation{phase, status, kind})
			}
		}
	}
	return all
}

// possibleChanges lists every change of status there is.
func possibleChanges() [][2]core.Status {
	targets := map[core.Status][]core.Status{
		core.StatusNone:      {core.StatusCreated},
		core.StatusCreated:   {core.StatusHealthy, core.StatusDead, core.StatusNone},
		core.StatusHealthy:   {core.StatusStopping, core.StatusFailed, core.StatusCompleted, core.StatusDead},
		core.StatusStopping:  {core.StatusHealthy, core.StatusAbandoned, core.StatusDead, core.StatusNone},
		core.StatusFailed:    {core.StatusHealthy, core.StatusDead, core.StatusAbandoned, core.StatusNone},
		core.StatusCompleted: {core.StatusHealthy, core.StatusAbandoned, core.StatusNone},
		core.StatusDead:      {core.StatusCreated, core.StatusHealthy, core.StatusAbandoned, core.StatusNone},
		core.StatusAbandoned: {core.StatusHealthy, core.StatusDead, core.StatusNone},
	}
	var all [][2]core.Status
	for from, list := range targets {
		for _, to := range list {
			all = append(all, [2]core.Status{from, to})
		}
	}
	return all
}
