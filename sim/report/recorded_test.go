package report_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/tasksupervisor/tasksupervisor/core"
	"github.com/tasksupervisor/tasksupervisor/core/scenario"
	"github.com/tasksupervisor/tasksupervisor/sim/report"
)

func recordingOf(t *testing.T, text string) *report.Timeline {
	t.Helper()
	f, err := scenario.ParseAll([]byte(text))
	require.NoError(t, err)
	timeline, err := report.FromFile("recording", f)
	require.NoError(t, err)
	return timeline
}

// Without dates, what another process recorded behind the first one happened behind it.
func TestTheRecordingOfAnotherProcessFollows(t *testing.T) {
	timeline := recordingOf(t, `scenario 1 part=1 of=shop run=1
at 0s add bank
at 0s start
at 10s tick
scenario 1 part=1 of=shop run=1
at 3s add bank
at 4s start
`)
	require.Len(t, timeline.Lanes, 1)
	var from []core.Instant
	for _, span := range timeline.Lanes[0].Spans {
		from = append(from, span.From)
	}
	require.Equal(t, []core.Instant{0, 0, at(10), at(11)}, from)
	require.Equal(t, at(11), timeline.End)
}

// The tasks of a process that was killed are not shown as running until the next one begins.
func TestAProcessThatWasKilledEndsItsTasks(t *testing.T) {
	timeline := recordingOf(t, `scenario 1 part=1 of=shop run=1 origin=2026-11-28T10:00:00Z
at 0s add bank
at 0s start
scenario 1 part=2 of=shop/bank run=1 origin=2026-11-28T10:00:00Z
at 0s add teller
at 0s start
at 7s tick
continue part=1 of=shop run=1
at 10s tick
scenario 1 part=1 of=shop run=1 origin=2026-11-28T11:00:00Z
at 0s add bank
at 0s start
`)
	bank, teller := timeline.Lanes[0], timeline.Lanes[1]
	require.Equal(t, "bank/teller", teller.Name)
	require.Equal(t, at(10), bank.Spans[1].To)
	require.Equal(t, at(7), teller.Spans[1].To)
	require.Equal(t, core.Instant(time.Hour), bank.Spans[2].From)
}

// Supervisors without one above them have their names before those of their tasks.
func TestSupervisorsThatAreNoTreeHaveTheirNames(t *testing.T) {
	timeline := recordingOf(t, `scenario 1 part=1 of=a run=1
at 0s add x
at 0s start
scenario 1 part=2 of=b run=1
at 0s add x
at 0s start
`)
	require.Equal(t, "a/x", timeline.Lanes[0].Name)
	require.Equal(t, "b/x", timeline.Lanes[1].Name)
	require.Equal(t, "b#1: start", timeline.Marks[1].Text)
}

func TestAnErrorOfAnyScenarioIsOneOfTheFile(t *testing.T) {
	f, err := scenario.ParseAll([]byte("scenario 1 part=1\nat 0s start\nscenario 1 part=2\nat 0s start\n  0s halt shutdown\n"))
	require.NoError(t, err)
	_, err = report.FromFile("wrong", f)
	var difference *scenario.Difference
	require.ErrorAs(t, err, &difference)
	require.Equal(t, 5, difference.Line)
}
