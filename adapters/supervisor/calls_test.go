package supervisor_test

import (
	"context"
	"reflect"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/tasksupervisor/tasksupervisor/adapters/supervisor"
)

// every calls each method that takes a task's name, and returns the errors by method.
func every(t *testing.T, sup *supervisor.Supervisor, name string) map[string]error {
	t.Helper()
	_, statusErr := sup.Status(name)
	return map[string]error{
		"add":     sup.Add(name, supervisor.TaskFunc(untilStopped)),
		"restart": sup.Restart(name),
		"kill":    sup.Kill(name),
		"remove":  sup.Remove(name),
		"status":  statusErr,
	}
}

func requireTaskError(t *testing.T, err error, op, task string, reason error) {
	t.Helper()
	var taskError *supervisor.TaskError
	require.ErrorAs(t, err, &taskError)
	require.Equal(t, op, taskError.Op)
	require.Equal(t, task, taskError.Task)
	require.ErrorIs(t, err, reason, op)
}

func TestCallsAboutUnknownTasks(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		check := func(sup *supervisor.Supervisor) {
			_, err := sup.Status("nobody")
			requireTaskError(t, err, "status", "nobody", supervisor.ErrUnknownTask)
			requireTaskError(t, sup.Restart("nobody"), "restart", "nobody", supervisor.ErrUnknownTask)
			requireTaskError(t, sup.Kill("nobody"), "kill", "nobody", supervisor.ErrUnknownTask)
			requireTaskError(t, sup.KillWait(t.Context(), "nobody"), "kill", "nobody", supervisor.ErrUnknownTask)
			requireTaskError(t, sup.Remove("nobody"), "remove", "nobody", supervisor.ErrUnknownTask)
			requireTaskError(t, sup.RemoveWait(t.Context(), "nobody"), "remove", "nobody", supervisor.ErrUnknownTask)
			require.EqualError(t, sup.Kill(""), `kill task "": there is no such task`)
		}
		sup := newSupervisor(t)
		check(sup)
		start(t, sup)
		check(sup)
	})
}

func TestAddRefusesWhatIsNoTaskOrHasNoName(t *testing.T) {
	sup := newSupervisor(t)
	requireTaskError(t, sup.Add("", supervisor.TaskFunc(untilStopped)), "add", "", supervisor.ErrNoName)
	for _, task := range []supervisor.Task{
		nil, supervisor.TaskFunc(nil), supervisor.Factory(nil), (*supervisor.Supervisor)(nil),
	} {
		requireTaskError(t, sup.Add("task", task), "add", "task", supervisor.ErrNilTask)
	}
	require.Empty(t, sup.Statuses())
}

// Names are parts of paths, so that no two tasks have one path, and of lines.
func TestNamesThatAreRefused(t *testing.T) {
	sup := newSupervisor(t)
	for name, problem := range map[string]string{
		"a/b": "a slash", "/": "a slash", "a\n": `control character '\n'`, "\x00": "control character", "a\x7f": "control character",
		"\u0085": "control character", "\u2028": "control character", "\xff": "UTF-8", strings.Repeat("n", 256): "256 bytes long",
	} {
		err := sup.Add(name, supervisor.TaskFunc(untilStopped))
		var bad *supervisor.NameError
		require.ErrorAs(t, err, &bad)
		require.Contains(t, bad.Problem, problem)
		_, err = supervisor.New(supervisor.WithTask(name, supervisor.TaskFunc(untilStopped)))
		require.ErrorAs(t, err, &bad)
		_, err = supervisor.New(supervisor.WithName(name))
		var config *supervisor.ConfigError
		require.ErrorAs(t, err, &config)
		require.Equal(t, []supervisor.OptionError{{Option: "WithName", Problem: bad.Problem}}, config.Options)
	}
	for _, name := range []string{"a b", "a.b", "..", " ", "Ü", "\u00a0", "👩‍🔧", strings.Repeat("n", 255)} {
		add(t, sup, name, supervisor.TaskFunc(untilStopped))
	}
	require.EqualError(t, sup.Add("a/b", idle), `add task "a/b": the name has a slash, which separates the names of a path`)
}

// Every call of a supervisor that New did not make is answered, and as a task it is refused or fails.
func TestTheZeroSupervisor(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		for _, zero := range []*supervisor.Supervisor{nil, new(supervisor.Supervisor)} {
			value, errors := reflect.ValueOf(zero), 0
			for i := range value.NumMethod() {
				method := value.Type().Method(i)
				if method.Name == "MachineStatus" { // of these tests
					continue
				}
				var args []reflect.Value
				for j := range method.Type.NumIn() - 1 {
					arg := reflect.Zero(method.Type.In(j + 1))
					if method.Type.In(j+1) == reflect.TypeFor[context.Context]() {
						arg = reflect.ValueOf(t.Context())
					}
					args = append(args, arg)
				}
				call := value.Method(i).Call
				if method.Type.IsVariadic() {
					call = value.Method(i).CallSlice
				}
				results := call(args)
				if last := len(results) - 1; last >= 0 && results[last].Type() == reflect.TypeFor[error]() {
					require.ErrorIs(t, results[last].Interface().(error), supervisor.ErrNotMade, method.Name)
					errors++
				}
			}
			require.Greater(t, errors, 12)
			require.ErrorIs(t, zero.Report().Err, supervisor.ErrNotMade)
		}
		root := newSupervisor(t)
		requireTaskError(t, root.Add("zero", new(supervisor.Supervisor)), "add", "zero", supervisor.ErrNotMade)
		add(t, root, "made", supervisor.Factory(func() supervisor.Task { return new(supervisor.Supervisor) }))
		start(t, root)
		s := status(t, root, "made")
		requireWord(t, supervisor.StatusFailed, s.Status)
		require.ErrorIs(t, s.LastError, supervisor.ErrNotMade)
	})
}

func TestNamesAreUnique(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		sup := newSupervisor(t, supervisor.WithMaxAttempts(0))
		task := supervisor.TaskFunc(untilStopped)
		duplicate := func(name string) {
			t.Helper()
			requireTaskError(t, sup.Add(name, task), "add", name, supervisor.ErrDuplicateName)
		}
		add(t, sup, "task", task)
		duplicate("task")
		start(t, sup)
		duplicate("task")

		add(t, sup, "completed", &completes{})
		add(t, sup, "dead", new(fails))
		synctest.Wait()
		requireStatus(t, sup, "completed", supervisor.StatusCompleted)
		requireStatus(t, sup, "dead", supervisor.StatusDead)
		duplicate("completed")
		duplicate("dead")

		deaf := newIgnoresStop()
		add(t, sup, "deaf", deaf)
		require.NoError(t, sup.Remove("deaf"))
		synctest.Wait()
		duplicate("deaf")
		deaf.release <- struct{}{}
		synctest.Wait()
		add(t, sup, "deaf", task)
	})
}

func TestCallsBeforeRun(t *testing.T) {
	sup := newSupervisor(t)
	require.ErrorIs(t, sup.Wait(), supervisor.ErrNotStarted)
	require.ErrorIs(t, sup.Shutdown(t.Context()), supervisor.ErrNotStarted)
	requireWord(t, supervisor.PhaseCreated, sup.Phase())
	require.NoError(t, sup.Drain(t.Context()))

	for op, err := range every(t, sup, "task") {
		if op == "status" {
			require.ErrorIs(t, err, supervisor.ErrUnknownTask)
		} else {
			require.NoError(t, err, op)
		}
	}
	require.Empty(t, sup.Statuses())
	report := sup.Report()
	require.Zero(t, report.Runs)
	require.NoError(t, report.Err)
}

// A task killed before the start stays dead, unless it is restarted before the start.
func TestOperatorsAreHeardBeforeRun(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		sup := newSupervisor(t)
		killed, revived := &completes{after: time.Hour}, &completes{after: time.Hour}
		add(t, sup, "killed", killed)
		add(t, sup, "revived", revived)
		requireStatus(t, sup, "killed", supervisor.StatusCreated)
		require.NoError(t, sup.Kill("killed"))
		require.NoError(t, sup.KillWait(t.Context(), "revived"))
		requireTaskError(t, sup.Kill("killed"), "kill", "killed", supervisor.ErrAlreadyEnded)
		require.NoError(t, sup.Restart("revived"))
		start(t, sup)
		require.Zero(t, killed.runs.Load())
		require.EqualValues(t, 1, revived.runs.Load())
	})
}

func TestCallsDuringShutdown(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		sup := newSupervisor(t)
		deaf := newIgnoresStop()
		add(t, sup, "task", deaf)
		ctx, cancel := context.WithCancel(t.Context())
		result := running(ctx, sup)
		synctest.Wait()
		cancel()
		synctest.Wait()
		requireWord(t, supervisor.PhaseHalting, sup.Phase())
		for op, err := range every(t, sup, "task") {
			if op == "add" || op == "restart" { // nothing would come of it
				requireTaskError(t, err, op, "task", supervisor.ErrShuttingDown)
			} else {
				require.NoError(t, err, op)
			}
		}
		requireTaskError(t, sup.Add("new", deaf), "add", "new", supervisor.ErrShuttingDown)
		requireTaskError(t, sup.Kill("nobody"), "kill", "nobody", supervisor.ErrUnknownTask)
		require.ErrorIs(t, sup.Run(t.Context()), supervisor.ErrAlreadyRunning)

		deaf.release <- struct{}{}
		require.NoError(t, <-result)
		require.EqualValues(t, 1, deaf.runs.Load())
	})
}

func TestCallsAfterRun(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		sup := newSupervisor(t)
		addFunc(t, sup, "task", untilStopped)
		start(t, sup)
		stop(t, sup)

		requireTaskError(t, sup.Add("task", supervisor.TaskFunc(untilStopped)), "add", "task", supervisor.ErrStopped)
		requireTaskError(t, sup.Restart("task"), "restart", "task", supervisor.ErrStopped)
		requireStatus(t, sup, "task", supervisor.StatusHalted)
		require.NoError(t, sup.KillWait(t.Context(), "task"))
		requireTaskError(t, sup.Kill("task"), "kill", "task", supervisor.ErrAlreadyEnded)
		requireTaskError(t, sup.Remove("nobody"), "remove", "nobody", supervisor.ErrUnknownTask)
		require.NoError(t, sup.Shutdown(t.Context()))
		require.NoError(t, sup.Wait())
		requireStatus(t, sup, "task", supervisor.StatusDead)

		require.NoError(t, sup.RemoveWait(t.Context(), "task"))
		requireTaskError(t, sup.Remove("task"), "remove", "task", supervisor.ErrUnknownTask)
		require.Empty(t, sup.Statuses())
		report := sup.Report()
		require.Empty(t, report.Tasks)
		require.Equal(t, supervisor.RunCounts{Started: 1, Ended: 1}, report.Runs)
	})
}

func TestNilContexts(t *testing.T) {
	var none context.Context
	sup := newSupervisor(t)
	require.ErrorIs(t, sup.Run(none), supervisor.ErrNilContext)
	require.ErrorIs(t, sup.Start(none), supervisor.ErrNilContext)
	require.ErrorIs(t, sup.Shutdown(none), supervisor.ErrNilContext)
	require.ErrorIs(t, sup.Drain(none), supervisor.ErrNilContext)
	requireTaskError(t, sup.RemoveWait(none, "task"), "remove", "task", supervisor.ErrNilContext)
	requireTaskError(t, sup.KillWait(none, "task"), "kill", "task", supervisor.ErrNilContext)
	require.ErrorIs(t, sup.Wait(), supervisor.ErrNotStarted)
}

func TestKillAndRemoveAreRefusedWhereTheyCameTooLate(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		sup := newSupervisor(t, supervisor.WithMaxAttempts(0))
		add(t, sup, "completed", &completes{})
		add(t, sup, "dead", new(fails))
		deaf := newIgnoresStop()
		add(t, sup, "removed", deaf)
		start(t, sup)
		requireTaskError(t, sup.Kill("completed"), "kill", "completed", supervisor.ErrAlreadyEnded)
		requireTaskError(t, sup.Kill("dead"), "kill", "dead", supervisor.ErrAlreadyEnded)
		requireStatus(t, sup, "completed", supervisor.StatusCompleted)

		require.NoError(t, sup.Remove("removed"))
		requireTaskError(t, sup.Remove("removed"), "remove", "removed", supervisor.ErrBeingRemoved)
		requireTaskError(t, sup.Kill("removed"), "kill", "removed", supervisor.ErrBeingRemoved)
		requireTaskError(t, sup.Restart("removed"), "restart", "removed", supervisor.ErrBeingRemoved)
		deaf.release <- struct{}{}
	})
}
