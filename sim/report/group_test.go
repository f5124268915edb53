package report_test

import (
	"bytes"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/tasksupervisor/tasksupervisor/core"
	"github.com/tasksupervisor/tasksupervisor/sim/report"
)

// group has a failure that takes a sibling along, a need, a suspension, and a probe that fails.
const group = `scenario 1
config strategy=rest-for-one
policy db base=1s readiness=true
policy web base=1s probe=10s/1s/3
at 0s add db policy=db
at 0s add web policy=web suspended=true
at 0s need web db bound=true
at 0s resume web
at 0s start
at 2s ready db#1
at 12s tick
at 13s tick
at 20s exit db#1 error
at 21s exit web#1 ok
at 23s tick
at 24s ready db#2
at 30s suspend db
at 31s exit web#2 ok
at 32s exit db#2 ok
at 40s resume db
at 60s policy web db
`

func TestTextSaysWhatIsWaitedFor(t *testing.T) {
	var text bytes.Buffer
	require.NoError(t, timelineOf(t, group).WriteText(&text))
	want := strings.TrimPrefix(`
            0s  db   #0         none -> created   added
            0s  web  #0         none -> created   added (suspended)
            0s  web  #0      created              resumed
            0s  -- start
            0s  db   #1      created -> starting  supervisor-start until=1m30s
            2s  db   #1     starting -> healthy   ready
            2s  web  #1      created -> healthy   supervisor-start until=12s
           13s  web  #1      healthy              probe-failed until=23s
           20s  db   #1      healthy -> failed    failure exit=error attempts=1 (waits until the others have stopped)
           20s  web  #1      healthy -> stopping  sibling until=30s
           21s  web  #1     stopping -> created   start-again exit=stopped (waits for db)
           21s  db   #1       failed              delay-begins until=23s
           23s  db   #1       failed -> created   backoff attempts=1
           23s  db   #2      created -> starting  backoff attempts=1 until=1m53s
           24s  db   #2     starting -> healthy   ready attempts=1
           24s  web  #2      created -> healthy   start-again until=34s
           30s  -- operator: suspend db
           30s  db   #2      healthy              suspended
           30s  web  #2      healthy -> stopping  dependency until=40s
           31s  web  #2     stopping -> created   start-again exit=stopped (waits for db)
           31s  db   #2      healthy -> stopping  suspended attempts=1 until=41s
           32s  db   #2     stopping -> created   suspended exit=stopped attempts=1 (suspended)
           40s  -- operator: resume db
           40s  db   #2      created              resumed
           40s  db   #3      created -> starting  resumed attempts=1 until=2m10s
          1m0s  -- operator: policy web
          1m0s  web  #2      created              policy
`, "\n")
	require.Equal(t, want, text.String())
}

func TestSpansTellWaitsApart(t *testing.T) {
	timeline := timelineOf(t, group)
	db, web := timeline.Lanes[0], timeline.Lanes[1]
	type wait struct {
		from, to time.Duration
		wait     core.Wait
		need     string
		down     bool
	}
	var waits []wait
	for _, lane := range []*report.Lane{db, web} {
		for i := range lane.Spans {
			if s := &lane.Spans[i]; s.Wait != core.WaitNone && s.To > s.From {
				waits = append(waits, wait{time.Duration(s.From), time.Duration(s.To), s.Wait, s.Need, s.Down()})
			}
		}
	}
	second := time.Second
	require.Equal(t, []wait{
		{20 * second, 21 * second, core.WaitOthersStopped, "", true},
		{21 * second, 23 * second, core.WaitDelay, "", true},
		{32 * second, 40 * second, core.WaitSuspended, "", false},
		{0, 2 * second, core.WaitNeed, "db", false},
		{21 * second, 24 * second, core.WaitNeed, "db", true},
		{31 * second, 60 * second, core.WaitNeed, "db", true},
	}, waits)
	require.Equal(t, []core.Instant{at(23), at(24), at(40)}, timeline.Restarts(), "a run begins when it starts, not when it is ready")
	require.Equal(t, core.ReasonProbeFailed.String(), web.Notes[1].Why.String())
}

func at(seconds int) core.Instant { return core.Instant(time.Duration(seconds) * time.Second) }

func TestPageHoldsWaitsAndNotes(t *testing.T) {
	var page bytes.Buffer
	require.NoError(t, timelineOf(t, group).WriteHTML(&page))
	require.Contains(t, page.String(), `"waits for db"`)
	require.Contains(t, page.String(), `"notes":[`)
}

func TestPerfettoShowsWaitsNotesAndTheRestart(t *testing.T) {
	var trace bytes.Buffer
	require.NoError(t, timelineOf(t, group).WritePerfetto(&trace))
	text := trace.String()
	require.Contains(t, text, `"name":"waiting for others","cat":"created"`)
	require.Contains(t, text, `"waits":"waits for db"`)
	require.Contains(t, text, `"ts":13000000.000,"name":"probe-failed"`)
	require.Contains(t, text, `"ph":"f","bp":"e","id":1,"tid":1,"ts":23000000.000`)
	require.Equal(t, 1, strings.Count(text, `"ph":"s"`), "one failure, one arrow")
	require.Contains(t, text, `"name":"starting #2"`)
}

// What a span looks like, and whether the task counts as down, follows from its status and why.
func TestDownIsWhatNobodyAskedFor(t *testing.T) {
	for _, c := range []struct {
		span report.Span
		want bool
	}{
		{report.Span{Status: core.StatusHealthy}, false},
		{report.Span{Status: core.StatusCompleted}, false},
		{report.Span{Status: core.StatusFailed, Wait: core.WaitRestartRate}, true},
		{report.Span{Status: core.StatusDead}, true},
		{report.Span{Status: core.StatusAbandoned}, true},
		{report.Span{Status: core.StatusStarting, Run: 1}, false},
		{report.Span{Status: core.StatusStarting, Run: 2}, true},
		{report.Span{Status: core.StatusCreated, Wait: core.WaitNeed}, false},
		{report.Span{Status: core.StatusCreated, Run: 1, Wait: core.WaitTurn}, true},
		{report.Span{Status: core.StatusCreated, Run: 1, Wait: core.WaitSuspended}, false},
		{report.Span{Status: core.StatusStopping, Why: core.ReasonKilled}, false},
		{report.Span{Status: core.StatusStopping, Why: core.ReasonSibling}, true},
		{report.Span{Status: core.StatusStopping, Why: core.ReasonDependency}, true},
		{report.Span{Status: core.StatusStopping, Why: core.ReasonWatchdog}, true},
	} {
		require.Equal(t, c.want, c.span.Down(), "%+v", c.span)
	}
}

func TestALimitIsAMark(t *testing.T) {
	timeline := timelineOf(t, "scenario 1\nat 0s start\nlimits l restart-rate=1/1s\nat 1s limits l\n")
	require.Equal(t, "limits", timeline.Marks[1].Text)
}
