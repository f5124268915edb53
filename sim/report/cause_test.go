package report_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/tasksupervisor/tasksupervisor/core"
	"github.com/tasksupervisor/tasksupervisor/core/scenario"
	"github.com/tasksupervisor/tasksupervisor/sim/report"
)

// causesOf are the causes of the restarts of a task.
func causesOf(timeline *report.Timeline, name string) []string {
	var causes []string
	for _, lane := range timeline.Lanes {
		for _, span := range lane.Spans {
			if lane.Name == name && span.Cause != report.CauseNone {
				causes = append(causes, span.Cause.String())
			}
		}
	}
	return causes
}

func TestARestartGoesBackToAFailureAGoodEndOrACommand(t *testing.T) {
	timeline := timelineOf(t, `scenario 1
policy always restart=always base=1s watchdog=1m
at 0s add web policy=always
at 0s start
at 10s exit web#1 error
at 12s tick
at 20s exit web#2 ok
at 30s tick
at 40s restart web
at 41s exit web#3 error
at 50s suspend web
at 51s exit web#4 ok
at 55s resume web
at 60s exit web#5 error
at 61s restart web
at 130s tick
at 131s exit web#6 ok
at 150s tick
at 160s exit web#7 lost
at 170s tick
`)
	require.Equal(t, []string{"failure", "good end", "command", "command", "command", "failure", "loss"}, causesOf(timeline, "web"),
		"a failure; a good end; a restart; a suspension; a restart during the delay; a missed beat; a loss")
}

// Whoever is restarted with another task is restarted for what befell that one.
func TestARestartWithOthersGoesBackToWhatBefellThem(t *testing.T) {
	const bound = `scenario 1
at 0s add db
at 0s add web suspended=true
at 0s need web db bound=true
at 0s resume web
at 0s start
`
	timeline := timelineOf(t, bound+`at 10s exit db#1 error
at 11s exit web#1 ok
at 20s tick
at 30s restart db
at 31s exit web#2 ok
at 32s exit db#2 ok
at 40s suspend db
at 41s exit web#3 ok
at 42s exit db#3 ok
at 50s resume db
`)
	require.Equal(t, []string{"failure", "command", "command"}, causesOf(timeline, "web"))
	require.Equal(t, []string{"failure", "command", "command"}, causesOf(timeline, "db"))
	require.Len(t, timeline.Restarts(), 6)
}

// What happened before a snapshot is not known: a task that waits for its delay has failed.
func TestARestartBehindASnapshotGoesBackToAFailure(t *testing.T) {
	m, err := core.New(core.Config{})
	require.NoError(t, err)
	web := m.Step(nil, core.Event{Kind: core.EventAdd})[0].Task
	m.Step(nil, core.Event{Kind: core.EventStart})
	m.Step(nil, core.Event{Kind: core.EventExit, Task: web, Run: 1, Exit: core.ExitError})
	snapshot, err := m.MarshalBinary()
	require.NoError(t, err)
	s := &scenario.Scenario{Snapshot: snapshot, Statements: []scenario.Statement{
		&scenario.Bind{Name: "web", Task: web}, &scenario.Event{Event: core.Event{At: at(2)}},
	}}
	timeline, err := report.FromScenario("snapshot", s)
	require.NoError(t, err)
	require.Equal(t, []string{"failure"}, causesOf(timeline, "web"))
}

// Siblings are restarted for a loss as they are for a failure, and so goes the record.
func TestARestartWithALostTaskGoesBackToTheLoss(t *testing.T) {
	timeline := timelineOf(t, `scenario 1
config strategy=one-for-all
at 0s add db
at 0s add web
at 0s start
at 10s exit db#1 lost
at 11s exit web#1 ok
at 20s tick
`)
	require.Equal(t, []string{"loss"}, causesOf(timeline, "db"))
	require.Equal(t, []string{"loss"}, causesOf(timeline, "web"))
}

func TestCausesHaveNames(t *testing.T) {
	require.Equal(t, "none", report.CauseNone.String())
	require.Equal(t, "none", report.Cause(200).String())
}
