package supervisor_test

import (
	"context"
	"fmt"
	"log/slog"
	"runtime"
	"slices"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/tasksupervisor/tasksupervisor/adapters/supervisor"
)

// collect returns an option that has the events collected in the slice. Read it when everything is settled.
func collect(events *[]supervisor.Transition) supervisor.Option {
	return supervisor.WithObserver(func(e supervisor.Transition) { *events = append(*events, e) })
}

func TestEventsTellTheWholeStory(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		var events []supervisor.Transition
		sup := newSupervisor(t, collect(&events), supervisor.WithName("root"), supervisor.WithMaxAttempts(1))
		add(t, sup, "task", new(fails))
		start(t, sup)
		wait(2 * time.Second)
		require.NoError(t, sup.Shutdown(t.Context()))
		require.NoError(t, sup.Drain(t.Context()))

		second := supervisor.Instant(time.Second)
		task := supervisor.Transition{Supervisor: "root", Task: "task", Until: supervisor.Never}
		with := func(change func(*supervisor.Transition)) supervisor.Transition {
			e := task
			change(&e)
			return e
		}
		want := []supervisor.Transition{
			with(func(e *supervisor.Transition) {
				e.Kind, e.To, e.Why = supervisor.ActionAdd, supervisor.StatusCreated, supervisor.ReasonAdded
			}),
			with(func(e *supervisor.Transition) {
				e.Kind, e.From, e.To, e.Why, e.Run = supervisor.ActionStart, supervisor.StatusCreated, supervisor.StatusHealthy, supervisor.ReasonSupervisorStart, 1
			}),
			with(func(e *supervisor.Transition) {
				e.From, e.To, e.Why, e.Run = supervisor.StatusHealthy, supervisor.StatusFailed, supervisor.ReasonFailure, 1
				e.Exit, e.Err, e.Attempts, e.Until = supervisor.ExitError, errFailed, 1, 2*second
			}),
			with(func(e *supervisor.Transition) {
				e.At, e.Kind, e.From, e.To, e.Why = 2*second, supervisor.ActionStart, supervisor.StatusFailed, supervisor.StatusHealthy, supervisor.ReasonBackoff
				e.Run, e.Attempts = 2, 1
			}),
			with(func(e *supervisor.Transition) {
				e.At, e.From, e.To, e.Why, e.Run = 2*second, supervisor.StatusHealthy, supervisor.StatusDead, supervisor.ReasonExhausted, 2
				e.Exit, e.Err, e.Attempts = supervisor.ExitError, errFailed, 1
			}),
			{Supervisor: "root", At: 2 * second, Kind: supervisor.ActionHalt, Why: supervisor.ReasonShutdown, Until: supervisor.Never},
		}
		for i := range want {
			want[i].Seq = uint64(i + 1)
		}
		for i := range events {
			if i > 0 { // before, there is no clock
				require.True(t, time.Date(2000, 1, 1, 0, 0, int(events[i].At/second), 0, time.UTC).Equal(events[i].Date))
			}
			events[i].Date = time.Time{}
		}
		require.Equal(t, want, events)
	})
}

func TestHaltEventSaysWhy(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		var events []supervisor.Transition
		sup := newSupervisor(t, collect(&events), supervisor.WithDeadThreshold(0), supervisor.WithMaxAttempts(0))
		add(t, sup, "task", new(fails))
		err := sup.Run(t.Context())
		require.NoError(t, sup.Drain(t.Context()))
		last := events[len(events)-1]
		requireWord(t, supervisor.ActionHalt, last.Kind)
		requireWord(t, supervisor.ReasonTooManyDead, last.Why)
		require.Equal(t, err, last.Err)
	})
}

func TestASlowObserverDelaysNobodyAndLosesTheOldest(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		const queue, tasks = 4, 20
		block := make(chan struct{})
		var slow, quick []supervisor.Transition
		sup := newSupervisor(t,
			supervisor.WithObserverQueue(queue),
			supervisor.WithObserver(func(e supervisor.Transition) {
				<-block
				slow = append(slow, e)
			}),
			collect(&quick),
		)
		start(t, sup)
		for i := range tasks {
			add(t, sup, fmt.Sprint(i), &completes{})
			synctest.Wait()
		}
		require.Equal(t, tasks, sup.Counts().Completed)
		require.Len(t, quick, 3*tasks, "added, started, completed")

		close(block)
		require.NoError(t, sup.Drain(t.Context()))
		require.Len(t, slow, 1+queue)
		require.EqualValues(t, 1, slow[0].Seq)
		completions := slices.DeleteFunc(slices.Clone(quick), func(e supervisor.Transition) bool { return e.Level() < slog.LevelInfo })
		require.Len(t, completions, tasks)
		lost := uint64(0)
		for i, e := range slow[1:] { // what is worth less is lost first
			require.EqualValues(t, slow[i].Seq+e.Lost+1, e.Seq)
			require.Equal(t, completions[tasks-queue+i], withoutLost(e))
			lost += e.Lost
		}
		require.EqualValues(t, 3*tasks-1-queue, lost)

		observers := sup.Report().Observers
		require.Equal(t, supervisor.ObserverReport{Delivered: 1 + queue, Lost: 3*tasks - 1 - queue}, observers[0])
		require.Equal(t, supervisor.ObserverReport{Delivered: 3 * tasks}, observers[1])
	})
}

func withoutLost(e supervisor.Transition) supervisor.Transition {
	e.Lost = 0
	return e
}

func TestAnObserverWithinTheQueueLosesNothing(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		const tasks = 300 // three events each, within the default queue
		block := make(chan struct{})
		var events []supervisor.Transition
		sup := newSupervisor(t, supervisor.WithObserver(func(e supervisor.Transition) {
			<-block
			events = append(events, e)
		}))
		start(t, sup)
		for i := range tasks {
			add(t, sup, fmt.Sprint(i), &completes{})
		}
		synctest.Wait()
		close(block)
		require.NoError(t, sup.Drain(t.Context()))
		require.Len(t, events, 3*tasks)
		for i, e := range events {
			require.EqualValues(t, i+1, e.Seq)
			require.Zero(t, e.Lost)
		}
	})
}

func TestAPanickingObserverBreaksNothing(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		calls := 0
		var others []supervisor.Transition
		sup := newSupervisor(t, supervisor.WithObserver(func(e supervisor.Transition) {
			switch calls++; calls {
			case 1:
				panic("first event")
			case 2:
				runtime.Goexit()
			}
		}), collect(&others))
		addFunc(t, sup, "task", untilStopped)
		start(t, sup)
		stop(t, sup)
		require.NoError(t, sup.Drain(t.Context()))
		require.Equal(t, len(others), calls)

		report := sup.Report().Observers[0]
		require.EqualValues(t, calls, report.Delivered)
		require.EqualValues(t, 2, report.Panics)
		var goexit *supervisor.GoexitError
		require.ErrorAs(t, report.LastPanic, &goexit)
	})
}

func TestThePanicOfAnObserverIsKept(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		sup := newSupervisor(t, supervisor.WithObserver(func(supervisor.Transition) { panicsDeepDown("boom") }))
		start(t, sup)
		stop(t, sup)
		require.NoError(t, sup.Drain(t.Context()))
		var panicked *supervisor.PanicError
		require.ErrorAs(t, sup.Report().Observers[0].LastPanic, &panicked)
		require.Equal(t, "boom", panicked.Value)
		require.Contains(t, panicked.Stack.String(), "panicsDeepDown")
	})
}

// Observers and tasks may call whatever they like.
func TestObserversMayCallTheSupervisor(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		var sup *supervisor.Supervisor
		var replaced atomic.Int32
		sup = newSupervisor(t, supervisor.WithMaxAttempts(0), supervisor.WithObserver(func(e supervisor.Transition) {
			_ = sup.Statuses()
			_ = sup.Report()
			_ = sup.Counts()
			if e.To == supervisor.StatusDead && e.Why == supervisor.ReasonExhausted {
				if err := sup.RemoveWait(context.Background(), e.Task); err != nil {
					panic(err)
				}
				if n := replaced.Add(1); n < 5 {
					if err := sup.Add(e.Task, new(fails)); err != nil {
						panic(err)
					}
				} else if err := sup.Shutdown(context.Background()); err != nil {
					panic(err)
				}
			}
		}))
		add(t, sup, "task", new(fails))
		require.NoError(t, sup.Run(t.Context()))
		require.NoError(t, sup.Drain(t.Context()))
		require.EqualValues(t, 5, replaced.Load())
		require.Zero(t, sup.Report().Observers[0].Panics)
		require.Equal(t, supervisor.RunCounts{Started: 5, Ended: 5}, sup.Report().Runs)
	})
}

func TestDrainEndsWithItsContext(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		block := make(chan struct{})
		sup := newSupervisor(t, supervisor.WithObserver(func(supervisor.Transition) { <-block }))
		addFunc(t, sup, "task", untilStopped)
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		require.ErrorIs(t, sup.Drain(ctx), context.DeadlineExceeded)
		close(block)
		require.NoError(t, sup.Drain(t.Context()))
	})
}

func TestEventsOfAllRunsAreNumberedThrough(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		var events []supervisor.Transition
		sup := newSupervisor(t, collect(&events))
		addFunc(t, sup, "removed", untilStopped)
		for range 2 {
			require.NoError(t, sup.Start(t.Context()))
			require.NoError(t, sup.Shutdown(t.Context()))
		}
		require.NoError(t, sup.Remove("removed"))
		require.NoError(t, sup.Drain(t.Context()))
		for i, e := range events {
			require.EqualValues(t, i+1, e.Seq)
		}
		last := events[len(events)-1]
		requireWord(t, supervisor.ActionForget, last.Kind, "a task removed from a stopped supervisor is told of too")
		require.Equal(t, "removed", last.Task)
		requireWord(t, supervisor.StatusHalted, last.From)
	})
}
