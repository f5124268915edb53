package supervisor_test

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/tasksupervisor/tasksupervisor/adapters/supervisor"
)

// wavers is a task that is ready at once, and then does what it is told to: it takes its readiness back, gives it again, or
// ends.
type wavers struct {
	current context.Context
	end     chan error
}

func newWavers() *wavers { return &wavers{end: make(chan error)} }

func (w *wavers) Run(ctx context.Context) error {
	w.current = ctx
	ready(ctx)
	select {
	case err := <-w.end:
		return err
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

func (w *wavers) say(t *testing.T, says func(context.Context) error) {
	t.Helper()
	require.NoError(t, says(w.current))
	synctest.Wait()
}

// requireReady requires that a task runs, and is ready or not.
func requireReady(t *testing.T, sup *supervisor.Supervisor, name string, want bool) {
	t.Helper()
	s := status(t, sup, name)
	requireWord(t, supervisor.StatusHealthy, s.Status)
	require.Equal(t, want, !s.Unready, s.String())
}

var withReadiness = supervisor.WithReadiness(true)

// Through as many levels as there are, what has yet to start waits for the task that took its readiness back, and what runs
// notices nothing.
func TestReadinessIsTakenBackThroughTheTree(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		leaf := newWavers()
		inner := newSupervisor(t, supervisor.WithTask("leaf", leaf, withReadiness))
		middle := newSupervisor(t, supervisor.WithTask("inner", inner, withReadiness))
		root := newSupervisor(t, supervisor.WithTask("middle", middle, withReadiness))
		addFunc(t, root, "bound", untilStopped, supervisor.WithBoundTo("middle"))
		start(t, root)
		requireReady(t, root, "bound", true)

		leaf.say(t, supervisor.NotReady)
		for _, name := range []string{"middle", "middle/inner", "middle/inner/leaf"} {
			requireReady(t, root, name, false)
		}
		addFunc(t, root, "late", untilStopped, supervisor.WithNeeds("middle"))
		wait(time.Hour)
		require.Equal(t, "middle", status(t, root, "late").WaitsFor)
		require.EqualValues(t, 1, status(t, root, "bound").Run)

		leaf.say(t, supervisor.Ready)
		for _, name := range []string{"middle", "middle/inner", "middle/inner/leaf", "late"} {
			requireReady(t, root, name, true)
		}
		require.EqualValues(t, 1, status(t, root, "bound").Run)
		require.EqualValues(t, 1, status(t, root, "middle/inner/leaf").Run)
	})
}

// A supervisor is ready again when each task that took its readiness back is up again, or is not to come up any more.
func TestASupervisorIsReadyAgainWhenItsTasksAre(t *testing.T) {
	for name, test := range map[string]struct {
		ends func(t *testing.T, child *supervisor.Supervisor, b *wavers)
		back bool
	}{
		"ready again": {func(t *testing.T, _ *supervisor.Supervisor, b *wavers) { b.say(t, supervisor.Ready) }, true},
		"completed":   {func(_ *testing.T, _ *supervisor.Supervisor, b *wavers) { b.end <- nil }, true},
		"killed":      {func(t *testing.T, child *supervisor.Supervisor, _ *wavers) { require.NoError(t, child.Kill("b")) }, true},
		"suspended":   {func(t *testing.T, child *supervisor.Supervisor, _ *wavers) { require.NoError(t, child.Suspend("b")) }, true},
		"removed":     {func(t *testing.T, child *supervisor.Supervisor, _ *wavers) { require.NoError(t, child.Remove("b")) }, true},
		"restarted":   {func(t *testing.T, child *supervisor.Supervisor, _ *wavers) { require.NoError(t, child.Restart("b")) }, true},
		"without readiness": {func(t *testing.T, child *supervisor.Supervisor, _ *wavers) {
			require.NoError(t, child.SetPolicy("b", supervisor.WithReadiness(false)))
		}, true},
		"what it is bound to is suspended": {func(t *testing.T, child *supervisor.Supervisor, _ *wavers) {
			require.NoError(t, child.Suspend("base"))
		}, true},
		"waits for its restart": {func(_ *testing.T, _ *supervisor.Supervisor, b *wavers) { b.end <- errFailed }, false},
		"dead": {func(t *testing.T, child *supervisor.Supervisor, b *wavers) {
			require.NoError(t, child.SetPolicy("b", supervisor.WithMaxAttempts(0)))
			b.end <- errFailed
		}, false},
	} {
		t.Run(name, func(t *testing.T) {
			inBubble(t, func(t *testing.T) {
				a, b := newWavers(), newWavers()
				child, root := newSupervisor(t, withReadiness), newSupervisor(t)
				addFunc(t, child, "base", untilStopped, supervisor.WithReadiness(false))
				add(t, child, "a", a)
				add(t, child, "b", b, supervisor.WithBoundTo("base"))
				add(t, root, "child", child, withReadiness)
				start(t, root)
				requireReady(t, root, "child", true)
				a.say(t, supervisor.NotReady)
				b.say(t, supervisor.NotReady)
				a.say(t, supervisor.Ready)
				requireReady(t, root, "child", false)
				test.ends(t, child, b)
				synctest.Wait()
				requireReady(t, root, "child", test.back)
				if !test.back {
					require.NoError(t, child.Restart("b"))
					synctest.Wait()
					requireReady(t, root, "child", true)
				}
				require.EqualValues(t, 1, status(t, root, "child").Run)
			})
		})
	}
}

// A task that took its readiness back and then fails keeps it back until it is up, however many runs that takes. Those
// that fail beside it count neither then nor before.
func TestFailuresDoNotMoveReadiness(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		a, b := newWavers(), newWavers()
		child := newSupervisor(t, withReadiness, supervisor.WithBaseDelay(time.Second), supervisor.WithMaxAttempts(2),
			supervisor.WithTask("a", a), supervisor.WithTask("b", b))
		root := newSupervisor(t, supervisor.WithTask("child", child, withReadiness))
		start(t, root)

		b.end <- errFailed
		wait(time.Second)
		requireStatus(t, child, "b", supervisor.StatusFailed)
		requireReady(t, root, "child", true)
		wait(time.Second)
		requireStatus(t, child, "b", supervisor.StatusHealthy)

		a.say(t, supervisor.NotReady)
		a.end <- errFailed
		b.end <- errFailed
		wait(time.Second)
		requireStatus(t, child, "a", supervisor.StatusFailed)
		requireReady(t, root, "child", false)
		wait(time.Second)
		requireStatus(t, child, "a", supervisor.StatusHealthy)
		requireStatus(t, child, "b", supervisor.StatusFailed)
		requireReady(t, root, "child", true)

		wait(2 * time.Second)
		b.end <- errFailed
		synctest.Wait()
		requireStatus(t, child, "b", supervisor.StatusDead)
		requireReady(t, root, "child", true)
		a.say(t, supervisor.NotReady)
		requireReady(t, root, "child", false)
		a.say(t, supervisor.Ready)
		requireReady(t, root, "child", true)
	})
}

// A task that withholds its readiness does so while it waits for another, and no longer than until it is suspended.
func TestATaskThatWaitsWithholdsItsReadiness(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		base, b := newWavers(), newWavers()
		child := newSupervisor(t, withReadiness, supervisor.WithTask("base", base), supervisor.WithTask("b", b, supervisor.WithBoundTo("base")))
		root := newSupervisor(t, supervisor.WithTask("child", child, withReadiness))
		start(t, root)
		b.say(t, supervisor.NotReady)
		base.end <- errFailed
		wait(time.Second)
		requireStatus(t, child, "b", supervisor.StatusCreated)
		requireReady(t, root, "child", false)
		wait(time.Second)
		requireReady(t, root, "child", true)

		b.say(t, supervisor.NotReady)
		base.end <- errFailed
		synctest.Wait()
		requireReady(t, root, "child", false)
		require.NoError(t, child.Suspend("b"))
		synctest.Wait()
		requireStatus(t, child, "base", supervisor.StatusFailed)
		requireReady(t, root, "child", true)
	})
}

// A supervisor that stops by itself is not ready again because the tasks that were not have stopped.
func TestASupervisorThatStopsIsNotReadyAgain(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		a, fatal := newWavers(), newWavers()
		child := newSupervisor(t, withReadiness, supervisor.WithTask("a", a), supervisor.WithTask("fatal", fatal))
		addFunc(t, child, "slow", func(ctx context.Context) error {
			ready(ctx)
			<-ctx.Done()
			time.Sleep(time.Second)
			return context.Cause(ctx)
		})
		root := newSupervisor(t, supervisor.WithTask("child", child, withReadiness))
		start(t, root)
		a.say(t, supervisor.NotReady)
		fatal.end <- supervisor.Fatal(errFailed)
		synctest.Wait()
		requireStatus(t, child, "a", supervisor.StatusHalted)
		requireReady(t, root, "child", false)
		wait(time.Second)
		requireStatus(t, root, "child", supervisor.StatusFailed)
	})
}

// A supervisor is not ready at first while a task is not ready for now, or has yet to start for that.
func TestASupervisorIsNotReadyAtFirstWhileATaskIsNot(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		a := newWavers()
		child := newSupervisor(t, withReadiness)
		add(t, child, "a", a)
		addFunc(t, child, "slow", readyAfter(time.Minute))
		addFunc(t, child, "behind", readyAfter(time.Second), supervisor.WithNeeds("a", "slow"))
		root := newSupervisor(t, supervisor.WithTask("child", child, withReadiness))
		start(t, root)
		a.say(t, supervisor.NotReady)
		wait(time.Minute + time.Second)
		requireStatus(t, child, "slow", supervisor.StatusHealthy)
		requireStatus(t, root, "child", supervisor.StatusStarting)
		a.say(t, supervisor.Ready)
		requireStatus(t, child, "behind", supervisor.StatusStarting)
		requireStatus(t, root, "child", supervisor.StatusStarting)
		wait(time.Second)
		requireReady(t, root, "child", true)
	})
}

// What one run of a supervisor has said is not held against the next, and while it stops nothing is said.
func TestATreesReadinessBeginsAnew(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		leaf := newWavers()
		inner := newSupervisor(t, supervisor.WithTask("leaf", leaf, withReadiness))
		var events events
		root := newSupervisor(t, supervisor.WithTask("inner", inner, withReadiness), events.of(supervisor.ReasonReady, supervisor.ReasonUnready))
		start(t, root)
		leaf.say(t, supervisor.NotReady)
		requireReady(t, root, "inner", false)
		require.NoError(t, root.Restart("inner"))
		synctest.Wait()
		requireReady(t, root, "inner", true)
		require.EqualValues(t, 2, status(t, root, "inner").Run)

		leaf.say(t, supervisor.NotReady)
		requireReady(t, root, "inner", false)
		stop(t, root)
		start(t, root)
		requireReady(t, root, "inner", true)
		requireReady(t, root, "inner/leaf", true)
		leaf.say(t, supervisor.NotReady)
		requireReady(t, root, "inner", false)
		leaf.say(t, supervisor.Ready)
		requireReady(t, root, "inner", true)
		stop(t, root)
		require.Len(t, events.all(t, root), 14, "each of seven changes of the leaf, and the supervisor's that followed")
	})
}

// A task that takes its readiness back while its supervisor stops, or is about to, delays nothing and is told to none above.
func TestReadinessTakenBackDuringAShutdown(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		leaf := supervisor.TaskFunc(func(ctx context.Context) error {
			ready(ctx)
			<-ctx.Done()
			_ = supervisor.NotReady(ctx)
			time.Sleep(time.Second)
			_ = supervisor.Ready(ctx)
			return context.Cause(ctx)
		})
		inner := newSupervisor(t, supervisor.WithTask("leaf", leaf, withReadiness))
		var events events
		root := newSupervisor(t, supervisor.WithTask("inner", inner, withReadiness), events.of(supervisor.ReasonReady, supervisor.ReasonUnready))
		start(t, root)
		began := time.Now()
		stop(t, root)
		require.Equal(t, time.Second, time.Since(began))
		require.Len(t, events.all(t, root), 2)
	})
}

// Where a supervisor has no readiness, nothing of it reaches the one above.
func TestASupervisorWithoutReadinessKeepsItsTasksReadinessToItself(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		leaf := newWavers()
		root := newSupervisor(t, supervisor.WithTask("inner", newSupervisor(t, supervisor.WithTask("leaf", leaf, withReadiness))))
		start(t, root)
		leaf.say(t, supervisor.NotReady)
		requireReady(t, root, "inner/leaf", false)
		requireReady(t, root, "inner", true)
		addFunc(t, root, "late", untilStopped, supervisor.WithNeeds("inner"))
		synctest.Wait()
		requireReady(t, root, "late", true)
	})
}

// A supervisor that is given readiness while a task in it is not ready is not ready at once: whatever makes it, and whether its
// first run or a later one.
func TestReadinessThatIsSwitchedOnCountsWhatIsNotReadyInside(t *testing.T) {
	for name, task := range map[string]func(*supervisor.Supervisor) supervisor.Task{
		"the task is the supervisor": func(inner *supervisor.Supervisor) supervisor.Task { return inner },
		"a factory returns it": func(inner *supervisor.Supervisor) supervisor.Task {
			return supervisor.Factory(func() supervisor.Task { return inner })
		},
	} {
		t.Run(name, func(t *testing.T) {
			inBubble(t, func(t *testing.T) {
				leaf := newWavers()
				inner := newSupervisor(t, supervisor.WithTask("leaf", leaf, withReadiness))
				middle, root := newSupervisor(t), newSupervisor(t)
				add(t, middle, "inner", task(inner))
				add(t, root, "middle", middle, withReadiness)
				start(t, root)
				require.NoError(t, root.Restart("middle/inner"))
				synctest.Wait()
				set := func(readiness bool) {
					require.NoError(t, root.SetPolicy("middle/inner", supervisor.WithReadiness(readiness)))
					synctest.Wait()
				}

				set(true)
				requireReady(t, root, "middle/inner", true)
				set(false)
				leaf.say(t, supervisor.NotReady)
				requireReady(t, root, "middle/inner", true)
				for range 2 {
					set(true)
					requireReady(t, root, "middle/inner", false)
					requireReady(t, root, "middle", false)
					set(false)
					requireReady(t, root, "middle/inner", true)
					requireReady(t, root, "middle", true)
				}
				set(true)
				leaf.say(t, supervisor.Ready)
				requireReady(t, root, "middle/inner", true)
				requireReady(t, root, "middle", true)
			})
		})
	}
}
