package core

// Status is where a task is in its life. Each status has at most one timer, which dies with it.
type Status uint8

const (
	StatusNone      Status = iota // not a task yet, or not any more
	StatusCreated                 // registered, waiting its turn to start
	StatusStarting                // its run started and is not ready yet (readiness is opt-in)
	StatusHealthy                 // its run is going
	StatusStopping                // its run was asked to stop and is not gone; Intent says what then. Timer: stop timeout
	StatusFailed                  // it has no run; a restart is scheduled. Timer: the restart instant
	StatusCompleted               // its run ended well, and it is not restarted
	StatusDead                    // it will not start again unless an operator restarts it
	StatusAbandoned               // its run ignored its stop past the timeout; counts as dead for the threshold

	statuses // how many there are; keep it last
)

// Intent is what will become of a task once the run that was asked to stop is gone.
type Intent uint8

const (
	IntentNone    Intent = iota // the task is not being stopped
	IntentRestart               // start it afresh
	IntentKill                  // leave it dead
	IntentRemove                // forget it
	IntentHalt                  // leave it dead, for the supervisor stops

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

// TaskStatus is a snapshot of all there is to know of one task, enough to explain why it is not running.
//
// Times are as of the latest instant the machine has seen.
type TaskStatus struct {
	Task     TaskID
	Status   Status
	Why      Reason   // why it has that status
	Intent   Intent   // Stopping and Abandoned: what follows when its run is gone
	LastExit ExitKind // how its latest finished run ended
	Policy   PolicyID
	Key      uint32  // what its jitter is drawn from
	Run      Run     // its latest run; 0 if it was never started
	Live     bool    // that run has not ended
	Fenced   Run     // an older run that was abandoned, then replaced, and is alive still; 0 if there is none
	Attempts uint32  // restarts since it was last stable
	Since    Instant // when it entered its status; for a Healthy task, when its run started
	Until    Instant // Failed: the exact instant of its restart, jitter included. Stopping: when it will be abandoned. Else Never
	ClearsAt Instant // Healthy with attempts: the first instant at which the run counts as stable. Else Never
}

// Counts says how many tasks there are, by status.
type Counts struct {
	Total     int // all of them
	Created   int
	Starting  int
	Healthy   int
	Stopping  int
	Failed    int
	Completed int
	Dead      int
	Abandoned int
	Left      int // abandoned runs that are still alive, replaced ones included
}
