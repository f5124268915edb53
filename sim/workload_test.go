package sim_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/tasksupervisor/tasksupervisor/core"
	"github.com/tasksupervisor/tasksupervisor/sim"
	"github.com/tasksupervisor/tasksupervisor/sim/workload"
)

func TestAScriptIsFollowedAndThenTheRest(t *testing.T) {
	_, c := simulate(t, workload.World{
		For: time.Minute,
		Tasks: []workload.Tasks{{
			Name: "a",
			Script: []workload.RunScript{
				{Lifetime: workload.Constant(3 * time.Second), Ends: core.ExitPanic},
				{Lifetime: workload.Constant(time.Second), Ends: core.ExitGoexit},
			},
			Lifetime: workload.Constant(7 * time.Second),
			Ends:     workload.Ends{OK: 1},
		}},
	})
	var exits []core.Event
	for _, ev := range c.events(core.EventExit) {
		exits = append(exits, core.Event{At: ev.At, Run: ev.Run, Exit: ev.Exit})
	}
	require.Equal(t, []core.Event{
		{At: at(3 * time.Second), Run: 1, Exit: core.ExitPanic},
		{At: at(6 * time.Second), Run: 2, Exit: core.ExitGoexit},
		{At: at(17 * time.Second), Run: 3, Exit: core.ExitOK},
	}, exits, "restarts come after 2 s and 4 s")
}

func TestEndsHaveTheirWeights(t *testing.T) {
	policy := unlimited()
	policy.BaseDelay, policy.Restart = 0, core.RestartAlways
	result, _ := simulate(t, workload.World{
		For: 8 * time.Hour,
		Tasks: []workload.Tasks{{
			Name: "a", Policy: policy, Lifetime: workload.Constant(time.Second),
			Ends: workload.Ends{OK: 4, Error: 2, Panic: 1, Goexit: 1},
		}},
	})
	exits := result.Coverage.Exits
	all := float64(8 * 3600)
	require.InEpsilon(t, all*4/8, exits[core.ExitOK], 0.05)
	require.InEpsilon(t, all*2/8, exits[core.ExitError], 0.05)
	require.InEpsilon(t, all/8, exits[core.ExitPanic], 0.05)
	require.InEpsilon(t, all/8, exits[core.ExitGoexit], 0.05)
}

// What a run asks for takes the place of its policy's delay; what something else did to it asks for nothing.
func TestRunsAskForTheDelayBeforeTheirRestart(t *testing.T) {
	policy := unlimited()
	policy.BaseDelay, policy.MaxDelay = 2*time.Second, 10*time.Second
	fails := workload.Constant(time.Second)
	result, c := simulate(t, workload.World{
		For: time.Minute,
		Tasks: []workload.Tasks{{
			Name: "a", Policy: policy,
			Script: []workload.RunScript{
				{Lifetime: fails, Asks: workload.Constant(7 * time.Second)},
				{Lifetime: fails, Ends: core.ExitPanic, Asks: workload.Constant(time.Hour)},
				{Lifetime: fails},
			},
			Asks: workload.Constant(9 * time.Second), // in the outage, that counts
		}},
		Outages: []workload.Outage{{At: 30 * time.Second, Lasts: workload.Constant(5 * time.Second), Asks: workload.Constant(6 * time.Second)}},
	})
	type end struct {
		at    core.Instant
		run   core.Run
		delay core.Duration
	}
	var exits []end
	for _, ev := range c.events(core.EventExit) {
		exits = append(exits, end{ev.At, ev.Run, ev.Delay})
	}
	require.Equal(t, []end{
		{at(time.Second), 1, 7 * time.Second},
		{at(9 * time.Second), 2, time.Hour},
		{at(20 * time.Second), 3, 0},
		{at(30 * time.Second), 4, 6 * time.Second},
	}, exits, "the second asks for more than the cap, and the third for nothing, after which 8 s pass")
	require.EqualValues(t, 3, result.Coverage.Asked)
	require.EqualValues(t, 5, result.Starts)
}

// A run that fails for want of what it needs does not ask for what it would have asked for.
func TestARunWithoutWhatItNeedsAsksForNothing(t *testing.T) {
	_, c := simulate(t, workload.World{
		For: time.Minute,
		Tasks: []workload.Tasks{
			{Name: "db", Lifetime: workload.Constant(10 * time.Second), Asks: workload.Constant(20 * time.Second)},
			{Name: "web", Needs: "db", Lifetime: workload.Constant(time.Hour), Asks: workload.Constant(30 * time.Second)},
		},
	})
	delays := map[string]core.Duration{}
	for _, ev := range c.events(core.EventExit) {
		if ev.Run == 1 {
			delays[c.names[ev.Task]] = ev.Delay
		}
	}
	require.Equal(t, map[string]core.Duration{"db": 20 * time.Second, "web": 0}, delays)
}

func TestARunGoesOnForAWhileAfterItsStop(t *testing.T) {
	_, c := simulate(t, workload.World{
		For:       time.Minute,
		Tasks:     []workload.Tasks{{Name: "a", Stops: workload.Constant(4 * time.Second)}},
		Operators: []workload.Operator{{Does: core.EventKill, At: 10 * time.Second}},
	})
	exits := c.events(core.EventExit)
	require.Len(t, exits, 1)
	require.Equal(t, at(14*time.Second), exits[0].At)
}

func TestARunThatIsAskedToStopMayEndByItselfBefore(t *testing.T) {
	_, c := simulate(t, workload.World{
		For: time.Minute,
		Tasks: []workload.Tasks{
			{Name: "a", Lifetime: workload.Constant(12 * time.Second), Stops: workload.Constant(4 * time.Second)},
		},
		Operators: []workload.Operator{{Does: core.EventKill, At: 10 * time.Second}},
	})
	require.Equal(t, at(12*time.Second), c.events(core.EventExit)[0].At)
}

func TestARunThatIgnoresItsStopIsAbandoned(t *testing.T) {
	result, c := simulate(t, workload.World{
		For:       time.Minute,
		Tasks:     []workload.Tasks{{Name: "a", IgnoresStop: core.Fraction{Num: 1, Den: 1}}},
		Operators: []workload.Operator{{Does: core.EventKill, At: 10 * time.Second}},
	})
	require.Empty(t, c.events(core.EventExit))
	require.Equal(t, at(20*time.Second), c.actions(core.ActionAbandon)[0].At)
	require.Equal(t, 1, result.Counts.LeftBehind)
	require.Equal(t, uint64(1), result.Coverage.IgnoredStops)
}

func TestAReplacedRunLivesOnBesideTheNewOne(t *testing.T) {
	policy := core.DefaultPolicy()
	policy.OnAbandon = core.AbandonReplace
	result, c := simulate(t, workload.World{
		For:       time.Minute,
		Tasks:     []workload.Tasks{{Name: "a", Policy: policy, Stops: workload.Constant(30 * time.Second)}},
		Operators: []workload.Operator{{Does: core.EventRestart, At: 10 * time.Second}},
	})
	require.Equal(t, uint64(1), result.Coverage.Replaced)
	require.Equal(t, uint64(2), result.Starts)
	require.Equal(t, uint64(1), result.Restarts)
	late := c.because(core.ReasonLateExit)
	require.Len(t, late, 1)
	require.Equal(t, at(40*time.Second), late[0].At)
	require.Equal(t, 1, result.Counts.Healthy)
}

func TestAnOutageTakesTasksDownAndLetsThemComeBack(t *testing.T) {
	result, c := simulate(t, workload.World{
		For: time.Hour,
		Tasks: []workload.Tasks{
			{Name: "hit", Count: 20, Policy: unlimited()},
			{Name: "spared", Count: 5},
		},
		Outages: []workload.Outage{{
			Of: "hit", At: 10 * time.Minute, Lasts: workload.Constant(5 * time.Minute),
			Notice: workload.Uniform(0, 10*time.Second), Fails: workload.Constant(time.Second), Ends: workload.Ends{Panic: 1},
		}},
	})
	require.Equal(t, uint64(1), result.Coverage.Outages)
	require.Equal(t, 25, result.Counts.Healthy)
	tasks := map[core.TaskID]bool{}
	for _, ev := range c.events(core.EventExit) {
		require.GreaterOrEqual(t, ev.At, at(10*time.Minute))
		require.Less(t, ev.At, at(15*time.Minute), "a run that would outlive the outage does")
		require.Equal(t, core.ExitPanic.String(), ev.Exit.String())
		tasks[ev.Task] = true
	}
	require.Len(t, tasks, 20)
}

func TestAnOutageCanHitAShareAndComeAgain(t *testing.T) {
	result, c := simulate(t, workload.World{
		For:   time.Hour,
		Tasks: []workload.Tasks{{Name: "a", Count: 100, Policy: unlimited()}},
		Outages: []workload.Outage{{
			At: 10 * time.Minute, Every: workload.Constant(20 * time.Minute), Lasts: workload.Constant(time.Minute),
			Share: core.Fraction{Num: 1, Den: 4}, Fails: workload.Constant(time.Second),
		}},
	})
	require.Equal(t, uint64(3), result.Coverage.Outages)
	for _, minute := range []int{10, 31, 52} {
		begin := at(time.Duration(minute) * time.Minute)
		down := 0
		for _, ev := range c.events(core.EventExit) {
			if ev.At == begin {
				down++
			}
		}
		require.InDelta(t, 25, down, 15, "at minute %d", minute)
	}
}

func TestOutagesAreShown(t *testing.T) {
	world := workload.World{
		For: 10 * time.Minute, Origin: at(time.Hour), Liveness: true,
		Tasks: []workload.Tasks{{Name: "a"}},
		Outages: []workload.Outage{
			{Of: "a", At: time.Minute, Lasts: workload.Constant(time.Minute), Every: workload.Constant(3 * time.Minute)},
			{At: 9 * time.Minute, Lasts: workload.Endless(), Share: core.Fraction{Num: 1, Den: 2}},
		},
		Faults: []workload.Fault{{Kind: workload.ThunderingRestart, At: 4 * time.Minute}},
	}
	var first, second []sim.Outage
	keep := func(to *[]sim.Outage) sim.Option {
		return sim.WatchOutages(func(o sim.Outage) { *to = append(*to, o) })
	}
	_, err := sim.Run(world, keep(&first), keep(&second))
	require.NoError(t, err)
	minute, none := time.Minute, workload.FaultKindCount
	require.Equal(t, []sim.Outage{
		{Of: "a", From: at(61 * minute), To: at(62 * minute), Storm: none},
		{From: at(64 * minute), To: at(64 * minute), Storm: workload.ThunderingRestart},
		{Of: "a", From: at(65 * minute), To: at(66 * minute), Storm: none},
		{Of: "a", From: at(69 * minute), To: at(70 * minute), Storm: none},
		{Share: core.Fraction{Num: 1, Den: 2}, From: at(69 * minute), To: at(70 * minute), Storm: none},
	}, first)
	require.Equal(t, first, second)
}

func TestAnOutageMaySpareTheLiveRuns(t *testing.T) {
	result, _ := simulate(t, workload.World{
		For:     time.Hour,
		Tasks:   []workload.Tasks{{Name: "a", Count: 10}},
		Outages: []workload.Outage{{Lasts: workload.Constant(time.Minute), At: time.Minute, Notice: workload.Endless()}},
	})
	require.Equal(t, 10, result.Counts.Healthy)
	require.Zero(t, result.Coverage.TakenDown)
}

func TestAModelDecidesByTaskAndRunAndTime(t *testing.T) {
	_, c := simulate(t, workload.World{
		For: 30 * time.Second,
		Tasks: []workload.Tasks{{Name: "a", Count: 2, Model: func(s workload.Start) workload.RunScript {
			if s.Index == 1 || s.Run == 3 {
				return workload.RunScript{}
			}
			return workload.RunScript{Lifetime: workload.Constant(time.Duration(s.Run) * time.Second), Ends: core.ExitError}
		}}},
	})
	var exits []core.Instant
	for _, ev := range c.events(core.EventExit) {
		require.Equal(t, uint64(1), ev.Task.Generation())
		exits = append(exits, ev.At)
	}
	require.Equal(t, []core.Instant{at(time.Second), at(5 * time.Second)}, exits)
}

func TestKeysAreHandedToTheMachine(t *testing.T) {
	_, c := simulate(t, workload.World{Tasks: []workload.Tasks{{Name: "a", Count: 3, Keys: []uint32{7, 8}}}})
	adds := c.events(core.EventAdd)
	require.Equal(t, uint32(7), adds[0].Key)
	require.Equal(t, uint32(8), adds[1].Key)
	require.Equal(t, "a-3", c.steps[2].Name)
}

func TestALaterGroupBeginsEmpty(t *testing.T) {
	result, c := simulate(t, workload.World{
		Tasks:     []workload.Tasks{{Name: "a", Later: true}},
		Operators: []workload.Operator{{Does: core.EventAdd, Of: "a", At: time.Minute}},
	})
	require.Equal(t, 1, result.Counts.Healthy)
	adds := c.events(core.EventAdd)
	require.Len(t, adds, 1)
	require.Equal(t, at(time.Minute), adds[0].At)
}

// Time must go on even where a run takes none and its restart is immediate.
func TestRunsThatTakeNoTimeDoNotStopTheClock(t *testing.T) {
	policy := unlimited()
	policy.BaseDelay = 0
	result, _ := simulate(t, workload.World{
		For:   100 * time.Nanosecond,
		Tasks: []workload.Tasks{{Name: "a", Policy: policy, Lifetime: workload.Constant(0)}},
	})
	require.Less(t, result.Steps, uint64(4000))
	require.Equal(t, 100*time.Nanosecond, result.Elapsed)
}
