package supervisortest

import (
	"context"
	"errors"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/tasksupervisor/tasksupervisor/adapters/supervisor"
)

// Patience is how long anything here waits, by the time of the test: in a bubble, an hour passes in a moment.
const Patience = time.Hour

// Start starts a supervisor, and shuts it down when the test ends, if it has not stopped by then. Then it accounts for every run:
// the test fails if one was left behind, is alive, or was lost, anywhere in the tree, and if the supervisor itself has failed.
// What tasks returned while they were stopped is logged.
//
// The test ends at once if the supervisor does not start. A test that has the supervisor end early looks at [supervisor.Supervisor.Wait]
// itself: how it ends is up to the test.
func Start(t testing.TB, sup *supervisor.Supervisor) {
	t.Helper()
	if err := sup.Start(context.WithoutCancel(t.Context())); err != nil {
		t.Fatalf("the supervisor does not start: %v", err)
	}
	started := callerOf()
	t.Cleanup(func() {
		t.Helper()
		ctx, cancel := context.WithTimeout(context.Background(), Patience)
		defer cancel()
		if err := sup.Shutdown(ctx); err != nil {
			t.Errorf("the supervisor started at %s has not stopped %v after it was asked to: %v\n%s", started, Patience, err, tree(sup))
			return
		}
		account(t, sup, started)
	})
}

// callerOf returns the line from which what calls it was called. What fails when a test ends has none of its own, if the test is in a
// bubble.
func callerOf() string {
	_, file, line, _ := runtime.Caller(2)
	return filepath.Base(file) + ":" + strconv.Itoa(line)
}

// account fails a test if a supervisor that has stopped has not accounted for all its runs.
func account(t testing.TB, sup *supervisor.Supervisor, started string) {
	t.Helper()
	report := sup.Report()
	for _, left := range report.LeftBehind {
		t.Errorf("a run was left behind by the supervisor started at %s: %v", started, left)
	}
	if begun, ended := report.Runs.Started, report.Runs.Ended; begun != ended && len(report.LeftBehind) == 0 {
		t.Errorf("%d runs of the supervisor started at %s have started, and %d have ended", begun, started, ended)
	}
	if fault := (*supervisor.FaultError)(nil); errors.As(sup.Wait(), &fault) {
		t.Errorf("the supervisor started at %s: %v\n%s", started, fault, fault.Stack)
	}
	if report.Recording != nil {
		t.Errorf("the recording of the supervisor started at %s has ended: %v", started, report.Recording)
	}
	for _, failed := range report.FailedStops {
		t.Logf("while it was stopped: %v", failed)
	}
}

// Await waits until a condition holds for a task, or for the empty path for all tasks of the tree, and returns the task's status
// then; that of the empty path is zero. The test ends at once when it cannot hold any more, such as that of a task that is dead, or
// does not hold within [Patience].
func Await(t testing.TB, sup *supervisor.Supervisor, path string, condition supervisor.Condition) supervisor.TaskStatus {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), Patience)
	defer cancel()
	wait := sup.WaitFor
	if path == "" {
		wait = sup.WaitForAll
	}
	if err := wait(ctx, path, condition); err != nil {
		failAwait(t, sup, path, condition.String(), err)
	}
	status, _ := sup.Status(path) // it may be gone
	return status
}

// AwaitStatus waits until a task has a status, such as [supervisor.StatusFailed] or [supervisor.StatusDead], and returns all of it. The
// test ends at once when the task cannot get it any more, or does not within [Patience]. A status that lasts for no time may be missed.
func AwaitStatus(t testing.TB, sup *supervisor.Supervisor, path string, wanted supervisor.Status) (status supervisor.TaskStatus) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), Patience)
	defer cancel()
	err := sup.WaitUntil(ctx, path, func(is supervisor.TaskStatus) bool {
		status = is
		return is.Status == wanted
	})
	if err != nil {
		failAwait(t, sup, path, wanted.String(), err)
	}
	return status
}

func failAwait(t testing.TB, sup *supervisor.Supervisor, path, wanted string, err error) {
	t.Helper()
	if path == "" {
		path = "the tree"
	}
	t.Fatalf("%s did not become %s: %v\n%s", path, wanted, err, tree(sup))
}

// tree is the tree as it is, for the messages of tests that fail.
func tree(sup *supervisor.Supervisor) string {
	var text strings.Builder
	for _, node := range sup.Tree() {
		text.WriteString(node.String() + "\n")
	}
	return text.String()
}
