package supervisor_test

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/tasksupervisor/tasksupervisor/adapters/supervisor"
)

// pendingCall is a call that waits: what it returns, and when.
type pendingCall struct {
	began  time.Time
	result chan waited
}

type waited struct {
	err   error
	after time.Duration
}

func await(call func() error) *pendingCall {
	w := &pendingCall{time.Now(), make(chan waited, 1)}
	go func() {
		err := call()
		w.result <- waited{err, time.Since(w.began)}
	}()
	synctest.Wait()
	return w
}

// returned requires that the call has returned, after that time.
func (w *pendingCall) returned(t *testing.T, after time.Duration) error {
	t.Helper()
	synctest.Wait()
	select {
	case got := <-w.result:
		require.Equal(t, after, got.after)
		return got.err
	default:
		require.Fail(t, "it waits")
		return nil
	}
}

func (w *pendingCall) waits(t *testing.T) {
	t.Helper()
	synctest.Wait()
	require.Empty(t, w.result)
}

func TestWaitForWhatATaskBecomes(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		ctx := t.Context()
		sup := newSupervisor(t, supervisor.WithName("root"))
		addFunc(t, sup, "slow", readyAfter(time.Minute), supervisor.WithReadiness(true))
		add(t, sup, "work", &completes{after: time.Second})
		healthy := await(func() error { return sup.WaitFor(ctx, "slow", supervisor.UntilHealthy) })
		ready := await(func() error { return sup.WaitFor(ctx, "root/work", supervisor.UntilReady) })
		custom := await(func() error {
			return sup.WaitUntil(ctx, "slow", func(s supervisor.TaskStatus) bool { return s.Run == 2 })
		})
		require.NoError(t, sup.WaitFor(ctx, "slow", supervisor.UntilStopped))
		require.NoError(t, sup.WaitFor(ctx, "none", supervisor.UntilGone))
		wait(time.Hour) // before Run it waits for Run
		start(t, sup)
		require.NoError(t, ready.returned(t, time.Hour))
		wait(time.Minute)
		require.NoError(t, healthy.returned(t, time.Hour+time.Minute))
		require.NoError(t, sup.WaitFor(ctx, "work", supervisor.UntilReady), "it is completed")
		custom.waits(t)
		require.NoError(t, sup.Restart("slow"))
		require.NoError(t, custom.returned(t, time.Hour+time.Minute))

		gone := await(func() error { return sup.WaitFor(ctx, "slow", supervisor.UntilGone) })
		require.NoError(t, sup.Remove("slow"))
		require.NoError(t, gone.returned(t, 0))
	})
}

func TestWaitForReturnsWhatCannotBe(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		ctx := t.Context()
		deaf := new(deafOnce)
		child := newSupervisor(t, supervisor.WithTask("worker", idle))
		sup := newSupervisor(t, supervisor.WithName("root"), supervisor.WithTask("child", child), supervisor.WithTask("deaf", deaf),
			supervisor.WithTask("doomed", new(fails), supervisor.WithMaxAttempts(1)), supervisor.WithTask("done", &completes{}),
			supervisor.WithTask("held", idle, supervisor.WithSuspended(true)))
		healthy := func(path string) func() error {
			return func() error { return sup.WaitFor(ctx, path, supervisor.UntilHealthy) }
		}
		start(t, sup)
		require.ErrorIs(t, healthy("none")(), supervisor.ErrUnknownTask)
		require.ErrorIs(t, healthy("child/none")(), supervisor.ErrUnknownTask)
		require.ErrorIs(t, healthy("none/at/all")(), supervisor.ErrUnknownTask)
		require.EqualError(t, healthy("done")(), `wait for task "done": the task is completed or dead already`)
		require.ErrorIs(t, sup.WaitFor(ctx, "done", 0), supervisor.ErrNoCondition)
		require.ErrorIs(t, sup.WaitFor(ctx, "done", 77), supervisor.ErrNoCondition)
		require.ErrorIs(t, sup.WaitForAll(ctx, "done", 0), supervisor.ErrNoCondition)
		require.ErrorIs(t, sup.WaitUntil(ctx, "done", nil), supervisor.ErrNoCondition)
		require.ErrorIs(t, sup.WaitFor(nil, "done", supervisor.UntilGone), supervisor.ErrNilContext) //nolint:staticcheck // a mistake

		brief, cancel := context.WithCancelCause(ctx)
		held := await(func() error { return sup.WaitFor(brief, "held", supervisor.UntilHealthy) })
		wait(time.Hour)
		held.waits(t) // someone will resume it
		cancel(errors.New("no longer"))
		require.EqualError(t, held.returned(t, time.Hour), `wait for task "held": no longer`)

		add(t, sup, "doomed again", new(fails), supervisor.WithMaxAttempts(1), supervisor.WithReadiness(true))
		doomed := await(healthy("doomed again"))
		doomed.waits(t)
		wait(2 * time.Second)
		require.ErrorIs(t, doomed.returned(t, 2*time.Second), supervisor.ErrAlreadyEnded)

		removed := await(func() error { return sup.WaitUntil(ctx, "deaf", func(supervisor.TaskStatus) bool { return false }) })
		gone, stopped := await(func() error { return sup.WaitFor(ctx, "deaf", supervisor.UntilGone) }),
			await(func() error { return sup.WaitFor(ctx, "deaf", supervisor.UntilStopped) })
		require.NoError(t, sup.Remove("deaf"))
		require.ErrorIs(t, removed.returned(t, 0), supervisor.ErrBeingRemoved)
		wait(time.Minute)
		gone.waits(t) // for the run that was abandoned
		wait(4 * time.Minute)
		require.NoError(t, gone.returned(t, 5*time.Minute))
		require.NoError(t, stopped.returned(t, 5*time.Minute))

		never := func(supervisor.TaskStatus) bool { return false }
		worker := await(func() error {
			return sup.WaitUntil(ctx, "child/worker", never)
		})
		self := await(func() error {
			return child.WaitUntil(ctx, "worker", never)
		})
		stop(t, sup)
		require.Error(t, worker.returned(t, 0))
		require.Error(t, self.returned(t, 0))
		require.ErrorIs(t, healthy("child/worker")(), supervisor.ErrStopped)
		require.NoError(t, sup.WaitForAll(ctx, "", supervisor.UntilStopped))
		require.ErrorIs(t, sup.WaitForAll(ctx, "", supervisor.UntilHealthy), supervisor.ErrStopped)
	})
}

// It waits for what is below a supervisor whatever becomes of that, for as long as it comes back.
func TestWaitForThroughSupervisorsThatComeBack(t *testing.T) {
	for how, anew := range map[string]bool{"one value": false, "made anew": true} {
		t.Run(how, func(t *testing.T) {
			inBubble(t, func(t *testing.T) {
				m := newMarket(t, anew)
				root, ctx := m.root, t.Context()
				again := func(condition supervisor.Condition) *pendingCall {
					return await(func() error { return root.WaitFor(ctx, "shop/back/office", condition) })
				}
				m.fail <- struct{}{}
				synctest.Wait()
				require.NoError(t, again(supervisor.UntilStopped).returned(t, 0))
				healthy := again(supervisor.UntilHealthy)
				wait(2 * time.Second)
				require.NoError(t, healthy.returned(t, 2*time.Second))

				require.NoError(t, root.Suspend("shop"))
				synctest.Wait()
				healthy = again(supervisor.UntilHealthy)
				wait(time.Hour)
				healthy.waits(t)
				require.NoError(t, root.Resume("shop"))
				require.NoError(t, healthy.returned(t, time.Hour))

				require.NoError(t, root.Suspend("shop"))
				synctest.Wait()
				healthy = again(supervisor.UntilHealthy)
				require.NoError(t, root.Kill("shop"))
				require.ErrorIs(t, healthy.returned(t, 0), supervisor.ErrStopped)
				require.NoError(t, root.Restart("shop"))
				synctest.Wait()
				gone := again(supervisor.UntilGone)
				require.NoError(t, root.Restart("shop"))
				gone.waits(t)
				require.NoError(t, root.Remove("shop/back/office"))
				require.NoError(t, gone.returned(t, 0))
			})
		})
	}
}

func TestWaitForWhatIsNotMadeYet(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		ctx := t.Context()
		root := newSupervisor(t, supervisor.WithTask("gate", idle, supervisor.WithSuspended(true)))
		add(t, root, "shop", supervisor.Factory(func() supervisor.Task {
			return newSupervisor(t, supervisor.WithTask("cache", idle))
		}), supervisor.WithNeeds("gate"))
		start(t, root)
		cache := await(func() error { return root.WaitFor(ctx, "shop/cache", supervisor.UntilHealthy) })
		none := await(func() error { return root.WaitFor(ctx, "shop/none", supervisor.UntilHealthy) })
		wait(time.Minute)
		cache.waits(t)
		none.waits(t)
		require.NoError(t, root.Resume("gate"))
		require.NoError(t, cache.returned(t, time.Minute))
		require.ErrorIs(t, none.returned(t, time.Minute), supervisor.ErrUnknownTask)
	})
}

// A task whose code makes a supervisor later, when it runs already, is waited for as well.
func TestWaitForWhatATaskMakesLater(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		root := newSupervisor(t)
		addFunc(t, root, "shop", func(ctx context.Context) error {
			time.Sleep(time.Minute)
			return newSupervisor(t, supervisor.WithTask("cache", idle)).Run(ctx)
		})
		start(t, root)
		cache := await(func() error { return root.WaitFor(t.Context(), "shop/cache", supervisor.UntilHealthy) })
		cache.waits(t)
		wait(time.Minute)
		require.NoError(t, cache.returned(t, time.Minute))
	})
}

func TestWaitForAll(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		ctx := t.Context()
		leaf := newSupervisor(t, supervisor.WithReadiness(true))
		addFunc(t, leaf, "slow", readyAfter(time.Minute))
		addFunc(t, leaf, "quick", readyAfter(time.Second))
		root := newSupervisor(t, supervisor.WithTask("middle", newSupervisor(t, supervisor.WithTask("leaf", leaf))), supervisor.WithTask("other", idle))
		all := func(path string, condition supervisor.Condition) *pendingCall {
			return await(func() error { return root.WaitForAll(ctx, path, condition) })
		}
		start(t, root)
		healthy, inLeaf, other := all("", supervisor.UntilHealthy), all("middle/leaf", supervisor.UntilHealthy), all("other", supervisor.UntilHealthy)
		require.NoError(t, other.returned(t, 0))
		wait(time.Minute)
		require.NoError(t, healthy.returned(t, time.Minute))
		require.NoError(t, inLeaf.returned(t, time.Minute))

		require.NoError(t, root.Kill("middle/leaf/quick"))
		synctest.Wait()
		require.EqualError(t, all("middle", supervisor.UntilHealthy).returned(t, 0),
			`wait for task "middle/leaf/quick": the task is completed or dead already`)
		stopped := all("middle", supervisor.UntilStopped)
		stopped.waits(t)
		require.NoError(t, root.Suspend("middle"))
		require.NoError(t, stopped.returned(t, 0))
		gone := all("middle", supervisor.UntilGone)
		require.NoError(t, root.Remove("middle"))
		require.NoError(t, gone.returned(t, 0))
		require.NoError(t, root.Remove("other"))
		synctest.Wait()
		require.NoError(t, all("", supervisor.UntilGone).returned(t, 0))
	})
}

// A task that changes while it is looked at is looked at again.
func TestWaitForMissesNothingWhileItLooks(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		sup := newSupervisor(t, supervisor.WithTask("task", idle))
		start(t, sup)
		looks := make(chan supervisor.RunNumber)
		waited := await(func() error {
			return sup.WaitUntil(t.Context(), "task", func(s supervisor.TaskStatus) bool {
				looks <- s.Run
				<-looks
				return s.Run == 2
			})
		})
		require.EqualValues(t, 1, <-looks)
		require.NoError(t, sup.Restart("task"))
		synctest.Wait()
		require.EqualValues(t, 2, status(t, sup, "task").Run, "it changes before the look is over, and never again")
		looks <- 0
		require.EqualValues(t, 2, <-looks)
		looks <- 0
		require.NoError(t, waited.returned(t, 0))
	})
}

// A task has stopped when all of its runs have ended, one that was replaced included.
func TestWaitForARunThatWasReplaced(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		gates := newGated(2)
		sup := abandon(t, gates, supervisor.WithOnAbandon(supervisor.AbandonReplace))
		stopped := await(func() error { return sup.WaitFor(t.Context(), "deaf", supervisor.UntilStopped) })
		all := await(func() error { return sup.WaitForAll(t.Context(), "", supervisor.UntilStopped) })
		require.NoError(t, sup.Kill("deaf"))
		gates.open(2)
		stopped.waits(t)
		all.waits(t)
		wait(time.Minute)
		gates.open(1)
		require.NoError(t, stopped.returned(t, time.Minute))
		require.NoError(t, all.returned(t, time.Minute))
	})
}

// A run that has taken its readiness back is not ready, for whoever waits for it alone and for all.
func TestWaitForWhatIsUnready(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		var server context.Context
		leaf := newSupervisor(t, supervisor.WithTask("other", idle))
		addFunc(t, leaf, "server", func(ctx context.Context) error {
			server = ctx
			ready(ctx)
			return untilStopped(ctx)
		}, supervisor.WithReadiness(true))
		root := newSupervisor(t, supervisor.WithTask("leaf", leaf))
		start(t, root)
		require.NoError(t, root.WaitForAll(t.Context(), "", supervisor.UntilReady))
		require.NoError(t, supervisor.NotReady(server))
		one := await(func() error { return root.WaitFor(t.Context(), "leaf/server", supervisor.UntilReady) })
		all := await(func() error { return root.WaitForAll(t.Context(), "", supervisor.UntilReady) })
		require.NoError(t, root.WaitForAll(t.Context(), "", supervisor.UntilHealthy), "healthy it is")
		require.NoError(t, root.WaitFor(t.Context(), "leaf/other", supervisor.UntilReady))
		wait(time.Minute)
		one.waits(t)
		all.waits(t)
		require.NoError(t, supervisor.Ready(server))
		require.NoError(t, one.returned(t, time.Minute))
		require.NoError(t, all.returned(t, time.Minute))
	})
}

func ExampleSupervisor_WaitFor() {
	database := func(ctx context.Context) error {
		if err := supervisor.Ready(ctx); err != nil { // connected
			return err
		}
		return serve(ctx)
	}
	sup := must(supervisor.New(
		supervisor.WithTask("database", supervisor.TaskFunc(database), supervisor.WithReadiness(true)),
		supervisor.WithTask("import", supervisor.TaskFunc(func(context.Context) error { return nil }), supervisor.WithNeeds("database")),
	))
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	_ = sup.Start(ctx)
	fmt.Println(sup.WaitForAll(ctx, "", supervisor.UntilReady))
	fmt.Println(sup.WaitFor(ctx, "import", supervisor.UntilStopped))
	fmt.Println(sup.WaitFor(ctx, "import", supervisor.UntilHealthy))
	_ = sup.Shutdown(ctx)
	// Output:
	// <nil>
	// <nil>
	// wait for task "import": the task is completed or dead already
}

func ExampleCondition() {
	sup := must(supervisor.New(supervisor.WithTask("server", supervisor.TaskFunc(serve))))
	ctx := context.Background()
	_ = sup.Start(ctx)
	go func() { _ = sup.Remove("server") }()
	fmt.Println(supervisor.UntilGone, sup.WaitFor(ctx, "server", supervisor.UntilGone))
	_ = sup.Shutdown(ctx)
	// Output: gone <nil>
}
