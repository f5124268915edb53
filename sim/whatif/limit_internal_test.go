package whatif

import (
	"os"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/tasksupervisor/tasksupervisor/core"
	"github.com/tasksupervisor/tasksupervisor/sim"
	"github.com/tasksupervisor/tasksupervisor/sim/workload"
)

// A case in which runs end at once and restarts wait for next to nothing ends with an error, and not with the memory.
func TestACaseThatNeverComesToItsEnd(t *testing.T) {
	text, err := os.ReadFile("../testdata/workloads/database-outage.workload")
	require.NoError(t, err)
	world, err := workload.Parse(text)
	require.NoError(t, err)
	hasty := Case{Name: "hasty", Policy: func(p *core.Policy) { p.BaseDelay, p.MaxAttempts = time.Nanosecond, core.Unlimited }}
	changed := world
	changed.Tasks = hasty.tasks(world.Tasks)
	_, err = run(hasty.Name, changed, []sim.Option{sim.Unchecked()}, 20_000)
	var many *TooManyStepsError
	require.ErrorAs(t, err, &many)
	require.Equal(t, "hasty", many.Case)
	require.GreaterOrEqual(t, many.Steps, uint64(20_000))
	require.Less(t, many.At, many.For)
	require.ErrorContains(t, err, `case "hasty": 2`)
	require.ErrorContains(t, err, "delays are too short for runs that end so soon, or the time is too long")

	changed.MaxSteps = 20_000 // the world's own limit is meant
	outcome, err := run(hasty.Name, changed, []sim.Option{sim.Unchecked()}, MaxSteps)
	require.NoError(t, err)
	require.Positive(t, outcome.Restarts)
}
