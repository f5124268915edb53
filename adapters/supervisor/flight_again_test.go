package supervisor_test

import (
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/tasksupervisor/tasksupervisor/adapters/supervisor"
	"github.com/tasksupervisor/tasksupervisor/core/scenario"
)

func recordsTo(t *testing.T, path string) *supervisor.Supervisor {
	t.Helper()
	sup := newSupervisor(t, supervisor.WithName("shop"), supervisor.WithIntensity(0, time.Minute),
		supervisor.WithFlightRecorder(supervisor.FlightRecorder{File: path, FileBytes: 64 << 10}))
	add(t, sup, "task", new(fails))
	return sup
}

func TestToMakeAFlightRecorderLeavesNoFile(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		folder := t.TempDir()
		path := filepath.Join(folder, "shop.recording")
		sup := recordsTo(t, path)
		require.Empty(t, filesIn(t, folder))
		require.Error(t, sup.Run(t.Context()))
		require.NoError(t, sup.Report().Recording)
		require.Equal(t, []string{"shop.recording"}, filesIn(t, folder))

		require.NoError(t, os.WriteFile(path, nil, 0o600))
		require.Error(t, recordsTo(t, path).Run(t.Context()))
		require.Equal(t, []string{"shop.recording"}, filesIn(t, folder), "an empty file is not kept")
		require.Len(t, recordingIn(t, path), 1)
	})
}

// A process that fails at every start does not push out the recording of the first failure.
func TestACrashLoopKeepsTheRecordingOfItsBeginning(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		folder := t.TempDir()
		path := filepath.Join(folder, "shop.recording")
		for range 9 {
			sup := recordsTo(t, path)
			require.Error(t, sup.Run(t.Context()))
			require.NoError(t, sup.Report().Recording)
		}
		require.Equal(t, []string{"shop.recording"}, filesIn(t, folder))
		parts := recordingIn(t, path)
		require.Len(t, parts, 9)
		for _, part := range parts {
			require.Contains(t, part.String(), "halt task#1 intensity")
		}
	})
}

// Wherever the writing of an earlier process was cut off, what follows can be read, and the cut is told.
func TestAFileThatWasCutOffGoesOn(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		path := filepath.Join(t.TempDir(), "shop.recording")
		require.Error(t, recordsTo(t, path).Run(t.Context()))
		whole, err := os.ReadFile(path)
		require.NoError(t, err)
		first := 0
		for whole[first] != '\n' {
			first++
		}
		cuts := 0
		for end := first + 1; end < len(whole); end++ {
			require.NoError(t, os.WriteFile(path, whole[:end], 0o600))
			require.Error(t, recordsTo(t, path).Run(t.Context()))
			text, err := os.ReadFile(path)
			require.NoError(t, err)
			require.Equal(t, string(whole[:end]), string(text[:end]))
			file, err := scenario.ParseAll(text)
			require.NoError(t, err, "%s", text)
			if whole[end-1] != '\n' {
				require.Len(t, file.Cuts, 1, "%s", text)
				cuts++
			}
			last := file.Scenarios[len(file.Scenarios)-1]
			_, err = last.Play()
			require.NoError(t, err, "%s", text)
			require.Contains(t, last.String(), "halt task#1 intensity")
		}
		require.Greater(t, cuts, 100)
	})
}

// What cannot be gone on with is renamed: a file that is full, and one that is not a recording or whose first line was cut off.
func TestAFileThatIsFullOrNoRecordingIsRenamed(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		path := filepath.Join(t.TempDir(), "shop.recording")
		full := append([]byte("scenario 1\n"), make([]byte, 64<<10)...)
		for _, text := range [][]byte{full, []byte("a log\n"), []byte("scenario 1 par"), []byte("scenario 1 part=x\n")} {
			require.NoError(t, os.WriteFile(path, text, 0o600))
			require.Error(t, recordsTo(t, path).Run(t.Context()))
			old, err := os.ReadFile(path + ".1")
			require.NoError(t, err)
			require.Equal(t, string(text), string(old))
			require.Len(t, recordingIn(t, path), 1)
		}
	})
}

// Two processes with one file do not mix their lines: the one that finds the other's begins a file of its own.
func TestTwoWritersOfOneFile(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		path := filepath.Join(t.TempDir(), "shop.recording")
		writer := func(name string) *supervisor.Supervisor {
			sup := newSupervisor(t, supervisor.WithName(name), supervisor.WithFlightRecorder(supervisor.FlightRecorder{File: path}))
			add(t, sup, "task", supervisor.TaskFunc(untilStopped))
			start(t, sup)
			wait(time.Minute)
			return sup
		}
		first, second := writer("first"), writer("second")
		for range 3 {
			require.NoError(t, first.Restart("task"))
			wait(time.Minute)
			require.NoError(t, second.Restart("task"))
			wait(time.Minute)
		}
		stop(t, second)
		stop(t, first)
		of := func(path string) (names []string) {
			for _, part := range recordingIn(t, path) {
				names = append(names, part.Head.Of)
			}
			return names
		}
		require.Equal(t, []string{"first"}, of(path))
		require.Equal(t, []string{"first", "second"}, of(path+".1"))
		require.NoFileExists(t, path+".2")
	})
}
