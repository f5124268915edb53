package report_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/tasksupervisor/tasksupervisor/core"
	"github.com/tasksupervisor/tasksupervisor/core/scenario"
	"github.com/tasksupervisor/tasksupervisor/sim"
	"github.com/tasksupervisor/tasksupervisor/sim/report"
	"github.com/tasksupervisor/tasksupervisor/sim/workload"
)

// small has one failure, one removal and one kill, at known times.
const small = `scenario 1
config
policy quick base=1s attempts=1
at 0s add web
at 0s add db policy=quick
at 0s start
at 10s exit web#1 error
at 12s tick
at 20s kill db
at 21s exit db#1 ok
at 30s remove web
at 31s exit web#2 ok
at 40s shutdown
`

func timelineOf(t *testing.T, text string) *report.Timeline {
	t.Helper()
	s, err := scenario.Parse([]byte(text))
	require.NoError(t, err)
	timeline, err := report.FromScenario("small", s)
	require.NoError(t, err)
	return timeline
}

func TestSpansFollowEachOther(t *testing.T) {
	timeline := timelineOf(t, small)
	require.Len(t, timeline.Lanes, 2)
	web := timeline.Lanes[0]
	require.Equal(t, "web", web.Name)
	var statuses []core.Status
	for i, span := range web.Spans {
		statuses = append(statuses, span.Status)
		require.LessOrEqual(t, span.From, span.To)
		if i > 0 {
			require.Equal(t, web.Spans[i-1].To, span.From)
		}
	}
	require.Equal(t, "[created healthy failed healthy stopping]", fmt.Sprint(statuses))
	require.Equal(t, core.Instant(31*time.Second), web.Spans[4].To, "a removed task is no more")
	db := timeline.Lanes[1]
	last := db.Spans[len(db.Spans)-1]
	require.Equal(t, core.StatusDead.String(), last.Status.String())
	require.Equal(t, timeline.End, last.To)
	require.Equal(t, []core.Instant{core.Instant(12 * time.Second)}, timeline.Restarts())
}

func TestWhatWasRejectedLeavesNoMark(t *testing.T) {
	timeline := timelineOf(t, "scenario 1\nat 0s start\nat 1s start\nat 2s shutdown\nat 3s shutdown\n")
	var texts []string
	for _, mark := range timeline.Marks {
		texts = append(texts, mark.Text)
	}
	require.Equal(t, []string{"start", "shutdown", "halt: shutdown"}, texts)
}

func TestTheEndCanBeMovedForwardOnly(t *testing.T) {
	timeline := timelineOf(t, small)
	timeline.EndAt(core.Instant(time.Second))
	require.Equal(t, core.Instant(40*time.Second), timeline.End)
	timeline.EndAt(core.Instant(time.Minute))
	require.Equal(t, core.Instant(time.Minute), timeline.End)
}

func TestATimelineOfASnapshotBeginsWithItsTasks(t *testing.T) {
	m, err := core.New(core.Config{})
	require.NoError(t, err)
	actions := m.Step(nil, core.Event{Kind: core.EventAdd})
	m.Step(nil, core.Event{Kind: core.EventStart})
	snapshot, err := m.MarshalBinary()
	require.NoError(t, err)
	s := &scenario.Scenario{Snapshot: snapshot}
	s.Statements = append(s.Statements,
		&scenario.Bind{Name: "web", Task: actions[0].Task},
		&scenario.Event{Event: core.Event{Kind: core.EventKill, At: 5}, Name: "web"},
	)
	timeline, err := report.FromScenario("snapshot", s)
	require.NoError(t, err)
	require.Len(t, timeline.Lanes, 1)
	require.Equal(t, "web", timeline.Lanes[0].Name)
	require.Equal(t, core.StatusHealthy.String(), timeline.Lanes[0].Spans[0].Status.String())
	require.Equal(t, core.StatusStopping.String(), timeline.Lanes[0].Spans[1].Status.String())
}

func TestAScenarioThatIsNotWhatTheMachineDoesHasNoTimeline(t *testing.T) {
	s, err := scenario.Parse([]byte("scenario 1\nconfig\nat 0s start\n  0s halt shutdown\n"))
	require.NoError(t, err)
	_, err = report.FromScenario("wrong", s)
	var difference *scenario.Difference
	require.ErrorAs(t, err, &difference)
}

func TestTextHasALinePerTransition(t *testing.T) {
	var text bytes.Buffer
	require.NoError(t, timelineOf(t, small).WriteText(&text))
	want := strings.TrimPrefix(`
            0s  web  #0         none -> created   added
            0s  db   #0         none -> created   added
            0s  -- start
            0s  web  #1      created -> healthy   supervisor-start
            0s  db   #1      created -> healthy   supervisor-start
           10s  web  #1      healthy -> failed    failure exit=error attempts=1 until=12s
           12s  web  #2       failed -> healthy   backoff attempts=1
           20s  -- operator: kill db
           20s  db   #1      healthy -> stopping  killed until=30s
           21s  db   #1     stopping -> dead      killed exit=stopped
           30s  -- operator: remove web
           30s  web  #2      healthy -> stopping  removed attempts=1 until=40s
           31s  web  #2     stopping -> none      removed exit=stopped attempts=1
           40s  -- shutdown
           40s  -- halt: shutdown
`, "\n")
	require.Equal(t, want, text.String())
}

// Perfetto reads Chrome's format: slices must not be negative, and those of one track must not overlap.
func TestPerfettoTraceIsWellFormed(t *testing.T) {
	var out bytes.Buffer
	require.NoError(t, timelineOf(t, small).WritePerfetto(&out))
	var trace struct {
		TraceEvents []struct {
			Phase string          `json:"ph"`
			Tid   int             `json:"tid"`
			At    float64         `json:"ts"`
			Takes float64         `json:"dur"`
			Name  string          `json:"name"`
			ID    int             `json:"id"`
			Args  json.RawMessage `json:"args"`
		} `json:"traceEvents"`
	}
	require.NoError(t, json.Unmarshal(out.Bytes(), &trace))
	phases := map[string]int{}
	ends := map[int]float64{}
	for _, e := range trace.TraceEvents {
		phases[e.Phase]++
		if e.Phase == "X" {
			require.GreaterOrEqual(t, e.Takes, 0.0)
			require.GreaterOrEqual(t, e.At, ends[e.Tid])
			ends[e.Tid] = e.At + e.Takes
		}
	}
	require.Equal(t, 9, phases["X"])
	require.Equal(t, 1, phases["s"], "one failure, one arrow")
	require.Equal(t, phases["s"], phases["f"])
	require.Equal(t, 5, phases["I"], "two commands, and start, shutdown and halt")
	require.Positive(t, phases["C"])
	require.Contains(t, out.String(), `"ts":12000000.000,"dur":18000000.000,"name":"healthy #2"`)
}

func TestPageHoldsEverythingAndNeedsNothing(t *testing.T) {
	timeline := timelineOf(t, small)
	timeline.Title = `A </script> & "title"`
	var page bytes.Buffer
	require.NoError(t, timeline.WriteHTML(&page))
	text := page.String()
	require.Equal(t, 2, strings.Count(text, "</script>"), "the title must not end a script")
	require.NotContains(t, text, "http://")
	require.NotContains(t, text, "https://")
	require.NotContains(t, text, `src=`)
	require.Contains(t, text, `"name":"web","spans":[0,0,0,1,0,0,1,0,0,0,`)
	require.Contains(t, text, `"text":"halt: shutdown"`)
}

func TestLanesOfATreeAreSharedByTheRunsOfASupervisor(t *testing.T) {
	policy := core.DefaultPolicy()
	policy.MaxAttempts = 0
	timeline := report.New("tree")
	_, err := sim.Run(workload.World{
		For: time.Minute,
		Tasks: []workload.Tasks{{Name: "pool", Supervises: &workload.Supervisor{
			Config: core.Config{Limits: core.Limits{DeadThreshold: core.Fraction{Num: 1, Den: 2}}},
			Tasks:  []workload.Tasks{{Name: "shard", Policy: policy, Lifetime: workload.Constant(10 * time.Second)}},
		}}},
	}, sim.Watch(timeline.Watchers))
	require.NoError(t, err)
	require.Len(t, timeline.Lanes, 2)
	require.Equal(t, "pool", timeline.Lanes[0].Name)
	require.Equal(t, "pool/shard", timeline.Lanes[1].Name)
	require.Equal(t, "pool#1: start", timeline.Marks[1].Text)
	firsts := 0
	for _, span := range timeline.Lanes[1].Spans {
		if span.Status == core.StatusHealthy && span.Run == 1 {
			firsts++
		}
	}
	require.Greater(t, firsts, 2, "each run of the pool begins with a fresh shard")
}

func TestWritersPassErrorsOn(t *testing.T) {
	timeline := timelineOf(t, small)
	require.ErrorIs(t, timeline.WriteText(closed{}), os.ErrClosed)
	require.ErrorIs(t, timeline.WritePerfetto(closed{}), os.ErrClosed)
	require.ErrorIs(t, timeline.WriteHTML(closed{}), os.ErrClosed)
}

type closed struct{}

func (closed) Write([]byte) (int, error) { return 0, os.ErrClosed }
