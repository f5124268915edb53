package supervisor_test

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/tasksupervisor/tasksupervisor/adapters/supervisor"
)

// failsAfter is a task whose first runs last as long as given here and then fail. Later runs do not end by themselves.
func failsAfter(lasting ...time.Duration) supervisor.TaskFunc {
	run := 0
	return func(ctx context.Context) error {
		run++
		if run > len(lasting) {
			return untilStopped(ctx)
		}
		select {
		case <-time.After(lasting[run-1]):
			return errFailed
		case <-ctx.Done():
			return context.Cause(ctx)
		}
	}
}

// A recovery is told once, when the task has been healthy for long enough, and not before.
func TestRecoveryIsTold(t *testing.T) {
	const second = time.Second
	for name, test := range map[string]struct {
		task    supervisor.Task
		options []supervisor.TaskOption
		order   func(t *testing.T, sup *supervisor.Supervisor) // after three minutes
		at      time.Duration                                  // 0: never
		fails   uint32
		down    time.Duration
	}{
		"no failure":           {task: failsAfter()},
		"three failures":       {task: failsAfter(0, 0, 0), at: (2 + 4 + 8 + 80) * second, fails: 3, down: 14 * second},
		"almost stable":        {task: failsAfter(0, 80*second-1), at: (2+80+4+80)*second - 1, fails: 2, down: 86*second - 1},
		"short":                {task: failsAfter(0), options: opts(supervisor.WithStableAfter(second)), at: 3 * second, fails: 1, down: 2 * second},
		"at once":              {task: failsAfter(0), options: opts(supervisor.WithStableAfter(0)), at: 2 * second, fails: 1, down: 2 * second},
		"never stable":         {task: failsAfter(0), options: opts(supervisor.WithStableAfter(supervisor.Forever))},
		"a panic":              {task: supervisor.TaskFunc(panicsOnce()), at: 82 * second, fails: 1, down: 2 * second},
		"completed in the end": {task: &failsThenCompletes{}},
		"dead, restarted by hand": {
			task: failsAfter(0), options: opts(supervisor.WithMaxAttempts(0)),
			order: func(t *testing.T, sup *supervisor.Supervisor) { require.NoError(t, sup.Restart("task")) },
			at:    (180 + 80) * second, fails: 1, down: 180 * second,
		},
		"suspended before it is stable": {
			task: failsAfter(100*second, 0),
			order: func(t *testing.T, sup *supervisor.Supervisor) { // it is healthy since 106 s
				require.NoError(t, sup.Suspend("task"))
				wait(10 * second)
				require.NoError(t, sup.Resume("task"))
			},
			at: (180 + 10 + 80) * second, fails: 2, down: 90 * second,
		},
		"removed before it is stable": {
			task:  failsAfter(100*second, 0),
			order: func(t *testing.T, sup *supervisor.Supervisor) { require.NoError(t, sup.Remove("task")) },
		},
	} {
		t.Run(name, func(t *testing.T) {
			inBubble(t, func(t *testing.T) {
				var told []supervisor.Transition
				sup := newSupervisor(t, supervisor.WithObserver(func(e supervisor.Transition) {
					if e.Failures > 0 {
						told = append(told, e)
					}
				}))
				add(t, sup, "task", test.task, test.options...)
				begun := time.Now()
				start(t, sup)
				wait(180 * second)
				if test.order != nil {
					test.order(t, sup)
				}
				wait(time.Hour)
				if test.at == 0 {
					require.Empty(t, told)
					return
				}
				require.Len(t, told, 1)
				e := told[0]
				require.Equal(t, test.at, time.Duration(e.At))
				require.Equal(t, test.fails, e.Failures)
				require.Equal(t, test.down, e.Down)
				require.Equal(t, e.At, supervisor.Instant(e.Date.Sub(begun)))
				text, err := json.Marshal(e)
				require.NoError(t, err)
				require.Contains(t, string(text), fmt.Sprintf(`"failures":%d,"down_seconds":%v`, test.fails, test.down.Seconds()))
				requireWord(t, supervisor.StatusHealthy, e.From)
				requireWord(t, supervisor.StatusHealthy, e.To)
				require.Equal(t, status(t, sup, "task").Run, e.Run)
				require.Equal(t, slog.LevelInfo, e.Level())
			})
		})
	}
}

func opts(options ...supervisor.TaskOption) []supervisor.TaskOption { return options }

func panicsOnce() supervisor.TaskFunc {
	panicked := false
	return func(ctx context.Context) error {
		if !panicked {
			panicked = true
			panicsDeepDown("boom")
		}
		return untilStopped(ctx)
	}
}

// failsThenCompletes is a task whose second run does its work.
type failsThenCompletes struct{ runs int }

func (f *failsThenCompletes) Run(context.Context) error {
	if f.runs++; f.runs == 1 {
		return errFailed
	}
	return nil
}

// Every time it has recovered, a task begins anew. The log says so at Info, of the whole tree.
func TestRecoveryIsLogged(t *testing.T) {
	lines := logged(t, slog.LevelInfo, func(t *testing.T, logger *slog.Logger) {
		inner := newSupervisor(t, supervisor.WithMaxAttempts(9), supervisor.WithTask("task", failsAfter(0, 0, time.Hour)))
		sup := newSupervisor(t, supervisor.ForService(), supervisor.WithLogger(logger), supervisor.WithName("root"), supervisor.WithTask("inner", inner))
		runFor(t, sup, 2*time.Hour)
	})
	require.Equal(t, []string{
		`WARN "task failed" supervisor=root/inner task why=failure exit=error attempts=1 restart_in=2s error="it failed"`,
		`WARN "task failed" supervisor=root/inner task why=failure exit=error attempts=2 restart_in=4s error="it failed"`,
		`INFO "task recovered" supervisor=root/inner task why=backoff failures=2 down=6s`,
		`INFO "all tasks are well again" tasks=1 failures=2`,
		`WARN "task failed" supervisor=root/inner task why=failure exit=error attempts=1 restart_in=2s error="it failed"`,
		`INFO "task recovered" supervisor=root/inner task why=backoff failures=1 down=2s`,
		`INFO "all tasks are well again" tasks=1 failures=1`,
		`INFO "supervisor stopped" supervisor=root/inner why=shutdown`,
		`INFO "supervisor stopped" supervisor=root why=shutdown`,
	}, brief(lines))
}

// What a task was through in an earlier Run is over.
func TestRecoveryIsOfOneRun(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		seen := new(events)
		sup := newSupervisor(t, seen.of())
		addFunc(t, sup, "task", failsAfter(0))
		for range 2 {
			require.NoError(t, sup.Start(t.Context()))
			wait(10 * time.Second)
			require.NoError(t, sup.Shutdown(t.Context()))
		}
		require.NoError(t, sup.Start(t.Context()))
		wait(time.Hour)
		require.NoError(t, sup.Shutdown(t.Context()))
		for _, e := range seen.all(t, sup) {
			require.Zero(t, e.Failures)
		}
	})
}

// What was to be told of an earlier Run does not keep a recovery in a later one from being told.
func TestRecoveryInALaterRun(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		seen := new(events)
		sup := newSupervisor(t, seen.of())
		addFunc(t, sup, "task", failsAfter(0, time.Hour, 0)) // its second run is stopped before
		require.NoError(t, sup.Start(t.Context()))
		wait(10 * time.Second)
		require.NoError(t, sup.Shutdown(t.Context()))
		require.NoError(t, sup.Start(t.Context()))
		wait(time.Hour)
		require.NoError(t, sup.Shutdown(t.Context()))
		var failures []uint32
		for _, e := range seen.all(t, sup) {
			if e.Failures > 0 {
				failures = append(failures, e.Failures)
			}
		}
		require.Equal(t, []uint32{1}, failures)
	})
}
