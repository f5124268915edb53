package prometheus

import (
	"github.com/prometheus/client_golang/prometheus"

	"github.com/tasksupervisor/tasksupervisor/adapters/supervisor"
)

// metric is one row of the table in docs/metrics.md.
type metric struct {
	name, kind, help string
	labels           []string
	series           string // how many there are
}

// The kinds of metrics.
const (
	gauge     = "gauge"
	counter   = "counter"
	histogram = "histogram"
)

// The metrics, as indices of the table.
const (
	up = iota
	tasksFolded
	supervisorsFolded

	supervisorUp
	tasks
	limitUsed
	runsAbandoned
	abandonments
	probesAbandoned
	escalations
	eventsLost
	recordingUp
	runDuration
	readyDuration
	stopDuration

	taskUp
	taskStatus
	taskStarts
	taskRestarts
	taskExits
	taskFailures
	taskDowntime
	taskRunStart
	taskNextStart
	taskAttempts
	taskAttemptsLimit

	metricsEnd
)

// metrics returns the table.
func metrics() [metricsEnd]metric {
	bySupervisor, byTask := []string{"supervisor"}, []string{"supervisor", "task"}
	with := func(labels []string, another string) []string {
		return append(labels[:len(labels):len(labels)], another)
	}
	return [...]metric{
		up:                {"up", gauge, "Whether the root supervisor runs.", nil, "1"},
		tasksFolded:       {"tasks_folded", gauge, `Tasks without series of their own, which are counted under task="_other".`, nil, "1"},
		supervisorsFolded: {"supervisors_folded", gauge, `Supervisors without series of their own, which are counted under supervisor="_other".`, nil, "1"},

		supervisorUp:    {"supervisor_up", gauge, "Whether the supervisor runs.", bySupervisor, "1 a supervisor"},
		tasks:           {"tasks", gauge, "Tasks by status.", with(bySupervisor, "status"), "9 a supervisor"},
		limitUsed:       {"limit_used_ratio", gauge, "The part of a limit that is used; the supervisor stops, or a restart waits, when it would be more than 1.", with(bySupervisor, "limit"), "up to 3 a supervisor, one for each limit it has"},
		runsAbandoned:   {"runs_abandoned", gauge, "Runs that did not stop in time and have not ended.", bySupervisor, "1 a supervisor"},
		abandonments:    {"abandonments_total", counter, "Runs that did not stop in time, whether they have ended since or not.", bySupervisor, "1 a supervisor"},
		probesAbandoned: {"probes_abandoned", gauge, "Probes whose time has passed and that have not returned.", bySupervisor, "1 a supervisor"},
		escalations:     {"escalations_total", counter, "How often the supervisor stopped because a limit was exceeded or a task stopped it.", with(bySupervisor, "reason"), "3 a supervisor"},
		eventsLost:      {"events_lost_total", counter, "Transitions that loggers and observers of the supervisor were too slow for.", bySupervisor, "1 a supervisor"},
		recordingUp:     {"recording_up", gauge, "Whether the recording of the supervisor goes on.", bySupervisor, "1 a supervisor that has a recorder"},
		runDuration:     {"run_duration_seconds", histogram, "How long runs were, of those that have ended.", bySupervisor, "19 a supervisor"},
		readyDuration:   {"ready_duration_seconds", histogram, "How long runs took until they were ready, of tasks with readiness.", bySupervisor, "19 a supervisor"},
		stopDuration:    {"stop_duration_seconds", histogram, "How long runs took to stop once they were asked to.", bySupervisor, "19 a supervisor"},

		taskUp:            {"task_up", gauge, "Whether the task runs and is ready.", byTask, "1 a task"},
		taskStatus:        {"task_status", gauge, "Whether the task has the status.", with(byTask, "status"), "9 a task, up to 500 tasks"},
		taskStarts:        {"task_starts_total", counter, "Runs that were started.", byTask, "1 a task"},
		taskRestarts:      {"task_restarts_total", counter, "Runs but the first, by why they were started.", with(byTask, "reason"), "1 to 6 a task, after a failure and those that occurred"},
		taskExits:         {"task_exits_total", counter, "Ends of runs, by how they ended.", with(byTask, "kind"), "up to 10 a task, those that occurred"},
		taskFailures:      {"task_failures_total", counter, "Failures of the task.", byTask, "1 a task"},
		taskDowntime:      {"task_downtime_seconds_total", counter, "For how long the task did not run though it should have.", byTask, "1 a task"},
		taskRunStart:      {"task_run_start_time_seconds", gauge, "When the run began that is starting or healthy, in Unix time.", byTask, "1 a task while it is starting or healthy"},
		taskNextStart:     {"task_next_start_time_seconds", gauge, "When the failed task starts next, in Unix time.", byTask, "1 a task while it is failed"},
		taskAttempts:      {"task_attempts", gauge, "Restarts in a row since the task was last stable.", byTask, "1 a task"},
		taskAttemptsLimit: {"task_attempts_limit", gauge, "How many restarts in a row the task may have.", byTask, "1 a task, unless it may have any number"},
	}
}

// prefix is what all names begin with.
const prefix = "tasksupervisor_"

// other is the task under which those without series of their own are counted, and the supervisor likewise.
const other = "_other"

// describe returns the descriptions of all metrics.
func describe() (all [metricsEnd]*prometheus.Desc) {
	for i, m := range metrics() {
		all[i] = prometheus.NewDesc(prefix+m.name, m.help, m.labels, nil)
	}
	return all
}

// statuses are the values of the label status.
var statuses = [...]supervisor.Status{
	supervisor.StatusCreated, supervisor.StatusStarting, supervisor.StatusHealthy, supervisor.StatusStopping,
	supervisor.StatusFailed, supervisor.StatusCompleted, supervisor.StatusDead, supervisor.StatusHalted, supervisor.StatusAbandoned,
}

// restartReasons are the values of the label reason of restarts.
var restartReasons = [...]supervisor.Reason{
	supervisor.ReasonFailure, supervisor.ReasonLost, supervisor.ReasonRepeat, supervisor.ReasonStartAgain, supervisor.ReasonRestarted,
	supervisor.ReasonResumed, supervisor.ReasonSupervisorStart,
}

// exitKinds are the values of the label kind.
var exitKinds = [...]supervisor.ExitKind{
	supervisor.ExitOK, supervisor.ExitError, supervisor.ExitPanic, supervisor.ExitGoexit, supervisor.ExitDone, supervisor.ExitFatal,
	supervisor.ExitStartTimeout, supervisor.ExitWatchdog, supervisor.ExitStopped, supervisor.ExitTooQuick, supervisor.ExitLost,
}

// escalationReasons are the values of the label reason of escalations.
var escalationReasons = [...]supervisor.Reason{
	supervisor.ReasonTooManyDead, supervisor.ReasonIntensity, supervisor.ReasonEscalated,
}

// The values of the label limit.
const (
	limitDead        = "dead_threshold"
	limitIntensity   = "intensity"
	limitRestartRate = "restart_rate"
)
