package goroutine_test

import (
	"bytes"
	"context"
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/tasksupervisor/tasksupervisor/adapters/goroutine"
	"github.com/tasksupervisor/tasksupervisor/core"
)

// logged runs a scenario and returns what a logger wrote of it, without dates and stacks.
func logged(t *testing.T, level slog.Level, scenario func(t *testing.T, logger *slog.Logger)) []string {
	t.Helper()
	var text bytes.Buffer
	logger := slog.New(slog.NewTextHandler(&text, &slog.HandlerOptions{
		Level: level,
		ReplaceAttr: func(_ []string, a slog.Attr) slog.Attr {
			if a.Key == slog.TimeKey {
				return slog.Attr{}
			}
			if a.Key == "stack" {
				a.Value = slog.BoolValue(strings.Contains(a.Value.String(), "panicsDeepDown"))
			}
			return a
		},
	}))
	inBubble(t, func(t *testing.T) { scenario(t, logger) })
	return strings.Split(strings.TrimSpace(text.String()), "\n")
}

func TestLoggerWritesEveryDecision(t *testing.T) {
	gates := newGated(1)
	lines := logged(t, slog.LevelDebug, func(t *testing.T, logger *slog.Logger) {
		sup := newSupervisor(t, goroutine.WithLogger(logger), goroutine.WithName("root"), goroutine.WithMaxAttempts(1))
		panics := true
		addFunc(t, sup, "fails", func(context.Context) error {
			if panics {
				panics = false
				panicsDeepDown("boom")
			}
			return errFailed
		})
		start(t, sup)
		wait(2 * time.Second)
		add(t, sup, "completes", &completes{})
		require.NoError(t, sup.Drain(t.Context()))
		wait(0)
		addFunc(t, sup, "runs", untilStopped)
		require.NoError(t, sup.RemoveWait(t.Context(), "runs"))
		add(t, sup, "repeats", &completes{}, goroutine.WithRestart(core.RestartAlways))
		wait(0)
		require.NoError(t, sup.Remove("repeats"))
		gates = newGated(1)
		add(t, sup, "deaf", gates, goroutine.WithStopTimeout(time.Second))
		require.NoError(t, sup.Kill("deaf"))
		wait(time.Second)
		gates.open(1)
		require.NoError(t, sup.Shutdown(t.Context()))
		require.NoError(t, sup.Drain(t.Context()))
	})
	require.Equal(t, []string{
		`level=DEBUG msg="task added" supervisor=root task=fails run=0 status=created why=added`,
		`level=DEBUG msg="task started" supervisor=root task=fails run=1 status=healthy why=supervisor-start`,
		`level=WARN msg="task failed" supervisor=root task=fails run=1 status=failed why=failure exit=panic attempts=1 restart_in=2s error="panic: boom" stack=true`,
		`level=DEBUG msg="task started" supervisor=root task=fails run=2 status=healthy why=backoff attempts=1`,
		`level=ERROR msg="task dead" supervisor=root task=fails run=2 status=dead why=exhausted exit=error attempts=1 error="it failed"`,
		`level=DEBUG msg="task added" supervisor=root task=completes run=0 status=created why=added`,
		`level=DEBUG msg="task started" supervisor=root task=completes run=1 status=healthy why=added`,
		`level=INFO msg="task completed" supervisor=root task=completes run=1 status=completed why=completed exit=ok`,
		`level=DEBUG msg="task added" supervisor=root task=runs run=0 status=created why=added`,
		`level=DEBUG msg="task started" supervisor=root task=runs run=1 status=healthy why=added`,
		`level=INFO msg="task stopping" supervisor=root task=runs run=1 status=stopping why=removed`,
		`level=INFO msg="task removed" supervisor=root task=runs run=1 status=none why=removed exit=stopped error="the task is being removed"`,
		`level=DEBUG msg="task added" supervisor=root task=repeats run=0 status=created why=added`,
		`level=DEBUG msg="task started" supervisor=root task=repeats run=1 status=healthy why=added`,
		`level=DEBUG msg="task waits for its next start" supervisor=root task=repeats run=1 status=failed why=repeat exit=ok restart_in=1s`,
		`level=INFO msg="task removed" supervisor=root task=repeats run=1 status=none why=removed`,
		`level=DEBUG msg="task added" supervisor=root task=deaf run=0 status=created why=added`,
		`level=DEBUG msg="task started" supervisor=root task=deaf run=1 status=healthy why=added`,
		`level=INFO msg="task stopping" supervisor=root task=deaf run=1 status=stopping why=killed`,
		`level=ERROR msg="task ignores its stop, its run is left behind" supervisor=root task=deaf run=1 status=abandoned why=stop-timeout`,
		`level=INFO msg="run that was left behind ended" supervisor=root task=deaf run=1 status=abandoned why=late-exit exit=stopped error="it failed"`,
		`level=INFO msg="task dead" supervisor=root task=deaf run=1 status=dead why=killed exit=stopped error="it failed"`,
		`level=INFO msg="supervisor stopped" supervisor=root why=shutdown`,
	}, lines)
}

func TestLoggerTellsOfLossesAndOfAnEndWithAnError(t *testing.T) {
	lines := logged(t, slog.LevelError, func(t *testing.T, logger *slog.Logger) {
		sup := newSupervisor(t, goroutine.WithLogger(logger), goroutine.WithObserverQueue(1), goroutine.WithDeadThreshold(0),
			goroutine.WithStopTimeout(time.Second))
		gates := newGated(1)
		add(t, sup, "deaf", gates)
		start(t, sup)
		require.NoError(t, sup.Kill("deaf"))
		require.Error(t, sup.Wait())
		require.NoError(t, sup.Drain(t.Context()))
		gates.open(1)
	})
	last := lines[len(lines)-1]
	require.Contains(t, last, `level=ERROR msg="supervisor stopped"`)
	require.Contains(t, last, `why=too-many-dead left=1`)
	require.Contains(t, last, `error="1 of 1 tasks are dead: 100%, more than 0%"`)
}
