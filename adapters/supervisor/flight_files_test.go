package supervisor_test

import (
	"context"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/tasksupervisor/tasksupervisor/adapters/supervisor"
	"github.com/tasksupervisor/tasksupervisor/clock"
	"github.com/tasksupervisor/tasksupervisor/core/scenario"
)

// recordingIn returns what a file holds, played.
func recordingIn(t *testing.T, path string) []*scenario.Scenario {
	t.Helper()
	text, err := os.ReadFile(path)
	require.NoError(t, err)
	parts, _ := playAll(t, string(text))
	return parts
}

func TestTheFlightRecorderWritesFiles(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		path := filepath.Join(t.TempDir(), "shop.recording")
		require.NoError(t, os.WriteFile(path, []byte("that of an earlier process\n"), 0o600))
		root := newSupervisor(t, supervisor.WithName("shop"), supervisor.WithFlightRecorder(supervisor.FlightRecorder{
			File: path, FileBytes: 64 << 10, Files: 3,
		}))
		below := newSupervisor(t)
		add(t, below, "idle", supervisor.TaskFunc(untilStopped))
		add(t, root, "below", below)
		add(t, root, "busy", supervisor.TaskFunc(func(context.Context) error { return errors.New("again") }),
			supervisor.WithMaxAttempts(supervisor.Unlimited), supervisor.WithBackoff(supervisor.Backoff{Base: time.Second, Factor: 1}))
		start(t, root)
		wait(2500 * time.Millisecond)
		parts := recordingIn(t, path)
		require.Len(t, parts, 2, "it is written a second later")
		require.Contains(t, parts[0].String(), "start busy#2")
		old, err := os.ReadFile(path + ".1")
		require.NoError(t, err)
		require.Equal(t, "that of an earlier process\n", string(old))

		wait(time.Hour)
		stop(t, root)
		require.NoError(t, root.Report().Recording)
		for i, name := range []string{path, path + ".1", path + ".2"} {
			info, err := os.Stat(name)
			require.NoError(t, err)
			require.Less(t, info.Size(), int64(70<<10))
			of := map[string]int{}
			for _, part := range recordingIn(t, name) {
				require.NotEmpty(t, part.Snapshot, "it began long ago")
				of[part.Head.Of]++
			}
			require.Equal(t, map[string]int{"shop": 1, "shop/below": 1}, of, "file %d stands alone", i)
		}
		require.NoFileExists(t, path+".3")
		require.Contains(t, recordingIn(t, path)[0].String(), "halt shutdown", "the last lines are written")
	})
}

func TestTheFlightRecorderDumps(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		folder := filepath.Join(t.TempDir(), "odd [name] *")
		require.NoError(t, os.Mkdir(folder, 0o700))
		root := newSupervisor(t, supervisor.WithName("shop"), supervisor.WithIntensity(1, time.Hour),
			supervisor.WithFlightRecorder(supervisor.FlightRecorder{Dumps: folder, MaxDumps: 2}))
		below := newSupervisor(t, supervisor.WithIntensity(1, time.Minute))
		add(t, below, "fails", new(fails))
		add(t, root, "mail/odd"[:4], below)
		start(t, root)
		wait(time.Hour)
		require.ErrorAs(t, root.Wait(), new(*supervisor.EscalatedError))
		names := filesIn(t, folder)
		require.Len(t, names, 2, "of the subtree, and then of all: %q", names)
		require.Regexp(t, `^shop-20000101T000002\.000Z-shop_mail-intensity\.recording$`, names[0])
		require.Regexp(t, `^shop-20000101T\d{6}\.000Z-intensity\.recording$`, names[1])
		for _, name := range names {
			parts := recordingIn(t, filepath.Join(folder, name))
			require.Equal(t, "shop", parts[0].Head.Of)
			require.Contains(t, parts[1].String(), "halt fails#2 intensity")
		}
		require.Contains(t, recordingIn(t, filepath.Join(folder, names[1]))[0].String(), "halt mail#2 intensity")
		require.NoError(t, root.Report().Recording)
		for range 3 {
			wait(time.Minute)
			start(t, root)
			wait(time.Hour)
		}
		require.Len(t, filesIn(t, folder), 2)
		require.NotContains(t, filesIn(t, folder), names[0])
	})
}

func filesIn(t *testing.T, folder string) (names []string) {
	t.Helper()
	entries, err := os.ReadDir(folder)
	require.NoError(t, err)
	for _, entry := range entries {
		names = append(names, entry.Name())
	}
	return names
}

// A supervisor that stops because it was asked to, or because its tasks have ended, leaves nothing behind to look into.
func TestNothingIsDumpedWithoutAReason(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		folder := t.TempDir()
		recorder := supervisor.WithFlightRecorder(supervisor.FlightRecorder{Dumps: folder})
		asked := newSupervisor(t, recorder)
		start(t, asked)
		stop(t, asked)
		ends := newSupervisor(t, recorder, supervisor.WithAutoShutdown(supervisor.AutoShutdownAll))
		add(t, ends, "done", &completes{})
		require.NoError(t, ends.Run(t.Context()))
		require.Empty(t, filesIn(t, folder))
	})
}

func TestAFaultIsDumped(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		folder := t.TempDir()
		broken := &broken{Clock: clock.System{}}
		sup := newSupervisor(t, supervisor.WithClock(broken), supervisor.WithFlightRecorder(supervisor.FlightRecorder{Dumps: folder}))
		add(t, sup, "task", supervisor.TaskFunc(untilStopped))
		require.NoError(t, sup.Start(t.Context()))
		wait(time.Second)
		broken.fails.Store(true)
		_ = sup.Kill("task")
		require.ErrorAs(t, sup.Wait(), new(*supervisor.FaultError))
		names := filesIn(t, folder)
		require.Len(t, names, 1)
		require.Regexp(t, `^supervisor-20000101T000001\.000Z-fault\.recording$`, names[0])
		text := recordingIn(t, filepath.Join(folder, names[0]))[0].String()
		require.Contains(t, text, "start task#1")
		require.NotContains(t, text, "digest", "the machine is not to be trusted")
	})
}

// What cannot be written ends no supervisor, and is told.
func TestAFlightRecorderThatCannotWrite(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		folder := t.TempDir()
		file := filepath.Join(folder, "file")
		gone := filepath.Join(folder, "gone")
		require.NoError(t, os.Mkdir(gone, 0o700))
		sup := newSupervisor(t, supervisor.WithIntensity(0, time.Minute),
			supervisor.WithFlightRecorder(supervisor.FlightRecorder{File: filepath.Join(gone, "recording")}))
		add(t, sup, "task", new(fails))
		require.True(t, sup.Stats().Recorded)
		require.NoError(t, os.RemoveAll(gone))
		require.ErrorAs(t, sup.Run(t.Context()), new(*supervisor.EscalatedError))
		require.ErrorAs(t, sup.Report().Recording, new(*os.PathError))
		require.True(t, sup.Stats().RecordingFailed)

		dumps := filepath.Join(folder, "dumps")
		require.NoError(t, os.Mkdir(dumps, 0o700))
		sup = newSupervisor(t, supervisor.WithIntensity(0, time.Minute),
			supervisor.WithFlightRecorder(supervisor.FlightRecorder{Dumps: dumps}))
		add(t, sup, "task", new(fails))
		require.NoError(t, os.Remove(dumps))
		require.ErrorAs(t, sup.Run(t.Context()), new(*supervisor.EscalatedError))
		require.ErrorAs(t, sup.Report().Recording, new(*os.PathError))

		for problem, recorder := range map[string]supervisor.FlightRecorder{
			"has a negative MinAge":             {MinAge: -1},
			"has a MaxBytes below 64 KiB":       {MaxBytes: 1},
			"has a negative MaxDumps":           {MaxDumps: -1},
			"has a FileBytes below 64 KiB":      {FileBytes: 1},
			"has a negative number of Files":    {Files: -1},
			"has a negative Flush":              {Flush: -1},
			"has a Signal, and no Dumps":        {Signal: os.Interrupt},
			"cannot write File: open " + folder: {File: filepath.Join(folder, "nowhere", "recording")},
			"cannot write Dumps: stat " + dumps: {Dumps: dumps},
			file + " is no folder":              {Dumps: file},
		} {
			require.NoError(t, os.WriteFile(file, nil, 0o600))
			_, err := supervisor.New(supervisor.WithFlightRecorder(recorder))
			require.ErrorContains(t, err, problem)
		}
	})
}

// Nothing waits for a file: neither a decision, nor a report.
func TestNothingWaitsForTheFlightRecorder(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		sup := newSupervisor(t, supervisor.WithFlightRecorder(supervisor.FlightRecorder{}))
		add(t, sup, "task", new(fails))
		start(t, sup)
		reader, writer := io.Pipe()
		dumped := make(chan error)
		go func() { dumped <- sup.DumpRecording(writer) }()
		synctest.Wait() // nothing reads
		require.NoError(t, sup.Restart("task"))
		wait(time.Minute)
		require.NotEmpty(t, sup.Report().Tasks)
		stop(t, sup)
		text := make(chan string)
		go func() {
			read, _ := io.ReadAll(reader)
			text <- string(read)
		}()
		require.NoError(t, <-dumped)
		require.NoError(t, writer.Close())
		_, machines := playAll(t, <-text)
		require.Equal(t, supervisor.PhaseRunning.String(), machines[0].Phase().String(), "as it was when it began")
	})
}

func TestTheNameOfADumpIsSafe(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		folder := t.TempDir()
		sup := newSupervisor(t, supervisor.WithName("a b*c"), supervisor.WithIntensity(0, time.Minute),
			supervisor.WithFlightRecorder(supervisor.FlightRecorder{Dumps: folder, MaxDumps: 1}))
		add(t, sup, "task", new(fails))
		for range 3 {
			require.Error(t, sup.Run(t.Context()))
			time.Sleep(time.Second)
		}
		names := filesIn(t, folder)
		require.Len(t, names, 1)
		require.True(t, strings.HasPrefix(names[0], "a_b_c-20000101T000002"), names[0])
	})
}
