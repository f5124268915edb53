package core

// Event is one thing that happened in the world. It is a flat value without pointers: events can be compared with
// ==, stored and sent anywhere.
//
// Fields that an event's kind does not mention are ignored.
type Event struct {
	At     Instant   // when it happened; an At before the latest one counts as the latest (D2)
	Task   TaskID    // which task: Remove, Restart, Kill, Exit
	Key    uint32    // Add: what the task's jitter is drawn from, for instance a hash of its name
	Run    Run       // Exit: which run of the task ended
	Policy PolicyID  // Add: the policy of the task
	Kind   EventKind // what happened
	Exit   ExitKind  // Exit: how the run ended (ExitOK, ExitError, ExitPanic or ExitGoexit)
}

// EventKind says what happened.
type EventKind uint8

const (
	// EventTick says that time passed and nothing else. It is due at [Machine.NextDeadline]; an early, late or
	// repeated tick is harmless (D4).
	EventTick EventKind = iota

	// EventStart starts the supervisor: the tasks added so far are started in the order they were added, and
	// those added later start at once.
	EventStart

	// EventAdd adds a task. The first action it yields is ActionAdd, which carries the new task's id.
	EventAdd

	// EventRemove stops a task, if it runs, and forgets it when its runs are gone.
	EventRemove

	// EventRestart is an operator's word to run a task afresh: it clears the attempts and withdraws a pending
	// restart. A live run is stopped first and waited for.
	EventRestart

	// EventKill is an operator's word to stop a task for good: it is Dead when its run is gone.
	EventKill

	// EventExit says that a run ended, and how.
	EventExit

	// EventShutdown stops the supervisor: every task is stopped, nothing is started any more, and ActionHalt
	// follows when that is done.
	EventShutdown

	eventKinds // how many there are; keep it last
)

// ExitKind says how a run ended.
type ExitKind uint8

const (
	ExitNone         ExitKind = iota // no run of the task has ended yet
	ExitOK                           // the run ended well
	ExitError                        // the run returned an error
	ExitPanic                        // the run panicked
	ExitGoexit                       // the run ended its goroutine without returning
	ExitStartTimeout                 // the run was not ready in time (decided by the machine)
	ExitWatchdog                     // the run missed a heartbeat (decided by the machine)
	ExitStopped                      // the run ended after it was asked to stop, whatever it returned

	exitKinds // how many there are; keep it last
)
