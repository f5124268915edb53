package supervisortest_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/tasksupervisor/tasksupervisor/adapters/supervisor"
	"github.com/tasksupervisor/tasksupervisor/adapters/supervisor/supervisortest"
	"github.com/tasksupervisor/tasksupervisor/core"
)

var errLost = errors.New("connection lost")

func newSupervisor(t testing.TB, options ...supervisor.Option) *supervisor.Supervisor {
	t.Helper()
	sup, err := supervisor.New(options...)
	if err != nil {
		t.Fatalf("%v", err)
	}
	return sup
}

func TestATestOfATree(t *testing.T) {
	supervisortest.Bubble(t, func(t *testing.T) {
		database, mail := supervisortest.NewTask(t), supervisortest.NewTask(t)
		below := newSupervisor(t, supervisor.WithTask("mail", mail))
		sup := newSupervisor(t, supervisortest.Checked(t),
			supervisor.WithTask("database", database, supervisor.ForService()),
			supervisor.WithTask("below", below, supervisor.WithBoundTo("database")))
		supervisortest.Start(t, sup)
		supervisortest.Await(t, sup, "", supervisor.UntilReady)

		database.Break(errLost)
		status := supervisortest.AwaitStatus(t, sup, "database", supervisor.StatusFailed)
		require.ErrorIs(t, status.LastError, errLost)
		supervisortest.Await(t, sup, "below", supervisor.UntilStopped)
		require.Zero(t, mail.Alive())
		time.Sleep(time.Hour)
		database.Mend()
		require.Equal(t, "mail", supervisortest.Await(t, sup, "below/mail", supervisor.UntilReady).Name)
		synctest.Wait() // until the run has begun
		require.Greater(t, database.Runs(), 10)
		require.Equal(t, 1, mail.Alive())
	})
}

func TestTasksDoAsTheyAreTold(t *testing.T) {
	supervisortest.Bubble(t, func(t *testing.T) {
		task := supervisortest.NewTask(t)
		task.Beats = 5 * time.Second
		sup := newSupervisor(t, supervisortest.Checked(t), supervisor.WithTask("task", task, supervisor.WithMaxAttempts(supervisor.Unlimited),
			supervisor.WithWatchdog(10*time.Second), supervisor.WithReadiness(true), supervisor.WithStartTimeout(time.Minute), supervisor.WithStopTimeout(time.Second)))
		supervisortest.Start(t, sup)
		supervisortest.Await(t, sup, "task", supervisor.UntilReady)
		time.Sleep(time.Hour)
		require.Equal(t, 1, task.Runs(), "it beats")

		task.Fail(errLost)
		require.ErrorIs(t, supervisortest.AwaitStatus(t, sup, "task", supervisor.StatusFailed).LastError, errLost)
		supervisortest.Await(t, sup, "task", supervisor.UntilReady)
		task.Panic("oh")
		require.Equal(t, supervisor.ExitPanic, supervisortest.AwaitStatus(t, sup, "task", supervisor.StatusFailed).LastExit)
		supervisortest.Await(t, sup, "task", supervisor.UntilReady)

		task.NotReady()
		require.NoError(t, sup.WaitUntil(t.Context(), "task", func(s supervisor.TaskStatus) bool { return s.Unready }))
		task.Ready()
		supervisortest.Await(t, sup, "task", supervisor.UntilReady)

		task.Hang()
		require.Equal(t, supervisor.ExitWatchdog, supervisortest.AwaitStatus(t, sup, "task", supervisor.StatusAbandoned).LastExit)
		require.Equal(t, 1, task.Alive())
		task.NotReady()
		task.Release()
		supervisortest.AwaitStatus(t, sup, "task", supervisor.StatusStarting)
		task.Ready()
		supervisortest.Await(t, sup, "task", supervisor.UntilReady)

		task.IgnoreStop()
		require.NoError(t, sup.Restart("task"))
		supervisortest.AwaitStatus(t, sup, "task", supervisor.StatusAbandoned)
		task.Fail(errLost)
		supervisortest.Await(t, sup, "task", supervisor.UntilReady)
		task.Release()
		task.Complete()
		supervisortest.AwaitStatus(t, sup, "task", supervisor.StatusCompleted)
		require.NoError(t, sup.Remove("task"))
		require.Zero(t, supervisortest.Await(t, sup, "task", supervisor.UntilGone))
	})
}

// An order that no run is there for is carried out by the next.
func TestOrdersWait(t *testing.T) {
	supervisortest.Bubble(t, func(t *testing.T) {
		task := supervisortest.NewTask(t)
		task.Fail(errLost)
		task.Fail(supervisor.Fatal(errLost))
		sup := newSupervisor(t, supervisortest.Checked(t), supervisor.WithTask("task", task))
		supervisortest.Start(t, sup)
		require.ErrorIs(t, sup.Wait(), errLost)
		require.Equal(t, 2, task.Runs())
	})
}

func TestTestsFailThatAwaitWhatDoesNotCome(t *testing.T) {
	requireFailure(t, `^task did not become healthy: .*completed or dead already`, func(t testing.TB) {
		task := supervisortest.NewTask(t)
		sup := newSupervisor(t, supervisor.WithTask("task", task))
		supervisortest.Start(t, sup)
		task.Complete()
		supervisortest.AwaitStatus(t, sup, "task", supervisor.StatusCompleted)
		supervisortest.Await(t, sup, "task", supervisor.UntilHealthy)
		t.Errorf("the test goes on")
	})
	requireFailure(t, `^task did not become failed: .*deadline exceeded`, func(t testing.TB) {
		sup := newSupervisor(t, supervisor.WithTask("task", supervisortest.NewTask(t)))
		supervisortest.Start(t, sup)
		supervisortest.AwaitStatus(t, sup, "task", supervisor.StatusFailed)
		t.Errorf("the test goes on")
	})
	requireFailure(t, `^the tree did not become stopped: .*deadline exceeded`, func(t testing.TB) {
		sup := newSupervisor(t, supervisor.WithTask("task", supervisortest.NewTask(t)))
		supervisortest.Start(t, sup)
		supervisortest.Await(t, sup, "", supervisor.UntilStopped)
	})
}

func TestTestsFailWhoseSupervisorsDoNotStart(t *testing.T) {
	requireFailure(t, `^the supervisor does not start: .*running already`, func(t testing.TB) {
		sup := newSupervisor(t)
		supervisortest.Start(t, sup)
		supervisortest.Start(t, sup)
		t.Errorf("the test goes on")
	})
}

func TestTestsFailThatLeaveRunsBehind(t *testing.T) {
	requireFailure(t, `^a run was left behind by the supervisor started at supervisortest_test.go:\d+: below/task run 1 \(stop-timeout\)`, func(t testing.TB) {
		task := supervisortest.NewTask(t)
		task.IgnoreStop()
		below := newSupervisor(t, supervisor.WithTask("task", task))
		sup := newSupervisor(t, supervisortest.Checked(t), supervisor.WithTask("below", below))
		supervisortest.Start(t, sup)
		supervisortest.Await(t, sup, "below/task", supervisor.UntilHealthy)
	})
}

func TestTestsFailWhoseSupervisorsDoNotStop(t *testing.T) {
	requireFailure(t, `^the supervisor started at supervisortest_test.go:\d+ has not stopped 1h0m0s after it was asked to: context deadline exceeded`, func(t testing.TB) {
		task := supervisortest.NewTask(t)
		task.Hang()
		sup := newSupervisor(t, supervisor.WithTask("task", task, supervisor.WithStopTimeout(core.Forever)))
		supervisortest.Start(t, sup)
		supervisortest.Await(t, sup, "task", supervisor.UntilHealthy)
	})
}

// brokenWriter ends the recording of a supervisor.
type brokenWriter struct{}

func (brokenWriter) Write([]byte) (int, error) { return 0, errLost }

func TestTestsFailWhoseRecordingsFail(t *testing.T) {
	requireFailure(t, `^the recording of the supervisor started at supervisortest_test.go:\d+ has ended: connection lost`, func(t testing.TB) {
		sup := newSupervisor(t, supervisor.WithRecorder(brokenWriter{}))
		supervisortest.Start(t, sup)
	})
}

// What tasks returned while they were stopped is not a failure, and is told.
func TestFailedStopsAreLogged(t *testing.T) {
	supervisortest.Bubble(t, func(t *testing.T) {
		f := &fake{}
		f.run(context.WithoutCancel(t.Context()), func(t testing.TB) {
			sup := newSupervisor(t, supervisor.WithTask("task", supervisor.TaskFunc(func(ctx context.Context) error {
				<-ctx.Done()
				return errLost
			})))
			supervisortest.Start(t, sup)
			supervisortest.Await(t, sup, "task", supervisor.UntilHealthy)
		})
		require.Empty(t, f.failures)
		require.Len(t, f.logs, 1)
		require.Contains(t, f.logs[0], "while it was stopped: task run 1")
	})
}

// failedRecording returns what a failed test logs of a recording with so many restarts.
func failedRecording(t *testing.T, restarts int) (logged string) {
	t.Helper()
	supervisortest.Bubble(t, func(t *testing.T) {
		f := &fake{}
		f.run(context.WithoutCancel(t.Context()), func(t testing.TB) {
			sup := newSupervisor(t, supervisortest.Checked(t), supervisor.WithTask("task", supervisortest.NewTask(t)))
			supervisortest.Start(t, sup)
			for range restarts {
				supervisortest.Await(t, sup, "task", supervisor.UntilHealthy)
				if err := sup.Restart("task"); err != nil {
					t.Fatalf("%v", err)
				}
			}
			t.Errorf("it fails")
		})
		require.Equal(t, []string{"it fails"}, f.failures)
		require.Len(t, f.logs, 1)
		logged = f.logs[0]
	})
	return logged
}

func TestShortRecordingsAreLogged(t *testing.T) {
	dir := temporary(t, t.TempDir())
	logged := failedRecording(t, 1)
	require.Regexp(t, `^the recording:\nscenario 1`, logged)
	require.Contains(t, logged, "at 0s shutdown", "to its end")
	entries, err := os.ReadDir(dir)
	require.NoError(t, err)
	require.Empty(t, entries)
}

func TestLongRecordingsAreKeptInAFile(t *testing.T) {
	dir := temporary(t, t.TempDir())
	logged := failedRecording(t, 1000)
	entries, err := os.ReadDir(dir)
	require.NoError(t, err)
	require.Len(t, entries, 1)
	path := filepath.Join(dir, entries[0].Name())
	require.Equal(t, ".recording", filepath.Ext(path))
	kept, err := os.ReadFile(path)
	require.NoError(t, err)
	require.True(t, strings.HasPrefix(string(kept), "scenario 1"))
	lines := strings.SplitAfter(string(kept), "\n")
	require.Equal(t, fmt.Sprintf("the recording, of %d lines, is in %s\nits last lines:\n%s", len(lines)-1, path, strings.Join(lines[len(lines)-1-50:], "")), logged)
}

func TestLongRecordingsThatCannotBeKeptAreLoggedInPart(t *testing.T) {
	temporary(t, filepath.Join(t.TempDir(), "missing"))
	logged := failedRecording(t, 1000)
	require.Regexp(t, `^the recording, of \d+ lines, could not be written to a file: .*\nits last lines:\n`, logged)
	require.Equal(t, 2+50, strings.Count(logged, "\n"))
}

// temporary makes a folder that of temporary files.
func temporary(t *testing.T, dir string) string {
	t.Helper()
	for _, name := range []string{"TMPDIR", "TMP", "TEMP"} { // depends on the system
		t.Setenv(name, dir)
	}
	return dir
}

// What a task was told does not outlive the test, and what was never used does no harm.
func TestUnusedHelpersAreHarmless(t *testing.T) {
	require.Empty(t, failuresOf(t, func(t testing.TB) {
		supervisortest.NewTask(t).Hang()
		supervisortest.Checked(t)
		newSupervisor(t, supervisortest.Checked(t))
	}))
}
