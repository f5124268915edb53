package whatif_test

import (
	"bytes"
	"encoding/json"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/tasksupervisor/tasksupervisor/core"
	"github.com/tasksupervisor/tasksupervisor/core/scenario"
	"github.com/tasksupervisor/tasksupervisor/sim"
	"github.com/tasksupervisor/tasksupervisor/sim/whatif"
	"github.com/tasksupervisor/tasksupervisor/sim/workload"
)

// incident reads a shipped workload.
func incident(t *testing.T, name string) workload.World {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("..", "testdata", "workloads", name+".workload"))
	require.NoError(t, err)
	o, err := workload.Parse(text)
	require.NoError(t, err)
	return o
}

// record simulates and returns the trace of the supervisor at the top.
func record(t *testing.T, w workload.World) *scenario.Scenario {
	t.Helper()
	var trace bytes.Buffer
	top := func(path string) io.Writer {
		if path != "" {
			return nil
		}
		return &trace
	}
	result, err := sim.Run(w, sim.Record(top))
	require.NoError(t, err)
	require.Nil(t, result.Violation)
	s, err := scenario.Parse(trace.Bytes())
	require.NoError(t, err)
	return s
}

func storm() []whatif.Case {
	return []whatif.Case{
		{Name: "as it is"},
		{Name: "jitter", Policy: func(p *core.Policy) { p.Jitter = core.Fraction{Num: 1, Den: 1} }},
		{Name: "lower exponent", Policy: func(p *core.Policy) { p.MaxExponent = 2 }},
	}
}

func TestStormUnderThreePolicies(t *testing.T) {
	outcomes, err := whatif.Simulate(incident(t, "database-outage"), storm())
	require.NoError(t, err)
	plain, jitter, lower := outcomes[0], outcomes[1], outcomes[2]
	require.Len(t, plain.Tasks, 200)
	require.Greater(t, jitter.Restarts, plain.Restarts, "jitter only shortens")
	require.Greater(t, lower.Restarts, 3*plain.Restarts)
	require.Less(t, lower.Down, plain.Down, "who tries more often is back sooner")
	require.Less(t, busiest(jitter, 8*60, 15*60), busiest(plain, 8*60, 15*60)/2, "jitter flattens the waves")
	for _, o := range outcomes {
		require.Zero(t, o.Trips)
		require.Equal(t, core.ReasonNone.String(), o.Halted.String())
		sum := 0
		for _, n := range o.Rate {
			sum += n
		}
		require.Equal(t, o.Restarts, sum)
		require.GreaterOrEqual(t, o.Peak, busiest(o, 0, len(o.Rate)))
	}
}

// busiest is the most restarts within one second of the clock.
func busiest(o *whatif.Outcome, from, to int) int {
	most := 0
	for _, n := range o.Rate[from:to] {
		most = max(most, n)
	}
	return most
}

func TestOutcomesCountDeathsAndTrips(t *testing.T) {
	o := workload.World{
		For:    time.Hour,
		Config: core.Config{Limits: core.Limits{DeadThreshold: core.Fraction{Num: 1, Den: 2}}},
		Tasks: []workload.Tasks{
			{Name: "a", Count: 3, Lifetime: workload.Constant(10 * time.Second)},
			{Name: "b"},
		},
	}
	outcomes, err := whatif.Simulate(o, []whatif.Case{
		{Name: "one attempt", Policy: func(p *core.Policy) { p.MaxAttempts = 1 }},
		{Name: "one attempt, no threshold", Policy: func(p *core.Policy) { p.MaxAttempts = 1 }, Config: func(c *core.Config) {
			c.DeadThreshold = core.Fraction{}
		}},
	})
	require.NoError(t, err)
	require.Equal(t, 3, outcomes[0].Deaths)
	require.Equal(t, core.ReasonTooManyDead.String(), outcomes[0].Halted.String())
	require.Equal(t, 22*time.Second, outcomes[0].HaltedAt)
	require.Positive(t, outcomes[0].Trips)
	require.Zero(t, outcomes[1].Trips)
	require.Equal(t, core.ReasonNone.String(), outcomes[1].Halted.String())
	a := outcomes[1].Tasks[0]
	require.Equal(t, whatif.Task{Name: "a-1", Restarts: 1, Down: 2*time.Second + time.Hour - 22*time.Second, End: core.StatusDead}, a)
	require.Equal(t, 3*a.Down, outcomes[1].Down)
	require.Equal(t, a.Down, outcomes[1].Worst)
	require.Equal(t, 3, outcomes[1].Peak)
	require.Equal(t, 12*time.Second, outcomes[1].PeakAt)
}

func TestAViolationIsAnError(t *testing.T) {
	o := workload.World{For: -1}
	_, err := whatif.Simulate(o, storm())
	var bad *workload.Error
	require.ErrorAs(t, err, &bad)
}

// Under the recorded policy, a replayed recording must be the recording: every decision at its instant.
func TestReplayUnderTheSamePolicyIsTheRecording(t *testing.T) {
	for _, name := range []string{"database-outage", "crash-looping-deploy", "poisoned-queue", "slow-stopping-fleet", "chain-of-stages", "hanging-workers", "database-maintenance"} {
		t.Run(name, func(t *testing.T) {
			recording := record(t, incident(t, name))
			o, err := whatif.World(recording)
			require.NoError(t, err)
			require.Equal(t, decisions(t, recording), decisions(t, record(t, o)))
		})
	}
}

// What runs asked for is part of a recording: a replay under the recorded policy asks for it again, and under another one,
// too.
func TestReplayAsksForTheSameDelays(t *testing.T) {
	policy := core.DefaultPolicy()
	policy.MaxAttempts, policy.MaxDelay = core.Unlimited, 40*time.Second
	recording := record(t, workload.World{
		For: 5 * time.Minute, Config: core.Config{Strategy: core.OneForAll},
		Tasks: []workload.Tasks{
			{Name: "a", Policy: policy, Lifetime: workload.Constant(50 * time.Second), Asks: workload.Constant(17 * time.Second)},
			{Name: "b", Policy: policy, Stops: workload.Constant(3 * time.Second)},
		},
	})
	asked := 0
	for _, statement := range recording.Statements {
		if event, ok := statement.(*scenario.Event); ok && event.Delay == 17*time.Second {
			asked++
		}
	}
	require.Equal(t, 4, asked)
	o, err := whatif.World(recording)
	require.NoError(t, err)
	require.Equal(t, decisions(t, recording), decisions(t, record(t, o)))

	other := 0
	o.Tasks[0].Policy.BaseDelay = time.Second
	for _, statement := range record(t, o).Statements {
		if event, ok := statement.(*scenario.Event); ok && event.Delay == 17*time.Second {
			other++
		}
	}
	require.Equal(t, asked, other)
}

// decisions are the starts, stops and deaths in a scenario, in order. Names differ where a group has one task only.
func decisions(t *testing.T, s *scenario.Scenario) []string {
	t.Helper()
	var all []string
	for _, statement := range s.Statements {
		event, ok := statement.(*scenario.Event)
		if !ok {
			continue
		}
		for i := range event.Actions {
			if a := &event.Actions[i]; a.Kind != core.ActionReject {
				all = append(all, a.String())
			}
		}
	}
	require.NotEmpty(t, all)
	return all
}

// What a replay says of another policy must be close to what a simulation of the same world says.
func TestReplayUnderAnotherPolicyIsCloseToTheWorld(t *testing.T) {
	o := incident(t, "database-outage")
	simulated, err := whatif.Simulate(o, storm())
	require.NoError(t, err)
	replayed, err := whatif.Replay(record(t, o), storm())
	require.NoError(t, err)
	for i := range simulated {
		require.InEpsilon(t, simulated[i].Restarts, replayed[i].Restarts, 0.05)
		require.InEpsilon(t, int64(simulated[i].Down), int64(replayed[i].Down), 0.05)
	}
}

func TestReplayOfOddRecordings(t *testing.T) {
	for name, text := range odd {
		t.Run(name, func(t *testing.T) {
			s, err := scenario.Parse([]byte(text))
			require.NoError(t, err)
			require.NoError(t, s.Rewrite())
			o, err := whatif.World(s)
			require.NoError(t, err)
			require.Equal(t, kinds(s), kinds(record(t, o)))
		})
	}
}

// odd are recordings in which odd things happen.
var odd = map[string]string{
	"a name that is used again": `scenario 1
config
at 5s add a key=3
at 5s start
at 10s exit a#1 error
at 12s tick
at 20s remove a
at 21s exit a#2 ok
at 30s add a key=4
at 40s exit a#1 panic
`,
	"runs that take no time": `scenario 1
config
policy p0 base=0s attempts=4 stable=forever
at 0s add a
at 0s start
at 1s exit a#1 error
at 1s exit a#2 error
at 1s exit a#3 error
at 1s exit a#4 panic
at 2s exit a#5 error
`,
	"a replaced run that ends late": `scenario 1
config
policy p0 abandon=replace stop=1s
at 0s add a
at 0s start
at 5s restart a
at 6s tick
at 8s exit a#1 ok
at 9s exit a#2 error
at 11s tick
`,
	"a run without a name that never ends": `scenario 1
config
at 0s add
at 0s start
at 5s kill @1.0
at 15s tick
at 20s tick
`,
	"live changes and probes": `scenario 1
config
policy p0 probe=10s/2s/2
policy p1 base=3s
limits l1 restart-rate=1/1s
at 0s add a
at 0s start
at 10s tick
at 11s probe a#1 ok
at 21s tick
at 22s probe a#1 error
at 32s tick
at 34s tick
at 34s exit a#1 ok
at 36s tick
at 38s policy a p1
at 40s suspend a
at 41s exit a#2 ok
at 45s resume a
at 46s limits l1
at 50s exit a#3 error
at 60s tick
`,
	"commands before the start": `scenario 1
config
policy p0
policy p1 base=3s attempts=2
at 0s add a
at 0s add b
at 0s remove a
at 0s add a policy=p1
at 0s suspend b
at 0s start
at 1s resume b
at 5s exit a#1 error
at 11s tick
at 12s remove a
at 13s exit a#2 ok
at 14s add a policy=p0
at 15s exit a#1 error
at 17s tick
at 18s exit b#1 ok
`,
	"needs that are told later": `scenario 1
config
policy p0 readiness=true
at 0s add db policy=p0
at 0s add a suspended=true
at 0s need a db bound=true
at 0s resume a
at 0s start
at 3s ready db#1
at 5s add b suspended=true
at 5s need b a
at 5s need b db bound=true
at 5s resume b
at 9s unready db#1
at 10s exit b#1 error
at 13s tick
at 14s ready db#1
at 20s exit db#1 error
at 21s exit b#2 ok
at 22s exit a#1 error
at 23s tick
at 26s ready db#2
at 30s need b a bound=true
at 31s restart a
at 33s exit b#3 ok
at 34s exit a#2 ok
at 40s remove db
at 41s remove b
at 42s exit b#4 ok
`,
	"a rejected exit": `scenario 1
config
at 0s add a
at 0s start
at 5s exit a#1 watchdog
at 9s exit a#1 error
at 10s exit a#1 error
at 11s tick
at 12s tick
`,
}

// kinds are the decisions in a scenario, without the names of tasks.
func kinds(s *scenario.Scenario) []core.Action {
	var all []core.Action
	for _, statement := range s.Statements {
		if event, ok := statement.(*scenario.Event); ok {
			for _, a := range event.Actions {
				if a.Kind != core.ActionReject {
					action := a.Action
					action.Task = 0
					all = append(all, action)
				}
			}
		}
	}
	return all
}

func TestTextIsSideBySide(t *testing.T) {
	outcomes, err := whatif.Simulate(incident(t, "database-outage"), storm())
	require.NoError(t, err)
	var text bytes.Buffer
	require.NoError(t, whatif.WriteText(&text, outcomes))
	lines := strings.Split(text.String(), "\n")
	require.Equal(t, "from 0s to 30m0s (30m0s)", lines[0])
	require.Regexp(t, `^ +as it is +jitter +lower exponent$`, lines[1])
	require.Regexp(t, `^restarts +\d+ +\d+ \(\+\d+ %\) +\d+ \(\+\d+ %\)$`, lines[2])
	require.Contains(t, text.String(), "worker-")
	require.Equal(t, strings.Index(lines[1], "jitter"), strings.Index(lines[len(lines)-2], outcomeCell(outcomes[1], lines[len(lines)-2])),
		"the tasks stand below the totals")
}

// outcomeCell is the beginning of the cell of an outcome in the line of a task.
func outcomeCell(o *whatif.Outcome, line string) string {
	for _, task := range o.Tasks {
		if strings.HasPrefix(line, "  "+task.Name+" ") {
			return task.Down.Round(time.Millisecond).String()
		}
	}
	return "no such task"
}

// Restarts that operators asked for are no failures, and do not change with the policy.
func TestRestartsAreToldApartByTheirCause(t *testing.T) {
	policy := core.DefaultPolicy()
	policy.Restart, policy.MaxAttempts = core.RestartAlways, core.Unlimited
	world := workload.World{
		For: 10 * time.Minute,
		Tasks: []workload.Tasks{
			{Name: "a", Count: 3, Lifetime: workload.Constant(time.Minute), Policy: policy},
			{Name: "b", Lifetime: workload.Constant(time.Minute), Ends: workload.Ends{OK: 1}, Policy: policy},
			{Name: "c", Count: 5},
		},
		Operators: []workload.Operator{{Does: core.EventRestart, Of: "c", At: 5 * time.Minute, Count: workload.All}},
	}
	outcomes, err := whatif.Simulate(world, []whatif.Case{{Name: "as it is"}, {Name: "never", Policy: func(p *core.Policy) { p.Restart = core.RestartNever }}})
	require.NoError(t, err)
	require.Equal(t, whatif.Causes{Failure: 21, GoodEnd: 9, Command: 5}, outcomes[0].Causes)
	require.Equal(t, whatif.Causes{Command: 5}, outcomes[1].Causes)
	require.Equal(t, 35, outcomes[0].Restarts)
	var text, data bytes.Buffer
	require.NoError(t, whatif.WriteText(&text, outcomes))
	require.Regexp(t, `(?m)^  after failures +21 +0 \(-100 %\)$`, text.String())
	require.Regexp(t, `(?m)^  by operator commands +5 +5$`, text.String())
	require.Regexp(t, `(?m)^deaths +0 +3 \(was 0\)$`, text.String(), "nothing is a share of zero")
	require.NoError(t, whatif.WriteJSON(&data, outcomes))
	var read []map[string]any
	require.NoError(t, json.Unmarshal(data.Bytes(), &read))
	require.EqualValues(t, 21, read[0]["restarts_after_failures"])
	require.EqualValues(t, 600e9, read[1]["to"])
	require.Len(t, read[1]["tasks"], 9)
}

func TestTheSpanThatIsLookedAtIsNamed(t *testing.T) {
	world := workload.World{For: time.Minute, Origin: core.Instant(time.Hour), Tasks: []workload.Tasks{{Name: "a", Lifetime: workload.Constant(time.Second)}}}
	outcomes, err := whatif.Simulate(world, []whatif.Case{
		{Name: "as it is"},
		{Name: "strict", Policy: func(p *core.Policy) { p.MaxAttempts, p.OnExhausted = 0, core.ExhaustedEscalate }},
	})
	require.NoError(t, err)
	require.Equal(t, "from 1h0m0s to 1h1m0s (1m0s)", whatif.Span(outcomes))
	shorter := &whatif.Outcome{Case: "shorter", From: outcomes[0].From, To: outcomes[0].From + core.Instant(time.Second)}
	require.Equal(t, "from 1h0m0s to 1h1m0s (1m0s); shorter: to 1h0m1s (1s)", whatif.Span(append(outcomes, shorter)))
	require.Empty(t, whatif.Span(nil))
	var text bytes.Buffer
	require.NoError(t, whatif.WriteText(&text, nil))
	require.Empty(t, text.String())
	require.NoError(t, whatif.WriteText(&text, outcomes))
	require.Regexp(t, `(?m)^halted +no +escalated at 1h0m1s$`, text.String())
}

func TestPageHasAPicturePerCase(t *testing.T) {
	outcomes, err := whatif.Simulate(incident(t, "database-outage"), storm())
	require.NoError(t, err)
	var page bytes.Buffer
	require.NoError(t, whatif.WriteHTML(&page, "<storm>", outcomes))
	text := page.String()
	require.Equal(t, 3, strings.Count(text, "<svg"))
	require.Equal(t, 3, strings.Count(text, `<path class="bars" d="M`))
	require.Contains(t, text, "&lt;storm&gt;")
	require.NotContains(t, text, "http")
}

func TestAPictureOfNothing(t *testing.T) {
	outcomes, err := whatif.Simulate(workload.World{For: 48 * time.Hour}, storm()[:1])
	require.NoError(t, err)
	var page, text bytes.Buffer
	require.NoError(t, whatif.WriteHTML(&page, "nothing", outcomes))
	require.Contains(t, page.String(), `<path class="bars" d=""/>`)
	require.NoError(t, whatif.WriteText(&text, outcomes))
	require.NotContains(t, text.String(), "longest")
}

// Strategy, intensity and restart rate can be compared like anything else of a configuration.
func TestStrategiesAndLimitsCanBeCompared(t *testing.T) {
	outcomes, err := whatif.Simulate(incident(t, "chain-of-stages"), []whatif.Case{
		{Name: "as it is"},
		{Name: "one by one", Config: func(c *core.Config) { c.Strategy = core.OneForOne }},
		{Name: "patient", Config: func(c *core.Config) { c.Intensity = core.Rate{} }},
	})
	require.NoError(t, err)
	asItIs, one, patient := outcomes[0], outcomes[1], outcomes[2]
	require.Equal(t, core.ReasonIntensity.String(), asItIs.Halted.String())
	require.Equal(t, 1, asItIs.Trips)
	require.Positive(t, asItIs.Along)
	require.Zero(t, one.Along)
	require.Equal(t, core.ReasonNone.String(), patient.Halted.String())
	require.Greater(t, patient.Restarts, asItIs.Restarts)

	hanging := incident(t, "hanging-workers")
	outcomes, err = whatif.Simulate(hanging, []whatif.Case{
		{Name: "as it is"},
		{Name: "all at once", Config: func(c *core.Config) { c.RestartRate = core.Rate{} }},
		{Name: "without a watchdog", Policy: func(p *core.Policy) { p.Watchdog = 0 }},
	})
	require.NoError(t, err)
	require.Greater(t, outcomes[0].Down, outcomes[1].Down, "a task that waits for the restart rate is down longer")
	require.Less(t, busiest(outcomes[0], 5*60, 7*60), busiest(outcomes[1], 5*60, 7*60))
	require.Equal(t, 200, outcomes[2].Restarts, "it goes unnoticed until all are restarted")
}
