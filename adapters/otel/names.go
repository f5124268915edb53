package otel

import (
	"go.opentelemetry.io/otel/attribute"

	"github.com/tasksupervisor/tasksupervisor/adapters/supervisor"
)

// instrument is one row of the table in docs/metrics.md.
type instrument struct {
	name, kind, unit, description string
}

// The kinds of instruments.
const (
	kindCounter       = "counter"
	kindUpDownCounter = "up-down counter"
	kindGauge         = "gauge"
	kindHistogram     = "histogram"
)

// Attributes that only metrics have.
const (
	keyState      = attribute.Key("tasksupervisor.task.state")
	keyRestart    = attribute.Key("tasksupervisor.restart.reason")
	keyExit       = attribute.Key("tasksupervisor.exit.kind")
	keyLimit      = attribute.Key("tasksupervisor.limit.name")
	keyEscalation = attribute.Key("tasksupervisor.escalation.reason")
)

// The instruments, as indices of the table.
const (
	taskCount = iota
	taskStatus
	taskStarts
	taskRestarts
	taskExits
	taskFailures
	taskDowntime
	taskAttempts
	taskNextStart
	runUptime
	runAbandoned
	runAbandonments
	runDuration
	probeAbandoned
	supervisorUp
	recordingUp
	limitUtilization
	escalations
	eventsLost

	instrumentsEnd
)

// instruments returns the table.
func instruments() [instrumentsEnd]instrument {
	return [...]instrument{
		taskCount:        {"tasksupervisor.task.count", kindUpDownCounter, "{task}", "Tasks by state."},
		taskStatus:       {"tasksupervisor.task.status", kindUpDownCounter, "1", "1 for the state that the task has, 0 for all others."},
		taskStarts:       {"tasksupervisor.task.starts", kindCounter, "{run}", "Runs that were started."},
		taskRestarts:     {"tasksupervisor.task.restarts", kindCounter, "{restart}", "Runs but the first, by why they were started."},
		taskExits:        {"tasksupervisor.task.exits", kindCounter, "{run}", "Ends of runs, by how they ended."},
		taskFailures:     {"tasksupervisor.task.failures", kindCounter, "{failure}", "Failures of the task."},
		taskDowntime:     {"tasksupervisor.task.downtime", kindCounter, "s", "For how long the task did not run though it should have."},
		taskAttempts:     {"tasksupervisor.task.attempts", kindGauge, "{restart}", "Restarts in a row since the task was last stable."},
		taskNextStart:    {"tasksupervisor.task.next_start", kindGauge, "s", "How long until the failed task starts next."},
		runUptime:        {"tasksupervisor.run.uptime", kindGauge, "s", "For how long the run has been going on that is starting or healthy."},
		runAbandoned:     {"tasksupervisor.run.abandoned", kindUpDownCounter, "{run}", "Runs that did not stop in time and have not ended."},
		runAbandonments:  {"tasksupervisor.run.abandonments", kindCounter, "{run}", "Runs that did not stop in time, whether they have ended since or not."},
		runDuration:      {"tasksupervisor.run.duration", kindHistogram, "s", "How long runs were."},
		probeAbandoned:   {"tasksupervisor.probe.abandoned", kindUpDownCounter, "{probe}", "Probes whose time has passed and that have not returned."},
		supervisorUp:     {"tasksupervisor.supervisor.up", kindGauge, "1", "1 if the supervisor runs, else 0."},
		recordingUp:      {"tasksupervisor.recording.up", kindGauge, "1", "1 if the recording of the supervisor goes on, 0 if it has ended early."},
		limitUtilization: {"tasksupervisor.limit.utilization", kindGauge, "1", "The part of a limit that is used."},
		escalations:      {"tasksupervisor.escalations", kindCounter, "{escalation}", "How often the supervisor stopped because a limit was exceeded or a task stopped it."},
		eventsLost:       {"tasksupervisor.events.lost", kindCounter, "{event}", "Transitions that loggers and observers of the supervisor were too slow for."},
	}
}

// statuses are the values of the state.
var statuses = [...]supervisor.Status{
	supervisor.StatusCreated, supervisor.StatusStarting, supervisor.StatusHealthy, supervisor.StatusStopping,
	supervisor.StatusFailed, supervisor.StatusCompleted, supervisor.StatusDead, supervisor.StatusHalted, supervisor.StatusAbandoned,
}

// escalationReasons are the values of the reason of escalations.
var escalationReasons = [...]supervisor.Reason{
	supervisor.ReasonTooManyDead, supervisor.ReasonIntensity, supervisor.ReasonEscalated,
}
