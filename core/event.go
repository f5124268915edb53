package core

// Event is one thing that happened in the world. It is a flat value without pointers: events can be compared with
// ==, stored and sent anywhere.
//
// Fields that an event's kind does not mention are ignored.
type Event struct {
	At        Instant   // when it happened; an At before the latest one counts as the latest (D2)
	Task      TaskID    // which task; all kinds about one task but Add
	Other     TaskID    // Need: the task it needs
	Within    Duration  // Beat: how soon the next beat is due, Forever for not at all; 0: as the policy says
	Delay     Duration  // Exit with ExitError, ExitPanic or ExitGoexit: the delay before the restart that follows; 0 or less: as the policy says
	Key       uint32    // Add: what the task's jitter is drawn from, for instance a hash of its name
	Run       Run       // Exit, Ready, Beat, Probe, Unready: which run of the task. Add: one that was left behind and is alive
	Fenced    Run       // Add: another that was left behind and is alive; 0: none
	Policy    PolicyID  // Add, Policy: the policy of the task
	Limits    LimitsID  // Limits: the limits of the supervisor
	Kind      EventKind // what happened
	Exit      ExitKind  // Exit: how the run ended, ExitOK to ExitFatal or ExitLost. Probe: ExitOK, or ExitError for a failed one
	Bound     bool      // Need: the task is to be stopped when the other goes down, and started again behind it
	Suspended bool      // Add: the task waits for EventResume before its first start
	Held      bool      // Add: the task waits for EventRelease before its first start
}

// EventKind says what happened.
//
// Operator commands are accepted in every phase. What an operator says about a task belongs to the task, and counts when its
// supervisor runs again: in one that stops or has stopped nothing starts, and what would wait for a start is Halted.
type EventKind uint8

const (
	// EventTick says that time passed and nothing else. It is due at [Machine.NextDeadline]; an early, late or
	// repeated tick is harmless (D4).
	EventTick EventKind = iota

	// EventStart starts the supervisor: the tasks added so far are started in the order they were added, and
	// those added later start at once.
	EventStart

	// EventAdd adds a task. The first action it yields is ActionAdd, which carries the new task's id. The task waits for its
	// start, or is Halted if the supervisor stops or has stopped. A task that
	// is to need others is added suspended, then told its needs, then resumed.
	//
	// A task that ran before, in an earlier life of its supervisor, may have left runs behind that have not ended: one, or
	// two under AbandonReplace. Run and Fenced name them, in any order. They are waited for (see WaitLeftBehind) and charged
	// to the task no second time, and EventExit tells of their ends. The next run has the number after the greater one.
	EventAdd

	// EventRemove stops a task, if it runs, and forgets it when its runs have ended.
	EventRemove

	// EventRestart runs a task afresh: it clears the attempts and withdraws a pending restart. A live run is stopped
	// and waited for first.
	EventRestart

	// EventKill stops a task for good: it is Dead when its run has stopped. Only EventRestart starts it again.
	EventKill

	// EventExit says that a run ended, and how.
	EventExit

	// EventReady says that a run that was starting is ready (see Policy.Readiness), or that one that was unready is ready again.
	EventReady

	// EventBeat says that a run is alive, and how soon it will say so again (see Policy.Watchdog).
	EventBeat

	// EventProbe is the result of the probe that ActionProbe asked for.
	EventProbe

	// EventUnready says that a Healthy run is not ready for now, until an EventReady. The run stays Healthy, and all that runs
	// goes on, bound tasks too. What has yet to start waits as for a run that is Starting: tasks that need it, and later ones
	// where order matters. Like EventReady it changes nothing for a run that is as it says already, or whose policy has no
	// readiness.
	EventUnready

	// EventNeed says that one task needs another, which must have been added before it: the task starts when the
	// other is up: Healthy with no stop pending and not unready, or Completed.
	EventNeed

	// EventSuspend stops a task, if it runs, and keeps it from starting until EventResume. Its attempts stay.
	EventSuspend

	// EventResume lets a suspended task start again.
	EventResume

	// EventPolicy gives a task another policy, for all that is decided from here on. A scheduled restart keeps its
	// instant; the timers of other statuses begin anew.
	EventPolicy

	// EventLimits gives the supervisor other limits, see [Machine.DefineLimits].
	EventLimits

	// EventShutdown stops the supervisor: every task is stopped, none is started any more, and ActionHalt follows
	// when the last run has stopped or was abandoned. Like EventStart, it is refused when the supervisor stops or has stopped.
	EventShutdown

	// EventHold keeps a task from starting until EventRelease: its driver has no place for a run, or no port. That is the
	// driver's own word, beside what operators say: neither undoes the other. It touches nothing else. A run goes on, a
	// restart delay passes, and the task takes its turn in the restart rate; then it waits to start (see WaitHeld), and what
	// needs it waits for it as for any task that is not up. No command ends it, and it lasts as long as the task: in the next
	// machine, too (see [Machine.Recreate]). Of a task that is held it changes nothing, as EventRelease of one that is not.
	EventHold

	// EventRelease lets a held task start: at once, if it waits for nothing else.
	EventRelease

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
	ExitDone                         // the run reported that its work is done: it is not restarted, whatever the policy
	ExitFatal                        // the run reported that it cannot go on: the supervisor halts
	ExitStartTimeout                 // the run was not ready in time (decided by the machine)
	ExitWatchdog                     // the run missed a heartbeat or failed its probes (decided by the machine)
	ExitStopped                      // the run ended after it was asked to stop, whatever it returned
	ExitTooQuick                     // the run ended well before its policy's MinUptime (decided by the machine)
	ExitLost                         // the run is over because what carried it is, such as its machine: no failure of its own

	exitKinds // how many there are; keep it last
)
