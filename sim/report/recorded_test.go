package report_test

import (
	"bytes"
	"io"
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

// A file of a flight recorder begins with the states of all supervisors, also of those to which nothing has happened for long: they are
// shown from the beginning of the file on.
func TestAnIdleSupervisorIsShownAsItWas(t *testing.T) {
	ring := scenario.NewRing(scenario.RingLimits{})
	follower := ring.Follow()
	origin := time.Date(2026, 11, 28, 3, 0, 0, 0, time.UTC)
	var machines []*core.Machine
	var tracks []*scenario.Track
	step := func(i int, ev core.Event) {
		name := ""
		if ev.Kind == core.EventAdd {
			name = "task"
		}
		tracks[i].Event(name, &ev)
		if actions := machines[i].Step(nil, ev); name != "" {
			tracks[i].Name(name, actions[0].Task)
		}
	}
	for i, of := range []string{"shop/idle", "shop"} {
		m, err := core.New(core.Config{})
		require.NoError(t, err)
		machines = append(machines, m)
		tracks = append(tracks, ring.NewTrack(scenario.Head{Of: of, Run: 1, Origin: origin}, m, func(look func()) { look() }))
		step(i, core.Event{Kind: core.EventAdd})
		step(i, core.Event{Kind: core.EventStart})
	}
	hour := core.Instant(time.Hour)
	step(1, core.Event{At: hour, Kind: core.EventTick})
	require.NoError(t, follower.WriteTo(scenario.NewRecording(io.Discard)))
	step(1, core.Event{At: 2 * hour, Kind: core.EventTick})
	var text bytes.Buffer
	require.NoError(t, follower.WriteTo(scenario.NewRecording(&text)))
	file, err := scenario.ParseAll(text.Bytes())
	require.NoError(t, err)
	require.Len(t, file.Scenarios, 2)
	timeline, err := report.FromFile("", file)
	require.NoError(t, err)
	require.Equal(t, hour, timeline.Begin)
	require.Len(t, timeline.Lanes, 2)
	for _, lane := range timeline.Lanes {
		require.Len(t, lane.Spans, 1, lane.Name)
		require.Equal(t, hour, lane.Spans[0].From, lane.Name)
		require.Equal(t, 2*hour, lane.Spans[0].To, lane.Name)
	}
	require.Equal(t, []string{"task", "idle/task"}, []string{timeline.Lanes[0].Name, timeline.Lanes[1].Name})
}

// A life that begins with a snapshot goes on in the lanes of the life before.
func TestALifeThatBeginsWithASnapshotFollowsTheOneBefore(t *testing.T) {
	var text bytes.Buffer
	recording := scenario.NewRecording(&text)
	for run := core.Run(1); run <= 2; run++ {
		m, err := core.New(core.Config{})
		require.NoError(t, err)
		if run == 2 { // it is recorded late
			m.Step(nil, core.Event{Kind: core.EventAdd})
			m.Step(nil, core.Event{Kind: core.EventStart})
		}
		recorder := recording.NewRecorder(scenario.Head{Of: "shop/mail", Run: run, Origin: time.Unix(int64(run)*100, 0)}, m)
		var id core.TaskID
		if run == 1 {
			id = recorder.Add(nil, "queue", core.Event{Kind: core.EventAdd})[0].Task
			recorder.Step(nil, core.Event{Kind: core.EventStart})
		} else {
			for status := range m.Tasks() {
				id = status.Task
			}
			recorder.Bind("queue", id)
		}
		recorder.Step(nil, core.Event{At: 5e9, Kind: core.EventExit, Task: id, Run: 1, Exit: core.ExitOK})
	}
	file, err := scenario.ParseAll(text.Bytes())
	require.NoError(t, err)
	file.Scenarios = append(file.Scenarios, &scenario.Scenario{Head: scenario.Head{Of: "shop"}})
	timeline, err := report.FromFile("", file)
	require.NoError(t, err)
	require.Len(t, timeline.Lanes, 1)
	require.Equal(t, "mail/queue", timeline.Lanes[0].Name)
	var statuses []core.Status
	for _, span := range timeline.Lanes[0].Spans {
		statuses = append(statuses, span.Status)
	}
	require.Equal(t, []core.Status{core.StatusCreated, core.StatusHealthy, core.StatusCompleted, core.StatusHealthy, core.StatusCompleted}, statuses)
}
