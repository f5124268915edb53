package supervisor

import (
	"context"
	"errors"
	"log/slog"
	"strings"
	"time"
)

// newLogger returns an observer that logs.
func newLogger(logger *slog.Logger, queue int) *observer {
	enabled := func(level slog.Level) bool { return logger.Enabled(context.Background(), level) }
	o := newObserver(queue, func(t Transition, lost lostByLevel) {
		logLosses(logger, lost)
		if t.Why != ReasonNone || t.Kind == ActionHalt {
			logTransition(logger, t)
		}
	})
	o.enabled, o.logs = enabled, true
	return o
}

// logLosses writes how many records of which levels are lost, of those levels that are logged.
func logLosses(logger *slog.Logger, lost lostByLevel) {
	worst, ctx := slog.LevelWarn, context.Background()
	var attributes []slog.Attr
	for i, n := range lost {
		if level := levelAt(i); n > 0 && logger.Enabled(ctx, level) {
			attributes = append(attributes, slog.Uint64("lost_"+strings.ToLower(level.String()), n))
			worst = max(worst, level)
		}
	}
	if len(attributes) > 0 {
		logger.LogAttrs(ctx, worst, "log records lost, the logger is too slow", attributes...)
	}
}

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
	if t.Failures > 0 {
		attributes = append(attributes, slog.Any("failures", t.Failures), slog.Duration("down", t.Down))
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
	if t.Err != nil {
		attributes = append(attributes, slog.Any("error", t.Err))
		if panicked := (*PanicError)(nil); errors.As(t.Err, &panicked) {
			attributes = append(attributes, slog.String("stack", panicked.Stack.String()))
		}
	}
	logger.LogAttrs(ctx, level, logMessage(&t), attributes...)
}
