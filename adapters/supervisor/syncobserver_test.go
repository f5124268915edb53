package supervisor_test

import (
	"context"
	"fmt"
	"runtime"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/tasksupervisor/tasksupervisor/adapters/supervisor"
)

// A synchronous observer has been told of a decision when the call that made it returns, in the whole tree.
func TestASyncObserverHasBeenToldWhenACallReturns(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		var told journal
		sup := newSupervisor(t, supervisor.WithName("root"), supervisor.WithSyncObserver(func(e supervisor.Transition) {
			time.Sleep(time.Second)
			told.write(fmt.Sprintf("%s %s %v", e.Supervisor, e.Task, e.To))
		}, time.Minute))
		inner := newSupervisor(t, supervisor.WithName("inner"))
		begun := time.Now()
		require.NoError(t, sup.Add("inner", inner))
		require.Equal(t, time.Second, time.Since(begun))
		require.Equal(t, []string{"root inner created"}, told.take())
		require.NoError(t, sup.Start(t.Context()))
		require.Equal(t, []string{"root inner healthy"}, told.take())
		wait(0)
		require.NoError(t, inner.Add("task", supervisor.TaskFunc(untilStopped)))
		require.Equal(t, []string{"root/inner task created", "root/inner task healthy"}, told.take())
		require.NoError(t, sup.Kill("inner/task"))
		require.Equal(t, "root/inner task stopping", told.take()[0])
		require.NoError(t, sup.Shutdown(t.Context()))
		require.Zero(t, sup.Report().Observers[0].Late)
	})
}

// One that takes too long is waited for once, until it has caught up.
func TestASyncObserverIsWaitedForWithinABound(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		block := make(chan struct{})
		sup := newSupervisor(t, supervisor.WithSyncObserver(func(supervisor.Transition) { <-block }, time.Second))
		begun := time.Now()
		for i := range 10 {
			addFunc(t, sup, fmt.Sprint(i), untilStopped)
		}
		require.Equal(t, time.Second, time.Since(begun))
		require.EqualValues(t, 10, sup.Report().Observers[0].Late)
		close(block)
		require.NoError(t, sup.Drain(t.Context()))

		block = make(chan struct{})
		addFunc(t, sup, "another", untilStopped)
		require.Equal(t, 2*time.Second, time.Since(begun), "it had caught up")
		close(block)
		require.NoError(t, sup.Drain(t.Context()))
	})
}

// It may call the supervisor, panic and end its goroutine.
func TestASyncObserverMayDoAnything(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		var sup *supervisor.Supervisor
		calls := 0
		sup = newSupervisor(t, supervisor.WithSyncObserver(func(e supervisor.Transition) {
			switch calls++; {
			case e.Task == "panics" && e.Kind == supervisor.ActionAdd:
				panic("boom")
			case e.Task == "exits" && e.Kind == supervisor.ActionAdd:
				runtime.Goexit()
			case e.Task == "adds" && e.Kind == supervisor.ActionAdd:
				require.NoError(t, sup.Add("added", supervisor.TaskFunc(untilStopped)))
				require.NoError(t, sup.Remove("added"))
				require.ErrorIs(t, sup.Drain(t.Context()), supervisor.ErrObserving)
			}
		}, time.Minute))
		begun := time.Now()
		require.NoError(t, sup.Start(t.Context()))
		for _, name := range []string{"panics", "exits", "adds"} {
			addFunc(t, sup, name, untilStopped)
		}
		require.NoError(t, sup.Shutdown(t.Context()))
		require.Equal(t, begun, time.Now())
		report := sup.Report().Observers[0]
		require.EqualValues(t, 2, report.Panics)
		require.Zero(t, report.Late)
		require.EqualValues(t, calls, report.Delivered)
	})
}

// One that waits for what waits for it is not waited for to the end.
func TestASyncObserverThatWaits(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		var sup *supervisor.Supervisor
		sup = newSupervisor(t, supervisor.WithSyncObserver(func(e supervisor.Transition) {
			if e.Kind == supervisor.ActionHalt {
				require.NoError(t, sup.Wait())
			}
		}, time.Second))
		begun := time.Now()
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		require.NoError(t, sup.Run(ctx))
		require.Equal(t, time.Second, time.Since(begun))
		require.Equal(t, supervisor.ObserverReport{Delivered: 1, Late: 1}, sup.Report().Observers[0])
	})
}

// It is refused with what cannot be meant.
func TestSyncObserverMustBeBounded(t *testing.T) {
	for _, atMost := range []time.Duration{-1, 0, time.Minute + 1} {
		_, err := supervisor.New(supervisor.WithSyncObserver(func(supervisor.Transition) {}, atMost))
		require.EqualError(t, err, "invalid options: WithSyncObserver waits for "+atMost.String()+": it must be from 1ns to 1m0s")
	}
	_, err := supervisor.New(supervisor.WithSyncObserver(nil, time.Second))
	require.EqualError(t, err, "invalid options: WithSyncObserver is nil")
	_, err = supervisor.New(supervisor.WithDrainTimeout(-1))
	require.EqualError(t, err, "invalid options: WithDrainTimeout is negative")
}

// Many callers at once are told of in order, one call at a time.
func TestASyncObserverOfManyCallers(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		const callers, calls = 8, 50
		last := uint64(0)
		added := map[string]bool{}
		sup := newSupervisor(t, supervisor.WithSyncObserver(func(e supervisor.Transition) {
			if e.Seq != last+1 {
				panic("out of order")
			}
			last = e.Seq
			added[e.Task] = true
		}, time.Minute))
		require.NoError(t, sup.Start(context.Background()))
		var running sync.WaitGroup
		for i := range callers {
			running.Go(func() {
				for j := range calls {
					addFunc(t, sup, fmt.Sprint(i, "-", j), untilStopped)
				}
			})
		}
		running.Wait()
		require.Len(t, added, callers*calls)
		require.NoError(t, sup.Shutdown(context.Background()))
		require.Zero(t, sup.Report().Observers[0].Panics)
	})
}
