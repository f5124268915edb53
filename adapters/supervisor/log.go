package supervisor

import (
	"context"
	"errors"
	"log/slog"
	"time"
)

// logTransition writes one transition as one record.
func logTransition(logger *slog.Logger, t Transition) {
	level, ctx := logLevel(&t), context.Background()
	if !logger.Enabled(ctx, level) {
		return
	}
	attributes := make([]slog.Attr, 0, 12)
	if t.Supervisor != "" {
		attributes = append(attributes, slog.String("supervisor", t.Supervisor))
	}
	if t.Task != "" {
		attributes = append(attributes, slog.String("task", t.Task), slog.Any("run", t.Run))
		if t.Kind != ActionHalt {
			attributes = append(attributes, slog.Any("status", t.To))
		}
	}
	attributes = append(attributes, slog.Any("why", t.Why))
	if t.Exit != ExitNone {
		attributes = append(attributes, slog.Any("exit", t.Exit))
	}
	if t.Attempts > 0 {
		attributes = append(attributes, slog.Any("attempts", t.Attempts))
	}
	if t.To == StatusFailed && t.Until != Never {
		attributes = append(attributes, slog.Duration("restart_in", time.Duration(t.Until-t.At)))
	}
	if t.LeftBehind > 0 {
		attributes = append(attributes, slog.Any("left_behind", t.LeftBehind))
	}
	if t.Lost > 0 {
		attributes = append(attributes, slog.Uint64("lost_events", t.Lost))
	}
	if t.Err != nil {
		attributes = append(attributes, slog.Any("error", t.Err))
		if panicked := (*PanicError)(nil); errors.As(t.Err, &panicked) {
			attributes = append(attributes, slog.String("stack", panicked.Stack.String()))
		}
	}
	logger.LogAttrs(ctx, level, logMessage(&t), attributes...)
}
