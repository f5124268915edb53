package core

import (
	"iter"
	"strconv"
	"time"
)

// Enum is any enumeration of this package.
type Enum interface {
	EventKind | ActionKind | ExitKind | Status | Intent | Wait | Phase | Reason | Refusal |
		Restart | OnAbandon | OnExhausted | OnMiss | Strategy | StopOrder | AutoShutdown
}

// ValuesFrom iterates over the values of an enumeration in order, from the first one wanted to the last one there is.
func ValuesFrom[E Enum](first E) iter.Seq[E] {
	return func(yield func(E) bool) {
		for value := first; value < end[E](); value++ {
			if !yield(value) {
				return
			}
		}
	}
}

// end returns the first value that is none of the enumeration's.
func end[E Enum]() E {
	var value E
	switch any(value).(type) {
	case EventKind:
		return E(eventKinds)
	case ActionKind:
		return E(actionKinds)
	case ExitKind:
		return E(exitKinds)
	case Status:
		return E(statuses)
	case Intent:
		return E(intents)
	case Wait:
		return E(waits)
	case Phase:
		return E(phases)
	case Reason:
		return E(reasons)
	case Refusal:
		return E(refusals)
	case Restart:
		return E(restarts)
	case OnAbandon:
		return E(onAbandons)
	case OnExhausted:
		return E(onExhausteds)
	case OnMiss:
		return E(onMisses)
	case Strategy:
		return E(strategies)
	case StopOrder:
		return E(stopOrders)
	case AutoShutdown:
		return E(autoShutdowns)
	}
	panic("core: an enumeration that is not in Enum")
}

// The names below are part of the scenario format: a changed name is a changed format.

// String returns the name, such as "shutdown".
func (k EventKind) String() string {
	return name("EventKind", k, []string{
		EventTick: "tick", EventStart: "start", EventAdd: "add", EventRemove: "remove", EventRestart: "restart",
		EventKill: "kill", EventExit: "exit", EventReady: "ready", EventBeat: "beat", EventProbe: "probe", EventUnready: "unready",
		EventNeed: "need", EventSuspend: "suspend", EventResume: "resume", EventPolicy: "policy",
		EventLimits: "limits", EventShutdown: "shutdown", EventHold: "hold", EventRelease: "release",
	})
}

// String returns the name, such as "abandon".
func (k ActionKind) String() string {
	return name("ActionKind", k, []string{
		ActionTransition: "transition", ActionAdd: "add", ActionStart: "start", ActionStop: "stop",
		ActionAbandon: "abandon", ActionProbe: "probe", ActionForget: "forget", ActionReject: "reject",
		ActionHalt: "halt",
	})
}

// String returns the name, such as "goexit".
func (k ExitKind) String() string {
	return name("ExitKind", k, []string{
		ExitNone: "none", ExitOK: "ok", ExitError: "error", ExitPanic: "panic", ExitGoexit: "goexit",
		ExitDone: "done", ExitFatal: "fatal", ExitStartTimeout: "start-timeout", ExitWatchdog: "watchdog", ExitTooQuick: "too-quick",
		ExitStopped: "stopped", ExitLost: "lost",
	})
}

// String returns the name, such as "healthy".
func (s Status) String() string {
	return name("Status", s, []string{
		StatusNone: "none", StatusCreated: "created", StatusStarting: "starting", StatusHealthy: "healthy",
		StatusStopping: "stopping", StatusFailed: "failed", StatusCompleted: "completed", StatusDead: "dead",
		StatusHalted:    "halted",
		StatusAbandoned: "abandoned",
	})
}

// String returns the name, such as "kill".
func (i Intent) String() string {
	return name("Intent", i, []string{
		IntentNone: "none", IntentRestart: "restart", IntentKill: "kill", IntentRemove: "remove",
		IntentHalt: "halt", IntentRetry: "retry", IntentStartAgain: "start-again", IntentSuspend: "suspend", IntentRetire: "retire",
	})
}

// String returns the name, such as "restart-rate".
func (w Wait) String() string {
	return name("Wait", w, []string{
		WaitNone: "none", WaitSupervisor: "supervisor", WaitSuspended: "suspended", WaitNeed: "need",
		WaitTurn: "turn", WaitLeftBehind: "left-behind", WaitHeld: "held", WaitOthersStopped: "others-stopped", WaitDelay: "delay", WaitRestartRate: "restart-rate",
	})
}

// String returns the name, such as "halting".
func (p Phase) String() string {
	return name("Phase", p, []string{
		PhaseCreated: "created", PhaseRunning: "running", PhaseHalting: "halting", PhaseHalted: "halted",
	})
}

// String returns the name, such as "too-many-dead".
func (r Reason) String() string {
	return name("Reason", r, []string{
		ReasonNone: "none", ReasonAdded: "added", ReasonSupervisorStart: "supervisor-start",
		ReasonBackoff: "backoff", ReasonFailure: "failure", ReasonRepeat: "repeat", ReasonReady: "ready",
		ReasonSibling: "sibling", ReasonDependency: "dependency", ReasonStartAgain: "start-again",
		ReasonDelayBegins: "delay-begins", ReasonRestartRate: "restart-rate", ReasonSuspended: "suspended",
		ReasonResumed: "resumed", ReasonPolicy: "policy", ReasonStartTimeout: "start-timeout",
		ReasonWatchdog: "watchdog", ReasonProbe: "probe", ReasonProbeFailed: "probe-failed",
		ReasonCompleted: "completed", ReasonRestarted: "restarted", ReasonKilled: "killed",
		ReasonRemoved: "removed", ReasonExhausted: "exhausted", ReasonNotRestartable: "not-restartable",
		ReasonFatal: "fatal", ReasonIntensity: "intensity", ReasonSupervisorStop: "supervisor-stop",
		ReasonStopTimeout: "stop-timeout", ReasonLateExit: "late-exit", ReasonUnready: "unready", ReasonShutdown: "shutdown",
		ReasonTooManyDead: "too-many-dead", ReasonAllEnded: "all-ended", ReasonAnyEnded: "any-ended",
		ReasonEscalated: "escalated", ReasonShutdownTimeout: "shutdown-timeout",
		ReasonLost: "lost", ReasonHeld: "held", ReasonReleased: "released",
	})
}

// String returns the name, such as "stale-run".
func (r Refusal) String() string {
	return name("Refusal", r, []string{
		RefusalNone: "none", RefusalUnknownEvent: "unknown-event", RefusalUnknownTask: "unknown-task",
		RefusalUnknownPolicy: "unknown-policy", RefusalUnknownExit: "unknown-exit",
		RefusalUnknownLimits: "unknown-limits", RefusalUnknownRun: "unknown-run", RefusalStaleRun: "stale-run", RefusalStaleProbe: "stale-probe",
		RefusalAlreadyStarted: "already-started", RefusalAlreadyEnded: "already-ended",
		RefusalBeingRemoved: "being-removed", RefusalNotSuspended: "not-suspended", RefusalNeeded: "needed",
		RefusalNeedsLaterTask: "needs-later-task", RefusalTooManyTasks: "too-many-tasks",
		RefusalShuttingDown: "shutting-down", RefusalSupervisorDone: "supervisor-done",
	})
}

// String returns the name, such as "on-failure".
func (r Restart) String() string {
	return name("Restart", r, []string{
		RestartOnFailure: "on-failure", RestartAlways: "always", RestartNever: "never",
	})
}

// String returns the name, such as "replace".
func (o OnAbandon) String() string {
	return name("OnAbandon", o, []string{
		AbandonWait: "wait", AbandonReplace: "replace", AbandonEscalate: "escalate",
	})
}

// String returns the name, such as "escalate".
func (o OnExhausted) String() string {
	return name("OnExhausted", o, []string{
		ExhaustedDead: "dead", ExhaustedEscalate: "escalate",
	})
}

// String returns the name, such as "report".
func (o OnMiss) String() string {
	return name("OnMiss", o, []string{
		MissRestart: "restart", MissReport: "report",
	})
}

// String returns the name, such as "one-for-all".
func (s Strategy) String() string {
	return name("Strategy", s, []string{
		OneForOne: "one-for-one", OneForAll: "one-for-all", RestForOne: "rest-for-one",
	})
}

// String returns the name, such as "reverse".
func (o StopOrder) String() string {
	return name("StopOrder", o, []string{
		StopByStrategy: "by-strategy", StopTogether: "together", StopReverse: "reverse",
	})
}

// String returns the name, such as "all".
func (a AutoShutdown) String() string {
	return name("AutoShutdown", a, []string{
		AutoShutdownNever: "never", AutoShutdownAll: "all", AutoShutdownAny: "any",
	})
}

// name returns the name of a value, or for a value that has none something like "Status(17)".
func name[E Enum](kind string, value E, names []string) string {
	if int(value) < len(names) {
		return names[value]
	}
	return kind + "(" + strconv.Itoa(int(value)) + ")"
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
