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
)

// outage is a recording of a database that fails, and of what needs it: the api, which is bound to it and takes a second to
// stop, and the mailer, which fails for want of it.
const outage = `scenario 1
config
policy p0 base=1s readiness=true
policy p1 base=1s
at 0s add db policy=p0
at 0s add api policy=p1 suspended=true
at 0s need api db bound=true
at 0s resume api
at 0s add mailer policy=p1 suspended=true
at 0s need mailer db
at 0s resume mailer
at 0s start
at 3s ready db#1
at 20s exit db#1 error
at 21s exit api#1 ok
at 21s exit mailer#1 error
at 22s tick
at 25s ready db#2
at 60s tick
`

func read(t *testing.T, text string) *scenario.Scenario {
	t.Helper()
	s, err := scenario.Parse([]byte(text))
	require.NoError(t, err)
	require.NoError(t, s.Rewrite())
	return s
}

// Under the recorded policy, needs are waited for as they were, to the nanosecond.
func TestNeedsUnderTheSamePolicyAreTheRecording(t *testing.T) {
	for name, s := range map[string]*scenario.Scenario{
		"an outage":   read(t, outage),
		"maintenance": record(t, incident(t, "database-maintenance")),
	} {
		t.Run(name, func(t *testing.T) {
			outcomes, err := whatif.Replay(s, []whatif.Case{{Name: "as it was"}})
			require.NoError(t, err)
			timeline, err := report.FromScenario("", s)
			require.NoError(t, err)
			require.Equal(t, timeline.Restarts(), outcomes[0].Timeline.Restarts())
			require.Len(t, outcomes[0].Tasks, len(timeline.Lanes))
			for i, lane := range timeline.Lanes {
				require.Equal(t, spans(lane), spans(outcomes[0].Timeline.Lanes[i]), lane.Name)
			}
			require.NotZero(t, outcomes[0].Restarts)
			require.NotZero(t, outcomes[0].Down)
		})
	}
}

type span struct {
	status   core.Status
	from, to core.Instant
	cause    report.Cause
}

func spans(lane *report.Lane) (all []span) {
	for i := range lane.Spans {
		s := &lane.Spans[i]
		all = append(all, span{s.Status, s.From, s.To, s.Cause})
	}
	return all
}

// The database waits 2 s in the recording, takes 3 s to be ready, and both who need it start then. With twice the delay, all
// of that is 2 s later; without restart, none of them comes back.
func TestNeedsUnderAnotherPolicy(t *testing.T) {
	outcomes, err := whatif.Replay(read(t, outage), []whatif.Case{
		{Name: "as it was"},
		{Name: "slower", Policy: func(p *core.Policy) { p.BaseDelay *= 2 }},
		{Name: "never", Policy: func(p *core.Policy) { p.Restart = core.RestartNever }},
	})
	require.NoError(t, err)
	down := func(o *whatif.Outcome) (all []time.Duration) {
		for _, task := range o.Tasks {
			all = append(all, task.Down)
		}
		return all
	}
	asItWas, slower, never := outcomes[0], outcomes[1], outcomes[2]
	for i, later := range down(slower) {
		require.Equal(t, down(asItWas)[i]+2*time.Second, later, slower.Tasks[i].Name)
	}
	require.Equal(t, 3, asItWas.Restarts)
	require.Equal(t, 3, slower.Restarts)
	require.Zero(t, never.Restarts)
	require.Equal(t, core.StatusDead, never.Tasks[0].End)
	require.Equal(t, core.StatusCreated, never.Tasks[1].End, "it waits for what it needs")

	var text bytes.Buffer
	require.NoError(t, whatif.WriteText(&text, outcomes))
	require.Regexp(t, `(?m)^note: runs fail when they failed in the recording`, text.String())
}

// What had to be assumed is counted, and said with the case that it is of.
func TestAssumptionsAreNamed(t *testing.T) {
	s := read(t, `scenario 1
config
policy p0 base=2s
at 0s add a run=3
at 0s start
at 0s exit a#3 ok
at 10s exit a#4 error
at 14s tick
at 15s exit a#5 error
at 23s tick
at 60s tick
`)
	outcomes, err := whatif.Replay(s, []whatif.Case{
		{Name: "as it was"},
		{Name: "fast", Policy: func(p *core.Policy) { p.BaseDelay = 500 * time.Millisecond }},
	})
	require.NoError(t, err)
	left := "runs that an earlier life left behind are taken to have ended: a"
	require.Equal(t, []string{left}, outcomes[0].Notes)
	// It starts at 11 s and follows the recorded run from 14 s to its end at 15 s. Its next run, at 17 s, fails like that after a
	// second, and the one at 22 s follows that of 23 s.
	require.Equal(t, []string{"1 of 4 runs began where the recording has none, and are assumed to fail like the run before, or to last", left}, outcomes[1].Notes)
	var text, page bytes.Buffer
	require.NoError(t, whatif.WriteText(&text, outcomes))
	require.Contains(t, text.String(), "\nnote: "+left+"\nnote: fast: 1 of 4 runs")
	require.NoError(t, whatif.WriteHTML(&page, "a", outcomes))
	require.Contains(t, page.String(), "<p>Note: fast: 1 of 4 runs")
}

// Another policy is that of tasks that operators give one, too.
func TestACaseChangesThePoliciesThatOperatorsGive(t *testing.T) {
	s := read(t, `scenario 1
config
policy p0 base=2s
policy p1 base=3s
at 0s add a policy=p0
at 0s start
at 1s policy a p1
at 10s exit a#1 error
at 16s tick
at 60s tick
`)
	outcomes, err := whatif.Replay(s, []whatif.Case{
		{Name: "as it was"},
		{Name: "never", Policy: func(p *core.Policy) { p.Restart = core.RestartNever }},
	})
	require.NoError(t, err)
	require.Equal(t, 1, outcomes[0].Restarts)
	require.Equal(t, 6*time.Second, outcomes[0].Down)
	require.Equal(t, 0, outcomes[1].Restarts)
	require.Equal(t, 1, outcomes[1].Deaths)
}
