package supervisor_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/tasksupervisor/tasksupervisor/adapters/supervisor"
)

// begun is what a task sees of one of its runs.
type begun struct {
	run   supervisor.RunNumber
	cause error // why its context ended; nil if the run did first
}

// Several callers start and stop the same tasks at once. What each task sees is what was decided, in that order, with the
// cause that was decided on.
func TestRunsSeeWhatWasDecidedInOrder(t *testing.T) {
	const workers, operations, names = 6, 400, 5
	var mu sync.Mutex
	seen, decided := make(map[string][]begun), make(map[string][]supervisor.Transition)
	sup := newSupervisor(t, supervisor.WithBaseDelay(0), supervisor.WithMaxAttempts(supervisor.Unlimited),
		supervisor.WithStopTimeout(supervisor.Forever), supervisor.WithObserverQueue(1<<20),
		supervisor.WithObserver(func(e supervisor.Transition) {
			if e.Kind == supervisor.ActionStart || e.Kind == supervisor.ActionStop {
				decided[e.Task] = append(decided[e.Task], e)
			}
		}))
	task := func(ctx context.Context) error {
		info, _ := supervisor.Current(ctx)
		var cause error
		if rand.IntN(3) > 0 {
			<-ctx.Done()
			cause = context.Cause(ctx)
		}
		mu.Lock()
		defer mu.Unlock()
		seen[info.Task] = append(seen[info.Task], begun{info.Run, cause})
		return errFailed
	}
	for i := range names {
		addFunc(t, sup, fmt.Sprint(i), task)
	}
	require.NoError(t, sup.Start(context.Background()))
	tolerated := []error{supervisor.ErrAlreadyEnded, supervisor.ErrNotSuspended}
	inParallel(t, workers, operations, tolerated, func() error {
		name := fmt.Sprint(rand.IntN(names))
		switch rand.IntN(4) {
		case 0:
			return sup.Kill(name)
		case 1:
			return sup.Suspend(name)
		case 2:
			return sup.Resume(name)
		}
		return sup.Restart(name)
	})
	require.NoError(t, sup.Shutdown(t.Context()))
	require.NoError(t, sup.Drain(t.Context()))

	causes := map[supervisor.Reason]error{
		supervisor.ReasonKilled: supervisor.ErrKilled, supervisor.ReasonSuspended: supervisor.ErrSuspended,
		supervisor.ReasonRestarted: supervisor.ErrRestarted, supervisor.ReasonSupervisorStop: supervisor.ErrShutdown,
	}
	stopped := 0
	for i := range names {
		var starts []supervisor.RunNumber
		stops := make(map[supervisor.RunNumber]error)
		for _, e := range decided[fmt.Sprint(i)] {
			require.Zero(t, e.Lost)
			if e.Kind == supervisor.ActionStart {
				starts = append(starts, e.Run)
			} else {
				require.Contains(t, causes, e.Why)
				require.NotContains(t, stops, e.Run, "it is stopped once")
				stops[e.Run] = causes[e.Why]
			}
		}
		var runs []supervisor.RunNumber
		for _, run := range seen[fmt.Sprint(i)] {
			runs = append(runs, run.run)
			if run.cause != nil {
				stopped++
				require.True(t, errors.Is(run.cause, stops[run.run]), "%v: run %v was stopped with %v", stops[run.run], run.run, run.cause)
			}
		}
		require.Equal(t, starts, runs)
	}
	require.Positive(t, stopped)
}
