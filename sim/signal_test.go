package sim_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/tasksupervisor/tasksupervisor/core"
	"github.com/tasksupervisor/tasksupervisor/sim"
	"github.com/tasksupervisor/tasksupervisor/sim/workload"
)

// readies is a policy whose tasks are to be ready within five seconds.
func readies() core.Policy {
	p := unlimited()
	p.Readiness, p.StartTimeout = true, 5*time.Second
	return p
}

// beats is a policy whose tasks are to beat every five seconds.
func beats() core.Policy {
	p := unlimited()
	p.Watchdog = 5 * time.Second
	return p
}

// probed is a policy whose tasks are probed every ten seconds; two failures in a row are a miss.
func probed() core.Policy {
	p := unlimited()
	p.Probe = core.Probe{Interval: 10 * time.Second, Timeout: 2 * time.Second, Failures: 2}
	return p
}

// alone simulates a single task for a minute.
func alone(t *testing.T, tasks workload.Tasks, faults ...workload.Fault) (*sim.Result, *capture) {
	t.Helper()
	tasks.Name = "a"
	return simulate(t, workload.World{For: time.Minute, Tasks: []workload.Tasks{tasks}, Faults: faults})
}

// times are the instants of actions.
func times(actions []core.Action) []core.Instant {
	var all []core.Instant
	for _, a := range actions {
		all = append(all, a.At)
	}
	return all
}

func TestARunIsReadyAfterAWhile(t *testing.T) {
	result, c := alone(t, workload.Tasks{Policy: readies(), Signals: workload.Signals{Ready: workload.Constant(3 * time.Second)}})
	require.Equal(t, []core.Instant{at(3 * time.Second)}, times(c.because(core.ReasonReady)))
	require.Equal(t, 1, result.Counts.Healthy)
}

func TestARunThatIsNeverReadyIsStopped(t *testing.T) {
	result, c := alone(t, workload.Tasks{
		Policy: readies(), Script: []workload.RunScript{{Signals: workload.Signals{Ready: workload.Endless()}}},
	})
	require.Equal(t, []core.Instant{at(5 * time.Second)}, times(c.actions(core.ActionStop)))
	require.Equal(t, core.ReasonStartTimeout.String(), c.actions(core.ActionStop)[0].Why.String())
	require.Equal(t, core.ExitStartTimeout.String(), c.because(core.ReasonFailure)[0].Exit.String())
	require.Equal(t, []core.Instant{at(7 * time.Second)}, times(c.because(core.ReasonReady)), "the second run is ready at once")
	require.Equal(t, 1, result.Counts.Healthy)
}

func TestARunMayFailBeforeItIsReady(t *testing.T) {
	_, c := alone(t, workload.Tasks{Policy: readies(), Script: []workload.RunScript{
		{Lifetime: workload.Constant(2 * time.Second), Ends: core.ExitPanic, Signals: workload.Signals{Ready: workload.Constant(3 * time.Second)}},
	}})
	failure := c.because(core.ReasonFailure)[0]
	require.Equal(t, core.StatusStarting.String(), failure.From.String())
	require.Equal(t, []core.Instant{at(4 * time.Second)}, times(c.because(core.ReasonReady)), "a run that has ended reports nothing")
}

func TestARunThatBeatsInTimeLives(t *testing.T) {
	result, c := alone(t, workload.Tasks{Policy: beats(), Signals: workload.Signals{Beats: workload.Constant(4 * time.Second)}})
	require.Len(t, c.events(core.EventBeat), 15)
	require.Empty(t, c.actions(core.ActionStop))
	require.Equal(t, uint64(15), result.Coverage.Sent[1])
}

func TestBeatsBeginWhenTheRunIsReady(t *testing.T) {
	policy := readies()
	policy.Watchdog = 5 * time.Second
	_, c := alone(t, workload.Tasks{
		Policy: policy, Signals: workload.Signals{Ready: workload.Constant(3 * time.Second), Beats: workload.Constant(4 * time.Second)},
	})
	require.Equal(t, at(7*time.Second), c.events(core.EventBeat)[0].At)
}

func TestARunThatHangsMissesItsBeat(t *testing.T) {
	_, c := alone(t, workload.Tasks{Policy: beats(), Script: []workload.RunScript{
		{Signals: workload.Signals{Beats: workload.Constant(4 * time.Second), Hangs: workload.Constant(10 * time.Second)}},
		{Signals: workload.Signals{Beats: workload.Constant(4 * time.Second)}},
	}})
	require.Equal(t, []core.Instant{at(13 * time.Second)}, times(c.actions(core.ActionStop)), "the latest beat was at 8 s")
	require.Equal(t, core.ExitWatchdog.String(), c.because(core.ReasonFailure)[0].Exit.String())
	require.Equal(t, core.Run(2), c.events(core.EventBeat)[2].Run)
}

func TestARunGoesOnBeatingAfterItsStop(t *testing.T) {
	_, c := simulate(t, workload.World{
		For: time.Minute,
		Tasks: []workload.Tasks{{
			Name: "a", Policy: beats(), Stops: workload.Constant(9 * time.Second), Signals: workload.Signals{Beats: workload.Constant(4 * time.Second)},
		}},
		Operators: []workload.Operator{{Does: core.EventKill, At: 10 * time.Second}},
	})
	beats := c.events(core.EventBeat)
	require.Equal(t, at(16*time.Second), beats[len(beats)-1].At)
	require.Equal(t, at(19*time.Second), c.events(core.EventExit)[0].At)
}

func TestABeatCanSayHowSoonTheNextIsDue(t *testing.T) {
	_, c := alone(t, workload.Tasks{Policy: beats(), Script: []workload.RunScript{
		{Signals: workload.Signals{Beats: workload.Constant(4 * time.Second), Within: workload.Constant(time.Second)}},
		{Signals: workload.Signals{Beats: workload.Constant(4 * time.Second), Within: workload.Endless(), Hangs: workload.Constant(6 * time.Second)}},
	}})
	require.Equal(t, time.Second, c.events(core.EventBeat)[0].Within)
	require.Equal(t, []core.Instant{at(5 * time.Second)}, times(c.actions(core.ActionStop)),
		"the first run promised too much, the second that nothing is due any more")
}

func TestProbesAreAnswered(t *testing.T) {
	result, c := alone(t, workload.Tasks{Policy: probed(), Signals: workload.Signals{Answers: workload.Constant(time.Second)}})
	require.Equal(t, []core.Instant{at(10 * time.Second), at(21 * time.Second), at(32 * time.Second), at(43 * time.Second), at(54 * time.Second)},
		times(c.actions(core.ActionProbe)))
	for _, ev := range c.events(core.EventProbe) {
		require.Equal(t, core.ExitOK.String(), ev.Exit.String())
	}
	require.Zero(t, result.Coverage.Unanswered)
}

func TestProbesFailAsOftenAsTheRunIsUnwell(t *testing.T) {
	_, c := alone(t, workload.Tasks{Policy: probed(), Signals: workload.Signals{FailsProbe: always}})
	require.Equal(t, []core.Instant{at(10 * time.Second)}, times(c.because(core.ReasonProbeFailed))[:1])
	require.Equal(t, at(20*time.Second), c.actions(core.ActionStop)[0].At)
	require.Equal(t, core.ExitWatchdog.String(), c.because(core.ReasonFailure)[0].Exit.String())

	policy := probed()
	policy.OnMiss = core.MissReport
	result, c := simulate(t, workload.World{For: 100 * time.Hour, Tasks: []workload.Tasks{
		{Name: "a", Policy: policy, Signals: workload.Signals{FailsProbe: core.Fraction{Num: 1, Den: 4}}},
	}})
	failed := 0
	for _, ev := range c.events(core.EventProbe) {
		if ev.Exit == core.ExitError {
			failed++
		}
	}
	require.InEpsilon(t, result.Coverage.Actions[core.ActionProbe]/4, failed, 0.05)
}

func TestAnAnswerCanBeTooLate(t *testing.T) {
	for name, signals := range map[string]workload.Signals{
		"too late": {Answers: workload.Constant(2 * time.Second)},
		"outdated": {Answers: workload.Constant(13 * time.Second)},
		"never":    {Answers: workload.Endless()},
		"hanging":  {Hangs: workload.Constant(5 * time.Second)},
	} {
		result, c := alone(t, workload.Tasks{Policy: probed(), Signals: signals})
		require.Equal(t, at(24*time.Second), c.actions(core.ActionStop)[0].At, name)
		require.Equal(t, name != "hanging", result.Coverage.Unanswered > 0, name)
		require.Equal(t, name == "too late", len(c.refused(core.RefusalStaleProbe)) > 0, name)
		for _, ev := range c.events(core.EventProbe) {
			require.NotEqual(t, at(23*time.Second), ev.At, "the run had been probed again by then")
		}
	}
}

// A reported silence ends with the answer, however late.
func TestALateAnswerEndsASilence(t *testing.T) {
	policy := probed()
	policy.OnMiss, policy.Probe.Failures = core.MissReport, 1
	_, c := alone(t, workload.Tasks{Policy: policy, Signals: workload.Signals{Answers: workload.Constant(20 * time.Second)}})
	require.Equal(t, []core.Instant{at(12 * time.Second), at(42 * time.Second)}, times(c.because(core.ReasonWatchdog)))
	require.Equal(t, at(30*time.Second), c.events(core.EventProbe)[0].At)
}

func TestALostSignalDoesNotArrive(t *testing.T) {
	lost := workload.Fault{Kind: workload.LostSignal, Share: always}
	result, c := alone(t, workload.Tasks{Policy: readies()}, lost)
	require.Empty(t, c.events(core.EventReady))
	require.Positive(t, result.Coverage.Lost[0])
	result, c = alone(t, workload.Tasks{Policy: beats(), Signals: workload.Signals{Beats: workload.Constant(time.Second)}}, lost)
	require.Empty(t, c.events(core.EventBeat))
	require.Positive(t, result.Coverage.Lost[1])
	result, c = alone(t, workload.Tasks{Policy: probed()}, lost)
	require.Empty(t, c.events(core.EventProbe))
	require.Positive(t, result.Coverage.Lost[2])
}

func TestALateSignalArrivesLate(t *testing.T) {
	late := workload.Fault{Kind: workload.LateSignal, Share: always, By: workload.Constant(3 * time.Second)}
	_, c := alone(t, workload.Tasks{Policy: readies(), Signals: workload.Signals{Ready: workload.Constant(time.Second)}}, late)
	require.Equal(t, []core.Instant{at(4 * time.Second)}, times(c.because(core.ReasonReady)))
	_, c = alone(t, workload.Tasks{Policy: beats(), Signals: workload.Signals{Beats: workload.Constant(time.Second)}}, late)
	require.Equal(t, at(4*time.Second), c.events(core.EventBeat)[0].At)
	_, c = alone(t, workload.Tasks{Policy: probed()}, late)
	require.Equal(t, core.RefusalStaleProbe.String(), c.actions(core.ActionReject)[0].Refusal.String(), "the answer was due at 12 s")
	require.Equal(t, at(13*time.Second), c.actions(core.ActionReject)[0].At)
}

func TestADoubleSignalArrivesTwice(t *testing.T) {
	double := workload.Fault{Kind: workload.DoubleSignal, Share: always, By: workload.Constant(time.Second)}
	_, c := alone(t, workload.Tasks{Policy: readies()}, double)
	require.Equal(t, at(0), c.events(core.EventReady)[0].At)
	require.Equal(t, at(time.Second), c.events(core.EventReady)[1].At)
	_, c = alone(t, workload.Tasks{Policy: probed()}, double)
	require.Equal(t, at(10*time.Second), c.events(core.EventProbe)[0].At)
	require.Equal(t, []core.Instant{at(11 * time.Second)}, times(c.refused(core.RefusalStaleProbe))[:1])
}

// Signals at -1, 0 and +1 ns of the instant at which they would be too late must all occur.
func TestExactSignalsAreAtTheirInstants(t *testing.T) {
	exact := workload.Fault{Kind: workload.ExactSignal, Share: always}
	for name, tasks := range map[string]workload.Tasks{
		"ready": {Count: 60, Policy: readies(), Stops: workload.Constant(time.Second), Signals: workload.Signals{Ready: workload.Constant(time.Second)}},
		"beat":  {Count: 60, Policy: beats(), Stops: workload.Constant(time.Second), Signals: workload.Signals{Beats: workload.Constant(time.Second)}},
		"probe": {Count: 60, Policy: probed(), Stops: workload.Constant(time.Second)},
	} {
		_, c := alone(t, tasks, exact)
		off := map[core.Instant]int{}
		untils := map[core.TaskID][]core.Instant{}
		for _, step := range c.steps {
			if ev := step.Event; ev.Kind == core.EventReady || ev.Kind == core.EventBeat || ev.Kind == core.EventProbe {
				for _, until := range untils[ev.Task] {
					off[ev.At-until]++
				}
			}
			for _, a := range step.Actions {
				untils[a.Task] = append(untils[a.Task], a.Until)
			}
		}
		for ns := core.Instant(-1); ns <= 1; ns++ {
			require.Positive(t, off[ns], "%s, %d ns off", name, ns)
		}
	}
}

// When the faults are off, every run is ready and well, however it was before.
func TestWhoWasSilentSpeaksInTheEnd(t *testing.T) {
	never, forever := readies(), readies()
	never.StartTimeout, forever.StartTimeout = core.Forever, core.Forever
	forever.Watchdog = 10 * time.Second
	result, c := simulate(t, workload.World{
		For: time.Minute, Liveness: true,
		Tasks: []workload.Tasks{
			{Name: "a", Policy: never, Signals: workload.Signals{Ready: workload.Endless()}},
			{Name: "b", Policy: forever, Signals: workload.Signals{Ready: workload.Constant(55 * time.Second)}},
			{Name: "c", Policy: probed(), Signals: workload.Signals{Answers: workload.Endless()}},
		},
		Operators: []workload.Operator{{Does: core.EventSuspend, Of: "a", At: 30 * time.Second}},
	})
	require.Equal(t, uint64(1), result.Coverage.Shutdowns)
	ready := c.events(core.EventReady)
	require.Equal(t, at(time.Minute), ready[len(ready)-1].At)
	beat := c.events(core.EventBeat)
	require.Equal(t, core.Forever, beat[len(beat)-1].Within)
	require.Len(t, c.events(core.EventPolicy), 1, "the probes of c come to an end")
	require.Equal(t, []core.Instant{at(time.Minute)}, times(c.because(core.ReasonResumed)))
}

// The signals of a sequence are emitted at their times, ties included, and probes are answered as it says.
func TestARunCanBeToldWhatToSay(t *testing.T) {
	second := time.Second
	policy := probed()
	policy.Readiness, policy.StartTimeout = true, 5*second
	_, c := alone(t, workload.Tasks{Policy: policy, Script: []workload.RunScript{{Sequence: []workload.Signal{
		{After: 2 * second, Event: core.EventReady},
		{After: 2 * second, Event: core.EventBeat, Within: 3 * second},
		{After: 15 * second, Event: core.EventProbe, Takes: core.Forever},
		{After: 25 * second, Event: core.EventProbe, Takes: second, Exit: core.ExitError},
	}}}})
	require.Equal(t, at(2*second), c.because(core.ReasonReady)[0].At)
	require.Equal(t, core.Event{At: at(2 * second), Kind: core.EventBeat, Task: c.events(core.EventBeat)[0].Task, Run: 1, Within: 3 * second},
		c.events(core.EventBeat)[0])
	// Probed at 12 s: well. At 22 s: no answer, failed at 24 s. At 34 s: unwell at 35 s, and that is a miss.
	require.Equal(t, []core.Instant{at(12 * second), at(22 * second), at(34 * second)}, times(c.actions(core.ActionProbe))[:3])
	require.Equal(t, []core.Instant{at(24 * second)}, times(c.because(core.ReasonProbeFailed)))
	require.Equal(t, []core.Instant{at(35 * second)}, times(c.actions(core.ActionStop)))
	require.Equal(t, at(12*second), c.events(core.EventProbe)[0].At)

	_, err := sim.Run(workload.World{Tasks: []workload.Tasks{
		{Name: "a", Script: []workload.RunScript{{Sequence: []workload.Signal{{After: -1, Event: core.EventKill}}}}},
	}})
	require.EqualError(t, err, "invalid simulation: Tasks[0].Script[0].Sequence[0].After is negative; "+
		"Tasks[0].Script[0].Sequence[0].Event is not a signal of a run")
}

// A run that wavers takes its readiness back after a while and gives it again, over and over, until it ends.
func TestARunThatWavers(t *testing.T) {
	policy := core.DefaultPolicy()
	policy.Readiness = true
	result, _ := alone(t, workload.Tasks{Policy: policy, Signals: workload.Signals{
		Ready: workload.Constant(time.Second), Wavers: workload.Constant(3 * time.Second), Recovers: workload.Constant(2 * time.Second),
	}})
	unready, again := result.Coverage.Reasons[core.ReasonUnready], result.Coverage.Reasons[core.ReasonReady]
	require.Greater(t, unready, uint64(5))
	require.InDelta(t, unready, again, 1)
	policy.Readiness = false
	result, _ = alone(t, workload.Tasks{Policy: policy, Signals: workload.Signals{Wavers: workload.Constant(time.Second)}})
	require.Zero(t, result.Coverage.Events[core.EventUnready])
}
