package core

// Status is where a task is in its life. Each status has at most one timer, which dies with it.
type Status uint8

const (
	StatusNone      Status = iota // not a task yet, or not any more
	StatusCreated                 // waiting its turn to start; TaskStatus.Wait says for what
	StatusStarting                // its run started and is not ready yet (readiness is opt-in). Timer: start timeout
	StatusHealthy                 // its run is going. Timer: watchdog or probe, if opted in
	StatusStopping                // its run was asked to stop and is not gone; Intent says what then. Timer: stop timeout
	StatusFailed                  // it has no run; a restart is scheduled. Timer: the restart instant
	StatusCompleted               // its run ended well, and it is not restarted
	StatusDead                    // it will not start again unless an operator restarts it
	StatusAbandoned               // its run ignored its stop past the timeout; counts as dead for the threshold

	statuses // how many there are; keep it last
)

// Intent is what will become of a task once its run is gone that was asked to stop, or will be when those that are to
// go before it have gone.
type Intent uint8

const (
	IntentNone       Intent = iota // the task is not being stopped
	IntentRestart                  // start it afresh
	IntentKill                     // leave it dead
	IntentRemove                   // forget it
	IntentHalt                     // leave it dead, for the supervisor stops
	IntentRetry                    // its run failed while it was going: restart it as after any failure
	IntentStartAgain               // start it again when what it was stopped for is over
	IntentRetire                   // leave it dead: its siblings are to be restarted, and its policy says never

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
	WaitTurn                      // Created: others are to be gone, or up, before it
	WaitOthersStopped             // Failed: what its failure stopped is to be gone; then its restart delay begins
	WaitDelay                     // Failed: its restart delay is to pass
	WaitRestartRate               // Failed: the supervisor's restart budget is to have room

	waits // how many there are; keep it last
)

// TaskStatus is a snapshot of all there is to know of one task, enough to explain why it is not running.
//
// Times are as of the latest instant the machine has seen.
type TaskStatus struct {
	Task      TaskID
	Status    Status
	Why       Reason   // why it has that status
	Intent    Intent   // what follows when its run is gone, if it is being stopped
	Wait      Wait     // Created and Failed: what it waits for
	Need      TaskID   // WaitNeed: the first task it needs that is not up
	LastExit  ExitKind // how its latest finished run ended; with IntentRetry, how its present run did
	Policy    PolicyID
	Key       uint32  // what its jitter is drawn from
	Run       Run     // its latest run; 0 if it was never started
	Live      bool    // that run has not ended
	Fenced    Run     // an older run that was abandoned, then replaced, and is alive still; 0 if there is none
	Attempts  uint32  // restarts since it was last stable
	Misses    uint8   // failed probes in a row
	Suspended bool    // an operator keeps it from starting
	Probing   bool    // Healthy: an answer to a probe is awaited, until Until
	Since     Instant // when it entered its status; for a Healthy task, when its run started
	Until     Instant // when its status ends by itself, exactly, jitter included; else Never
	ClearsAt  Instant // Healthy with attempts: the first instant at which the run counts as stable. Else Never
}

// Counts says how many tasks there are, by status.
type Counts struct {
	Total      int // all of them
	Created    int
	Starting   int
	Healthy    int
	Stopping   int
	Failed     int
	Completed  int
	Dead       int
	Abandoned  int
	LeftBehind int // abandoned runs that are still alive, replaced ones included
}
