package core

import (
	"strconv"
	"time"
)

// The names below are part of the scenario format: a changed name is a changed format.

// String returns the kind's name, such as "shutdown".
func (k EventKind) String() string {
	switch k {
	case EventTick:
		return "tick"
	case EventStart:
		return "start"
	case EventAdd:
		return "add"
	case EventRemove:
		return "remove"
	case EventRestart:
		return "restart"
	case EventKill:
		return "kill"
	case EventExit:
		return "exit"
	case EventReady:
		return "ready"
	case EventBeat:
		return "beat"
	case EventProbe:
		return "probe"
	case EventNeed:
		return "need"
	case EventSuspend:
		return "suspend"
	case EventResume:
		return "resume"
	case EventPolicy:
		return "policy"
	case EventLimits:
		return "limits"
	case EventShutdown:
		return "shutdown"
	case eventKinds:
	}
	return outOfRange("EventKind", uint8(k))
}

// String returns the kind's name, such as "goexit".
func (k ExitKind) String() string {
	switch k {
	case ExitNone:
		return "none"
	case ExitOK:
		return "ok"
	case ExitError:
		return "error"
	case ExitPanic:
		return "panic"
	case ExitGoexit:
		return "goexit"
	case ExitDone:
		return "done"
	case ExitFatal:
		return "fatal"
	case ExitStartTimeout:
		return "start-timeout"
	case ExitWatchdog:
		return "watchdog"
	case ExitStopped:
		return "stopped"
	case exitKinds:
	}
	return outOfRange("ExitKind", uint8(k))
}

// String returns the kind's name, such as "abandon".
func (k ActionKind) String() string {
	switch k {
	case ActionTransition:
		return "transition"
	case ActionAdd:
		return "add"
	case ActionStart:
		return "start"
	case ActionStop:
		return "stop"
	case ActionAbandon:
		return "abandon"
	case ActionProbe:
		return "probe"
	case ActionForget:
		return "forget"
	case ActionReject:
		return "reject"
	case ActionHalt:
		return "halt"
	case actionKinds:
	}
	return outOfRange("ActionKind", uint8(k))
}

// String returns the reason's name, such as "too-many-dead".
func (r Reason) String() string {
	switch r {
	case ReasonNone:
		return "none"
	case ReasonAdded:
		return "added"
	case ReasonSupervisorStart:
		return "supervisor-start"
	case ReasonBackoff:
		return "backoff"
	case ReasonFailure:
		return "failure"
	case ReasonRepeat:
		return "repeat"
	case ReasonReady:
		return "ready"
	case ReasonSibling:
		return "sibling"
	case ReasonDependency:
		return "dependency"
	case ReasonStartAgain:
		return "start-again"
	case ReasonDelayBegins:
		return "delay-begins"
	case ReasonRestartRate:
		return "restart-rate"
	case ReasonSuspended:
		return "suspended"
	case ReasonResumed:
		return "resumed"
	case ReasonPolicy:
		return "policy"
	case ReasonStartTimeout:
		return "start-timeout"
	case ReasonWatchdog:
		return "watchdog"
	case ReasonProbe:
		return "probe"
	case ReasonProbeFailed:
		return "probe-failed"
	case ReasonCompleted:
		return "completed"
	case ReasonRestarted:
		return "restarted"
	case ReasonKilled:
		return "killed"
	case ReasonRemoved:
		return "removed"
	case ReasonExhausted:
		return "exhausted"
	case ReasonNotRestartable:
		return "not-restartable"
	case ReasonFatal:
		return "fatal"
	case ReasonIntensity:
		return "intensity"
	case ReasonSupervisorStop:
		return "supervisor-stop"
	case ReasonStopTimeout:
		return "stop-timeout"
	case ReasonLateExit:
		return "late-exit"
	case ReasonShutdown:
		return "shutdown"
	case ReasonTooManyDead:
		return "too-many-dead"
	case ReasonAllEnded:
		return "all-ended"
	case ReasonAnyEnded:
		return "any-ended"
	case ReasonEscalated:
		return "escalated"
	case ReasonShutdownTimeout:
		return "shutdown-timeout"
	case reasons:
	}
	return outOfRange("Reason", uint8(r))
}

// String returns the status's name, such as "healthy".
func (s Status) String() string {
	switch s {
	case StatusNone:
		return "none"
	case StatusCreated:
		return "created"
	case StatusStarting:
		return "starting"
	case StatusHealthy:
		return "healthy"
	case StatusStopping:
		return "stopping"
	case StatusFailed:
		return "failed"
	case StatusCompleted:
		return "completed"
	case StatusDead:
		return "dead"
	case StatusAbandoned:
		return "abandoned"
	case statuses:
	}
	return outOfRange("Status", uint8(s))
}

// String returns the intent's name, such as "kill".
func (i Intent) String() string {
	switch i {
	case IntentNone:
		return "none"
	case IntentRestart:
		return "restart"
	case IntentKill:
		return "kill"
	case IntentRemove:
		return "remove"
	case IntentHalt:
		return "halt"
	case IntentRetry:
		return "retry"
	case IntentStartAgain:
		return "start-again"
	case IntentRetire:
		return "retire"
	case intents:
	}
	return outOfRange("Intent", uint8(i))
}

// String returns the phase's name, such as "halting".
func (p Phase) String() string {
	switch p {
	case PhaseCreated:
		return "created"
	case PhaseRunning:
		return "running"
	case PhaseHalting:
		return "halting"
	case PhaseHalted:
		return "halted"
	case phases:
	}
	return outOfRange("Phase", uint8(p))
}

// String returns the name, such as "on-failure".
func (r Restart) String() string {
	switch r {
	case RestartOnFailure:
		return "on-failure"
	case RestartAlways:
		return "always"
	case RestartNever:
		return "never"
	case restarts:
	}
	return outOfRange("Restart", uint8(r))
}

// String returns the name, such as "replace".
func (o OnAbandon) String() string {
	switch o {
	case AbandonWait:
		return "wait"
	case AbandonReplace:
		return "replace"
	case AbandonEscalate:
		return "escalate"
	case onAbandons:
	}
	return outOfRange("OnAbandon", uint8(o))
}

// String returns the name, such as "all".
func (a AutoShutdown) String() string {
	switch a {
	case AutoShutdownNever:
		return "never"
	case AutoShutdownAll:
		return "all"
	case AutoShutdownAny:
		return "any"
	case autoShutdowns:
	}
	return outOfRange("AutoShutdown", uint8(a))
}

// String returns the name, such as "reverse".
func (o StopOrder) String() string {
	switch o {
	case StopByStrategy:
		return "by-strategy"
	case StopTogether:
		return "together"
	case StopReverse:
		return "reverse"
	case stopOrders:
	}
	return outOfRange("StopOrder", uint8(o))
}

// String returns the name, such as "one-for-all".
func (s Strategy) String() string {
	switch s {
	case OneForOne:
		return "one-for-one"
	case OneForAll:
		return "one-for-all"
	case RestForOne:
		return "rest-for-one"
	case strategies:
	}
	return outOfRange("Strategy", uint8(s))
}

// String returns the name, such as "escalate".
func (o OnExhausted) String() string {
	switch o {
	case ExhaustedDead:
		return "dead"
	case ExhaustedEscalate:
		return "escalate"
	case onExhausteds:
	}
	return outOfRange("OnExhausted", uint8(o))
}

// String returns the name, such as "report".
func (o OnMiss) String() string {
	switch o {
	case MissRestart:
		return "restart"
	case MissReport:
		return "report"
	case onMisses:
	}
	return outOfRange("OnMiss", uint8(o))
}

// String returns the name, such as "budget".
func (w Wait) String() string {
	switch w {
	case WaitNone:
		return "none"
	case WaitSupervisor:
		return "supervisor"
	case WaitSuspended:
		return "suspended"
	case WaitNeed:
		return "need"
	case WaitTurn:
		return "turn"
	case WaitOthersStopped:
		return "others-stopped"
	case WaitDelay:
		return "delay"
	case WaitRestartRate:
		return "restart-rate"
	case waits:
	}
	return outOfRange("Wait", uint8(w))
}

// String returns the time since the origin, such as "1.5s", or "never".
func (at Instant) String() string {
	if at == Never {
		return "never"
	}
	return time.Duration(at).String()
}

// String returns "#" and the generation, such as "#3".
func (id TaskID) String() string { return "#" + strconv.FormatUint(id.Generation(), 10) }

// String returns the fraction as "1/2".
func (f Fraction) String() string {
	return strconv.FormatUint(uint64(f.Num), 10) + "/" + strconv.FormatUint(uint64(f.Den), 10)
}

// String returns the rate as "5/10s".
func (r Rate) String() string {
	return strconv.FormatUint(uint64(r.Count), 10) + "/" + r.Per.String()
}

func outOfRange(kind string, value uint8) string {
	return kind + "(" + strconv.Itoa(int(value)) + ")"
}

// String returns the refusal's name, such as "stale-run".
func (r Refusal) String() string {
	switch r {
	case RefusalNone:
		return "none"
	case RefusalUnknownEvent:
		return "unknown-event"
	case RefusalUnknownTask:
		return "unknown-task"
	case RefusalUnknownPolicy:
		return "unknown-policy"
	case RefusalUnknownExit:
		return "unknown-exit"
	case RefusalUnknownLimits:
		return "unknown-limits"
	case RefusalStaleRun:
		return "stale-run"
	case RefusalStaleProbe:
		return "stale-probe"
	case RefusalAlreadyStarted:
		return "already-started"
	case RefusalAlreadyEnded:
		return "already-ended"
	case RefusalBeingRemoved:
		return "being-removed"
	case RefusalNotSuspended:
		return "not-suspended"
	case RefusalNeeded:
		return "needed"
	case RefusalNeedsLaterTask:
		return "needs-later-task"
	case RefusalTooManyTasks:
		return "too-many-tasks"
	case RefusalShuttingDown:
		return "shutting-down"
	case RefusalSupervisorDone:
		return "supervisor-done"
	case refusals:
	}
	return outOfRange("Refusal", uint8(r))
}
