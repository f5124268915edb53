package scenario_test

import (
	"fmt"
	"math"
	"os"
	"path/filepath"
	"strconv"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/tasksupervisor/tasksupervisor/core"
	"github.com/tasksupervisor/tasksupervisor/core/scenario"
	"github.com/tasksupervisor/tasksupervisor/internal/settings"
)

// told returns what the machine of a scenario is told, as a log keeps it, and the log.
func told(t testing.TB, s *scenario.Scenario) (statements []scenario.Statement, log *scenario.Log) {
	t.Helper()
	log = new(scenario.Log)
	player, err := scenario.NewPlayer(s)
	require.NoError(t, err)
	for player.Next() {
		switch s := player.Statement().(type) {
		case *scenario.Event:
			ev := player.Event()
			name := ""
			if ev.Kind == core.EventAdd {
				name = s.Name
			}
			log.Event(name, &ev)
			statements = append(statements, &scenario.Event{Event: ev, Name: name})
		case *scenario.Define:
			id, err := player.Machine().Define(s.Policy.Policy)
			require.NoError(t, err)
			log.Define(id, &s.Policy.Policy)
			statements = append(statements, &scenario.Define{Policy: scenario.Policy{Policy: s.Policy.Policy, Name: fmt.Sprint("p", id)}})
		case *scenario.DefineLimits:
			id, err := player.Machine().DefineLimits(s.Limits)
			require.NoError(t, err)
			log.DefineLimits(id, &s.Limits)
			statements = append(statements, &scenario.DefineLimits{Limits: s.Limits, Name: fmt.Sprint("l", id)})
		case *scenario.Bind:
			log.Bind(s.Name, s.Task)
			statements = append(statements, &scenario.Bind{Name: s.Name, Task: s.Task})
		case *scenario.Expect:
		}
	}
	return statements, log
}

func TestALogKeepsWhatTheMachineIsTold(t *testing.T) {
	for _, pattern := range []string{"../testdata/*.txt", "../testdata/promises/*/*.txt"} {
		files, err := filepath.Glob(pattern)
		require.NoError(t, err)
		require.NotEmpty(t, files)
		for _, file := range files {
			text, err := os.ReadFile(file)
			require.NoError(t, err)
			s, err := scenario.Parse(text)
			require.NoError(t, err)
			statements, log := told(t, s)
			require.Equal(t, statements, kept(log), file)
			data, err := log.AppendBinary([]byte("before"))
			require.NoError(t, err)
			again := new(scenario.Log)
			require.NoError(t, again.UnmarshalBinary(data[len("before"):]))
			require.Equal(t, statements, kept(again), file)
		}
	}
}

func kept(log *scenario.Log) (statements []scenario.Statement) {
	for s := range log.Statements() {
		statements = append(statements, s)
	}
	return statements
}

// What the machine begins with is part of what it is told, and a log holds all of it.
func TestALogBeginsAsItsScenario(t *testing.T) {
	files, err := filepath.Glob("../testdata/*.txt")
	require.NoError(t, err)
	size, long := 0, 0
	for _, file := range files {
		text, err := os.ReadFile(file)
		require.NoError(t, err)
		s, err := scenario.Parse(text)
		require.NoError(t, err)
		log, err := scenario.LogOf(s)
		require.NoError(t, err)
		data, err := log.AppendBinary(nil)
		require.NoError(t, err)
		again := new(scenario.Log)
		require.NoError(t, again.UnmarshalBinary(data))
		expected, err := s.Play()
		require.NoError(t, err)
		replayed := again.Scenario()
		machine, err := replayed.Play()
		require.NoError(t, err, file)
		require.Equal(t, expected.Digest(), machine.Digest(), file)
		require.NoError(t, replayed.Rewrite())
		size, long = size+len(data), long+len(replayed.String())
	}
	require.Less(t, size, long/4)
}

// A setting that a log left out would be missed only by a machine that is made from it.
func TestALogKeepsEverySetting(t *testing.T) {
	again := func(config core.Config) (read core.Config) {
		t.Helper()
		var log, kept scenario.Log
		log.BeginConfig(&config)
		data, err := log.AppendBinary(nil)
		require.NoError(t, err)
		require.NoError(t, kept.UnmarshalBinary(data))
		read, ok := kept.Config()
		require.True(t, ok)
		require.Nil(t, kept.Snapshot())
		return read
	}
	require.Equal(t, core.Config{}, again(core.Config{}))
	for _, path := range settings.Paths[core.Config]() {
		var config core.Config
		settings.Change(&config, path)
		require.Equal(t, config, again(config), path)
	}
	for _, path := range settings.Paths[core.Policy]() {
		policy := core.DefaultPolicy()
		settings.Change(&policy, path)
		config := core.Config{Policies: []core.Policy{core.DefaultPolicy(), policy}}
		require.Equal(t, config, again(config), path)
	}
}

func TestALogCanBeginWithASnapshot(t *testing.T) {
	machine, err := core.New(core.Config{Seed: 7})
	require.NoError(t, err)
	added := machine.Step(nil, core.Event{At: 5, Kind: core.EventAdd})
	snapshot, err := machine.AppendBinary(nil)
	require.NoError(t, err)
	var log scenario.Log
	log.Event("", &core.Event{At: 1})
	log.BeginSnapshot(snapshot)
	log.Bind("web", added[0].Task)
	log.Event("", &core.Event{At: 9, Kind: core.EventHold, Task: added[0].Task})
	_, ok := log.Config()
	require.False(t, ok)
	require.Equal(t, snapshot, log.Snapshot())
	require.Len(t, kept(&log), 2)
	replayed, err := log.Scenario().Play()
	require.NoError(t, err)
	machine.Step(nil, core.Event{At: 9, Kind: core.EventHold, Task: added[0].Task})
	require.Equal(t, machine.Digest(), replayed.Digest())

	again, err := scenario.LogOf(log.Scenario())
	require.NoError(t, err)
	require.Equal(t, &log, again)
	_, err = scenario.LogOf(&scenario.Scenario{Snapshot: []byte("none")})
	require.ErrorAs(t, err, new(*scenario.PlayError))
	_, err = scenario.LogOf(&scenario.Scenario{Statements: []scenario.Statement{&scenario.Define{Policy: scenario.Policy{Name: "p", Policy: core.Policy{StopTimeout: -1}}}}})
	require.ErrorAs(t, err, new(*scenario.PlayError))
}

// A field that the log left out would be missed in the replay only of an event that needs it.
func TestALogKeepsEveryFieldOfAnEvent(t *testing.T) {
	var log scenario.Log
	var statements []scenario.Statement
	give := func(ev core.Event) {
		log.Event("", &ev)
		statements = append(statements, &scenario.Event{Event: ev})
	}
	for _, field := range settings.Paths[core.Event]() {
		var ev core.Event
		settings.Change(&ev, field)
		give(ev)
	}
	for _, at := range []core.Instant{math.MaxInt64, math.MinInt64, 0, -1, 1} {
		give(core.Event{At: at, Within: core.Duration(at), Delay: core.Duration(at), Task: math.MaxUint64, Key: math.MaxUint32, Kind: 255, Exit: 255})
	}
	require.Equal(t, statements, kept(&log))
	before := len(kept(&log))
	log.Reset()
	require.Zero(t, log.Len())
	give(core.Event{At: 7})
	require.Equal(t, statements[before:], kept(&log))
}

func TestLogsThatAreRefused(t *testing.T) {
	for _, test := range []struct{ data, problem string }{
		{"", "invalid log: at byte 0: its first bytes are not those of a log"},
		{"tsv\x01", "invalid log: at byte 0: its first bytes are not those of a log"},
		{"tsl\x01", "invalid log: at byte 3: its version is unknown"},
		{"tsl\x02\x00", "invalid log: at byte 4: a record is cut off"},
		{"tsl\x02\x00\x00\x02\x00", "invalid log: at byte 6: a record is cut off, or a number in it is out of range"},
		{"tsl\x02\x02\x00\x80\x00", "invalid log: at byte 4: a record is cut off, or a number in it is out of range"},
		{"tsl\x02\x20\x00\x80\x80\x80\x80\x10", "invalid log: at byte 4: a record is cut off, or a number in it is out of range"},
		{"tsl\x02\x00\x04\x00", "invalid log: at byte 4: a record is cut off, or a number in it is out of range"},
		{"tsl\x02\x00\x20\x01a", "invalid log: at byte 4: a record is cut off, or a number in it is out of range"},
		{"tsl\x02\x00\x10\x00", "invalid log: at byte 4: a record is cut off, or a number in it is out of range"},
		{"tsl\x02\x00\x10\x08", "invalid log: at byte 4: a record is cut off, or a number in it is out of range"},
		{"tsl\x02\x01\x40\x01a", "invalid log: at byte 4: a record is of no known kind"},
		{"tsl\x02\x00\x80\x00", "invalid log: at byte 4: a record is cut off, or a number in it is out of range"},
		{"tsl\x02\x00\x80\x02a", "invalid log: at byte 4: a record is cut off, or a number in it is out of range"},
		{"tsl\x02\x01\x80\x01a", "invalid log: at byte 4: a record is of no known kind"},
		{"tsl\x02\x00\x00\x00\x80\x01a", "invalid log: at byte 6: a record is of no known kind"},
		{"tsl\x02\x00\x40\x0dconfig seed=0", "invalid log: at byte 4: a line in it is no configuration, and no policy of one"},
		{"tsl\x02\x00\x40\x06config\x00\x40\x09policy p1", "invalid log: at byte 13: a line in it is no configuration, and no policy of one"},
		{"tsl\x02\x00\x40\x09policy p0", "invalid log: at byte 4: a line in it is no definition, and names no task"},
		{"tsl\x02\x00\x00\x00\x40\x06config", "invalid log: at byte 6: a line in it is no definition, and names no task"},
		{"tsl\x02\x00\x40\x07config", "invalid log: at byte 4: a record is cut off, or a number in it is out of range"},
		{"tsl\x02\x00\x40\x04tick", "invalid log: at byte 4: a line in it is no definition, and names no task"},
		{"tsl\x02\x00\x40\x07task  a", "invalid log: at byte 4: a line in it is no definition, and names no task"},
		{"tsl\x02\x00\x40\x08define x", "invalid log: at byte 4: a line in it is no definition, and names no task"},
	} {
		log := new(scenario.Log)
		log.Event("", &core.Event{At: 7})
		err := log.UnmarshalBinary([]byte(test.data))
		require.EqualError(t, err, test.problem)
		require.ErrorAs(t, err, new(*scenario.LogError))
		require.Len(t, kept(log), 1, "it is unchanged")
	}
}

func TestALogWithRoomDoesNotAllocate(t *testing.T) {
	var log scenario.Log
	ev := core.Event{At: 1e9, Task: 1 << 24, Run: 1000, Kind: core.EventExit, Exit: core.ExitError}
	log.Event("", &ev)
	require.Less(t, log.Len(), 20)
	for range 1000 {
		log.Event("", &ev)
	}
	require.Zero(t, testing.AllocsPerRun(10, func() {
		log.Reset()
		for range 1000 {
			ev.At += 1e9
			log.Event("", &ev)
		}
	}))
}

// FuzzLog looks for bytes that are read as a log and are not written as they were, and for panics.
func FuzzLog(f *testing.F) {
	files, err := filepath.Glob("../testdata/*.txt")
	require.NoError(f, err)
	for _, file := range files {
		text, err := os.ReadFile(file)
		require.NoError(f, err)
		s, err := scenario.Parse(text)
		require.NoError(f, err)
		log, err := scenario.LogOf(s)
		require.NoError(f, err)
		data, err := log.AppendBinary(nil)
		require.NoError(f, err)
		f.Add(data)
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		log := new(scenario.Log)
		if err := log.UnmarshalBinary(data); err != nil {
			require.ErrorAs(t, err, new(*scenario.LogError))
			return
		}
		again := new(scenario.Log)
		if config, ok := log.Config(); ok {
			again.BeginConfig(&config)
		} else if snapshot := log.Snapshot(); snapshot != nil {
			again.BeginSnapshot(snapshot)
		}
		for s := range log.Statements() {
			switch s := s.(type) {
			case *scenario.Event:
				again.Event(s.Name, &s.Event)
			case *scenario.Define:
				again.Define(core.PolicyID(numberOf(t, s.Name)), &s.Policy.Policy)
			case *scenario.DefineLimits:
				again.DefineLimits(core.LimitsID(numberOf(t, s.Name)), &s.Limits)
			case *scenario.Bind:
				again.Bind(s.Name, s.Task)
			case *scenario.Expect:
				require.Fail(t, "a log holds no questions")
			}
		}
		written, err := again.AppendBinary(nil)
		require.NoError(t, err)
		require.Equal(t, data, written)
		requireInverse(t, log.Scenario())
	})
}

// numberOf returns the number in the name of a definition.
func numberOf(t *testing.T, name string) uint64 {
	t.Helper()
	id, err := strconv.ParseUint(name[1:], 10, 64)
	require.NoError(t, err)
	return id
}
