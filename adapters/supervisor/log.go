package supervisor

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
	attributes := make([]slog.Attr, 0, 12)
	if e.Supervisor != "" {
		attributes = append(attributes, slog.String("supervisor", e.Supervisor))
	}
	if e.Task != "" {
		attributes = append(attributes, slog.String("task", e.Task), slog.Any("run", e.Run))
		if e.Kind != core.ActionHalt {
			attributes = append(attributes, slog.Any("status", e.To))
		}
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
		attributes = append(attributes, slog.Any("left_behind", e.Left))
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
	if e.Kind == core.ActionHalt && e.Err != nil || e.Kind == core.ActionAbandon {
		return slog.LevelError
	}
	switch e.Why {
	case core.ReasonExhausted, core.ReasonFatal, core.ReasonIntensity:
		return slog.LevelError
	case core.ReasonNotRestartable:
		if e.Exit == core.ExitStopped { // with a sibling: it did not fail
			return slog.LevelInfo
		}
		return slog.LevelError
	case core.ReasonFailure, core.ReasonStartTimeout, core.ReasonWatchdog, core.ReasonProbeFailed:
		return slog.LevelWarn
	case core.ReasonBackoff, core.ReasonRepeat, core.ReasonAdded, core.ReasonSupervisorStart, core.ReasonSupervisorStop,
		core.ReasonReady, core.ReasonProbe, core.ReasonDelayBegins, core.ReasonStartAgain:
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
	case e.Why == core.ReasonPolicy:
		return "task has another policy"
	case e.Why == core.ReasonReady:
		return "task ready"
	case e.From == e.To:
		return messageOfNote(e)
	case e.Why == core.ReasonFailure:
		return "task failed"
	case e.Why == core.ReasonStartTimeout && e.To == core.StatusStopping:
		return "task was not ready in time, stopping"
	case e.Why == core.ReasonWatchdog && e.To == core.StatusStopping:
		return "task is not well, stopping"
	}
	switch e.To {
	case core.StatusNone:
		return "task removed"
	case core.StatusCreated:
		return messageOfCreated(e)
	case core.StatusStarting:
		return "task starting"
	case core.StatusHealthy:
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

func messageOfCreated(e Event) string {
	switch {
	case e.From == core.StatusNone:
		return "task added"
	case e.Why == core.ReasonSuspended:
		return "task suspended"
	}
	return "task waits for its turn"
}

// messageOfNote is of what does not change the task's status.
func messageOfNote(e Event) string {
	switch e.Why {
	case core.ReasonDelayBegins:
		return "task's restart delay begins"
	case core.ReasonRestartRate:
		return "task waits for the restart rate"
	case core.ReasonResumed:
		return "task resumed"
	case core.ReasonProbe:
		return "task probed"
	case core.ReasonProbeFailed:
		return "task failed a probe"
	case core.ReasonWatchdog:
		return "task is not well"
	case core.ReasonSuspended:
		if e.To == core.StatusCreated {
			return "task suspended"
		}
		return "task is to be suspended"
	case core.ReasonRestarted:
		return "task is to be restarted"
	case core.ReasonKilled:
		return "task is to be killed"
	case core.ReasonRemoved:
		return "task is to be removed"
	}
	return "task is to stay down"
}
