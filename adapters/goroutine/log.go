package goroutine

import (
	"context"
	"errors"
	"log/slog"
	"time"

	"github.com/tasksupervisor/tasksupervisor/core"
)

// logEvent writes one event as one record.
func logEvent(logger *slog.Logger, e Event) {
	level, message := levelOf(e), messageOf(e)
	ctx := context.Background()
	if !logger.Enabled(ctx, level) {
		return
	}
	attributes := make([]slog.Attr, 0, 10)
	if e.Supervisor != "" {
		attributes = append(attributes, slog.String("supervisor", e.Supervisor))
	}
	if e.Task != "" {
		attributes = append(attributes, slog.String("task", e.Task), slog.Any("run", e.Run), slog.Any("status", e.To))
	}
	attributes = append(attributes, slog.Any("why", e.Why))
	if e.Exit != core.ExitNone {
		attributes = append(attributes, slog.Any("exit", e.Exit))
	}
	if e.Attempts > 0 {
		attributes = append(attributes, slog.Any("attempts", e.Attempts))
	}
	if e.To == core.StatusFailed && e.Until != core.Never {
		attributes = append(attributes, slog.Duration("restart_in", time.Duration(e.Until-e.At)))
	}
	if e.Left > 0 {
		attributes = append(attributes, slog.Any("left", e.Left))
	}
	if e.Lost > 0 {
		attributes = append(attributes, slog.Uint64("lost_events", e.Lost))
	}
	if e.Err != nil {
		attributes = append(attributes, slog.Any("error", e.Err))
		if panicked := (*PanicError)(nil); errors.As(e.Err, &panicked) {
			attributes = append(attributes, slog.String("stack", panicked.Stack.String()))
		}
	}
	logger.LogAttrs(ctx, level, message, attributes...)
}

func levelOf(e Event) slog.Level {
	switch {
	case e.Kind == core.ActionHalt && e.Err != nil,
		e.Kind == core.ActionAbandon,
		e.Why == core.ReasonExhausted, e.Why == core.ReasonNotRestartable:
		return slog.LevelError
	case e.Why == core.ReasonFailure:
		return slog.LevelWarn
	case e.Why == core.ReasonBackoff, e.Why == core.ReasonRepeat, e.Why == core.ReasonAdded,
		e.Why == core.ReasonSupervisorStart, e.Why == core.ReasonHalted:
		return slog.LevelDebug
	}
	return slog.LevelInfo
}

func messageOf(e Event) string {
	switch {
	case e.Kind == core.ActionHalt:
		return "supervisor stopped"
	case e.Why == core.ReasonLateExit:
		return "run that was left behind ended"
	case e.Why == core.ReasonFailure:
		return "task failed"
	}
	switch e.To {
	case core.StatusNone:
		return "task removed"
	case core.StatusCreated:
		return "task added"
	case core.StatusStarting, core.StatusHealthy:
		return "task started"
	case core.StatusStopping:
		return "task stopping"
	case core.StatusFailed:
		return "task waits for its next start"
	case core.StatusCompleted:
		return "task completed"
	case core.StatusDead:
		return "task dead"
	case core.StatusAbandoned:
		return "task ignores its stop, its run is left behind"
	}
	return "task " + e.To.String()
}
