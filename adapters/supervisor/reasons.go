package supervisor

import (
	"log/slog"
)

// meaning is what this package makes of a reason.
type meaning struct {
	level  slog.Level       // of its log record; logLevel has the exceptions
	change string           // its message if the task's status changes; "": the message of the new status
	stays  string           // its message if the status stays; "": it never does
	cause  func(*run) error // the cause with which the context of a run ends that is stopped for it; nil: none is
}

// meanings says of every reason what a run is told and what the log says. It has nothing for ReasonNone: see meaningOf.
var meanings = [...]*meaning{
	ReasonAdded:           {slog.LevelDebug, "", "", nil},
	ReasonSupervisorStart: {slog.LevelDebug, "", "", nil},
	ReasonReady:           {slog.LevelDebug, "task ready", "task ready again", nil},
	ReasonUnready:         {slog.LevelInfo, "", "task not ready for now", nil},
	ReasonCompleted:       {slog.LevelInfo, "", "", nil},
	ReasonRepeat:          {slog.LevelDebug, "", "", nil},

	ReasonFailure:        {slog.LevelWarn, "task failed", "", nil},
	ReasonLost:           {slog.LevelWarn, "task lost", "", nil},
	ReasonBackoff:        {slog.LevelDebug, "", "", nil},
	ReasonDelayBegins:    {slog.LevelDebug, "", "restart delay begins", nil},
	ReasonRestartRate:    {slog.LevelInfo, "", "task waits for the restart rate", nil},
	ReasonExhausted:      {slog.LevelError, "", "task will stay down", nil},
	ReasonNotRestartable: {slog.LevelError, "", "task will stay down", nil},
	ReasonFatal:          {slog.LevelError, "", "", nil},
	ReasonIntensity:      {slog.LevelError, "", "task will stay down", nil},

	ReasonStartTimeout: {slog.LevelWarn, "task not ready in time, stopping", "", (*run).startCause},
	ReasonWatchdog:     {slog.LevelWarn, "task unhealthy, stopping", "task unhealthy", (*run).missCause},
	ReasonProbe:        {slog.LevelDebug, "", "task probed", nil},
	ReasonProbeFailed:  {slog.LevelWarn, "", "task failed a probe", nil},

	ReasonSibling:    {slog.LevelInfo, "", "task will be stopped", always(ErrSibling)},
	ReasonDependency: {slog.LevelInfo, "", "task will be stopped", always(ErrDependency)},
	ReasonStartAgain: {slog.LevelDebug, "", "task will start again", nil},

	ReasonHeld:      {slog.LevelInfo, "", "task held", nil},
	ReasonReleased:  {slog.LevelInfo, "", "task released", nil},
	ReasonSuspended: {slog.LevelInfo, "", "task will be suspended", always(ErrSuspended)},
	ReasonResumed:   {slog.LevelInfo, "", "task resumed", always(ErrSuspended)}, // while it waited for its turn to stop
	ReasonPolicy:    {slog.LevelInfo, "task policy changed", "task policy changed", nil},
	ReasonRestarted: {slog.LevelInfo, "", "task will be restarted", always(ErrRestarted)},
	ReasonKilled:    {slog.LevelInfo, "", "task will be killed", always(ErrKilled)},
	ReasonRemoved:   {slog.LevelInfo, "", "task will be removed", always(ErrRemoved)},

	ReasonSupervisorStop: {slog.LevelDebug, "", "task will be stopped", (*run).shutdownCause},
	ReasonStopTimeout:    {slog.LevelInfo, "", "", nil},
	ReasonLateExit:       {slog.LevelInfo, "abandoned run ended", "abandoned run ended", nil},

	ReasonShutdown:        {slog.LevelInfo, "supervisor stopped", "", nil},
	ReasonShutdownTimeout: {slog.LevelInfo, "", "", nil},
	ReasonTooManyDead:     {slog.LevelInfo, "supervisor stopped", "", nil},
	ReasonAllEnded:        {slog.LevelInfo, "supervisor stopped", "", nil},
	ReasonAnyEnded:        {slog.LevelInfo, "supervisor stopped", "", nil},
	ReasonEscalated:       {slog.LevelInfo, "supervisor stopped", "", nil},
}

// meaningOf returns what this package makes of a reason, and the zero meaning of a value that is none.
func meaningOf(why Reason) (of meaning) {
	if int(why) < len(meanings) && meanings[why] != nil {
		of = *meanings[why]
	}
	return of
}

func always(cause error) func(*run) error { return func(*run) error { return cause } }

// stopCause returns the cause with which the context of a run ends that is stopped for a reason.
func (r *run) stopCause(why Reason) error { return meaningOf(why).cause(r) }

// shutdownCause returns why the tasks are shut down.
func (r *run) shutdownCause() error { return r.session.shutdown }

// startCause returns why a run that was not ready in time is stopped.
func (r *run) startCause() error {
	if health := r.health.Load(); health != nil && health.notReady != nil {
		return &notReady{health.notReady}
	}
	return ErrStartTimeout
}

// missCause returns what a run with a watchdog or probes did not do.
func (r *run) missCause() error {
	probe := r.session.supervisor.policyOf(r.member).Probe
	if probe.Interval == 0 {
		return ErrMissedBeat
	}
	return &ProbeError{int(probe.Failures), r.health.Load().err}
}

// logLevel returns the level of a transition's record.
func logLevel(t *Transition) slog.Level {
	switch {
	case t.declared:
		return slog.LevelDebug
	case t.Failures > 0:
		return slog.LevelInfo
	case t.Kind == ActionHalt && t.Err != nil, t.Kind == ActionAbandon, t.FailedStop && t.severe:
		return slog.LevelError
	case t.Kind == ActionHalt && t.LeftBehind > 0:
		return max(slog.LevelWarn, meaningOf(t.Why).level)
	case t.FailedStop:
		return max(slog.LevelWarn, meaningOf(t.Why).level)
	case t.Why == ReasonNotRestartable && t.Exit == ExitStopped: // with a sibling: it did not fail
		return slog.LevelInfo
	case t.Why == ReasonHeld && !isByHand(t.Err): // by its gate
		return slog.LevelWarn
	}
	return meaningOf(t.Why).level
}

func isByHand(err error) bool {
	_, byHand := err.(*HeldError)
	return byHand
}

func isPanic(err error) bool {
	_, panicked := err.(*PanicError)
	return panicked
}

// logMessage returns the message of a transition's record.
func logMessage(t *Transition) string {
	meaning := meaningOf(t.Why)
	switch {
	case t.Kind == ActionHalt:
		return "supervisor stopped"
	case t.Failures > 0:
		return "task recovered"
	case t.LateProbe && !isPanic(t.Err):
		return "late probe ended its goroutine"
	case t.LateProbe:
		return "late probe panicked"
	case t.FailedStop && t.Why == ReasonLateExit:
		return "abandoned run failed"
	case t.FailedStop:
		return "task failed while it stopped"
	case t.From != t.To && meaning.change != "":
		return meaning.change
	case t.To == StatusDead && t.From != t.To && !t.halting && t.Why == ReasonExhausted:
		return "task dead, and stays down until Restart: it has no restart attempts left"
	case t.To == StatusDead && t.From != t.To && !t.halting && t.Why == ReasonNotRestartable:
		return "task dead, and stays down until Restart: its policy never restarts it"
	case t.To == StatusCreated && t.Why == ReasonSuspended:
		return "task suspended"
	case t.From == t.To && meaning.stays != "" && !t.declared:
		return meaning.stays
	}
	switch t.To {
	case StatusNone:
		return "task removed"
	case StatusCreated:
		if t.From == StatusNone {
			return "task added"
		}
		return "task waits for its turn"
	case StatusStarting:
		return "task starting"
	case StatusHealthy:
		return "task started"
	case StatusStopping:
		return "task stopping"
	case StatusFailed:
		return "task waits for its next start"
	case StatusAbandoned:
		return "task abandoned, its run did not stop in time"
	case StatusCompleted, StatusDead, StatusHalted:
	}
	return "task " + t.To.String() // completed, dead, halted
}
