package core_test

import (
	"maps"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/tasksupervisor/tasksupervisor/core"
	"github.com/tasksupervisor/tasksupervisor/core/scenario"
	"github.com/tasksupervisor/tasksupervisor/internal/golden"
)

// transcripts parses all transcripts, by file name.
func transcripts(t testing.TB) map[string]*scenario.Scenario {
	t.Helper()
	return scenarios(t, "testdata/*.txt")
}

// scenarios parses the scenarios whose paths match, by path below testdata.
func scenarios(t testing.TB, pattern string) map[string]*scenario.Scenario {
	t.Helper()
	files, err := filepath.Glob(pattern)
	require.NoError(t, err)
	require.NotEmpty(t, files)
	parsed := map[string]*scenario.Scenario{}
	for _, file := range files {
		text, err := os.ReadFile(file)
		require.NoError(t, err)
		s, err := scenario.Parse(text)
		require.NoError(t, err, file)
		name, err := filepath.Rel("testdata", file)
		require.NoError(t, err)
		parsed[filepath.ToSlash(name)] = s
	}
	return parsed
}

// requireRecorded plays a scenario of testdata, in which nothing must be left unsaid. With -update it is recorded anew.
func requireRecorded(t *testing.T, name string, s *scenario.Scenario) {
	t.Helper()
	path := filepath.Join("testdata", filepath.FromSlash(name))
	if golden.Updating() {
		require.NoError(t, s.Rewrite())
		golden.UpdateScenario(t, path, s.String())
		return
	}
	golden.Compare(t, path, s.String()) // it is in canonical form
	if _, err := s.Play(); err != nil {
		t.Fatal(golden.Hint(t, path, err.Error()))
	}
	for _, statement := range s.Statements {
		switch statement := statement.(type) {
		case *scenario.Event:
			require.True(t, statement.Recorded, "line %d has no record", statement.Line)
		case *scenario.Expect:
			require.NotEmpty(t, statement.Answer, "line %d has no answer", statement.Line)
		case *scenario.Define, *scenario.DefineLimits, *scenario.Bind:
		}
	}
}

// Each file in testdata is about one rule, which its first comment names.
func TestTranscripts(t *testing.T) {
	for name, s := range transcripts(t) {
		t.Run(name, func(t *testing.T) { requireRecorded(t, name, s) })
	}
}

// Invariant 15, and D7, after every statement of every transcript: whatever point a snapshot is taken at, in the middle of
// a round or of anything else, what was restored from it goes on as the machine does, and so does a copy.
func TestTranscriptsKeepTheMachineSound(t *testing.T) {
	for name, s := range transcripts(t) {
		t.Run(name, func(t *testing.T) {
			player, err := scenario.NewPlayer(s)
			require.NoError(t, err)
			copied, restored := new(core.Machine), new(core.Machine)
			requireSound(t, player.Machine(), copied, restored)
			for player.Next() {
				if _, ok := player.Statement().(*scenario.Event); ok {
					require.Equal(t, append([]core.Action{}, player.Actions()...), copied.Step([]core.Action{}, player.Event()))
					require.Equal(t, append([]core.Action{}, player.Actions()...), restored.Step([]core.Action{}, player.Event()))
					require.Equal(t, player.Machine().Digest(), copied.Digest())
					require.Equal(t, player.Machine().Digest(), restored.Digest())
				}
				requireSound(t, player.Machine(), copied, restored)
			}
			require.NoError(t, player.Err())
		})
	}
}

// requireSound audits a machine, and that its copy and its restored snapshot, which it makes, are the same machine.
func requireSound(t *testing.T, machine, copied, restored *core.Machine) {
	t.Helper()
	require.NoError(t, machine.Check())
	deadline, ok := machine.NextDeadline()
	require.Equal(t, ok, deadline != core.Never)
	if ok {
		require.Greater(t, deadline, machine.Now())
	}
	requireNextTimer(t, machine)
	copied.CopyFrom(machine)
	require.NoError(t, copied.Check())
	require.Equal(t, machine.Digest(), copied.Digest())
	snapshot, err := machine.AppendBinary(nil)
	require.NoError(t, err)
	require.NoError(t, restored.UnmarshalBinary(snapshot))
	require.Equal(t, machine.Digest(), restored.Digest())
	requireSameTasks(t, machine, copied)
	requireSameTasks(t, machine, restored)
}

// requireSameTasks compares all that two machines tell of their tasks.
func requireSameTasks(t *testing.T, machine, other *core.Machine) {
	t.Helper()
	for status := range machine.Tasks() {
		same, ok := other.Status(status.Task)
		require.True(t, ok)
		require.Equal(t, status, same)
		require.Equal(t, maps.Collect(machine.Needs(status.Task)), maps.Collect(other.Needs(status.Task)))
	}
	require.Equal(t, machine.Counts(), other.Counts())
	require.Equal(t, machine.Config(), other.Config())
}

// requireNextTimer compares the next timer with what the tasks' statuses tell.
func requireNextTimer(t *testing.T, machine *core.Machine) {
	t.Helper()
	task, at, ok := machine.NextTimer()
	deadline, due := machine.NextDeadline()
	require.Equal(t, due, ok)
	require.Equal(t, deadline, at)
	for status := range machine.Tasks() {
		require.GreaterOrEqual(t, status.Until, at)
		if status.Until == at && at != core.Never {
			require.Equal(t, status.Task, task, "the first of the tasks' timers comes before all others")
			break
		}
	}
	for _, by := range []core.Instant{machine.Now(), at, at + 5, core.Never} {
		due := map[core.TaskID]bool{}
		for id := range machine.Due(by) {
			require.False(t, due[id], "once each")
			due[id] = true
		}
		for status := range machine.Tasks() {
			require.Equal(t, status.Until <= by && status.Until != core.Never, due[status.Task])
		}
	}
	if task != 0 {
		status, known := machine.Status(task)
		require.True(t, known)
		require.Equal(t, at, status.Until)
	}
}

// What the transcripts never show, they do not test.
func TestTranscriptsShowEverything(t *testing.T) {
	reasons := map[core.Reason]bool{}
	kinds := map[core.ActionKind]bool{}
	given := map[[2]uint8]bool{}
	ends := map[core.ExitKind]bool{}
	waits := map[core.Wait]bool{}
	intents := map[core.Intent]bool{}
	for _, s := range transcripts(t) {
		player, err := scenario.NewPlayer(s)
		require.NoError(t, err)
		before := new(core.Machine)
		before.CopyFrom(player.Machine())
		for player.Next() {
			event := player.Event()
			if _, ok := player.Statement().(*scenario.Event); ok {
				// Timers fire first, so what the event meets is what a tick leaves.
				before.Step(nil, core.Event{Kind: core.EventTick, At: event.At})
				status, _ := before.Status(event.Task)
				given[[2]uint8{uint8(status.Status), uint8(event.Kind)}] = true
			}
			for _, action := range player.Actions() {
				reasons[action.Why] = true
				kinds[action.Kind] = true
				ends[action.Exit] = true
			}
			before.CopyFrom(player.Machine())
			for status := range before.Tasks() {
				waits[status.Wait] = true
				intents[status.Intent] = true
			}
		}
	}
	for reason := range core.ValuesFrom(core.ReasonAdded) {
		require.True(t, reasons[reason], "no transcript shows reason %v", reason)
	}
	for kind := range core.ValuesFrom(core.ActionTransition) {
		require.True(t, kinds[kind], "no transcript shows action %v", kind)
	}
	for exit := range core.ValuesFrom(core.ExitNone) {
		require.True(t, ends[exit], "no transcript shows exit %v", exit)
	}
	for wait := range core.ValuesFrom(core.WaitNone) {
		require.True(t, waits[wait], "no transcript shows a wait for %v", wait)
	}
	for intent := range core.ValuesFrom(core.IntentNone) {
		require.True(t, intents[intent], "no transcript shows intent %v", intent)
	}
	for status := range core.ValuesFrom(core.StatusNone) {
		for _, kind := range []core.EventKind{
			core.EventRemove, core.EventRestart, core.EventKill, core.EventExit, core.EventReady, core.EventBeat,
			core.EventProbe, core.EventUnready, core.EventNeed, core.EventSuspend, core.EventResume, core.EventPolicy,
		} {
			require.True(t, given[[2]uint8{uint8(status), uint8(kind)}], "no transcript shows %v of a task %v", kind, status)
		}
	}
}
