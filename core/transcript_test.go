package core_test

import (
	"flag"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/tasksupervisor/tasksupervisor/core"
	"github.com/tasksupervisor/tasksupervisor/core/scenario"
)

var rewrite = flag.Bool("rewrite", false, "record the transcripts in testdata anew; then read every difference")

// transcripts parses all transcripts, by file name.
func transcripts(t testing.TB) map[string]*scenario.Scenario {
	t.Helper()
	files, err := filepath.Glob("testdata/*.txt")
	require.NoError(t, err)
	require.NotEmpty(t, files)
	parsed := map[string]*scenario.Scenario{}
	for _, file := range files {
		text, err := os.ReadFile(file)
		require.NoError(t, err)
		s, err := scenario.Parse(text)
		require.NoError(t, err, file)
		if *rewrite {
			require.NoError(t, s.Rewrite(), file)
			require.NoError(t, os.WriteFile(file, s.Append(nil), 0o644))
		} else {
			require.Equal(t, string(text), s.String(), "%s is not in canonical form: run with -rewrite", file)
		}
		parsed[filepath.Base(file)] = s
	}
	return parsed
}

// Each file in testdata is about one rule, which its first comment names.
func TestTranscripts(t *testing.T) {
	for name, s := range transcripts(t) {
		t.Run(name, func(t *testing.T) {
			_, err := s.Play()
			require.NoError(t, err)
			for _, statement := range s.Statements {
				switch statement := statement.(type) {
				case *scenario.Event:
					require.True(t, statement.Recorded, "line %d has no record", statement.Line)
				case *scenario.Expect:
					require.NotEmpty(t, statement.Answer, "line %d has no answer", statement.Line)
				case *scenario.Define, *scenario.Bind:
				}
			}
		})
	}
}

// Invariant 15, and D7, after every statement of every transcript.
func TestTranscriptsKeepTheMachineSound(t *testing.T) {
	for name, s := range transcripts(t) {
		t.Run(name, func(t *testing.T) {
			player, err := scenario.NewPlayer(s)
			require.NoError(t, err)
			copied := new(core.Machine)
			for player.Next() {
				requireSound(t, player.Machine(), copied)
			}
			require.NoError(t, player.Err())
		})
	}
}

// requireSound audits a machine, and that its copy and its restored snapshot are the same machine.
func requireSound(t *testing.T, machine, copied *core.Machine) {
	t.Helper()
	require.NoError(t, machine.Check())
	deadline, ok := machine.NextDeadline()
	require.Equal(t, ok, deadline != core.Never)
	if ok {
		require.Greater(t, deadline, machine.Now())
	}
	copied.CopyFrom(machine)
	require.NoError(t, copied.Check())
	require.Equal(t, machine.Digest(), copied.Digest())
	snapshot, err := machine.AppendBinary(nil)
	require.NoError(t, err)
	restored := new(core.Machine)
	require.NoError(t, restored.UnmarshalBinary(snapshot))
	require.Equal(t, machine.Digest(), restored.Digest())
}

// What the transcripts never show, they do not test.
func TestTranscriptsShowEverything(t *testing.T) {
	reasons := map[core.Reason]bool{}
	kinds := map[core.ActionKind]bool{}
	given := map[[2]uint8]bool{}
	ends := map[core.ExitKind]bool{}
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
		}
	}
	for reason := core.ReasonAdded; isNamed(reason.String()); reason++ {
		require.True(t, reasons[reason], "no transcript shows reason %v", reason)
	}
	for kind := core.ActionNote; isNamed(kind.String()); kind++ {
		require.True(t, kinds[kind], "no transcript shows action %v", kind)
	}
	for exit := core.ExitNone; isNamed(exit.String()); exit++ {
		if exit != core.ExitStartTimeout && exit != core.ExitWatchdog { // decided for tasks that opted in
			require.True(t, ends[exit], "no transcript shows exit %v", exit)
		}
	}
	for status := core.StatusNone; isNamed(status.String()); status++ {
		if status == core.StatusStarting { // for tasks that opted into readiness
			continue
		}
		for _, kind := range []core.EventKind{core.EventRemove, core.EventRestart, core.EventKill, core.EventExit} {
			require.True(t, given[[2]uint8{uint8(status), uint8(kind)}], "no transcript shows %v of a task %v", kind, status)
		}
	}
}
