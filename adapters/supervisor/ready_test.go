package supervisor_test

import (
	"context"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/tasksupervisor/tasksupervisor/adapters/supervisor"
)

// readyAfter is a task that takes a while to be ready.
func readyAfter(d time.Duration) supervisor.TaskFunc {
	return func(ctx context.Context) error {
		select {
		case <-time.After(d):
			ready(ctx)
			ready(ctx) // once more is harmless
			return untilStopped(ctx)
		case <-ctx.Done():
			return context.Cause(ctx)
		}
	}
}

func TestATaskIsStartingUntilItIsReady(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		sup := newSupervisor(t)
		addFunc(t, sup, "task", readyAfter(time.Second), supervisor.WithReadiness(true))
		start(t, sup)
		s := status(t, sup, "task")
		requireWord(t, supervisor.StatusStarting, s.Status)
		require.Equal(t, 90*time.Second, untilIn(s))
		wait(time.Second)
		s = status(t, sup, "task")
		requireWord(t, supervisor.StatusHealthy, s.Status)
		requireWord(t, supervisor.ReasonReady, s.Why)
	})
}

func TestAStartTimeoutIsAFailure(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		var cause error
		sup := newSupervisor(t)
		addFunc(t, sup, "task", func(ctx context.Context) error {
			<-ctx.Done()
			cause = context.Cause(ctx)
			return nil
		}, supervisor.WithReadiness(true), supervisor.WithStartTimeout(10*time.Second), supervisor.WithMaxAttempts(1))
		start(t, sup)
		wait(10 * time.Second)
		require.ErrorIs(t, cause, supervisor.ErrStartTimeout)
		s := status(t, sup, "task")
		requireWord(t, supervisor.StatusFailed, s.Status)
		requireWord(t, supervisor.ExitStartTimeout, s.LastExit)
		require.ErrorIs(t, s.LastError, supervisor.ErrStartTimeout)
		wait(12 * time.Second)
		s = status(t, sup, "task")
		requireWord(t, supervisor.StatusDead, s.Status)
		requireWord(t, supervisor.ReasonExhausted, s.Why)
	})
}

// Others are served while a task takes its time to be ready (asked for in erlang/otp#8361).
func TestAnOrderedStartWaitsForReadinessAndServesOthers(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		sup := newSupervisor(t, supervisor.WithStrategy(supervisor.RestForOne), supervisor.WithReadiness(true))
		addFunc(t, sup, "slow", readyAfter(time.Minute))
		addFunc(t, sup, "next", readyAfter(time.Second))
		start(t, sup)
		s := status(t, sup, "next")
		requireWord(t, supervisor.StatusCreated, s.Status)
		requireWord(t, supervisor.WaitTurn, s.Wait)
		require.Contains(t, s.String(), "waits for its turn")
		addFunc(t, sup, "last", readyAfter(0))
		require.NoError(t, sup.Kill("last"))
		requireStatus(t, sup, "last", supervisor.StatusDead)
		wait(time.Minute)
		requireStatus(t, sup, "next", supervisor.StatusStarting)
		wait(time.Second)
		requireStatus(t, sup, "next", supervisor.StatusHealthy)
	})
}

func TestReadyWhereNobodyWaits(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		require.ErrorIs(t, supervisor.Ready(t.Context()), supervisor.ErrNoRun)
		require.ErrorIs(t, supervisor.Ready(nil), supervisor.ErrNilContext) //nolint:staticcheck // a mistake
		contexts := make(chan context.Context, 2)
		sup := newSupervisor(t)
		addFunc(t, sup, "task", func(ctx context.Context) error {
			contexts <- ctx
			return untilStopped(ctx)
		}, supervisor.WithReadiness(true))
		addFunc(t, sup, "other", readyAfter(0))
		start(t, sup)
		requireStatus(t, sup, "other", supervisor.StatusHealthy)
		require.NoError(t, sup.Restart("task"))
		synctest.Wait()
		require.EqualValues(t, 2, status(t, sup, "task").Run)
		require.ErrorIs(t, supervisor.Ready(<-contexts), supervisor.ErrRunEnded)
		requireStatus(t, sup, "task", supervisor.StatusStarting)
		ready(<-contexts)
		requireStatus(t, sup, "task", supervisor.StatusHealthy)
	})
}

// Invariant 2: a run that was replaced cannot say that the newer one is ready, nor that it is not.
func TestAReplacedRunIsReadyForItselfAlone(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		gate := make(chan struct{})
		defer close(gate)
		contexts := make(chan context.Context, 2)
		sup := newSupervisor(t, supervisor.WithStopTimeout(time.Second), supervisor.WithOnAbandon(supervisor.AbandonReplace))
		addFunc(t, sup, "task", func(ctx context.Context) error {
			contexts <- ctx
			<-gate
			return nil
		}, supervisor.WithReadiness(true))
		require.NoError(t, sup.Start(t.Context()))
		synctest.Wait()
		old := <-contexts
		require.NoError(t, sup.Restart("task"))
		wait(time.Second)
		newer := <-contexts

		require.NoError(t, supervisor.Ready(old))
		requireStatus(t, sup, "task", supervisor.StatusStarting)
		require.NoError(t, supervisor.Ready(newer))
		requireStatus(t, sup, "task", supervisor.StatusHealthy)
		require.NoError(t, supervisor.NotReady(old))
		require.False(t, status(t, sup, "task").Unready)
		require.NoError(t, supervisor.NotReady(newer))
		require.NoError(t, supervisor.Ready(old))
		require.True(t, status(t, sup, "task").Unready)
		require.NoError(t, sup.Shutdown(t.Context()))
	})
}

// A supervisor that runs as a task is ready when its tasks are.
func TestANestedSupervisorIsReadyWhenItsTasksAre(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		root := newSupervisor(t, supervisor.WithStrategy(supervisor.RestForOne))
		child := newSupervisor(t, supervisor.WithReadiness(true), supervisor.WithBaseDelay(time.Second))
		addFunc(t, child, "slow", readyAfter(3*time.Second))
		failures := 1
		addFunc(t, child, "fails", func(ctx context.Context) error {
			if failures--; failures >= 0 {
				return errFailed
			}
			return readyAfter(4 * time.Second)(ctx)
		})
		add(t, child, "done", &completes{after: 5 * time.Second}, supervisor.WithReadiness(false), supervisor.WithSignificant(false))
		addFunc(t, child, "suspended", readyAfter(0), supervisor.WithSuspended(true))
		addFunc(t, child, "needs it", readyAfter(0), supervisor.WithNeeds("suspended"))
		addFunc(t, child, "killed", readyAfter(0))
		require.NoError(t, child.Kill("killed"))
		add(t, root, "child", child, supervisor.WithReadiness(true))
		addFunc(t, root, "behind", untilStopped)
		start(t, root)
		wait(6*time.Second - 1)
		requireStatus(t, root, "child", supervisor.StatusStarting)
		requireStatus(t, root, "behind", supervisor.StatusCreated)
		wait(1)
		requireStatus(t, root, "child", supervisor.StatusHealthy)
		requireStatus(t, root, "behind", supervisor.StatusHealthy)

		require.NoError(t, root.Restart("child"))
		synctest.Wait()
		requireStatus(t, root, "child", supervisor.StatusStarting)
		wait(5 * time.Second)
		requireStatus(t, root, "child", supervisor.StatusHealthy)
	})
}

// A task that has died by itself keeps its supervisor from being ready, until an operator has dealt with it.
func TestANestedSupervisorIsNotReadyWhileATaskIsDead(t *testing.T) {
	for name, dealsWith := range map[string]func(t *testing.T, root *supervisor.Supervisor){
		"restarted": func(t *testing.T, root *supervisor.Supervisor) { require.NoError(t, root.Restart("child/dead")) },
		"removed":   func(t *testing.T, root *supervisor.Supervisor) { require.NoError(t, root.Remove("child/dead")) },
	} {
		t.Run(name, func(t *testing.T) {
			inBubble(t, func(t *testing.T) {
				root, child := newSupervisor(t), newSupervisor(t)
				addFunc(t, child, "dead", failsAfter(0), supervisor.WithRestart(supervisor.RestartNever))
				addFunc(t, child, "slow", readyAfter(time.Second), supervisor.WithReadiness(true))
				add(t, root, "child", child, supervisor.WithReadiness(true))
				addFunc(t, root, "behind", untilStopped, supervisor.WithNeeds("child"))
				start(t, root)
				wait(time.Hour)
				requireStatus(t, root, "child/dead", supervisor.StatusDead)
				requireStatus(t, root, "child", supervisor.StatusStarting)
				requireStatus(t, root, "behind", supervisor.StatusCreated)
				dealsWith(t, root)
				synctest.Wait()
				requireStatus(t, root, "child", supervisor.StatusHealthy)
				requireStatus(t, root, "behind", supervisor.StatusHealthy)
			})
		})
	}
}

// Only a task that is a supervisor has its readiness from it: added, or made for the run. A task that runs one speaks for
// itself, however it runs it.
func TestATaskThatRunsASupervisorSpeaksForItself(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		helper := func() *supervisor.Supervisor {
			return newSupervisor(t, supervisor.WithAutoShutdown(supervisor.AutoShutdownAll),
				supervisor.WithTask("step", &completes{after: time.Second}))
		}
		withReadiness := supervisor.WithReadiness(true)
		root := newSupervisor(t)
		addFunc(t, root, "short-lived", func(ctx context.Context) error {
			if err := helper().Run(ctx); err != nil {
				return err
			}
			return readyAfter(time.Minute)(ctx)
		}, withReadiness)
		addFunc(t, root, "beside", func(ctx context.Context) error {
			if err := newSupervisor(t).Start(ctx); err != nil {
				return err
			}
			return readyAfter(time.Minute)(ctx)
		}, withReadiness)
		derived := func(ctx context.Context) error {
			ctx, cancel := context.WithCancel(ctx)
			defer cancel()
			return newSupervisor(t).Run(ctx)
		}
		addFunc(t, root, "never", derived, withReadiness, supervisor.WithStartTimeout(time.Hour))
		add(t, root, "wrapped", struct{ supervisor.Task }{newSupervisor(t)}, withReadiness, supervisor.WithStartTimeout(time.Hour))
		add(t, root, "made", supervisor.Factory(func() supervisor.Task { return newSupervisor(t) }), withReadiness)
		for _, name := range []string{"short-lived", "beside", "never", "wrapped", "made"} {
			addFunc(t, root, "needs "+name, untilStopped, supervisor.WithNeeds(name))
		}
		start(t, root)
		expect := func(up ...string) {
			t.Helper()
			for _, name := range []string{"short-lived", "beside", "never", "wrapped", "made"} {
				want := supervisor.StatusCreated
				if slices.Contains(up, name) {
					want = supervisor.StatusHealthy
				}
				requireStatus(t, root, "needs "+name, want)
			}
		}
		expect("made")
		wait(time.Minute - 1)
		expect("made")
		wait(1)
		expect("made", "beside")
		wait(time.Second)
		expect("made", "beside", "short-lived")
	})
}

func TestANestedSupervisorWithoutTasksIsReadyAtOnce(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		root, child := newSupervisor(t), newSupervisor(t)
		add(t, root, "child", child, supervisor.WithReadiness(true))
		start(t, root)
		requireStatus(t, root, "child", supervisor.StatusHealthy)
	})
}

// A run that takes its readiness back keeps back what has yet to start, and nothing else.
func TestReadinessIsTakenBackForDependentsThatComeLater(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		var server context.Context
		starts := 0
		sup := newSupervisor(t)
		addFunc(t, sup, "server", func(ctx context.Context) error {
			server = ctx
			starts++
			require.NoError(t, supervisor.NotReady(ctx)) // it is not ready yet
			if err := supervisor.Ready(ctx); err != nil {
				return err
			}
			return untilStopped(ctx)
		}, supervisor.WithReadiness(true))
		addFunc(t, sup, "bound", untilStopped, supervisor.WithBoundTo("server"))
		start(t, sup)
		requireStatus(t, sup, "bound", supervisor.StatusHealthy)

		require.NoError(t, supervisor.NotReady(server))
		require.NoError(t, supervisor.NotReady(server), "a second time it changes nothing")
		s := status(t, sup, "server")
		requireWord(t, supervisor.StatusHealthy, s.Status)
		require.True(t, s.Unready)
		addFunc(t, sup, "late", untilStopped, supervisor.WithNeeds("server"))
		wait(time.Hour)
		late := status(t, sup, "late")
		requireWord(t, supervisor.WaitNeed, late.Wait)
		require.Equal(t, "server", late.WaitsFor)
		bound := status(t, sup, "bound")
		requireWord(t, supervisor.StatusHealthy, bound.Status)
		require.EqualValues(t, 1, bound.Run)

		require.NoError(t, supervisor.Ready(server))
		synctest.Wait()
		requireStatus(t, sup, "late", supervisor.StatusHealthy)
		require.False(t, status(t, sup, "server").Unready)

		require.NoError(t, supervisor.NotReady(server))
		ended := server
		require.NoError(t, sup.Restart("server"))
		synctest.Wait()
		require.Equal(t, 2, starts)
		require.False(t, status(t, sup, "server").Unready, "it dies with the run")
		require.ErrorIs(t, supervisor.NotReady(ended), supervisor.ErrRunEnded)
		require.ErrorIs(t, supervisor.NotReady(context.Background()), supervisor.ErrNoRun)
	})
}

// Of a run that took its readiness back, UntilHealthy holds and UntilReady does not: for the task, for its supervisor, and for a
// whole tree. Who waits for a dependent that has yet to start waits with it.
func TestWaitingForATaskThatIsNotReadyForNow(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		server := newWavers()
		inner := newSupervisor(t, supervisor.WithTask("server", server, withReadiness))
		root := newSupervisor(t, supervisor.WithTask("inner", inner, withReadiness))
		start(t, root)
		server.say(t, supervisor.NotReady)
		addFunc(t, inner, "client", untilStopped, supervisor.WithNeeds("server"))

		began := time.Now()
		over := make(map[string]time.Duration)
		var mu sync.Mutex
		waits := map[string]func() error{
			"server healthy":  func() error { return root.WaitFor(t.Context(), "inner/server", supervisor.UntilHealthy) },
			"server ready":    func() error { return root.WaitFor(t.Context(), "inner/server", supervisor.UntilReady) },
			"inner healthy":   func() error { return root.WaitFor(t.Context(), "inner", supervisor.UntilHealthy) },
			"inner ready":     func() error { return root.WaitFor(t.Context(), "inner", supervisor.UntilReady) },
			"client ready":    func() error { return root.WaitFor(t.Context(), "inner/client", supervisor.UntilReady) },
			"all ready":       func() error { return root.WaitForAll(t.Context(), "", supervisor.UntilReady) },
			"all inner ready": func() error { return inner.WaitForAll(t.Context(), "", supervisor.UntilReady) },
			"server unready": func() error {
				return root.WaitUntil(t.Context(), "inner/server", func(s supervisor.TaskStatus) bool { return s.Unready })
			},
		}
		for name, wait := range waits {
			go func() {
				if err := wait(); err == nil {
					mu.Lock()
					defer mu.Unlock()
					over[name] = time.Since(began)
				}
			}()
		}
		wait(time.Hour)
		mu.Lock()
		require.Equal(t, map[string]time.Duration{"server healthy": 0, "inner healthy": 0, "server unready": 0}, over)
		mu.Unlock()
		server.say(t, supervisor.Ready)
		mu.Lock()
		defer mu.Unlock()
		require.Len(t, over, len(waits))
		require.Equal(t, time.Hour, over["all ready"])
		require.Equal(t, time.Hour, over["client ready"])
	})
}

// A task that waits for one that is not ready for now can be given up, and waits on if that one fails.
func TestADependentOfATaskThatIsNotReadyForNow(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		server := newWavers()
		sup := newSupervisor(t, supervisor.WithTask("server", server, withReadiness))
		start(t, sup)
		server.say(t, supervisor.NotReady)
		addFunc(t, sup, "client", untilStopped, supervisor.WithNeeds("server"))
		addFunc(t, sup, "given up", untilStopped, supervisor.WithBoundTo("server"))
		require.NoError(t, sup.Restart("client"), "a command starts nothing whose needs are not met")
		synctest.Wait()
		require.Contains(t, status(t, sup, "client").String(), `waits for "server"`)
		require.NoError(t, sup.RemoveWait(t.Context(), "given up"))
		server.end <- errFailed
		synctest.Wait()
		requireStatus(t, sup, "server", supervisor.StatusFailed)
		requireStatus(t, sup, "client", supervisor.StatusCreated)
		wait(2 * time.Second)
		requireStatus(t, sup, "client", supervisor.StatusHealthy)
		require.EqualValues(t, 1, status(t, sup, "client").Run)
	})
}
