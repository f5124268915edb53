package whatif_test

import (
	"bytes"
	"io"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/tasksupervisor/tasksupervisor/core"
	"github.com/tasksupervisor/tasksupervisor/core/scenario"
	"github.com/tasksupervisor/tasksupervisor/sim"
	"github.com/tasksupervisor/tasksupervisor/sim/report"
	"github.com/tasksupervisor/tasksupervisor/sim/swarm"
	"github.com/tasksupervisor/tasksupervisor/sim/whatif"
)

// Whatever happened, and wherever the recording begins, it can be shown and replayed under other policies, and what is decided
// then violates no invariant.
func TestWhateverIsLeftOfARecordingCanBeReplayed(t *testing.T) {
	cases := []whatif.Case{
		{Name: "as it is"},
		{Name: "other", Policy: func(p *core.Policy) { p.BaseDelay, p.MaxAttempts = 2*p.BaseDelay+1, p.MaxAttempts/2 }, Config: func(c *core.Config) {
			c.Intensity = core.Rate{Count: 3, Per: 1e9}
			c.AutoShutdown = core.AutoShutdownNever
		}},
	}
	left, began := 0, map[core.Phase]int{}
	for seed := range uint64(150) {
		var trace bytes.Buffer
		_, err := sim.Run(swarm.World(seed), sim.Unchecked(), sim.Record(func(path string) io.Writer {
			if path != "" {
				return nil
			}
			return &trace
		}))
		require.NoError(t, err)
		whole, err := scenario.Parse(trace.Bytes())
		require.NoError(t, err)
		s := rest(t, whole, int(seed*7919)%len(whole.Statements))
		if s == nil {
			continue
		}
		left++
		machine, err := s.Machine()
		require.NoError(t, err)
		began[machine.Phase()]++
		_, err = report.FromScenario("", s)
		require.NoError(t, err, "seed %d", seed)
		_, err = whatif.Replay(s, cases)
		require.NoError(t, err, "seed %d", seed)
	}
	require.Greater(t, left, 100)
	require.Len(t, began, 4, "in every phase: %v", began)
}
