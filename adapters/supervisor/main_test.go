package supervisor_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"runtime"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"github.com/tasksupervisor/tasksupervisor/adapters/supervisor"
	"github.com/tasksupervisor/tasksupervisor/internal/bubble"
)

func TestMain(m *testing.M) {
	if os.Getenv(lastLines) != "" {
		exitWithLastLines()
		panic("it should have exited")
	}
	if scenario := os.Getenv(asProgram); scenario != "" {
		go func() { // a program does not outlive the test that it is for
			_, _ = io.Copy(io.Discard, os.Stdin)
			os.Exit(1)
		}()
		os.Exit(mains[scenario]())
	}
	goleak.VerifyTestMain(m, goleak.Cleanup(func(code int) {
		if code == 0 && !supervisor.SharedAreUntouched() {
			fmt.Fprintln(os.Stderr, "something was written that all tasks share")
			code = 1
		}
		os.Exit(code)
	}))
}

var errFailed = errors.New("it failed")

// untilStopped is a task that does as it is told.
func untilStopped(ctx context.Context) error {
	<-ctx.Done()
	return context.Cause(ctx)
}

// fails is a task that fails at once, and counts its runs.
type fails struct{ runs atomic.Int32 }

func (f *fails) Run(context.Context) error {
	f.runs.Add(1)
	return errFailed
}

// completes is a task that takes a while and ends well, and counts its runs.
type completes struct {
	after time.Duration
	runs  atomic.Int32
}

func (c *completes) Run(ctx context.Context) error {
	c.runs.Add(1)
	select {
	case <-time.After(c.after):
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

// ignoresStop is a task that runs until it is released, whatever its context says.
type ignoresStop struct {
	runs    atomic.Int32
	release chan struct{} // takes one value for each run to be released
}

func newIgnoresStop() *ignoresStop { return &ignoresStop{release: make(chan struct{})} }

func (i *ignoresStop) Run(context.Context) error {
	i.runs.Add(1)
	<-i.release
	return errFailed
}

// ready, beat, beatWithin and heartOf are what a run calls; they panic if the context is not that of a live run.
func ready(ctx context.Context) { panicIf(supervisor.Ready(ctx)) }

func beat(ctx context.Context) { panicIf(supervisor.Beat(ctx)) }

func beatWithin(ctx context.Context, d time.Duration) { panicIf(supervisor.BeatWithin(ctx, d)) }

func heartOf(ctx context.Context) supervisor.Heart {
	heart, err := supervisor.HeartOf(ctx)
	panicIf(err)
	return heart
}

func panicIf(err error) {
	if err != nil {
		panic(err)
	}
}

// notes are taken by several tasks.
type notes[V any] struct {
	mu  sync.Mutex
	all map[string]V
}

func (n *notes[V]) set(name string, note V) {
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.all == nil {
		n.all = make(map[string]V)
	}
	n.all[name] = note
}

func (n *notes[V]) get(name string) V {
	n.mu.Lock()
	defer n.mu.Unlock()
	return n.all[name]
}

func (n *notes[V]) copy() map[string]V {
	n.mu.Lock()
	defer n.mu.Unlock()
	return maps.Clone(n.all)
}

// inBubble runs a test on virtual time.
func inBubble(t *testing.T, test func(t *testing.T)) {
	t.Helper()
	bubble.Run(t, test)
}

// wait lets virtual time pass, and everything settle.
func wait(d time.Duration) {
	time.Sleep(d)
	synctest.Wait()
}

func newSupervisor(t *testing.T, options ...supervisor.Option) *supervisor.Supervisor {
	t.Helper()
	sup, err := supervisor.New(options...)
	require.NoError(t, err)
	return sup
}

// start starts the supervisor, and has it stopped when the test is over.
func start(t *testing.T, sup *supervisor.Supervisor) {
	t.Helper()
	require.NoError(t, sup.Start(context.Background()))
	t.Cleanup(func() { stop(t, sup) })
	synctest.Wait()
}

// stop shuts the supervisor down and checks its account.
func stop(t *testing.T, sup *supervisor.Supervisor) {
	t.Helper()
	require.NoError(t, sup.Shutdown(context.Background()))
	report := sup.Report()
	requireWord(t, supervisor.PhaseHalted, report.Phase)
	require.Equal(t, report.Runs.Started-report.Runs.Ended, uint64(len(report.LeftBehind)), "every run is accounted for")
}

func add(t *testing.T, sup *supervisor.Supervisor, name string, task supervisor.Task, options ...supervisor.TaskOption) {
	t.Helper()
	require.NoError(t, sup.Add(name, task, options...))
}

func addFunc(t *testing.T, sup *supervisor.Supervisor, name string, task supervisor.TaskFunc, options ...supervisor.TaskOption) {
	t.Helper()
	add(t, sup, name, task, options...)
}

func status(t *testing.T, sup *supervisor.Supervisor, name string) supervisor.TaskStatus {
	t.Helper()
	s, err := sup.Status(name)
	require.NoError(t, err)
	return s
}

// requireWord compares values of an enumeration, and shows them as words if they differ.
func requireWord[W fmt.Stringer](t *testing.T, want, got W, says ...any) {
	t.Helper()
	require.Equal(t, want.String(), got.String(), says...)
}

func requireStatus(t *testing.T, sup *supervisor.Supervisor, name string, want supervisor.Status) {
	t.Helper()
	s := status(t, sup, name)
	require.Equal(t, want.String(), s.Status.String(), s.String())
}

func goexit() { runtime.Goexit() }
