package supervisor_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"runtime"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/tasksupervisor/tasksupervisor/adapters/supervisor"
)

type valueKey struct{}

func TestContextHasTheParentsValuesAndNotItsEnd(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		sup := newSupervisor(t, supervisor.WithStopOrder(supervisor.StopReverse))
		var value any
		var ended time.Duration
		before := time.Now()
		addFunc(t, sup, "first", func(ctx context.Context) error {
			value = ctx.Value(valueKey{})
			<-ctx.Done()
			ended = time.Since(before)
			return nil
		})
		addFunc(t, sup, "last", func(ctx context.Context) error {
			<-ctx.Done()
			time.Sleep(time.Second)
			return nil
		})
		ctx, cancel := context.WithTimeout(context.WithValue(t.Context(), valueKey{}, "value"), time.Minute)
		defer cancel()
		require.NoError(t, sup.Run(ctx))
		require.Equal(t, "value", value)
		require.Equal(t, time.Minute+time.Second, ended, "the first is stopped when the last has ended")
	})
}

func TestContextIsFreshForEveryRun(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		sup := newSupervisor(t)
		var contexts []context.Context
		addFunc(t, sup, "task", func(ctx context.Context) error {
			require.NoError(t, ctx.Err())
			contexts = append(contexts, ctx)
			if len(contexts) == 1 {
				return errFailed
			}
			return untilStopped(ctx)
		})
		start(t, sup)
		wait(time.Minute)
		require.Len(t, contexts, 2)
		require.Equal(t, supervisor.ErrRunEnded, context.Cause(contexts[0]), "what the first run left behind is told")
		require.NoError(t, contexts[1].Err())
	})
}

func TestCauseSaysWhyARunHasToStop(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		var causes notes[error]
		sup := newSupervisor(t)
		for _, name := range []string{"removed", "killed", "restarted", "shut down"} {
			addFunc(t, sup, name, func(ctx context.Context) error {
				<-ctx.Done()
				if causes.get(name) == nil {
					causes.set(name, context.Cause(ctx))
				}
				return nil
			})
		}
		start(t, sup)
		require.NoError(t, sup.Remove("removed"))
		require.NoError(t, sup.Kill("killed"))
		require.NoError(t, sup.Restart("restarted"))
		synctest.Wait()
		require.NoError(t, sup.Shutdown(t.Context()))
		require.Equal(t, map[string]error{
			"removed": supervisor.ErrRemoved, "killed": supervisor.ErrKilled,
			"restarted": supervisor.ErrRestarted, "shut down": supervisor.ErrShutdown,
		}, causes.copy())
	})
}

func TestCauseOfAShutdownWrapsTheCauseOfTheContext(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		sup := newSupervisor(t)
		var cause error
		addFunc(t, sup, "task", func(ctx context.Context) error {
			<-ctx.Done()
			cause = context.Cause(ctx)
			return nil
		})
		ctx, cancel := context.WithCancelCause(t.Context())
		result := running(ctx, sup)
		synctest.Wait()
		cancel(errFailed)
		require.NoError(t, <-result)
		require.ErrorIs(t, cause, supervisor.ErrShutdown)
		require.ErrorIs(t, cause, errFailed)
		require.EqualError(t, cause, "the supervisor is shutting down its tasks: it failed")
	})
}

func TestContextsDerivedFromARunsEndWithIt(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		sup := newSupervisor(t)
		var derived context.Context
		addFunc(t, sup, "task", func(ctx context.Context) error {
			var cancel context.CancelFunc
			derived, cancel = context.WithTimeout(context.WithValue(ctx, valueKey{}, 1), time.Hour)
			defer cancel()
			<-derived.Done()
			return nil
		})
		start(t, sup)
		require.NoError(t, sup.KillWait(t.Context(), "task"))
		require.ErrorIs(t, context.Cause(derived), supervisor.ErrKilled)
	})
}

func TestCurrentTellsARunAboutItself(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		sup := newSupervisor(t, supervisor.WithName("root"))
		var infos []supervisor.RunInfo
		addFunc(t, sup, "task", func(ctx context.Context) error {
			derived, cancel := context.WithCancel(ctx)
			defer cancel()
			info, ok := supervisor.Current(derived)
			require.True(t, ok)
			infos = append(infos, info)
			return errFailed
		})
		start(t, sup)
		wait(2 * time.Second)
		require.Len(t, infos, 2)
		for i, info := range infos {
			require.Same(t, sup, info.Supervisor)
			require.Equal(t, "root/task", info.Path)
			require.Equal(t, "task", info.Task)
			require.EqualValues(t, i+1, info.Run)
		}
		_, ok := supervisor.Current(t.Context())
		require.False(t, ok)
	})
}

// lastFailure runs a task once and returns how that ended.
func lastFailure(t *testing.T, task supervisor.Task) supervisor.TaskStatus {
	t.Helper()
	sup := newSupervisor(t, supervisor.WithRestart(supervisor.RestartNever))
	add(t, sup, "task", task)
	start(t, sup)
	s := status(t, sup, "task")
	requireWord(t, supervisor.StatusDead, s.Status)
	requireWord(t, supervisor.ReasonNotRestartable, s.Why)
	return s
}

func panicsDeepDown(value any) { panic(value) }

func TestPanicIsKeptWithValueAndStack(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		s := lastFailure(t, supervisor.TaskFunc(func(context.Context) error {
			panicsDeepDown("boom")
			return nil
		}))
		requireWord(t, supervisor.ExitPanic, s.LastExit)
		var panicked *supervisor.PanicError
		require.ErrorAs(t, s.LastError, &panicked)
		require.Equal(t, "boom", panicked.Value)
		require.EqualError(t, panicked, "panic: boom")
		require.Contains(t, panicked.Stack.String(), "panicsDeepDown\n\t")
		require.Contains(t, panicked.Stack.String(), "run_test.go:")
		frame, _ := panicked.Stack.Frames().Next()
		require.Contains(t, frame.Function, "panic")
	})
}

func TestPanicWithAnErrorUnwraps(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		s := lastFailure(t, supervisor.TaskFunc(func(context.Context) error { panic(io.ErrUnexpectedEOF) }))
		require.ErrorIs(t, s.LastError, io.ErrUnexpectedEOF)

		s = lastFailure(t, supervisor.TaskFunc(func(context.Context) error {
			var nothing []int
			return fmt.Errorf("there is no %d", nothing[len(nothing)])
		}))
		var fault runtime.Error
		require.ErrorAs(t, s.LastError, &fault)
	})
}

func TestPanicWithNil(t *testing.T) {
	task := supervisor.TaskFunc(func(context.Context) error { panic(nil) })
	inBubble(t, func(t *testing.T) {
		s := lastFailure(t, task)
		requireWord(t, supervisor.ExitPanic, s.LastExit)
		var panicNil *runtime.PanicNilError
		require.ErrorAs(t, s.LastError, &panicNil)
	})
	t.Setenv("GODEBUG", "panicnil=1")
	inBubble(t, func(t *testing.T) {
		s := lastFailure(t, task)
		requireWord(t, supervisor.ExitPanic, s.LastExit)
		require.EqualError(t, s.LastError, "panic: <nil>")
		var panicked *supervisor.PanicError
		require.ErrorAs(t, s.LastError, &panicked)
		require.Contains(t, panicked.Stack.String(), "run_test.go")
	})
}

func TestGoexitIsAnExitOfItsOwnKind(t *testing.T) {
	for name, task := range map[string]supervisor.TaskFunc{
		"plain": func(context.Context) error {
			runtime.Goexit()
			return nil
		},
		"in a deferred function": func(context.Context) error {
			defer runtime.Goexit()
			return errFailed
		},
		"in a deferred function after a panic": func(context.Context) error {
			defer runtime.Goexit()
			panic("vanishes, as Go has it")
		},
		"after a recovered panic": func(context.Context) error {
			func() {
				defer func() { _ = recover() }()
				panic("recovered")
			}()
			runtime.Goexit()
			return nil
		},
	} {
		t.Run(name, func(t *testing.T) {
			inBubble(t, func(t *testing.T) {
				s := lastFailure(t, task)
				requireWord(t, supervisor.ExitGoexit, s.LastExit)
				var goexit *supervisor.GoexitError
				require.ErrorAs(t, s.LastError, &goexit)
				require.Contains(t, goexit.Stack.String(), "runtime.Goexit")
				require.Contains(t, goexit.Stack.String(), "run_test.go")
			})
		})
	}
}

func TestAPanicOnTheWayOutOfAGoexitIsAPanic(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		s := lastFailure(t, supervisor.TaskFunc(func(context.Context) error {
			defer func() { panic("on the way out") }()
			runtime.Goexit()
			return nil
		}))
		requireWord(t, supervisor.ExitPanic, s.LastExit)
		require.EqualError(t, s.LastError, "panic: on the way out")
	})
}

func TestPanicsAndGoexitsAreRestartedLikeErrors(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		ends := []func(){
			func() { panic("first") },
			runtime.Goexit,
			func() { panic("third") },
		}
		sup := newSupervisor(t, supervisor.WithBackoff(supervisor.Backoff{Base: time.Second, Factor: 1}))
		add(t, sup, "task", supervisor.TaskFunc(func(ctx context.Context) error {
			info, _ := supervisor.Current(ctx)
			if int(info.Run) <= len(ends) {
				ends[info.Run-1]()
			}
			return untilStopped(ctx)
		}))
		start(t, sup)
		wait(3 * time.Second)
		s := status(t, sup, "task")
		requireWord(t, supervisor.StatusHealthy, s.Status)
		require.EqualValues(t, 4, s.Run)
		require.EqualValues(t, 3, s.Attempts)
		require.EqualError(t, s.LastError, "panic: third")
	})
}

func TestAGoexitWhileStoppingIsWaitedForAndNoFailure(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		sup := newSupervisor(t)
		addFunc(t, sup, "task", func(ctx context.Context) error {
			<-ctx.Done()
			runtime.Goexit()
			return nil
		})
		start(t, sup)
		require.NoError(t, sup.KillWait(t.Context(), "task"))
		requireWord(t, supervisor.ExitStopped, status(t, sup, "task").LastExit)
	})
}

func TestStackOfADeepPanicKeepsTheInnermostCalls(t *testing.T) {
	var dive func(int) error
	dive = func(depth int) error {
		if depth == 0 {
			panicsDeepDown("deep")
		}
		return dive(depth - 1)
	}
	inBubble(t, func(t *testing.T) {
		s := lastFailure(t, supervisor.TaskFunc(func(context.Context) error { return dive(1000) }))
		var panicked *supervisor.PanicError
		require.ErrorAs(t, s.LastError, &panicked)
		require.Contains(t, panicked.Stack.String(), "panicsDeepDown")
		require.Less(t, strings.Count(panicked.Stack.String(), "\n"), 200)
	})
	require.Empty(t, supervisor.Stack(nil).String())
}

// makes is a Cloner whose clones are what its function returns.
type makes func() supervisor.Task

func (m makes) Clone() supervisor.Task { return m() }

func (m makes) Run(context.Context) error { return errors.New("the original is never run") }

func TestAFailingCloneFailsTheRunAndNothingElse(t *testing.T) {
	for name, tc := range map[string]struct {
		task func() supervisor.Task
		exit supervisor.ExitKind
		says string
	}{
		"panics":                   {func() supervisor.Task { panic("no clone") }, supervisor.ExitPanic, "panic: no clone"},
		"goexits":                  {func() supervisor.Task { runtime.Goexit(); return nil }, supervisor.ExitGoexit, "the run ended its goroutine by runtime.Goexit"},
		"returns nil":              {func() supervisor.Task { return nil }, supervisor.ExitError, "the task is nil"},
		"returns nil function":     {func() supervisor.Task { return supervisor.TaskFunc(nil) }, supervisor.ExitError, "the task is nil"},
		"returns nil of its types": {func() supervisor.Task { return (*stateful)(nil) }, supervisor.ExitPanic, "panic: runtime error: invalid memory address or nil pointer dereference"},
	} {
		t.Run(name, func(t *testing.T) {
			inBubble(t, func(t *testing.T) {
				for _, task := range []supervisor.Task{makes(tc.task), supervisor.Factory(tc.task)} {
					sup := newSupervisor(t, supervisor.WithMaxAttempts(1))
					add(t, sup, "task", task)
					addFunc(t, sup, "other", untilStopped)
					start(t, sup)
					s := status(t, sup, "task")
					requireWord(t, supervisor.StatusFailed, s.Status)
					require.Equal(t, tc.exit, s.LastExit)
					require.EqualError(t, s.LastError, tc.says)
					wait(time.Minute)
					requireStatus(t, sup, "task", supervisor.StatusDead)
					requireStatus(t, sup, "other", supervisor.StatusHealthy)
				}
			})
		})
	}
}

func TestFactoryMakesATaskForEveryRun(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		sup := newSupervisor(t)
		made := 0
		add(t, sup, "task", supervisor.Factory(func() supervisor.Task {
			made++
			return &stateful{own: made, shared: new(sharedState)}
		}))
		start(t, sup)
		wait(2 * time.Second)
		require.Equal(t, 2, made)
	})
}

func TestFactoryRunByItself(t *testing.T) {
	require.NoError(t, supervisor.Factory(func() supervisor.Task { return &completes{} }).Run(t.Context()))
	require.ErrorIs(t, supervisor.Factory(func() supervisor.Task { return nil }).Run(t.Context()), supervisor.ErrNilTask)
}
