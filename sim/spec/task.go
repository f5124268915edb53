package spec

import "github.com/tasksupervisor/tasksupervisor/core"

// Running reports whether a task has a run that was not asked to stop.
func Running(t *core.TaskStatus) bool {
	return t.Status == core.StatusStarting || t.Status == core.StatusHealthy
}

// Attended reports whether a task's status is about its latest run: that goes on, or its end is waited for. A run that is
// alive beside another status was left behind.
func Attended(t *core.TaskStatus) bool {
	return Running(t) || t.Status == core.StatusStopping || t.Status == core.StatusAbandoned
}

// StopPending reports whether a task's run will be asked to stop, as soon as those have stopped that go first.
func StopPending(t *core.TaskStatus) bool { return Running(t) && t.Intent != core.IntentNone }

// Terminating reports whether a task is on its way to stop, asked or not yet.
func Terminating(t *core.TaskStatus) bool { return t.Status == core.StatusStopping || StopPending(t) }

// Up reports whether a task is what those that need it wait for: healthy, ready and not about to stop, or completed.
func Up(t *core.TaskStatus) bool { return Holds(t) && !t.Unready }

// Holds reports whether the tasks that are bound to a task can run on: it is healthy and not about to stop, or completed. A
// run that took its readiness back holds them all the same.
func Holds(t *core.TaskStatus) bool {
	return t.Status == core.StatusHealthy && !StopPending(t) || t.Status == core.StatusCompleted
}

// Ended reports whether a task in this status has come to an end, which only an operator's restart undoes.
func Ended(status core.Status) bool {
	return status == core.StatusCompleted || status == core.StatusDead
}

// Dead reports whether a task in this status counts as dead for the dead threshold.
func Dead(status core.Status) bool {
	return status == core.StatusDead || status == core.StatusAbandoned
}

// Returns reports whether a task with this intent is stopped only to be started again, sooner or later.
func Returns(intent core.Intent) bool {
	switch intent {
	case core.IntentRestart, core.IntentRetry, core.IntentStartAgain, core.IntentSuspend:
		return true
	case core.IntentNone, core.IntentKill, core.IntentRemove, core.IntentHalt, core.IntentRetire:
	}
	return false
}

// Together reports whether a task with this intent stops along with others, and so takes its turn among them. An operator
// command about one task, and a run that hangs, wait for no turn.
func Together(intent core.Intent) bool {
	return intent == core.IntentStartAgain || intent == core.IntentRetire || intent == core.IntentHalt
}

// StopLimit returns how long a run may take to stop before it is abandoned: a run that hangs can have a limit of its own.
func StopLimit(p *core.Policy, hung bool) core.Duration {
	if limit := p.HungStopTimeout; hung && limit != 0 {
		return limit
	}
	return p.StopTimeout
}

// TooQuick reports whether a good end at an instant is a failure all the same: where every good end is followed by a restart,
// a run has to have been healthy for its policy's minimum first. healthy is since when it is, or Never.
func TooQuick(p *core.Policy, exit core.ExitKind, healthy, at core.Instant) bool {
	if p.Restart != core.RestartAlways || exit != core.ExitOK || p.MinUptime == 0 {
		return false
	}
	enough := core.Never
	if healthy != core.Never {
		enough = After(healthy, p.MinUptime)
	}
	return enough == core.Never || at < enough
}

// Failure reports whether an end is a failure that a restart can follow.
func Failure(exit core.ExitKind) bool {
	switch exit {
	case core.ExitError, core.ExitPanic, core.ExitGoexit, core.ExitStartTimeout, core.ExitWatchdog, core.ExitTooQuick:
		return true
	case core.ExitNone, core.ExitOK, core.ExitDone, core.ExitFatal, core.ExitStopped, core.ExitLost:
	}
	return false
}

// Lost reports whether an end is the loss of what carried the run, which is not a failure: all that follows is a restart, unless
// the policy says never.
func Lost(exit core.ExitKind) bool { return exit == core.ExitLost }

// CanEnd reports whether a run can end so: the others are what the supervisor makes of an end.
func CanEnd(exit core.ExitKind) bool {
	switch exit {
	case core.ExitOK, core.ExitError, core.ExitPanic, core.ExitGoexit, core.ExitDone, core.ExitFatal, core.ExitLost:
		return true
	case core.ExitNone, core.ExitStartTimeout, core.ExitWatchdog, core.ExitStopped, core.ExitTooQuick:
	}
	return false
}
