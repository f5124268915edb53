package supervisor_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/tasksupervisor/tasksupervisor/adapters/supervisor"
	"github.com/tasksupervisor/tasksupervisor/clock"
)

var errNotYet = errors.New("connection refused")

// opens is what a readiness probe asks: it refuses for a while.
type opens struct {
	at    time.Time
	calls atomic.Int32
	going atomic.Int32
}

func (o *opens) check(context.Context) error {
	o.calls.Add(1)
	if o.going.Add(1) > 1 {
		panic("two calls at a time")
	}
	defer o.going.Add(-1)
	if time.Now().Before(o.at) {
		return errNotYet
	}
	return nil
}

func TestAReadinessProbeFindsOutWhenARunIsReady(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		server := &opens{at: time.Now().Add(2500 * time.Millisecond)}
		sup := newSupervisor(t,
			supervisor.WithTask("server", supervisor.TaskFunc(untilStopped), supervisor.WithReadinessProbe(server.check, time.Second)),
			supervisor.WithTask("client", supervisor.TaskFunc(untilStopped), supervisor.WithNeeds("server")))
		start(t, sup)
		require.EqualValues(t, 1, server.calls.Load(), "at once")
		requireStatus(t, sup, "server", supervisor.StatusStarting)
		wait(3*time.Second - 1)
		require.EqualValues(t, 3, server.calls.Load())
		requireStatus(t, sup, "server", supervisor.StatusStarting)
		requireStatus(t, sup, "client", supervisor.StatusCreated)
		wait(1)
		requireStatus(t, sup, "server", supervisor.StatusHealthy)
		requireStatus(t, sup, "client", supervisor.StatusHealthy)
		wait(time.Hour)
		require.EqualValues(t, 4, server.calls.Load(), "and never again")
		require.NoError(t, sup.Restart("server"))
		synctest.Wait()
		require.EqualValues(t, 5, server.calls.Load(), "but for each run")
		requireStatus(t, sup, "server", supervisor.StatusHealthy)
	})
}

// A run that is not ready in time says what its probe said last, however the probe failed.
func TestAReadinessProbeThatFailsSaysWhy(t *testing.T) {
	for name, c := range map[string]struct {
		check func(context.Context) error
		says  string
	}{
		"an error": {func(context.Context) error { return errNotYet }, "the run was not ready in time: connection refused"},
		"a panic":  {panicking, "the run was not ready in time: panic: boom"},
		"a goexit": {func(context.Context) error { goexit(); return nil }, "the run was not ready in time: the run ended its goroutine by runtime.Goexit"},
		"a block":  {untilStopped, "the run was not ready in time"},
		"hostile":  {func(context.Context) error { return (*hostile)(nil) }, "the run was not ready in time: an error of type *supervisor_test.hostile, which panics when it is searched"},
	} {
		t.Run(name, func(t *testing.T) {
			inBubble(t, func(t *testing.T) {
				var cause error
				sup := newSupervisor(t)
				addFunc(t, sup, "task", func(ctx context.Context) error {
					err := untilStopped(ctx)
					if cause == nil {
						cause = err
					}
					return err
				}, supervisor.WithReadinessProbe(c.check, time.Second), supervisor.WithStartTimeout(5*time.Second))
				start(t, sup)
				wait(5 * time.Second)
				require.ErrorIs(t, cause, supervisor.ErrStartTimeout)
				require.EqualError(t, cause, c.says)
				s := status(t, sup, "task")
				requireWord(t, supervisor.StatusFailed, s.Status)
				requireWord(t, supervisor.ExitStartTimeout, s.LastExit)
				require.Equal(t, cause, s.LastError)
				require.Empty(t, sup.Report().Probes)
			})
		})
	}
}

// The task may say so itself, may end or be stopped before that, and the search ends with the run.
func TestAReadinessProbeEndsWithItsRun(t *testing.T) {
	never := func(context.Context) error { return errNotYet }
	inBubble(t, func(t *testing.T) {
		asked := 0
		probe := supervisor.WithReadinessProbe(func(ctx context.Context) error { asked++; return never(ctx) }, time.Second)
		sup := newSupervisor(t)
		addFunc(t, sup, "itself", func(ctx context.Context) error {
			time.Sleep(1500 * time.Millisecond)
			if err := supervisor.Ready(ctx); err != nil {
				return err
			}
			return untilStopped(ctx)
		}, probe)
		start(t, sup)
		wait(time.Minute)
		requireStatus(t, sup, "itself", supervisor.StatusHealthy)
		require.Equal(t, 2, asked)
		addFunc(t, sup, "ends", func(context.Context) error { time.Sleep(2500 * time.Millisecond); return nil }, probe)
		wait(time.Minute)
		requireStatus(t, sup, "ends", supervisor.StatusCompleted)
		require.Equal(t, 2+3, asked)
		addFunc(t, sup, "killed", untilStopped, probe)
		wait(500 * time.Millisecond)
		require.NoError(t, sup.Kill("killed"))
		wait(time.Minute)
		require.Equal(t, 2+3+1, asked)
	})
	inBubble(t, func(t *testing.T) { // a call that ignores its context is listed until it returns, also when the task is removed
		release := make(chan struct{})
		sup := newSupervisor(t, supervisor.WithTask("task", supervisor.TaskFunc(untilStopped),
			supervisor.WithReadinessProbe(func(context.Context) error { <-release; return nil }, time.Second)))
		start(t, sup)
		wait(time.Second)
		require.NoError(t, sup.RemoveWait(context.Background(), "task"))
		synctest.Wait()
		require.Equal(t, []supervisor.LateProbe{{Path: "task", Run: 1, Since: supervisor.Instant(time.Second)}}, lateProbes(sup))
		close(release)
		synctest.Wait()
		require.Empty(t, sup.Report().Probes)
	})
	inBubble(t, func(t *testing.T) { // it is late since the run was asked to stop, whenever that ends
		release := make(chan struct{})
		sup := newSupervisor(t, supervisor.WithTask("task", supervisor.TaskFunc(func(context.Context) error { time.Sleep(4 * time.Second); return nil }),
			supervisor.WithReadinessProbe(func(context.Context) error { <-release; return nil }, time.Second)))
		start(t, sup)
		wait(time.Second)
		require.NoError(t, sup.Kill("task"))
		late := []supervisor.LateProbe{{Path: "task", Run: 1, Since: supervisor.Instant(time.Second)}}
		wait(time.Second)
		require.Equal(t, late, lateProbes(sup), "while the run stops")
		wait(time.Minute)
		require.Equal(t, late, lateProbes(sup), "when it has stopped")
		close(release)
		synctest.Wait()
		require.Empty(t, sup.Report().Probes)
	})
}

// It follows the supervisor's clock.
func TestAReadinessProbeFollowsTheClock(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		virtual, asked := new(clock.Virtual), 0
		sup := newSupervisor(t, supervisor.WithClock(virtual), supervisor.WithTask("task", supervisor.TaskFunc(untilStopped),
			supervisor.WithReadinessProbe(func(context.Context) error {
				if asked++; asked < 3 {
					return errNotYet
				}
				return nil
			}, time.Second)))
		start(t, sup)
		for range 2 {
			require.Equal(t, supervisor.StatusStarting, status(t, sup, "task").Status)
			virtual.Advance(time.Second)
			synctest.Wait()
		}
		requireStatus(t, sup, "task", supervisor.StatusHealthy)
	})
}

func TestReadinessProbesAreRefusedWhereTheyCannotWork(t *testing.T) {
	check := func(context.Context) error { return nil }
	sup := newSupervisor(t)
	for text, option := range map[string]supervisor.TaskOption{
		"WithReadinessProbe has no function":             supervisor.WithReadinessProbe(nil, time.Second),
		"WithReadinessProbe needs a positive interval":   supervisor.WithReadinessProbe(check, 0),
		"WithReadinessProbe is not for a supervisor: it": supervisor.WithReadinessProbe(check, time.Second),
	} {
		require.ErrorContains(t, sup.Add("bank", newSupervisor(t), option), text)
	}
	defaults := newSupervisor(t, supervisor.WithReadinessProbe(check, time.Second))
	require.NoError(t, defaults.Add("bank", newSupervisor(t)), "a default is for other tasks")
}

func TestSetPolicyChangesTheReadinessProbe(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		sup := newSupervisor(t)
		addFunc(t, sup, "task", untilStopped)
		start(t, sup)
		requireStatus(t, sup, "task", supervisor.StatusHealthy)
		server := &opens{at: time.Now().Add(time.Second)}
		require.NoError(t, sup.SetPolicy("task", supervisor.WithReadinessProbe(server.check, time.Second)))
		require.NoError(t, sup.Restart("task"))
		synctest.Wait()
		requireStatus(t, sup, "task", supervisor.StatusStarting)
		wait(time.Second)
		requireStatus(t, sup, "task", supervisor.StatusHealthy)
	})
}

// crashing are supervisors in which something panics, by name.
func crashing() map[string][]supervisor.TaskOption {
	deep := func(context.Context) error { panicsDeepDown("boom"); return nil }
	return map[string][]supervisor.TaskOption{
		"run":       nil,
		"probe":     {supervisor.WithProbe(deep, supervisor.Probe{Interval: 1, Timeout: time.Hour, Failures: 1})},
		"readiness": {supervisor.WithReadinessProbe(deep, 1)},
	}
}

// A process of its own shows what a panic does to it.
func TestAPanicCanEndTheProcess(t *testing.T) {
	if what := os.Getenv("SUPERVISOR_TEST_CRASH"); what != "" {
		task := untilStopped
		if what == "run" {
			task = func(context.Context) error { panicsDeepDown("boom"); return nil }
		}
		sup := newSupervisor(t, supervisor.WithCrashOnPanic(true), supervisor.WithTask("task", supervisor.TaskFunc(task), crashing()[what]...))
		_ = sup.Run(context.Background())
		return
	}
	for what := range crashing() {
		t.Run(what, func(t *testing.T) {
			t.Parallel()
			process := exec.Command(os.Args[0], "-test.run=^TestAPanicCanEndTheProcess$")
			process.Env = append(os.Environ(), "SUPERVISOR_TEST_CRASH="+what)
			var stderr bytes.Buffer
			process.Stderr = &stderr
			var exit *exec.ExitError
			require.ErrorAs(t, process.Run(), &exit)
			require.Equal(t, 2, exit.ExitCode())
			require.Contains(t, stderr.String(), "panic: boom")
			require.Contains(t, stderr.String(), "panicsDeepDown", "the stack is that of the panic")
		})
	}
}

// The option is the task's: another's panic is a failure as ever, and so is a Goexit.
func TestOnlyPanicsOfTheTaskEndTheProcess(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		sup := newSupervisor(t, supervisor.WithCrashOnPanic(true),
			supervisor.WithTask("panics", supervisor.TaskFunc(panicking), supervisor.WithCrashOnPanic(false)),
			supervisor.WithTask("exits", supervisor.TaskFunc(func(context.Context) error { goexit(); return nil })),
			supervisor.WithTask("fails", new(fails)))
		start(t, sup)
		requireWord(t, supervisor.ExitPanic, status(t, sup, "panics").LastExit)
		requireWord(t, supervisor.ExitGoexit, status(t, sup, "exits").LastExit)
		requireWord(t, supervisor.ExitError, status(t, sup, "fails").LastExit)
		require.NoError(t, sup.SetPolicy("fails", supervisor.WithCrashOnPanic(false)))
	})
}

func ExampleWithReadinessProbe() {
	listening := make(chan struct{})
	server := supervisor.TaskFunc(func(ctx context.Context) error { // knows nothing of supervisors
		close(listening)
		<-ctx.Done()
		return nil
	})
	dial := func(context.Context) error {
		select {
		case <-listening:
			return nil
		default:
			return errNotYet
		}
	}
	done := make(chan struct{})
	sup := must(supervisor.New(
		supervisor.WithTask("server", server, supervisor.WithReadinessProbe(dial, time.Millisecond)),
		supervisor.WithTask("client", supervisor.TaskFunc(func(context.Context) error {
			fmt.Println("the server is ready")
			close(done)
			return nil
		}), supervisor.WithNeeds("server")),
	))
	_ = sup.Start(context.Background())
	<-done
	_ = sup.Shutdown(context.Background())
	// Output: the server is ready
}
