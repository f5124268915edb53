package supervisor

import (
	"context"
	"errors"
	"log/slog"
	"time"
)

// logTransition writes one event as one record.
func logTransition(logger *slog.Logger, e Transition) {
	level, message := levelOf(e), messageOf(e)
	ctx := context.Background()
	if !logger.Enabled(ctx, level) {
		return
	}
	attributes := make([]slog.Attr, 0, 12)
	if e.Supervisor != "" {
		attributes = append(attributes, slog.String("supervisor", e.Supervisor))
	}
	if e.Task != "" {
		attributes = append(attributes, slog.String("task", e.Task), slog.Any("run", e.Run))
		if e.Kind != ActionHalt {
			attributes = append(attributes, slog.Any("status", e.To))
		}
	}
	attributes = append(attributes, slog.Any("why", e.Why))
	if e.Exit != ExitNone {
		attributes = append(attributes, slog.Any("exit", e.Exit))
	}
	if e.Attempts > 0 {
		attributes = append(attributes, slog.Any("attempts", e.Attempts))
	}
	if e.To == StatusFailed && e.Until != Never {
		attributes = append(attributes, slog.Duration("restart_in", time.Duration(e.Until-e.At)))
	}
	if e.LeftBehind > 0 {
		attributes = append(attributes, slog.Any("left_behind", e.LeftBehind))
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

func levelOf(e Transition) slog.Level {
	if e.Kind == ActionHalt && e.Err != nil || e.Kind == ActionAbandon {
		return slog.LevelError
	}
	switch e.Why {
	case ReasonExhausted, ReasonFatal, ReasonIntensity:
		return slog.LevelError
	case ReasonNotRestartable:
		if e.Exit == ExitStopped { // with a sibling: it did not fail
			return slog.LevelInfo
		}
		return slog.LevelError
	case ReasonFailure, ReasonStartTimeout, ReasonWatchdog, ReasonProbeFailed:
		return slog.LevelWarn
	case ReasonBackoff, ReasonRepeat, ReasonAdded, ReasonSupervisorStart, ReasonSupervisorStop,
		ReasonReady, ReasonProbe, ReasonDelayBegins, ReasonStartAgain:
		return slog.LevelDebug
	}
	return slog.LevelInfo
}

func messageOf(e Transition) string {
	switch {
	case e.Kind == ActionHalt:
		return "supervisor stopped"
	case e.Why == ReasonLateExit:
		return "run that was left behind ended"
	case e.Why == ReasonPolicy:
		return "task has another policy"
	case e.Why == ReasonReady:
		return "task ready"
	case e.From == e.To:
		return messageOfNote(e)
	case e.Why == ReasonFailure:
		return "task failed"
	case e.Why == ReasonStartTimeout && e.To == StatusStopping:
		return "task was not ready in time, stopping"
	case e.Why == ReasonWatchdog && e.To == StatusStopping:
		return "task is not well, stopping"
	}
	switch e.To {
	case StatusNone:
		return "task removed"
	case StatusCreated:
		return messageOfCreated(e)
	case StatusStarting:
		return "task starting"
	case StatusHealthy:
		return "task started"
	case StatusStopping:
		return "task stopping"
	case StatusFailed:
		return "task waits for its next start"
	case StatusCompleted:
		return "task completed"
	case StatusDead:
		return "task dead"
	case StatusHalted:
		return "task halted"
	case StatusAbandoned:
		return "task ignores its stop, its run is left behind"
	}
	return "task " + e.To.String()
}

func messageOfCreated(e Transition) string {
	switch {
	case e.From == StatusNone:
		return "task added"
	case e.Why == ReasonSuspended:
		return "task suspended"
	}
	return "task waits for its turn"
}

// messageOfNote is of what does not change the task's status.
func messageOfNote(e Transition) string {
	switch e.Why {
	case ReasonDelayBegins:
		return "task's restart delay begins"
	case ReasonRestartRate:
		return "task waits for the restart rate"
	case ReasonResumed:
		return "task resumed"
	case ReasonProbe:
		return "task probed"
	case ReasonProbeFailed:
		return "task failed a probe"
	case ReasonWatchdog:
		return "task is not well"
	case ReasonSuspended:
		if e.To == StatusCreated {
			return "task suspended"
		}
		return "task is to be suspended"
	case ReasonSibling, ReasonDependency, ReasonSupervisorStop:
		return "task is to be stopped"
	case ReasonRestarted:
		return "task is to be restarted"
	case ReasonKilled:
		return "task is to be killed"
	case ReasonRemoved:
		return "task is to be removed"
	}
	return "task is to stay down"
}
