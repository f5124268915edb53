package core

// Action is one decision: a change of a task's status and, by its kind, what the driver has to do about it. Like
// [Event] it is a flat comparable value.
//
// The driver carries actions out in the order in which Step returned them.
//
// An action whose From and To are equal reports what does not change the status: a pending stop, another intent, a probe, readiness taken back,
// a timer that begins anew, the late end of an abandoned run. Why says which. A pending stop is one that waits for other
// tasks to stop first; its action is an ActionTransition, and Why says what the stop is for.
type Action struct {
	At         Instant    // the instant the decision belongs to: a timer's deadline even if the wake-up was late
	Until      Instant    // when the status ends by itself: restart instant, stop deadline, start timeout, watchdog, probe; else Never
	Task       TaskID     // the task it is about; 0 for the supervisor as a whole
	Run        Run        // the run it is about; Halt: the culprit's
	Attempts   uint32     // the task's restart attempts after the decision
	LeftBehind uint32     // Halt: how many runs are left behind: abandoned, in this life or an earlier one, and still alive
	Kind       ActionKind // what the driver has to do
	From       Status     // the task's status before
	To         Status     // the task's status after; equal to From where the status does not change
	Why        Reason     // what led to it; ReasonNone where an event was rejected
	Refusal    Refusal    // Reject: why the event was refused
	Exit       ExitKind   // how the run ended, where the action follows from an end
}

// ActionKind says what the driver has to do.
type ActionKind uint8

const (
	// ActionTransition reports a change, for logs and observers; the driver has nothing to do.
	ActionTransition ActionKind = iota

	// ActionAdd reports the id of the task that the current EventAdd created.
	ActionAdd

	// ActionStart: start run Run of the task, and feed an EventExit with that run when it has ended.
	ActionStart

	// ActionStop: ask run Run to stop. An EventExit is still expected of it.
	ActionStop

	// ActionAbandon: run Run ignored its stop for too long. Cut it off from whatever it could still harm. Feed its
	// EventExit if it ends after all.
	ActionAbandon

	// ActionProbe: run the health probe of run Run, and feed an EventProbe with its result; drop the result if a newer
	// probe was requested. Until says when the probe fails for want of an answer.
	ActionProbe

	// ActionForget: the task is removed. No later action has its id, unless it is the one for which the supervisor halts. Its
	// name is free.
	ActionForget

	// ActionReject: the event was refused and changed nothing. Refusal says why.
	ActionReject

	// ActionHalt: the supervisor has stopped. Why says what made it stop, and LeftBehind how many runs were left
	// behind. It is emitted exactly once, and no task starts after it.
	ActionHalt

	actionKinds // how many there are; keep it last
)

// Reason says why a decision was taken.
type Reason uint8

const (
	ReasonNone Reason = iota

	// Why a task changed its status.
	ReasonAdded           // it was added
	ReasonSupervisorStart // the supervisor started
	ReasonBackoff         // its restart delay has passed
	ReasonFailure         // its run failed; a restart is scheduled
	ReasonRepeat          // its run ended well, and its policy restarts it all the same
	ReasonReady           // its run is ready, or ready again
	ReasonSibling         // a sibling is restarted, and the strategy restarts this one with it
	ReasonDependency      // a task it needs, and is bound to, went down
	ReasonStartAgain      // what it was stopped for has passed
	ReasonDelayBegins     // all tasks that its failure stopped have stopped: its restart delay begins
	ReasonRestartRate     // its restart delay has passed, and the restart rate has no room yet
	ReasonSuspended       // an operator suspended it
	ReasonResumed         // an operator resumed it
	ReasonPolicy          // an operator gave it another policy
	ReasonStartTimeout    // its run was not ready in time
	ReasonWatchdog        // its run missed a heartbeat, or failed too many probes in a row
	ReasonProbe           // its run is to be probed
	ReasonProbeFailed     // its run failed a probe
	ReasonCompleted       // its run ended well
	ReasonRestarted       // an operator asked for a restart
	ReasonKilled          // an operator asked for it to be killed
	ReasonRemoved         // an operator asked for it to be removed
	ReasonExhausted       // it failed with no restart attempts left
	ReasonNotRestartable  // its policy never restarts it
	ReasonFatal           // its run reported that it cannot go on
	ReasonIntensity       // it failed, which was one crash too many for the supervisor
	ReasonSupervisorStop  // the supervisor stops
	ReasonStopTimeout     // it ignored its stop for as long as its policy allows
	ReasonLateExit        // a run that had been abandoned ended after all
	ReasonUnready         // its run is not ready for now

	// Why the supervisor halted; ReasonIntensity is another, and ReasonShutdownTimeout is why a task was abandoned.
	ReasonShutdown        // it was asked to shut down
	ReasonTooManyDead     // more than the allowed share of its tasks is dead
	ReasonAllEnded        // all significant tasks have ended
	ReasonAnyEnded        // a significant task has ended
	ReasonEscalated       // a task was abandoned or exhausted and its policy escalates, or ended with ExitFatal
	ReasonShutdownTimeout // the shutdown took longer than it may take in all

	// Why a task changed its status, once more.
	ReasonLost     // its run was lost with what carried it; a restart is scheduled
	ReasonHeld     // its driver keeps it from starting
	ReasonReleased // its driver lets it start

	reasons // how many there are; keep it last
)

// Refusal says why an event was rejected.
type Refusal uint8

const (
	RefusalNone Refusal = iota // it was accepted

	RefusalUnknownEvent   // its kind is not one of the event kinds
	RefusalUnknownTask    // there is no such task, or no longer
	RefusalUnknownPolicy  // no such policy, or no longer
	RefusalUnknownExit    // no driver may report its exit kind
	RefusalUnknownLimits  // no such limits, or no longer
	RefusalUnknownRun     // no task can have had a run of that number: it is 2^63 or more
	RefusalStaleRun       // that run is not running, or no longer
	RefusalStaleProbe     // no answer to a probe is awaited
	RefusalAlreadyStarted // the supervisor was started before
	RefusalAlreadyEnded   // the task to kill or suspend is completed or dead already; once the supervisor stops, killed already
	RefusalBeingRemoved   // the task is about to be forgotten
	RefusalNotSuspended   // the task to resume is not suspended
	RefusalNeeded         // the task to remove is needed by another
	RefusalNeedsLaterTask // a task can only need tasks that were added before it
	RefusalTooManyTasks   // no room for another task
	RefusalShuttingDown   // the supervisor is stopping
	RefusalSupervisorDone // the supervisor has halted

	refusals // how many there are; keep it last
)
