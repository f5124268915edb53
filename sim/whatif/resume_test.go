package whatif_test

import (
	"bytes"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/tasksupervisor/tasksupervisor/core"
	"github.com/tasksupervisor/tasksupervisor/core/scenario"
	"github.com/tasksupervisor/tasksupervisor/sim/report"
	"github.com/tasksupervisor/tasksupervisor/sim/whatif"
	"github.com/tasksupervisor/tasksupervisor/sim/workload"
)

// rest returns what is left of a recording by a flight recorder that has forgotten its first statements: a snapshot, and what
// came behind it. It returns nil if that is nothing.
func rest(t *testing.T, s *scenario.Scenario, forgotten int) *scenario.Scenario {
	t.Helper()
	player, err := scenario.NewPlayer(s)
	require.NoError(t, err)
	for range forgotten {
		require.True(t, player.Next())
	}
	var text bytes.Buffer
	machine := new(core.Machine)
	machine.CopyFrom(player.Machine())
	recorder := scenario.NewRecorder(&text, machine)
	for status := range machine.Tasks() {
		if name := player.Name(status.Task); name != "" {
			recorder.Bind(name, status.Task)
		}
	}
	events := 0
	for player.Next() {
		switch s := player.Statement().(type) {
		case *scenario.Event:
			events++
			if s.Kind == core.EventAdd {
				recorder.Add(nil, s.Name, player.Event())
			} else {
				recorder.Step(nil, player.Event())
			}
		case *scenario.Define:
			_, err := recorder.Define(s.Policy.Policy)
			require.NoError(t, err)
		case *scenario.DefineLimits:
			_, err := recorder.DefineLimits(s.Limits)
			require.NoError(t, err)
		case *scenario.Bind, *scenario.Expect:
		}
	}
	if events == 0 {
		return nil
	}
	left, err := scenario.Parse(text.Bytes())
	require.NoError(t, err)
	return left
}

// Wherever a recording begins, under the recorded policy its replay is the recording.
func TestReplayFromASnapshotIsTheRecording(t *testing.T) {
	for name, text := range odd {
		t.Run(name, func(t *testing.T) {
			s, err := scenario.Parse([]byte(text))
			require.NoError(t, err)
			require.NoError(t, s.Rewrite())
			for forgotten := range s.Statements {
				left := rest(t, s, forgotten)
				if left == nil {
					continue
				}
				o, err := whatif.World(left)
				require.NoError(t, err)
				require.Equal(t, kinds(left), kinds(record(t, o)), "behind %d statements: %s", forgotten, left)
			}
		})
	}
	for _, name := range []string{
		"database-outage", "crash-looping-deploy", "poisoned-queue", "slow-stopping-fleet", "chain-of-stages", "hanging-workers",
		"database-maintenance",
	} {
		t.Run(name, func(t *testing.T) {
			s := record(t, incident(t, name))
			for i := range 5 {
				left := rest(t, s, i*len(s.Statements)/5)
				o, err := whatif.World(left)
				require.NoError(t, err)
				require.Equal(t, kinds(left), kinds(record(t, o)))
			}
		})
	}
}

// Runs that were left behind before the recording began end when they did.
func TestReplayOfRunsLeftBehindBeforeASnapshot(t *testing.T) {
	s, err := scenario.Parse([]byte(`scenario 1
config
policy p0
policy p1 abandon=replace
at 0s add a run=3
at 0s add b run=5 fenced=2
at 0s add c run=2 policy=p1
at 1s exit b#2 ok
at 2s start
at 5s exit a#3 ok
at 7s exit b#5 error
at 9s exit a#4 error
at 11s tick
at 12s exit c#2 panic
at 13s exit b#6 error
at 14s exit c#3 error
at 20s tick
`))
	require.NoError(t, err)
	require.NoError(t, s.Rewrite())
	for forgotten := 4; forgotten < len(s.Statements); forgotten++ {
		left := rest(t, s, forgotten)
		o, err := whatif.World(left)
		require.NoError(t, err)
		require.Equal(t, kinds(left), kinds(record(t, o)), "behind %d statements: %s", forgotten, left)
	}
}

// The outcomes count from the snapshot, and say that they do.
func TestOutcomesFromASnapshot(t *testing.T) {
	s := record(t, incident(t, "database-outage"))
	left := rest(t, s, len(s.Statements)/2)
	timeline, err := report.FromScenario("", left)
	require.NoError(t, err)
	outcomes, err := whatif.Replay(left, append(storm(), whatif.Case{Name: "rate", Config: func(c *core.Config) {
		c.RestartRate = core.Rate{Count: 1, Per: time.Second}
	}}))
	require.NoError(t, err)
	require.NotEmpty(t, timeline.Restarts())
	require.Equal(t, timeline.Restarts(), outcomes[0].Timeline.Restarts())
	require.Equal(t, timeline.Begin, outcomes[0].From)
	require.Len(t, outcomes[0].Tasks, 200)
	require.Equal(t, "worker-1", outcomes[0].Tasks[0].Name)
	for _, o := range outcomes {
		require.Contains(t, o.Notes[0], "the recording begins with a snapshot, at 9m12.2")
	}
	require.NotEqual(t, outcomes[0].Restarts, outcomes[2].Restarts)
	require.Greater(t, outcomes[0].Peak, outcomes[3].Peak)
	require.LessOrEqual(t, outcomes[3].Peak, 1)
}

// What cannot be changed in mid-flight is refused, by name.
func TestWhatCannotChangeInMidFlight(t *testing.T) {
	s := record(t, incident(t, "database-outage"))
	left := rest(t, s, len(s.Statements)/2)
	for field, change := range map[string]func(*core.Config){
		"Config.Seed":                func(c *core.Config) { c.Seed++ },
		"Config.Strategy":            func(c *core.Config) { c.Strategy = core.OneForAll },
		"Config.StopOrder":           func(c *core.Config) { c.StopOrder = core.StopReverse },
		"Config.HealthCheckInterval": func(c *core.Config) { c.HealthCheckInterval = time.Second },
		"Config.MaxTasks":            func(c *core.Config) { c.MaxTasks = 1000 },
	} {
		_, err := whatif.Replay(left, []whatif.Case{{Name: "other", Config: change}})
		var bad *workload.Error
		require.ErrorAs(t, err, &bad)
		require.Len(t, bad.Fields, 1)
		require.Equal(t, field, bad.Fields[0].Field)
	}
	_, err := whatif.Replay(&scenario.Scenario{Snapshot: []byte{1}}, storm())
	require.ErrorIs(t, err, core.ErrSnapshot)
}
