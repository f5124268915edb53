package explore

import (
	"github.com/tasksupervisor/tasksupervisor/core"
	"github.com/tasksupervisor/tasksupervisor/sim/spec"
)

// taskEvent is what can happen to a task.
type taskEvent uint8

const (
	// What its runs and its timer do.
	taskExitOK taskEvent = iota
	taskExitDone
	taskExitFailure
	taskExitLost
	taskExitFatal
	taskExitAsked
	taskExitLeftBehind
	taskExitStale
	taskExitUnknown
	taskReady
	taskUnready
	taskBeat
	taskProbeOK
	taskProbeFailed
	taskReportStale
	taskReportUnknown
	taskTimer

	// Operator commands.
	taskRestart
	taskKill
	taskRemove
	taskSuspend
	taskResume
	taskPolicy
	taskNeed

	// Commands of the driver.
	taskHold
	taskRelease

	// What happens elsewhere.
	taskStart
	taskOther
	taskHalt
	taskShutdownTimeout

	taskEvents // how many there are; keep it last
)

// The groups of events that get a table each, by the first event behind them.
const (
	groupRun      = taskRestart
	groupOperator = taskStart
	groupOther    = taskEvents
)

func (e taskEvent) String() string {
	switch e {
	case taskExitOK:
		return "exit ok"
	case taskExitDone:
		return "exit done"
	case taskExitFailure:
		return "exit failure"
	case taskExitLost:
		return "exit lost"
	case taskExitFatal:
		return "exit fatal"
	case taskExitAsked:
		return "exit after it was asked to stop"
	case taskExitLeftBehind:
		return "exit of a run left behind"
	case taskExitStale:
		return "exit of no run"
	case taskExitUnknown:
		return "exit of unknown kind"
	case taskReady:
		return "ready"
	case taskUnready:
		return "unready"
	case taskBeat:
		return "beat"
	case taskProbeOK:
		return "probe ok"
	case taskProbeFailed:
		return "probe failed"
	case taskReportStale:
		return "report of no run"
	case taskReportUnknown:
		return "probe of unknown kind"
	case taskTimer:
		return "its timer"
	case taskRestart:
		return "restart"
	case taskKill:
		return "kill"
	case taskRemove:
		return "remove"
	case taskSuspend:
		return "suspend"
	case taskResume:
		return "resume"
	case taskPolicy:
		return "policy"
	case taskNeed:
		return "need"
	case taskHold:
		return "hold"
	case taskRelease:
		return "release"
	case taskStart:
		return "supervisor starts"
	case taskOther:
		return "another task"
	case taskHalt:
		return "supervisor begins to halt"
	case taskShutdownTimeout:
		return "shutdown timeout"
	case taskEvents:
	}
	return "?"
}

// supervisorEvent is what can happen to a supervisor.
type supervisorEvent uint8

const (
	supervisorStart supervisorEvent = iota
	supervisorAdd
	supervisorLimits
	supervisorShutdown
	supervisorUnknown
	supervisorTask
	supervisorTaskTimer
	supervisorTimer

	supervisorEvents // how many there are; keep it last
)

func (e supervisorEvent) String() string {
	switch e {
	case supervisorStart:
		return "start"
	case supervisorAdd:
		return "add"
	case supervisorLimits:
		return "limits"
	case supervisorShutdown:
		return "shutdown"
	case supervisorUnknown:
		return "unknown event, or event of an unknown task"
	case supervisorTask:
		return "event of a task"
	case supervisorTaskTimer:
		return "timer of a task"
	case supervisorTimer:
		return "its own timer"
	case supervisorEvents:
	}
	return "?"
}

func supervisorEventOf(kind core.EventKind, knownTask bool) supervisorEvent {
	switch kind {
	case core.EventStart:
		return supervisorStart
	case core.EventAdd:
		return supervisorAdd
	case core.EventLimits:
		return supervisorLimits
	case core.EventShutdown:
		return supervisorShutdown
	case core.EventRemove, core.EventRestart, core.EventKill, core.EventExit, core.EventReady, core.EventBeat, core.EventProbe, core.EventUnready,
		core.EventNeed, core.EventSuspend, core.EventResume, core.EventPolicy, core.EventHold, core.EventRelease:
		if knownTask {
			return supervisorTask
		}
	case core.EventTick:
	}
	return supervisorUnknown
}

func taskEventOf(ev *core.Event, about *core.TaskStatus) taskEvent {
	switch ev.Kind {
	case core.EventRestart:
		return taskRestart
	case core.EventKill:
		return taskKill
	case core.EventRemove:
		return taskRemove
	case core.EventSuspend:
		return taskSuspend
	case core.EventResume:
		return taskResume
	case core.EventNeed:
		return taskNeed
	case core.EventHold:
		return taskHold
	case core.EventRelease:
		return taskRelease
	case core.EventPolicy:
		return taskPolicy
	case core.EventReady, core.EventBeat, core.EventProbe, core.EventUnready:
		return reportOf(ev, about)
	default:
		return exitOf(ev, about)
	}
}

func reportOf(ev *core.Event, about *core.TaskStatus) taskEvent {
	switch {
	case ev.Kind == core.EventProbe && ev.Exit != core.ExitOK && ev.Exit != core.ExitError:
		return taskReportUnknown
	case !about.Live || ev.Run != about.Run || !spec.Attended(about):
		return taskReportStale
	case ev.Kind == core.EventReady:
		return taskReady
	case ev.Kind == core.EventUnready:
		return taskUnready
	case ev.Kind == core.EventBeat:
		return taskBeat
	case ev.Exit == core.ExitOK:
		return taskProbeOK
	}
	return taskProbeFailed
}

func exitOf(ev *core.Event, about *core.TaskStatus) taskEvent {
	switch {
	case !spec.CanEnd(ev.Exit):
		return taskExitUnknown
	case about.Fenced != 0 && ev.Run == about.Fenced, about.Live && ev.Run == about.Run && !spec.Attended(about):
		return taskExitLeftBehind
	case !about.Live || ev.Run != about.Run:
		return taskExitStale
	case about.Status == core.StatusStopping || about.Status == core.StatusAbandoned:
		return taskExitAsked
	case ev.Exit == core.ExitOK:
		return taskExitOK
	case ev.Exit == core.ExitDone:
		return taskExitDone
	case ev.Exit == core.ExitFatal:
		return taskExitFatal
	case ev.Exit == core.ExitLost:
		return taskExitLost
	}
	return taskExitFailure
}
