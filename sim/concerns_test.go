package sim_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/tasksupervisor/tasksupervisor/core"
	"github.com/tasksupervisor/tasksupervisor/sim"
	"github.com/tasksupervisor/tasksupervisor/sim/checkers"
	"github.com/tasksupervisor/tasksupervisor/sim/swarm"
)

// Suites leave out what does not concern a checker. In a swarm, one that shows everything to every checker finds and counts
// the same.
func TestWhatCheckersAreNotShownChangesNothing(t *testing.T) {
	counted := 0
	for seed := range uint64(300) {
		var all []*twoSuites
		result, err := sim.Run(swarm.World(seed), sim.Unchecked(), sim.Watch(func(string) []sim.Watcher {
			all = append(all, &twoSuites{selective: checkers.All(), seeing: checkers.All()})
			return []sim.Watcher{all[len(all)-1]}
		}))
		require.NoError(t, err)
		require.Nil(t, result.Violation)
		for _, two := range all {
			for i, checker := range two.seeing {
				counted += checker.Checked()
				require.Equal(t, checker.Checked(), two.selective[i].Checked(), "seed %d, %s", seed, checker.Name())
			}
		}
	}
	require.Positive(t, counted)
}

// twoSuites is a watcher that shows one suite of checkers what concerns them, and another one everything.
type twoSuites struct {
	selective, seeing []checkers.Checker
	suites            []*checkers.Suite // none before the first step
}

func (w *twoSuites) Watch(step *sim.Step) error {
	if w.suites == nil {
		var seeing []checkers.Checker
		for _, checker := range w.seeing {
			seeing = append(seeing, struct{ checkers.Checker }{checker}) // which is not Selective
		}
		w.suites = []*checkers.Suite{checkers.NewSuite(w.selective...), checkers.NewSuite(seeing...)}
		fresh, err := core.New(step.Machine.Config())
		if err != nil {
			return err
		}
		for _, suite := range w.suites {
			suite.Begin(fresh)
		}
	}
	for _, suite := range w.suites {
		if err := suite.Observe(step.Machine, step.Event, step.Actions); err != nil {
			return err
		}
	}
	return nil
}
