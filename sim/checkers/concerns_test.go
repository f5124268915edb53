package checkers_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/tasksupervisor/tasksupervisor/core"
	"github.com/tasksupervisor/tasksupervisor/sim/checkers"
)

// unselective hides from a suite what concerns a checker, so that it sees everything.
type unselective struct{ checkers.Checker }

// allSeeing returns a suite that shows everything to checkers.
func allSeeing(all []checkers.Checker) *checkers.Suite {
	var seeing []checkers.Checker
	for _, checker := range all {
		seeing = append(seeing, unselective{checker})
	}
	return checkers.NewSuite(seeing...)
}

// A suite that leaves out what does not concern a checker finds what one that shows everything finds, and counts what it
// counts: in traces of machines, and in those with one step that no machine would take.
func TestWhatIsLeftOutChangesNothing(t *testing.T) {
	all, others := append(checkers.All(), checkers.Audits(7)...), append(checkers.All(), checkers.Audits(7)...)
	selective, seeing := checkers.NewSuite(all...), allSeeing(others)
	caught := map[string]int{}
	for seed := range uint64(4000) {
		world := newWorld(t, seed)
		forged := world.random.IntN(120)
		selective.Begin(world.machine)
		seeing.Begin(world.machine)
		for step := range 120 {
			ev := world.event()
			actions := world.machine.Step(nil, ev)
			world.take(actions)
			if step >= forged && len(actions) > 0 {
				actions = forge(world.random, actions)
			}
			found := violations(selective, world.machine, ev, actions)
			require.Equal(t, violations(seeing, world.machine, ev, actions), found, "seed %d, step %d: %+v\nactions: %+v", seed, step, ev, actions)
			for _, violation := range found {
				caught[violation.Invariant]++
			}
			if len(found) > 0 {
				break
			}
		}
	}
	for i, checker := range all {
		require.Equal(t, others[i].Checked(), checker.Checked(), checker.Name())
		require.Positive(t, caught[checker.Name()], "no forged step violates %s", checker.Name())
	}
	require.Equal(t, rare(others), rare(all))
}

// forge changes one of the actions, or their number or order.
func forge(random *rand.Rand, actions []core.Action) []core.Action {
	i := random.IntN(len(actions))
	a := &actions[i]
	switch random.IntN(14) {
	case 0:
		return slices.Delete(actions, i, i+1)
	case 1:
		return slices.Insert(actions, i, *a)
	case 2:
		j := random.IntN(len(actions))
		actions[i], actions[j] = actions[j], actions[i]
	case 3:
		a.Kind = core.ActionKind(random.IntN(int(core.ActionHalt) + 2))
	case 4:
		a.From = core.Status(random.IntN(int(core.StatusAbandoned) + 2))
	case 5:
		a.To = core.Status(random.IntN(int(core.StatusAbandoned) + 2))
	case 6:
		a.Why = core.Reason(random.IntN(int(core.ReasonShutdownTimeout) + 2))
	case 7:
		a.At += core.Instant(random.IntN(3) - 1)
	case 8:
		a.Until = a.At + core.Instant(random.IntN(10))
	case 9:
		a.Until = core.Never
	case 10:
		a.Attempts++
	case 11:
		a.Exit = core.ExitKind(random.IntN(int(core.ExitLost) + 1))
	case 12:
		a.Run += core.Run(random.IntN(3) - 1)
	case 13:
		a.Refusal = core.Refusal(random.IntN(int(core.RefusalSupervisorDone) + 1))
	}
	return actions
}

// violations returns what a suite finds in a step.
func violations(suite *checkers.Suite, m *core.Machine, ev core.Event, actions []core.Action) (found []checkers.Violation) {
	_ = suite.ObserveAll(m, ev, actions, func(_ checkers.Checker, v *checkers.Violation) { found = append(found, *v) })
	return found
}

func rare(all []checkers.Checker) (lines []string) {
	for what, times := range checkers.NewSuite(all...).Rare() {
		lines = append(lines, fmt.Sprint(times, " ", what))
	}
	return lines
}
