package scenario_test

import (
	"bytes"
	"errors"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/tasksupervisor/tasksupervisor/core"
	"github.com/tasksupervisor/tasksupervisor/core/scenario"
)

func newMachine(t *testing.T, config core.Config) *core.Machine {
	t.Helper()
	machine, err := core.New(config)
	require.NoError(t, err)
	return machine
}

// replays plays a recording, which must end in the same state.
func replays(t *testing.T, text string, machine *core.Machine) {
	t.Helper()
	s := parse(t, text)
	require.Equal(t, text, s.String(), "recordings are canonical")
	played, err := s.Play()
	require.NoError(t, err)
	require.Equal(t, machine.Digest(), played.Digest())
}

func TestRecorderWritesWhatReplays(t *testing.T) {
	machine := newMachine(t, core.Config{Seed: 3, MaxTasks: 3, Policies: []core.Policy{core.DefaultPolicy()}})
	var text bytes.Buffer
	recorder := scenario.NewRecorder(&text, machine)
	require.Same(t, machine, recorder.Machine())

	quick := core.DefaultPolicy()
	quick.BaseDelay = 1e6
	quick.Jitter = core.Fraction{Num: 1, Den: 1}
	id, err := recorder.Define(quick)
	require.NoError(t, err)
	_, err = recorder.Define(core.Policy{})
	require.Error(t, err)

	step := func(ev core.Event) []core.Action { return recorder.Step(nil, ev) }
	step(core.Event{Kind: core.EventStart, At: -5})
	actions := recorder.Add(nil, "a", core.Event{Kind: core.EventAdd, Policy: id, Key: 8})
	a := actions[0].Task
	again, err := recorder.Define(quick)
	require.NoError(t, err)
	require.Equal(t, id, again)
	actions = recorder.Add(actions, "odd name", core.Event{Kind: core.EventAdd})
	require.Len(t, actions, 4, "actions are appended")
	unnamed := step(core.Event{Kind: core.EventAdd})[0].Task
	recorder.Add(nil, "refused", core.Event{Kind: core.EventAdd})
	recorder.Add(nil, "unknown", core.Event{Kind: core.EventAdd, Policy: 9, Task: 77})
	step(core.Event{Kind: core.EventExit, Task: a, Run: 1, Exit: core.ExitError, At: 1})
	step(core.Event{Kind: core.EventTick, At: 1e9})
	step(core.Event{Kind: core.EventRemove, Task: a, At: 1e9})
	step(core.Event{Kind: core.EventExit, Task: a, Run: 2, At: 2e9, Exit: core.ExitOK})
	step(core.Event{Kind: core.EventKill, Task: a, At: 2e9})
	recorder.Add(nil, "a", core.Event{Kind: core.EventAdd, At: 3e9})
	step(core.Event{Kind: core.EventKill, Task: a, At: 3e9})
	step(core.Event{Kind: core.EventKill, Task: unnamed, At: 4e9})
	step(core.Event{Kind: 44, Task: unnamed, At: 4e9, Run: 5, Exit: 6, Key: 7, Policy: 1})
	step(core.Event{Kind: core.EventShutdown, At: 5e9})
	require.NoError(t, recorder.Err())
	replays(t, text.String(), machine)

	require.Contains(t, text.String(), "config seed=3 tasks=3\npolicy p0\ndefine p1 base=1ms jitter=1/1\nat -5ns start\n")
	require.Equal(t, 1, bytes.Count(text.Bytes(), []byte("define ")), "what is in use is not written again")
	require.Contains(t, text.String(), "at 0s add a policy=p1 key=8\n")
	require.Contains(t, text.String(), "at 0s add unknown task=@0.77 policy=9\n")
	require.Contains(t, text.String(), "at 2s kill @1.0\n", "a forgotten task has no name any more")
	require.Contains(t, text.String(), "at 4s kill @3.2\n")
}

func TestRecordingFromASnapshot(t *testing.T) {
	quick := core.DefaultPolicy()
	quick.BaseDelay = 1e6
	machine := newMachine(t, core.Config{Policies: []core.Policy{core.DefaultPolicy(), quick}})
	machine.Step(nil, core.Event{Kind: core.EventStart})
	task := machine.Step(nil, core.Event{Kind: core.EventAdd, Policy: 1})[0].Task

	var text bytes.Buffer
	recorder := scenario.NewRecorder(&text, machine)
	recorder.Bind("web", task)
	recorder.Step(nil, core.Event{Kind: core.EventExit, Task: task, Run: 1, Exit: core.ExitPanic, At: 1})
	_, err := recorder.Define(quick)
	require.NoError(t, err)
	recorder.Add(nil, "db", core.Event{Kind: core.EventAdd, Policy: 1, At: 2})
	recorder.Step(nil, core.Event{Kind: core.EventTick, At: 1e9})
	require.NoError(t, recorder.Err())
	replays(t, text.String(), machine)
	require.Contains(t, text.String(), "\ntask web @1.0\nat 1ns exit web#1 panic\n")
	require.Contains(t, text.String(), "\nat 2ns add db policy=p1\n")
}

type brokenWriter struct{ left int }

func (w *brokenWriter) Write(p []byte) (int, error) {
	if w.left--; w.left < 0 {
		return 0, errors.New("disk full")
	}
	return len(p), nil
}

func TestRecorderKeepsTheFirstErrorAndTheMachineWorks(t *testing.T) {
	machine := newMachine(t, core.Config{})
	writer := &brokenWriter{left: 2}
	recorder := scenario.NewRecorder(writer, machine)
	recorder.Step(nil, core.Event{Kind: core.EventStart})
	require.NoError(t, recorder.Err())
	actions := recorder.Add(nil, "a", core.Event{Kind: core.EventAdd})
	require.EqualError(t, recorder.Err(), "disk full")
	require.Len(t, actions, 2)
	recorder.Step(nil, core.Event{Kind: core.EventKill, Task: actions[0].Task})
	require.Equal(t, 1, machine.Counts().Stopping)
	require.Equal(t, -1, writer.left, "nothing is written after the error")
}

// A recording costs a driver no garbage: one buffer is used over and over.
func TestRecorderDoesNotAllocate(t *testing.T) {
	machine := newMachine(t, core.Config{})
	recorder := scenario.NewRecorder(new(countingWriter), machine)
	recorder.Step(nil, core.Event{Kind: core.EventStart})
	actions := recorder.Add(nil, "a", core.Event{Kind: core.EventAdd})
	task := actions[0].Task
	run, at := core.Run(1), core.Instant(0)
	require.Zero(t, testing.AllocsPerRun(1000, func() {
		actions = recorder.Step(actions[:0], core.Event{Kind: core.EventExit, Task: task, Run: run, Exit: core.ExitError, At: at})
		at += 100e9
		actions = recorder.Step(actions[:0], core.Event{Kind: core.EventTick, At: at})
		at += 100e9
		run++
	}))
	require.Equal(t, core.Run(1002), run)
}

type countingWriter struct{ bytes int }

func (w *countingWriter) Write(p []byte) (int, error) {
	w.bytes += len(p)
	return len(p), nil
}

func BenchmarkRecorder(b *testing.B) {
	machine, err := core.New(core.Config{})
	require.NoError(b, err)
	writer := new(countingWriter)
	recorder := scenario.NewRecorder(writer, machine)
	recorder.Step(nil, core.Event{Kind: core.EventStart})
	actions := recorder.Add(nil, "a", core.Event{Kind: core.EventAdd})
	task, run, at := actions[0].Task, core.Run(1), core.Instant(0)
	b.ReportAllocs()
	for b.Loop() {
		actions = recorder.Step(actions[:0], core.Event{Kind: core.EventExit, Task: task, Run: run, Exit: core.ExitError, At: at})
		at += 100e9
		actions = recorder.Step(actions[:0], core.Event{Kind: core.EventTick, At: at})
		run++
	}
	b.ReportMetric(float64(writer.bytes)/float64(2*b.N), "bytes/step")
}

func TestRecordingOfLimitsAndNeeds(t *testing.T) {
	machine := newMachine(t, core.Config{})
	var text bytes.Buffer
	recorder := scenario.NewRecorder(&text, machine)
	tight := core.Limits{Intensity: core.Rate{Count: 1, Per: 5e9}}
	id, err := recorder.DefineLimits(tight)
	require.NoError(t, err)
	_, err = recorder.DefineLimits(core.Limits{DeadThreshold: core.Fraction{Num: 2, Den: 1}})
	require.Error(t, err)

	step := func(ev core.Event) []core.Action { return recorder.Step(nil, ev) }
	step(core.Event{Kind: core.EventStart})
	db := recorder.Add(nil, "db", core.Event{Kind: core.EventAdd})[0].Task
	web := recorder.Add(nil, "web", core.Event{Kind: core.EventAdd, Suspended: true})[0].Task
	step(core.Event{Kind: core.EventNeed, Task: web, Other: db, Bound: true})
	step(core.Event{Kind: core.EventResume, Task: web})
	step(core.Event{Kind: core.EventLimits, Limits: id})
	again, err := recorder.DefineLimits(tight)
	require.NoError(t, err)
	require.Equal(t, id, again)
	step(core.Event{Kind: core.EventLimits, Limits: 0})
	step(core.Event{Kind: core.EventLimits, Limits: 9})
	// The name of another task goes over to the new one, whose id the event happens to have guessed.
	recorder.Add(nil, "db", core.Event{Kind: core.EventAdd, Other: db + 1<<24*2 + 2})
	require.NoError(t, recorder.Err())
	replays(t, text.String(), machine)

	require.Equal(t, 1, bytes.Count(text.Bytes(), []byte("\nlimits ")), "what is in use is not written again")
	require.Contains(t, text.String(), "\nlimits l1 intensity=1/5s\nat 0s start\n")
	require.Contains(t, text.String(), "\nat 0s add web suspended=true\n")
	require.Contains(t, text.String(), "\nat 0s need web db bound=true\n")
	require.Contains(t, text.String(), "\nat 0s limits l1\n")
	require.Contains(t, text.String(), "\nat 0s limits 0\n")
	require.Contains(t, text.String(), "\nat 0s limits 9\n")
	require.Contains(t, text.String(), "\nat 0s add db other=@3.2\n")
}

func TestRecordedLimitsOfASnapshotGoByTheirNumber(t *testing.T) {
	machine := newMachine(t, core.Config{})
	tight := core.Limits{ShutdownTimeout: 5e9}
	id, err := machine.DefineLimits(tight)
	require.NoError(t, err)
	var text bytes.Buffer
	recorder := scenario.NewRecorder(&text, machine)
	recorder.Step(nil, core.Event{Kind: core.EventLimits, Limits: id})
	_, err = recorder.DefineLimits(tight)
	require.NoError(t, err)
	recorder.Step(nil, core.Event{Kind: core.EventLimits, Limits: id})
	require.NoError(t, recorder.Err())
	replays(t, text.String(), machine)
	require.Contains(t, text.String(), "\nsnapshot\n")
	require.Contains(t, text.String(), "\nat 0s limits 1\n")
	require.Contains(t, text.String(), "\nlimits l1 shutdown=5s\nat 0s limits l1\n")
}
