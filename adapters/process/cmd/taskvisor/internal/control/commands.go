package control

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/tasksupervisor/tasksupervisor/adapters/supervisor"
)

// command carries out a command about a task. It returns how to wait for what follows, nil if there is nothing to wait for, and what
// to know besides.
type command func(path string) (wait func(context.Context) error, text string, err error)

// command returns what an action does; nil if there is no such action.
func (h *handler) command(action Action, order *Order) command {
	switch action {
	case ActionRestart:
		return h.restart
	case ActionStart:
		return h.start
	case ActionResume:
		return h.resume
	case ActionStop, ActionSuspend:
		if order.ForGood {
			return h.stopForGood
		}
		return h.stop
	case ActionReload:
		return h.reload
	}
	return nil
}

func (h *handler) restart(path string) (wait func(context.Context) error, text string, err error) {
	before, err := h.Supervisor.Status(path)
	if err != nil {
		return nil, "", err
	}
	if err := h.Supervisor.Restart(path); err != nil {
		return nil, "", err
	}
	return h.untilUp(path, before.Run), "", nil
}

// start resumes a task, or starts it afresh.
func (h *handler) start(path string) (wait func(context.Context) error, text string, err error) {
	status, err := h.Supervisor.Status(path)
	switch {
	case err != nil:
		return nil, "", err
	case status.Suspended || status.Intent == supervisor.IntentSuspend:
		return h.resume(path)
	case isUp(&status):
		return nil, "is up already", nil
	case status.Status == supervisor.StatusStarting || status.Status == supervisor.StatusCreated:
		return h.untilUp(path, 0), "is starting already", nil
	}
	return h.restart(path)
}

func (h *handler) resume(path string) (wait func(context.Context) error, text string, err error) {
	before, err := h.Supervisor.Status(path)
	if err != nil {
		return nil, "", err
	}
	if err := h.Supervisor.Resume(path); err != nil {
		return nil, "", err
	}
	return h.untilUp(path, before.Run), "", nil
}

// stop suspends a task. One that has ended is down already, and stays so.
func (h *handler) stop(path string) (wait func(context.Context) error, text string, err error) {
	err = h.Supervisor.Suspend(path)
	if errors.Is(err, supervisor.ErrAlreadyEnded) {
		return nil, "has ended already", nil
	}
	return h.untilStopped(path), "", err
}

func (h *handler) stopForGood(path string) (wait func(context.Context) error, text string, err error) {
	err = h.Supervisor.Kill(path)
	if errors.Is(err, supervisor.ErrAlreadyEnded) {
		return nil, "has ended already", nil
	}
	return h.untilStopped(path), "", err
}

func (h *handler) reload(path string) (wait func(context.Context) error, text string, err error) {
	if h.Reload == nil {
		return nil, "", &Error{CodeUnsupported, "it cannot be reloaded"}
	}
	return nil, "", h.Reload(path)
}

func isUp(status *supervisor.TaskStatus) bool {
	return status.Status == supervisor.StatusHealthy && !status.Unready
}

// untilUp waits until a later run than one is up, or it is clear that it is not. The error is an *Error.
func (h *handler) untilUp(path string, before supervisor.RunNumber) func(context.Context) error {
	return func(ctx context.Context) error {
		err := h.Supervisor.WaitUntil(ctx, path, func(status supervisor.TaskStatus) bool {
			return status.Run != before && (isUp(&status) || hasEnded(&status))
		})
		if err == nil {
			h.settle(ctx, path)
		}
		status, gone := h.Supervisor.Status(path)
		switch {
		case gone != nil:
			return gone
		case errors.Is(err, context.DeadlineExceeded):
			return &Error{CodeTimeout, "is not up yet: " + plight(&status)}
		case err != nil:
			return err
		case status.Status == supervisor.StatusFailed || status.Status == supervisor.StatusDead:
			return &Error{CodeNotUp, "did not come up: " + plight(&status)}
		}
		return nil
	}
}

// settle waits for as long as a run that is up may be expected to fail if it cannot work.
func (h *handler) settle(ctx context.Context, path string) {
	if policy, err := h.Supervisor.Policy(path); err != nil || policy.Readiness || h.Settle == 0 {
		return
	}
	ctx, cancel := context.WithTimeout(ctx, h.Settle)
	defer cancel()
	_ = h.Supervisor.WaitUntil(ctx, path, func(status supervisor.TaskStatus) bool { return hasEnded(&status) })
}

// hasEnded reports whether a task is down because its run has ended.
func hasEnded(status *supervisor.TaskStatus) bool {
	switch status.Status {
	case supervisor.StatusFailed, supervisor.StatusCompleted, supervisor.StatusDead:
		return true
	case supervisor.StatusNone, supervisor.StatusCreated, supervisor.StatusStarting, supervisor.StatusHealthy, supervisor.StatusStopping,
		supervisor.StatusHalted, supervisor.StatusAbandoned:
	}
	return false
}

// untilStopped waits until nothing of a task runs.
func (h *handler) untilStopped(path string) func(context.Context) error {
	return func(ctx context.Context) error {
		err := h.Supervisor.WaitFor(ctx, path, supervisor.UntilStopped)
		if errors.Is(err, context.DeadlineExceeded) {
			if status, gone := h.Supervisor.Status(path); gone == nil {
				return &Error{CodeTimeout, "has not stopped yet: " + plight(&status)}
			}
		}
		return err
	}
}

// plight says in a few words why a task is not up.
func plight(status *supervisor.TaskStatus) string {
	text := fmt.Sprintf("%v (%v)", status.Status, status.Why)
	switch by, why := status.Holder(); by {
	case "gate":
		text += ", held: " + why
	case "operator":
		text += ", " + status.HeldBy.Error()
	}
	if status.WaitsFor != "" {
		text += ", waits for " + status.WaitsFor
	}
	if left, ok := status.RestartIn(); ok {
		text += ", starts again in " + left.Round(100*time.Millisecond).String()
	}
	if status.LastError != nil {
		text += ": " + status.LastError.Error()
	}
	return text
}
