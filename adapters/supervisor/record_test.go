package supervisor_test

import (
	"bytes"
	"errors"
	"io"
	"runtime"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/tasksupervisor/tasksupervisor/adapters/supervisor"
	"github.com/tasksupervisor/tasksupervisor/core"
	"github.com/tasksupervisor/tasksupervisor/core/scenario"
)

// play replays a recording and returns the machine of its first part as it was in the end.
func play(t *testing.T, recording string) *core.Machine {
	t.Helper()
	_, machines := playAll(t, recording)
	return machines[0]
}

// playAll replays all parts of a recording, and returns them and the machines as they were in the end.
func playAll(t *testing.T, recording string) (parts []*scenario.Scenario, machines []*core.Machine) {
	t.Helper()
	file, err := scenario.ParseAll([]byte(recording))
	require.NoError(t, err)
	require.NotEmpty(t, file.Scenarios)
	require.Empty(t, file.Cuts)
	for _, s := range file.Scenarios {
		machine, err := s.Play()
		require.NoError(t, err, recording)
		machines = append(machines, machine)
	}
	return file.Scenarios, machines
}

func TestRecordingReplays(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		var recording bytes.Buffer
		sup := newSupervisor(t, supervisor.WithRecorder(&recording), supervisor.WithSeed(7), supervisor.WithBackoff(supervisor.Backoff{Jitter: 0.5}))
		add(t, sup, "before", new(fails))
		start(t, sup)
		add(t, sup, "healthy", supervisor.TaskFunc(untilStopped), supervisor.WithStopTimeout(time.Minute))
		add(t, sup, "done", &completes{after: time.Second})
		wait(time.Minute)
		require.NoError(t, sup.Restart("healthy"))
		require.NoError(t, sup.Remove("done"))
		require.Error(t, sup.Kill("done"))
		wait(time.Minute)

		machine := play(t, recording.String())
		require.Equal(t, sup.Counts(), machine.Counts())
		var told []core.TaskStatus
		for _, task := range sup.Statuses() {
			status, _, err := sup.MachineStatus(task.Name)
			require.NoError(t, err)
			told = append(told, status)
			require.Contains(t, recording.String(), " add "+task.Name)
		}
		for task := range machine.Tasks() {
			require.Contains(t, told, task)
		}
		require.NoError(t, sup.Report().Recording)
	})
}

func TestRecordingOfAnotherRunBeginsAnotherScenario(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		var recording bytes.Buffer
		sup := newSupervisor(t, supervisor.WithRecorder(&recording))
		add(t, sup, "task", supervisor.TaskFunc(untilStopped))
		for range 2 {
			require.NoError(t, sup.Start(t.Context()))
			wait(time.Second)
			stop(t, sup)
			require.NoError(t, sup.Drain(t.Context()))
		}
		parts, machines := playAll(t, recording.String())
		require.Len(t, parts, 2)
		for i, machine := range machines {
			require.EqualValues(t, i+1, parts[i].Head.Run)
			requireWord(t, supervisor.PhaseHalted, machine.Phase())
			require.Equal(t, 1, machine.Counts().Halted)
		}
		origin, known := parts[1].Head.Date(0)
		require.True(t, known)
		require.Equal(t, time.Second, origin.Sub(parts[0].Head.Origin))
	})
}

// badWriter is a writer that fails in some way after its first call.
type badWriter struct {
	mu    sync.Mutex
	calls int
	fail  func(p []byte) (int, error)
}

func (w *badWriter) Write(p []byte) (int, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.calls++; w.calls > 1 {
		return w.fail(p)
	}
	return len(p), nil
}

func TestBadWriterEndsTheRecordingAndNothingElse(t *testing.T) {
	errDisk := errors.New("the disk is full")
	for name, test := range map[string]struct {
		fail func(p []byte) (int, error)
		is   func(t *testing.T, err error)
	}{
		"fails": {
			func([]byte) (int, error) { return 0, errDisk },
			func(t *testing.T, err error) { require.ErrorIs(t, err, errDisk) },
		},
		"writes little": {
			func([]byte) (int, error) { return 1, nil },
			func(t *testing.T, err error) { require.ErrorIs(t, err, io.ErrShortWrite) },
		},
		"panics": {
			func([]byte) (int, error) { panic(errDisk) },
			func(t *testing.T, err error) {
				require.ErrorAs(t, err, new(*supervisor.PanicError))
				require.ErrorIs(t, err, errDisk)
			},
		},
		"ends its goroutine": {
			func([]byte) (int, error) { runtime.Goexit(); return 0, nil },
			func(t *testing.T, err error) { require.ErrorAs(t, err, new(*supervisor.GoexitError)) },
		},
	} {
		t.Run(name, func(t *testing.T) {
			inBubble(t, func(t *testing.T) {
				writer := &badWriter{fail: test.fail}
				sup := newSupervisor(t, supervisor.WithRecorder(writer))
				task := new(fails)
				start(t, sup)
				add(t, sup, "task", task)
				wait(time.Minute)
				require.EqualValues(t, 5, task.runs.Load())
				test.is(t, sup.Report().Recording)
				require.NoError(t, sup.Drain(t.Context()))
				require.Equal(t, 2, writer.calls)
			})
		})
	}
}

func TestSlowWriterDelaysNothing(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		reader, writer := io.Pipe()
		sup := newSupervisor(t, supervisor.WithRecorder(writer))
		task := new(fails)
		add(t, sup, "task", task)
		start(t, sup)
		wait(time.Minute)
		require.EqualValues(t, 5, task.runs.Load())

		drained := make(chan error)
		go func() { drained <- sup.Drain(t.Context()) }()
		synctest.Wait()
		select {
		case err := <-drained:
			require.Fail(t, "drained though nobody reads", "%v", err)
		default:
		}

		var recording bytes.Buffer
		read := make(chan error)
		go func() {
			_, err := io.Copy(&recording, reader)
			read <- err
		}()
		require.NoError(t, <-drained)
		stop(t, sup)
		require.NoError(t, sup.Drain(t.Context()))
		require.NoError(t, writer.Close())
		require.NoError(t, <-read)
		requireWord(t, supervisor.PhaseHalted, play(t, recording.String()).Phase())
	})
}

func TestRecorderMustNotBeNil(t *testing.T) {
	_, err := supervisor.New(supervisor.WithRecorder(nil))
	require.EqualError(t, err, "invalid options: WithRecorder is nil")
}
