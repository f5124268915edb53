package core

// Status is where a task is in its life. Each status has at most one timer, which is cancelled with it.
type Status uint8

const (
	StatusNone      Status = iota // not a task yet, or no longer
	StatusCreated                 // waiting its turn to start; TaskStatus.Wait says for what
	StatusStarting                // its run started and is not ready yet (readiness is opt-in). Timer: start timeout
	StatusHealthy                 // its run is going. Timer: watchdog or probe, if opted in
	StatusStopping                // its run was asked to stop and has not ended; Intent says what then. Timer: stop timeout
	StatusFailed                  // it has no run; a restart is scheduled. Timer: the restart instant
	StatusCompleted               // its run ended well, and it is not restarted
	StatusDead                    // it will not start again unless an operator restarts it
	StatusHalted                  // it was stopped, or did not start, because its supervisor stopped; it starts again when that does
	StatusAbandoned               // its run ignored its stop past the timeout; counts as dead for the threshold

	statuses // how many there are; keep it last
)

// Intent is what becomes of a task once its run has stopped. The run was asked to stop, or will be as soon as the tasks
// that stop before it have.
type Intent uint8

const (
	IntentNone       Intent = iota // the task is not being stopped
	IntentRestart                  // start it afresh
	IntentKill                     // leave it dead
	IntentRemove                   // forget it
	IntentHalt                     // leave it halted, because the supervisor stops
	IntentRetry                    // its run hung: restart it as after any failure
	IntentStartAgain               // start it again in its turn: it was stopped for a sibling or a dependency
	IntentSuspend                  // keep it from starting until an operator resumes it
	IntentRetire                   // leave it dead: its siblings are restarted, and its policy says never

	intents // how many there are; keep it last
)

// Phase is where the supervisor as a whole is in its life.
type Phase uint8

const (
	PhaseCreated Phase = iota // not started: tasks can be added, none runs
	PhaseRunning              // started
	PhaseHalting              // stopping its tasks; nothing is started any more
	PhaseHalted               // stopped; ActionHalt has been emitted

	phases // how many there are; keep it last
)

// Wait is what a task without a run waits for.
type Wait uint8

const (
	WaitNone          Wait = iota // it does not wait for a start
	WaitSupervisor                // Created: the supervisor has not started
	WaitSuspended                 // Created: an operator has to resume it
	WaitNeed                      // Created: a task it needs is not up; TaskStatus.Need says which
	WaitTurn                      // Created: others have to stop, or come up, before it
	WaitLeftBehind                // Created: an earlier run that was left behind has to end first
	WaitHeld                      // Created: its driver keeps it from starting
	WaitOthersStopped             // Failed: what stops with it has not stopped yet; then its restart delay begins
	WaitDelay                     // Failed: its restart delay has to pass
	WaitRestartRate               // Failed: the supervisor's restart rate has no room

	waits // how many there are; keep it last
)

// TaskStatus is a snapshot of all there is to know about one task: enough to explain why it is not running.
//
// Times are as of the latest instant the machine has seen.
type TaskStatus struct {
	Task      TaskID
	Status    Status
	Why       Reason   // why it has that status
	Intent    Intent   // what follows when its run has stopped, if it is being stopped
	Wait      Wait     // Created and Failed: what it waits for
	LastExit  ExitKind // how its latest finished run ended; with IntentRetry, how its present run did
	Live      bool     // its latest run has not ended
	Suspended bool     // an operator keeps it from starting, with its supervisor, too
	Held      bool     // its driver keeps it from starting, in any status
	Unready   bool     // Healthy: its run took its readiness back, and has not said since that it is ready
	Need      TaskID   // WaitNeed: the first task it needs that is not up
	Policy    PolicyID
	Key       uint32   // what its jitter is drawn from
	Attempts  uint32   // restarts since it was last stable
	Run       Run      // its latest run; 0 if it was never started
	Fenced    Run      // a run that was left behind and is still alive: abandoned, then replaced or outlived; 0 if there is none
	Misses    uint8    // failed probes in a row
	Probing   bool     // Healthy: an answer to a probe is awaited, until Until
	Silent    bool     // Healthy: its silence was reported, and it has given no sign of life since (see MissReport)
	Hung      bool     // Stopping: its run is stopped because it hangs, so that Policy.HungStopTimeout counts
	Delay     Duration // WaitOthersStopped: the delay that its run asked for; 0: as its policy says
	Since     Instant  // when it entered its status; for a Healthy task, when its run started
	Until     Instant  // when its status ends by itself, exactly, jitter included; else Never
	ClearsAt  Instant  // Healthy with attempts: the first instant at which the run counts as stable. Else Never
}

// Killed reports whether an operator wants the task dead: it is, or will be when its run has stopped. Such a task starts again
// only if an operator restarts it, not when its supervisor does.
func (s *TaskStatus) Killed() bool {
	return s.Status == StatusDead && s.Why == ReasonKilled || s.Intent == IntentKill
}

// Counts says how many tasks there are, by status.
type Counts struct {
	Total      int `json:"total"` // all of them
	Created    int `json:"created,omitempty"`
	Starting   int `json:"starting,omitempty"`
	Healthy    int `json:"healthy,omitempty"`
	Stopping   int `json:"stopping,omitempty"`
	Failed     int `json:"failed,omitempty"`
	Completed  int `json:"completed,omitempty"`
	Dead       int `json:"dead,omitempty"`
	Halted     int `json:"halted,omitempty"`
	Abandoned  int `json:"abandoned,omitempty"`
	LeftBehind int `json:"left_behind,omitempty"` // runs that were left behind and are still alive: abandoned ones, replaced ones, and those of earlier lives
}

// SupervisorStatus is a snapshot of the supervisor as a whole. [Machine.Crashes] and [Machine.Restarts] list what its
// windows have counted.
type SupervisorStatus struct {
	Phase         Phase
	HaltReason    Reason  // why it is halting or has halted; before that, ReasonNone
	Culprit       TaskID  // the task that the halt is about; 0 if it is about none
	CulpritRun    Run     // that task's run
	Started       Instant // when it started; before that, Never
	HealthCheckAt Instant // when the next health check finds too many tasks dead; Never if none will
	ShutdownUntil Instant // while it is halting: when the shutdown has taken too long; else Never
	Limits        Limits  // the limits in force
}
