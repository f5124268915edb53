package supervisor_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"runtime"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/tasksupervisor/tasksupervisor/adapters/supervisor"
)

// census counts the runs of tasks independently of the supervisor.
type census struct{ started, ended atomic.Uint64 }

// behaviours are ways for a run to go.
var behaviours = []supervisor.TaskFunc{
	untilStopped,
	func(context.Context) error { return nil },
	func(context.Context) error { return errFailed },
	func(context.Context) error { panic("stress") },
	func(context.Context) error { runtime.Goexit(); return nil },
	func(ctx context.Context) error {
		for range 3 {
			runtime.Gosched()
		}
		return untilStopped(ctx)
	},
}

// counted is a task of a random behaviour, another one every run.
func (c *census) counted() supervisor.TaskFunc {
	return func(ctx context.Context) error {
		c.started.Add(1)
		defer c.ended.Add(1)
		return behaviours[rand.IntN(len(behaviours))](ctx)
	}
}

// overlap is a task that must never run twice at a time.
type overlap struct {
	task  supervisor.Task
	runs  atomic.Int32
	found *atomic.Bool
}

func (o *overlap) Run(ctx context.Context) error {
	if o.runs.Add(1) != 1 {
		o.found.Store(true)
	}
	defer o.runs.Add(-1)
	return o.task.Run(ctx)
}

// inParallel has workers do operations, each so many, and reports what they answer that is not tolerated.
func inParallel(t *testing.T, workers, operations int, tolerated []error, operate func() error) {
	t.Helper()
	var unexpected sync.Map
	var done sync.WaitGroup
	for range workers {
		done.Go(func() {
			for range operations {
				err := operate()
				known := err == nil
				for _, e := range tolerated {
					known = known || errors.Is(err, e)
				}
				if !known {
					unexpected.Store(err.Error(), true)
				}
			}
		})
	}
	done.Wait()
	unexpected.Range(func(err, _ any) bool { t.Error(err); return true })
}

// accounted shuts the supervisor down and requires that every run has ended. It returns the report.
func (c *census) accounted(t *testing.T, sup *supervisor.Supervisor) supervisor.Report {
	t.Helper()
	require.NoError(t, sup.Shutdown(t.Context()))
	require.NoError(t, sup.Wait())
	require.NoError(t, sup.Drain(t.Context()))
	require.Equal(t, c.started.Load(), c.ended.Load())
	report := sup.Report()
	require.Equal(t, report.Runs.Started, report.Runs.Ended)
	require.Empty(t, report.LeftBehind)
	return report
}

// All commands are given at once; then every run is accounted for (invariants 1, 13 and 14).
func TestStress(t *testing.T) {
	const workers, operations, names = 8, 1200, 12
	var census census
	var overlaps atomic.Bool
	var delivered atomic.Uint64
	sup := newSupervisor(t, supervisor.WithBaseDelay(0), supervisor.WithMaxAttempts(3), supervisor.WithStableAfter(supervisor.Forever),
		supervisor.WithStopTimeout(supervisor.Forever), supervisor.WithObserverQueue(64),
		supervisor.WithObserver(func(e supervisor.Transition) {
			if e.Why != supervisor.ReasonNone { // else it says only what was lost
				delivered.Add(1)
			}
		}))
	newTask := func() supervisor.Task {
		task := supervisor.Task(census.counted())
		if rand.IntN(4) == 0 {
			child := newSupervisor(t, supervisor.WithBaseDelay(0), supervisor.WithMaxAttempts(1),
				supervisor.WithDeadThreshold(0.5), supervisor.WithStopTimeout(supervisor.Forever))
			for i := range 3 {
				add(t, child, fmt.Sprint(i), census.counted())
			}
			task = child
		}
		return &overlap{task: task, found: &overlaps}
	}
	ctx := context.Background()
	require.NoError(t, sup.Start(ctx))

	// What the calls may answer while others do the same.
	tolerated := []error{supervisor.ErrUnknownTask, supervisor.ErrDuplicateName, supervisor.ErrBeingRemoved, supervisor.ErrAlreadyEnded}
	inParallel(t, workers, operations, tolerated, func() (err error) {
		name := fmt.Sprint(rand.IntN(names))
		switch rand.IntN(8) {
		case 0, 1:
			return sup.Add(name, newTask())
		case 2:
			return sup.Kill(name)
		case 3:
			return sup.KillWait(ctx, name)
		case 4:
			return sup.Restart(name)
		case 5:
			return sup.RemoveWait(ctx, name)
		case 6:
			_, err = sup.Status(name)
		case 7:
			_, _ = sup.Report(), sup.Statuses()
		}
		return err
	})
	report := census.accounted(t, sup)
	require.False(t, overlaps.Load(), "two runs of a task at a time")
	require.Zero(t, report.Runs.Abandoned)
	// How many runs there were depends on who came first. There are operations enough for many more than this.
	require.Greater(t, census.started.Load(), uint64(800))

	// The report's runs are the tasks' and the nested supervisors'; only the latter are not in the census.
	require.GreaterOrEqual(t, report.Runs.Started, census.started.Load())
	for _, task := range report.Tasks {
		require.Equal(t, task.Runs.Started, task.Runs.Ended, task.Path)
	}
	observer := report.Observers[0]
	require.Equal(t, observer.Delivered, delivered.Load())
}

// Supervisors are started, stopped and started again while others wait and shut down.
func TestStressOfLifecycles(t *testing.T) {
	const rounds = 30
	sup := newSupervisor(t, supervisor.WithBaseDelay(0), supervisor.WithStopTimeout(supervisor.Forever))
	for i := range 10 {
		addFunc(t, sup, fmt.Sprint(i), untilStopped)
	}
	ctx := context.Background()
	var others sync.WaitGroup
	var runs atomic.Int32
	for range 4 {
		others.Go(func() {
			for range rounds {
				switch err := sup.Start(ctx); {
				case err == nil:
					runs.Add(1)
				case !errors.Is(err, supervisor.ErrAlreadyRunning):
					t.Error(err)
				}
				if err := sup.Shutdown(ctx); err != nil {
					t.Error(err)
				}
				if err := sup.Wait(); err != nil {
					t.Error(err)
				}
			}
		})
	}
	others.Wait()
	report := sup.Report()
	require.Positive(t, runs.Load())
	require.Equal(t, uint64(runs.Load())*10, report.Runs.Started)
	require.Equal(t, report.Runs.Started, report.Runs.Ended)
}
