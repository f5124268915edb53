package supervisor_test

import (
	"bytes"
	"context"
	"errors"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/tasksupervisor/tasksupervisor/adapters/supervisor"
	"github.com/tasksupervisor/tasksupervisor/core"
	"github.com/tasksupervisor/tasksupervisor/core/scenario"
	"github.com/tasksupervisor/tasksupervisor/sim/report"
	"github.com/tasksupervisor/tasksupervisor/sim/whatif"
)

// The recording of a usual service can be replayed under the same policy and under another one: a root with a nested
// supervisor, needs, readiness that is taken back, and a task that is added while it runs.
func TestTheRecordingOfAServiceCanBeReplayed(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		var recording bytes.Buffer
		root := newSupervisor(t, supervisor.WithName("shop"), supervisor.WithRecorder(&recording), supervisor.WithStrategy(supervisor.RestForOne))
		storage := newSupervisor(t, supervisor.WithIntensity(0, time.Minute))
		addFunc(t, storage, "database", func(ctx context.Context) error {
			select {
			case <-time.After(20 * time.Second):
				return errors.New("connection lost")
			case <-ctx.Done():
				return nil
			}
		})
		slow := func(ctx context.Context) error {
			if err := supervisor.Ready(ctx); err != nil {
				return err
			}
			time.Sleep(5 * time.Second)
			if err := supervisor.NotReady(ctx); err != nil {
				return err
			}
			<-ctx.Done()
			time.Sleep(time.Second)
			return nil
		}
		add(t, root, "storage", storage)
		require.NoError(t, root.Add("api", supervisor.TaskFunc(slow), supervisor.WithReadiness(true), supervisor.WithBoundTo("storage")))
		start(t, root)
		wait(3 * time.Second)
		require.NoError(t, root.Add("mail", supervisor.TaskFunc(untilStopped), supervisor.WithNeeds("api"), supervisor.WithBoundTo("storage")))
		wait(90 * time.Second)
		require.NoError(t, root.Shutdown(t.Context()))
		require.NoError(t, root.Wait())

		file, err := scenario.ParseAll(recording.Bytes())
		require.NoError(t, err)
		var recorded *scenario.Scenario
		for _, s := range file.Scenarios {
			if s.Head.Of == "shop" {
				recorded = s
			}
		}
		timeline, err := report.FromScenario("", recorded)
		require.NoError(t, err)
		outcomes, err := whatif.Replay(recorded, []whatif.Case{
			{Name: "as it was"}, {Name: "slower", Policy: func(p *core.Policy) { p.BaseDelay *= 2 }},
		})
		require.NoError(t, err)
		require.NotEmpty(t, timeline.Restarts())
		require.Equal(t, timeline.Restarts(), outcomes[0].Timeline.Restarts())
		require.Greater(t, outcomes[1].Down, outcomes[0].Down)
	})
}
