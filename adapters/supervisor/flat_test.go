package supervisor_test

import (
	"context"
	"io"
	"runtime"
	"strconv"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/tasksupervisor/tasksupervisor/adapters/supervisor"
)

// A supervisor that has a few tasks at a time can go on for ever: nothing of it grows with the past. Every round has another
// task under another name, with a stop timeout of its own, which fails, is restarted, is given other policies, is needed by
// another, and is removed; limits are changed, and calls are refused. There are a recording and an observer.
func TestNothingGrowsWithThePast(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		seen := 0
		sup := newSupervisor(t, supervisor.WithRecorder(io.Discard), supervisor.WithObserver(func(supervisor.Transition) { seen++ }))
		addFunc(t, sup, "steady", untilStopped)
		start(t, sup)
		n := 0
		round := func() {
			n++
			own := time.Duration(n) * time.Millisecond
			name := "task-" + strconv.Itoa(n)
			runs := 0
			addFunc(t, sup, name, func(ctx context.Context) error {
				if runs++; runs == 1 {
					return errFailed
				}
				return untilStopped(ctx)
			}, supervisor.WithStopTimeout(own), supervisor.WithBackoff(supervisor.Backoff{Base: time.Second, Factor: 1}))
			addFunc(t, sup, "with-"+name, untilStopped, supervisor.WithNeeds(name))
			require.ErrorIs(t, sup.Add(name, supervisor.TaskFunc(untilStopped), supervisor.WithStopTimeout(2*own)), supervisor.ErrDuplicateName)
			require.Error(t, sup.SetPolicy("nowhere", supervisor.WithStopTimeout(3*own)))
			require.NoError(t, sup.SetPolicy(name, supervisor.WithStopTimeout(4*own)))
			require.NoError(t, sup.SetPolicy("steady", supervisor.WithStopTimeout(5*own)))
			require.NoError(t, sup.SetLimits(supervisor.WithShutdownTimeout(own)))
			wait(time.Minute)
			require.NoError(t, sup.RemoveWait(context.Background(), "with-"+name))
			require.NoError(t, sup.RemoveWait(context.Background(), name))
		}
		measure := func() (objects uint64) {
			synctest.Wait()
			for range 3 { // what is weakly referred to goes in the next round
				runtime.GC()
			}
			var stats runtime.MemStats
			runtime.ReadMemStats(&stats)
			return stats.HeapObjects
		}
		for range 500 {
			round()
		}
		before := measure()
		for range 3000 {
			round()
		}
		after := measure()
		require.LessOrEqual(t, after, before+500, "some object is left of every round, or of every sixth")
		require.Greater(t, seen, 3000)
	})
}

// A policy of its own for each of very many tasks, one at a time.
func TestManyPoliciesInTurn(t *testing.T) {
	tasks := 200_000
	if testing.Short() {
		tasks = 70_000 // more than 16 bits count
	}
	inBubble(t, func(t *testing.T) {
		sup := newSupervisor(t)
		start(t, sup)
		for n := range tasks {
			if err := sup.Add("task", supervisor.TaskFunc(untilStopped), supervisor.WithStopTimeout(time.Duration(n+1))); err != nil {
				t.Fatal(n, err)
			}
			if err := sup.RemoveWait(context.Background(), "task"); err != nil {
				t.Fatal(n, err)
			}
		}
	})
}
