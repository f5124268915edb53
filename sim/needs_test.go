package sim_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/tasksupervisor/tasksupervisor/core"
	"github.com/tasksupervisor/tasksupervisor/sim/workload"
)

func TestATaskThatNeedsAnotherFailsWithoutIt(t *testing.T) {
	result, c := simulate(t, workload.World{
		For: 30 * time.Second,
		Tasks: []workload.Tasks{
			{Name: "db", Script: []workload.RunScript{{Lifetime: workload.Constant(10 * time.Second)}}},
			{
				Name: "web", Policy: unlimited(), Needs: "db",
				Notice: workload.Constant(500 * time.Millisecond), Fails: workload.Constant(100 * time.Millisecond),
			},
		},
	})
	db := c.actions(core.ActionStart)[0].Task
	var exits []core.Instant
	for _, ev := range c.events(core.EventExit) {
		if ev.Task != db {
			exits = append(exits, ev.At)
		}
	}
	// db is down from 10 s to 12 s. web notices at 10.5 s, and is restarted at 12.5 s, when db is up again.
	require.Equal(t, []core.Instant{at(10500 * time.Millisecond)}, exits)
	require.Equal(t, 2, result.Counts.Healthy)
	require.Positive(t, result.Coverage.Missed)
}

func TestATaskThatIsStartedBeforeWhatItNeedsFails(t *testing.T) {
	result, c := simulate(t, workload.World{
		For: 30 * time.Second,
		Tasks: []workload.Tasks{
			{Name: "web", Needs: "db", Fails: workload.Constant(100 * time.Millisecond)},
			{Name: "db"},
		},
	})
	require.Equal(t, at(100*time.Millisecond), c.events(core.EventExit)[0].At)
	require.Equal(t, 2, result.Counts.Healthy, "the second time db is there")
}

// endsOf returns when the runs of a task of the supervisor at the top ended.
func (c *capture) endsOf(name string) []core.Instant {
	var ends []core.Instant
	for _, step := range c.steps {
		if step.Path == "" && step.Event.Kind == core.EventExit && c.names[step.Event.Task] == name {
			ends = append(ends, step.Event.At)
		}
	}
	return ends
}

// fragile needs the database, fails half a second after it was started without it, and notices its end at once.
func fragile(needs string) workload.Tasks {
	return workload.Tasks{Name: "web", Policy: unlimited(), Needs: needs, Fails: workload.Constant(500 * time.Millisecond)}
}

func TestANeedIsMetOnceTheOtherIsReady(t *testing.T) {
	_, c := simulate(t, workload.World{For: 30 * time.Second, Tasks: []workload.Tasks{
		{Name: "db", Policy: readies(), Signals: workload.Signals{Ready: workload.Constant(4 * time.Second)}},
		fragile("db"),
	}})
	// Started at 0 and at 2.5 s, beside a database that is not ready; then at 7 s.
	require.Equal(t, []core.Instant{at(500 * time.Millisecond), at(3 * time.Second)}, c.endsOf("web"))
}

// The world asks whether the run is ready, not whether the supervisor has heard of it.
func TestANeedIsMetThoughTheSupervisorHasNotHeardOfIt(t *testing.T) {
	patient := readies()
	patient.StartTimeout = core.Forever
	_, c := simulate(t, workload.World{For: 30 * time.Second, Tasks: []workload.Tasks{
		{Name: "db", Policy: patient}, fragile("db"),
	}, Faults: []workload.Fault{{Kind: workload.LostSignal, Share: core.Fraction{Num: 1, Den: 1}}}})
	require.Len(t, c.endsOf("web"), 1, "the first run starts in the instant before the database is ready")
	require.Empty(t, c.because(core.ReasonReady))
}

func TestTheEndOfARunThatWasNeverReadyIsNoLoss(t *testing.T) {
	_, c := simulate(t, workload.World{For: 20 * time.Second, Tasks: []workload.Tasks{
		{Name: "db", Policy: readies(), Script: []workload.RunScript{
			{Lifetime: workload.Constant(time.Second), Signals: workload.Signals{Ready: workload.Endless()}},
		}},
		{Name: "web", Needs: "db", Fails: workload.Constant(10 * time.Second)},
	}})
	require.Equal(t, []core.Instant{at(10 * time.Second)}, c.endsOf("web"), "not at 1 s, with the database's first run")
}

func TestANeedOfACompletedTaskStaysMet(t *testing.T) {
	migration := workload.Tasks{Name: "migration", Lifetime: workload.Constant(time.Second), Ends: workload.Ends{OK: 1}}
	for _, declares := range []workload.Declaration{workload.DeclareNothing, workload.DeclareNeed, workload.DeclareBound} {
		web := fragile("migration")
		web.Declares, web.Script = declares, []workload.RunScript{{Lifetime: workload.Constant(10 * time.Second)}}
		_, c := simulate(t, workload.World{For: 30 * time.Second, Tasks: []workload.Tasks{migration, web}})
		require.Equal(t, []core.Instant{at(10 * time.Second)}, c.endsOf("web"), "%v: by itself, and never for want of its need", declares)
	}
}

func TestAGoodEndThatIsFollowedByARestartIsALoss(t *testing.T) {
	policy := unlimited()
	policy.Restart, policy.BaseDelay = core.RestartAlways, 0
	_, c := simulate(t, workload.World{For: 15 * time.Second, Tasks: []workload.Tasks{
		{Name: "db", Policy: policy, Lifetime: workload.Constant(10 * time.Second), Ends: workload.Ends{OK: 1}}, fragile("db"),
	}})
	require.Equal(t, []core.Instant{at(10 * time.Second)}, c.endsOf("web"), "though the next run of the database starts in that instant")
}

// A run that comes behind an abandoned one depends on the one that has taken its place.
func TestTheLateEndOfAnAbandonedRunIsNoLossForLaterRuns(t *testing.T) {
	policy := unlimited()
	policy.StopTimeout, policy.OnAbandon = time.Second, core.AbandonReplace
	_, c := simulate(t, workload.World{
		For: 30 * time.Second,
		Tasks: []workload.Tasks{
			{Name: "db", Policy: policy, Script: []workload.RunScript{{Stops: workload.Constant(10 * time.Second)}}},
			{Name: "web", Later: true, Policy: unlimited(), Needs: "db", Fails: workload.Constant(0)},
		},
		Operators: []workload.Operator{
			{Does: core.EventRestart, Of: "db", At: 5 * time.Second},
			{Does: core.EventAdd, Of: "web", At: 8 * time.Second},
		},
	})
	require.Equal(t, []core.Instant{at(15 * time.Second)}, c.endsOf("db"), "the abandoned run")
	require.Empty(t, c.endsOf("web"))
}

// An end that is reported late was one: in between, nothing is there.
func TestANeedIsNotMetByARunWhoseEndIsReportedLate(t *testing.T) {
	_, c := simulate(t, workload.World{
		For: 12 * time.Second,
		Tasks: []workload.Tasks{
			{Name: "db", Script: []workload.RunScript{{Lifetime: workload.Constant(5 * time.Second)}}},
			{Name: "web", Later: true, Policy: unlimited(), Needs: "db", Fails: workload.Constant(0)},
		},
		Operators: []workload.Operator{{Does: core.EventAdd, Of: "web", At: 6 * time.Second}},
		Faults:    []workload.Fault{{Kind: workload.LateExit, Share: core.Fraction{Num: 1, Den: 1}, By: workload.Constant(3 * time.Second)}},
	})
	require.Equal(t, []core.Instant{at(9 * time.Second)}, c.endsOf("web"), "it ended at 6 s, in the instant of its start")
}
