package scenario_test

import (
	"bytes"
	"io"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/tasksupervisor/tasksupervisor/core"
	"github.com/tasksupervisor/tasksupervisor/core/scenario"
)

// several is what a recording of a tree looks like.
const several = `scenario 1 part=1 of=shop run=1 origin=2026-11-28T03:51:34.5Z
config seed=7
policy p0
at 0s add bank
  0s add bank none->created added
at 0s start
  0s start bank#1 created->healthy supervisor-start
scenario 1 part=2 of=shop/bank run=1 origin=2026-11-28T03:51:34.6Z
config seed=8
policy p0 base=1s attempts=0
at 0s start
  nothing
at 1s add line
  1s add line none->created added
  1s start line#1 created->healthy added
continue part=1 of=shop run=1
at 5s kill bank
  5s stop bank#1 healthy->stopping killed until=15s
continue part=2 of=shop/bank run=1
at 4.9s shutdown
  4.9s stop line#1 healthy->stopping supervisor-stop until=14.9s
at 5s exit line#1 ok
  5s transition line#1 stopping->halted supervisor-stop exit=stopped
  5s halt shutdown
continue part=1 of=shop run=1
at 5.1s exit bank#1 ok
  5.1s transition bank#1 stopping->dead killed exit=stopped
scenario 1 part=3 run=1
at 0s start
  nothing
`

func TestParseAllTakesScenariosApart(t *testing.T) {
	file, err := scenario.ParseAll([]byte(several))
	require.NoError(t, err)
	require.Empty(t, file.Cuts)
	require.Len(t, file.Scenarios, 3)
	for i, want := range []struct {
		head       scenario.Head
		statements int
		lastLine   int
	}{
		{scenario.Head{Part: 1, Of: "shop", Run: 1, Origin: time.Date(2026, 11, 28, 3, 51, 34, 5e8, time.UTC)}, 4, 26},
		{scenario.Head{Part: 2, Of: "shop/bank", Run: 1, Origin: time.Date(2026, 11, 28, 3, 51, 34, 6e8, time.UTC)}, 4, 22},
		{scenario.Head{Part: 3, Run: 1}, 1, 29},
	} {
		s := file.Scenarios[i]
		require.Equal(t, want.head, s.Head)
		require.Len(t, s.Statements, want.statements)
		last, ok := s.Statements[want.statements-1].(*scenario.Event)
		require.True(t, ok)
		require.Equal(t, want.lastLine, last.Line, "lines are those of the whole text")
		_, err := s.Play()
		require.NoError(t, err)
	}
	again, err := scenario.ParseAll([]byte(file.String()))
	require.NoError(t, err)
	require.Equal(t, file.String(), again.String())
}

func TestDatesOfInstants(t *testing.T) {
	file, err := scenario.ParseAll([]byte(several))
	require.NoError(t, err)
	date, ok := file.Scenarios[0].Head.Date(core.Instant(26 * time.Second))
	require.True(t, ok)
	require.Equal(t, "2026-11-28T03:52:00.5Z", date.Format(time.RFC3339Nano))
	_, ok = file.Scenarios[0].Head.Date(core.Never)
	require.False(t, ok)
	_, ok = file.Scenarios[2].Head.Date(0)
	require.False(t, ok)
}

// A date that cannot be written is left out.
func TestDatesBeyondTheTextForm(t *testing.T) {
	s := scenario.Scenario{Head: scenario.Head{Part: 1, Origin: time.Date(10_000, 1, 1, 0, 0, 0, 0, time.UTC)}}
	require.Equal(t, "scenario 1 part=1\n", s.String())
}

// Wherever a writer is stopped, the text can be read, and plays up to there. Only where it stops between two lines of
// an event can that not be seen; then this event differs.
func TestRecordingCutAnywhere(t *testing.T) {
	first, _, _ := strings.Cut(several, "\n")
	complete := 0
	for at := len(first) + 1; at < len(several); at++ {
		text := several[:at]
		file, err := scenario.ParseAll([]byte(text))
		require.NoError(t, err, text)
		isWhole := text[at-1] == '\n'
		require.Equal(t, isWhole, len(file.Cuts) == 0, text)
		for _, cut := range file.Cuts {
			line := text[strings.LastIndex(text, "\n")+1:]
			require.Equal(t, scenario.Cut{Line: 1 + strings.Count(text, "\n"), Text: line, Scenario: cut.Scenario}, cut)
			require.Contains(t, cut.String(), "is cut off")
		}
		betweenLines := isWhole && strings.HasPrefix(several[at:], " ")
		for _, s := range file.Scenarios {
			_, err := s.Play()
			if betweenLines && s == scenarioAt(file, strings.Count(text, "\n")) {
				continue
			}
			require.NoError(t, err, text)
			complete++
		}
	}
	require.Greater(t, complete, 1000)
}

// scenarioAt returns the scenario whose last statement is the last of all that are not below a line.
func scenarioAt(f *scenario.File, line int) *scenario.Scenario {
	var found *scenario.Scenario
	latest := 0
	for _, s := range f.Scenarios {
		for _, statement := range s.Statements {
			if event, ok := statement.(*scenario.Event); ok && event.Line <= line && event.Line > latest {
				found, latest = s, event.Line
			}
		}
	}
	return found
}

// A process that is started again appends to what the killed one has left, on the same line.
func TestARecordingIsAppendedToOneThatWasCut(t *testing.T) {
	const cutAt = "at 5.1s exit bank#1 o"
	before, _, _ := strings.Cut(several, cutAt)
	file, err := scenario.ParseAll([]byte(before + cutAt + several))
	require.NoError(t, err)
	require.Len(t, file.Scenarios, 5)
	require.Equal(t, []scenario.Cut{{Line: 26, Text: cutAt, Scenario: file.Scenarios[0]}}, file.Cuts)
	require.Len(t, file.Scenarios[0].Statements, 3)
	require.Len(t, file.Scenarios[2].Statements, 4, "what continues is the latest scenario of that number")
	for _, s := range file.Scenarios {
		_, err := s.Play()
		require.NoError(t, err)
	}
}

// An event of which a later line was cut off is taken back as a whole.
func TestAnEventWithoutItsLastLineIsTakenBack(t *testing.T) {
	text, _, found := strings.Cut(several, "healthy added")
	require.True(t, found)
	file, err := scenario.ParseAll([]byte(text))
	require.NoError(t, err)
	require.Len(t, file.Scenarios[1].Statements, 1)
	require.Equal(t, []scenario.Cut{{Line: 15, Text: "  1s start line#1 created->", Scenario: file.Scenarios[1]}}, file.Cuts)
}

func TestAScenarioWithoutItsBeginningIsLeftOut(t *testing.T) {
	text, _, found := strings.Cut(several, "base=1s")
	require.True(t, found)
	file, err := scenario.ParseAll([]byte(text))
	require.NoError(t, err)
	require.Len(t, file.Scenarios, 1)
	require.Equal(t, []scenario.Cut{{Line: 10, Text: "policy p0 "}}, file.Cuts)
}

// What people write needs no line break at the end.
func TestParseAllReadsWhatPeopleWrite(t *testing.T) {
	file, err := scenario.ParseAll([]byte("scenario 1\nat 0s start\n# One more.\nscenario 1\nat 0s start\nat 1s tick"))
	require.NoError(t, err)
	require.Empty(t, file.Cuts)
	require.Len(t, file.Scenarios, 2)
	require.Len(t, file.Scenarios[1].Statements, 2)
	require.Equal(t, []string{"# One more."}, file.Scenarios[0].Below)

	file, err = scenario.ParseAll([]byte("scenario 1\nat 0s start\nat 1s ti"))
	require.NoError(t, err)
	require.Equal(t, []scenario.Cut{{Line: 3, Text: "at 1s ti", Scenario: file.Scenarios[0]}}, file.Cuts)
}

func TestParseAllErrors(t *testing.T) {
	for text, problem := range map[string]string{
		"":                                   "scenario: line 1, column 1: the first line must be: scenario 1",
		"\n":                                 `scenario: line 1, column 1: the first line must be: scenario 1`,
		"hello":                              `scenario: line 1, column 1: the first line must be: scenario 1: "hello"`,
		"scenar":                             `scenario: line 1, column 1: the first line must be: scenario 1: "scenar"`,
		"scenario 1 part=x\n":                `scenario: line 1, column 17: not a number of at most 64 bits: "x"`,
		"scenario 1 of=\n":                   `scenario: line 1, column 15: not a name: a name begins with a letter, or is quoted`,
		"scenario 1 origin=now\n":            `scenario: line 1, column 19: not a date such as 2026-11-28T03:51:34.5Z: "now"`,
		"scenario 1\nscenario 2\n":           `scenario: line 2, column 10: unknown version of the format; the only known one is 1: "2"`,
		"scenario 1\nat 0s hi\nat 0s tick\n": `scenario: line 2, column 7: not a kind of event, which is one of tick, start, add, remove, restart, kill, exit, ready, beat, probe, unready, need, suspend, resume, policy, limits, shutdown, hold, release: "hi"`,
		"scenario 1\ncontinue part=1\n":      `scenario: line 2, column 16: no scenario of that part begins above`,
		"scenario 1\ncontinue part=\"\n":     `scenario: line 2, column 15: unfinished or malformed quotation: "\""`,
		"scenario 1\ncontinue of=a on=b\n":   `scenario: line 2, column 15: unknown field, known are part, of, run, origin: "on"`,
		"continue part=1\n":                  `scenario: line 1, column 16: no scenario of that part begins above`,
		"scenario 1\nsnapshot\n  ?\nscenario 1\n":                                        `scenario: line 3, column 1: the snapshot above is not base64`,
		"scenario 1 part=1\nat 0s tick\nscenario 1 part=2\ncontinue part=1\n  nothing\n": `scenario: line 5, column 3: an indented line must follow an event: "nothing"`,
	} {
		_, err := scenario.ParseAll([]byte(text))
		require.EqualError(t, err, problem, "%q", text)
	}
}

func TestParseReadsOneScenarioOnly(t *testing.T) {
	for _, text := range []string{several, "scenario 1\nscenario 1\n", "scenario 1 part=1\ncontinue part=2\n"} {
		_, err := scenario.Parse([]byte(text))
		require.ErrorIs(t, err, scenario.ErrSeveral)
	}
	one, _, _ := strings.Cut(several, "scenario 1 part=2")
	s, err := scenario.Parse([]byte(one))
	require.NoError(t, err)
	require.Equal(t, "shop", s.Head.Of)
	require.Equal(t, one, s.String())
}

// What was not known at the beginning is said later.
func TestHeadIsCompletedLater(t *testing.T) {
	var text bytes.Buffer
	machine := newMachine(t, core.Config{})
	recorder := scenario.NewRecording(&text).NewRecorder(scenario.Head{Run: 1}, machine)
	recorder.Add(nil, "task", core.Event{Kind: core.EventAdd})
	head := scenario.Head{Of: "shop", Run: 2, Origin: time.Date(2026, 11, 28, 3, 51, 34, 5e8, time.UTC)}
	recorder.SetHead(head)
	recorder.SetHead(head)
	recorder.Step(nil, core.Event{Kind: core.EventStart})
	require.NoError(t, recorder.Err())
	require.Equal(t, 1, strings.Count(text.String(), "continue "))
	require.Contains(t, text.String(), "\ncontinue part=1 of=shop run=2 origin=2026-11-28T03:51:34.5Z\nat 0s start\n")

	head.Part = 1
	s, err := scenario.Parse(text.Bytes())
	require.NoError(t, err)
	require.Equal(t, head, s.Head)
	file, err := scenario.ParseAll(text.Bytes())
	require.NoError(t, err)
	require.Equal(t, head, file.Scenarios[0].Head)
	played, err := s.Play()
	require.NoError(t, err)
	require.Equal(t, machine.Digest(), played.Digest())

	// A recorder of its own has no head.
	text.Reset()
	recorder = scenario.NewRecorder(&text, newMachine(t, core.Config{}))
	recorder.SetHead(head)
	require.NotContains(t, text.String(), "continue")
}

// Machines that run at the same time write one text, and each of their scenarios plays alone.
func TestRecordingOfSeveralMachines(t *testing.T) {
	var text bytes.Buffer
	recording := scenario.NewRecording(&text)
	machines := make([]*core.Machine, 8)
	var running sync.WaitGroup
	for i := range machines {
		machines[i] = newMachine(t, core.Config{Seed: uint64(i)})
		running.Go(func() {
			recorder := recording.NewRecorder(scenario.Head{Of: "odd name", Run: core.Run(i + 1)}, machines[i])
			recorder.Step(nil, core.Event{Kind: core.EventStart})
			task := recorder.Add(nil, "task", core.Event{Kind: core.EventAdd})[0].Task
			for run := range core.Run(5) {
				recorder.Step(nil, core.Event{Kind: core.EventExit, Task: task, Run: run + 1, Exit: core.ExitError})
				at, _ := machines[i].NextDeadline()
				recorder.Step(nil, core.Event{Kind: core.EventTick, At: at})
			}
		})
	}
	running.Wait()
	require.NoError(t, recording.Err())
	file, err := scenario.ParseAll(text.Bytes())
	require.NoError(t, err)
	require.Len(t, file.Scenarios, len(machines))
	for _, s := range file.Scenarios {
		require.Equal(t, "odd name", s.Head.Of)
		machine, err := s.Play()
		require.NoError(t, err)
		require.Equal(t, machines[s.Head.Run-1].Digest(), machine.Digest())
	}
}

// A writer that has failed is not called again, by whichever recorder.
func TestRecordingEndsWithItsWriter(t *testing.T) {
	writer := new(shortWriter)
	recording := scenario.NewRecording(writer)
	for range 3 {
		machine := newMachine(t, core.Config{})
		recorder := recording.NewRecorder(scenario.Head{}, machine)
		recorder.Step(nil, core.Event{Kind: core.EventStart})
		require.ErrorIs(t, recorder.Err(), io.ErrShortWrite)
	}
	require.ErrorIs(t, recording.Err(), io.ErrShortWrite)
	require.Equal(t, 1, writer.calls)
}

type shortWriter struct{ calls int }

func (w *shortWriter) Write(p []byte) (int, error) {
	w.calls++
	return len(p) - 1, nil
}

// FuzzParseAll looks for texts on which reading and printing are not inverse to each other, and for panics.
func FuzzParseAll(f *testing.F) {
	f.Add([]byte(several))
	f.Add([]byte(several[:400] + several))
	f.Add([]byte(full + full))
	f.Fuzz(func(t *testing.T, text []byte) {
		file, err := scenario.ParseAll(text)
		if err != nil {
			var syntax *scenario.SyntaxError
			require.ErrorAs(t, err, &syntax)
			require.Positive(t, syntax.Line)
			require.Positive(t, syntax.Column)
			return
		}
		if len(file.Scenarios) == 0 {
			require.NotEmpty(t, file.Cuts)
			return
		}
		printed := file.String()
		again, err := scenario.ParseAll([]byte(printed))
		require.NoError(t, err, printed)
		require.Equal(t, printed, again.String())
		require.Empty(t, again.Cuts)
		require.Len(t, again.Scenarios, len(file.Scenarios))
	})
}
