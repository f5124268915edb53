package sim_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/tasksupervisor/tasksupervisor/sim"
	"github.com/tasksupervisor/tasksupervisor/sim/checkers"
	"github.com/tasksupervisor/tasksupervisor/sim/swarm"
)

// midway watches one supervisor with checkers that begin in the middle of its life, again and again: as those do that are shown what a
// flight recorder has kept.
type midway struct {
	suite *checkers.Suite
	every int
	steps int
}

// Watch implements sim.Watcher.
func (m *midway) Watch(step *sim.Step) error {
	if m.steps >= m.every {
		if err := m.suite.Observe(step.Machine, step.Event, step.Actions); err != nil {
			return err
		}
	}
	if m.steps++; m.steps%m.every == 0 {
		m.suite.Begin(step.Machine)
	}
	return nil
}

func TestCheckersCanBeginAnywhere(t *testing.T) {
	checked := map[string]int{}
	for seed := range uint64(600) {
		if seed == 0 {
			seed = 1699 // where tasks begin to wait for the restart rate in the very instant
		}
		var all []*midway
		watch := func(string) []sim.Watcher {
			suite := checkers.NewSuite(append(checkers.All(), checkers.Audits(31)...)...)
			all = append(all, &midway{suite: suite, every: 7 + int(seed%90)})
			return []sim.Watcher{all[len(all)-1]}
		}
		result, err := sim.Run(swarm.World(seed), sim.Unchecked(), sim.Watch(watch))
		require.NoError(t, err)
		if result.Violation != nil {
			require.NoError(t, result.Violation, "seed %d", seed)
		}
		for _, m := range all {
			for _, checker := range m.suite.Checkers() {
				checked[checker.Name()] += checker.Checked()
			}
		}
	}
	require.NotEmpty(t, checked)
	for name, times := range checked {
		require.Positive(t, times, name)
	}
}
