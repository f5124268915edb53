// Package supervisor keeps tasks running in goroutines. It is the one package that a service imports: the state machine
// in package core decides, and the words of core that a service needs have aliases here. A whole program:
//
//	sup, err := supervisor.New(
//		supervisor.ForService(),
//		supervisor.WithLogger(slog.Default()),
//		supervisor.WithTask("mailer", supervisor.TaskFunc(sendMail), supervisor.WithBaseDelay(100*time.Millisecond)),
//		supervisor.WithTask("api", api, supervisor.WithNeeds("mailer")),
//	)
//	if err != nil {
//		return err
//	}
//	return sup.Run(ctx)
//
// A task is a function or type with Run(ctx) error, see [Task]. It owes its supervisor little: it returns when its context
// is cancelled, and it returns an error when it has failed. If it opted in, it also says when it is ready ([Ready]) and
// that it is alive ([Beat]).
//
// A task that fails, by an error, a panic or runtime.Goexit, is run again after a delay that doubles with every failure in
// a row. With [ForService] there is no end to that, and delays grow to a minute at most. By default they are 2, 4, 8, 16 and
// 32 seconds, a run that stays healthy for 80 seconds clears the count, and the sixth failure in a row makes the task dead: it
// stays down until [Supervisor.Restart], and unless an option says so, nothing else stops because of it. A task whose Run
// returns nil is completed.
//
// A run can overrule its policy: an error made by [Done] says that the task has done its work, one made by [Fatal] that
// the supervisor must stop, one made by [Lost] that what carried the run has failed, and not the task.
//
// # What cannot be recovered
//
// A panic of a run is recovered, with its value and stack, unless [WithCrashOnPanic] says otherwise. These end the process
// whatever a supervisor does: a panic in a goroutine that the task has started itself, concurrent map writes and other fatal
// errors of the runtime, a stack overflow, memory that runs out, os.Exit and log.Fatal. So a task recovers in the
// goroutines that it starts, or makes them tasks of their own, and whatever starts the process starts it again.
//
// # Runs
//
// Every run has a goroutine and a context of its own. The context has the values of the one given to
// [Supervisor.Run], and [Current] finds in it which run it belongs to. It has no deadline: when that of Run's context has come,
// the supervisor begins to stop, and stop timeouts say how long a run may take for it. It is cancelled when the run has to
// stop, and context.Cause says why:
//
//	ErrShutdown        the supervisor stops; wraps the cause, if a context or a task brought that about
//	ErrRemoved, ErrKilled, ErrRestarted, ErrSuspended   an operator command
//	ErrSibling         a sibling is being restarted, and the strategy restarts the task with it
//	ErrDependency      a task that it is bound to went down
//	ErrStartTimeout    it was not ready in time
//	ErrMissedBeat      it missed a heartbeat
//	*ProbeError        it failed its probes
//	ErrRunEnded        the run is over, for what it left behind that still holds its context
//
// The task cleans up and returns. [GracePeriod] makes a context for that, which ends a little before the stop timeout does. What
// the task returns then is not a failure. But it is not lost: anything but nil and its context's own error is logged, and
// [Report.FailedStops] lists it (see [FailedStop]).
//
// Two runs of a task never overlap. A run that ignores its context for longer than its stop timeout is abandoned: it
// cannot be killed, but it is fenced off. Nothing it does later touches a newer run, status and reports show it, its
// late end is recorded, and its task is not started beside it unless the policy is [AbandonReplace].
//
// A task waiting for its restart has no goroutine and no timer of its own.
//
// # State
//
// Every run of a task calls Run on the same value, which suits tasks that keep their state in local variables. A task
// that is a [Cloner], or a [Factory], has every run begin with a copy of its own.
//
// # Order
//
// With [WithReadiness], a task is starting until it calls [Ready], and fails if that takes too long. For a task that knows
// nothing of supervisors, [WithReadinessProbe] finds out instead. Tasks wait for others
// in two ways. With [WithNeeds] a task waits for those it names, and stops before them; with [WithBoundTo] it also stops
// when one of them goes down, and starts again after it. With [WithStrategy] the order in which tasks were added says what
// needs what: under [RestForOne] each task needs all before it, under [OneForAll] all need all. A failure then stops
// the tasks concerned in reverse, waits until they have stopped and then for the restart delay, and starts them in order.
// [TaskStatus] says what a task waits for.
//
// A task whose start needs something that no task is, such as a port, a licence or room on a disk, can be held until it is
// there: by a function that is asked before each start ([WithGate]), or by an operator command ([Supervisor.Hold], [WithHeld]).
//
// # Health
//
// With [WithWatchdog], a task has to call [Beat] at a minimum rate; a [Heart] makes that cheap enough for any loop. With
// [WithProbe], a function that checks the task is called at an interval. A run that misses a beat, or fails
// too many probes, is restarted as after any failure, or only reported (see [WithOnMiss]). A run that hangs seldom heeds
// its context: [WithHungStopTimeout] gives it less time to stop than others have.
//
// # Limits
//
// A supervisor stops, with an error that says why, when too large a share of its tasks is dead ([WithDeadThreshold],
// [TooManyDeadError]), when tasks fail too often ([WithIntensity]), or because of a single task ([Fatal],
// [WithOnExhausted], [WithOnAbandon]). All but the first end it with an [EscalatedError]. It stops without an error when its
// work is done, if [WithAutoShutdown] says so. [WithRestartRate] spreads restarts in time. [Report.Cause] says why a
// supervisor has stopped, whatever Run returned.
//
// # Trees
//
// A [*Supervisor] is a task. Its parent starts and stops it, and restarts it when it ends with an error, under the policy it
// has there; its tasks then start afresh. So a supervisor that exceeds its limits is restarted with its subtree, with the
// parent's backoff, and a parent that exceeds its own fails in turn. The end of the root's context stops the tree from
// the leaves, in order. With [WithReadiness] a supervisor is ready when its tasks are (see there).
//
// A supervisor is one task, of one supervisor: it cannot be added twice, nor to itself ([TreeError]). A task's own code can run
// supervisors too, with the context of its run. These are in the tree for as long as they run; but the task speaks for itself:
// it is ready when it says so, and ends as it returns.
//
// Paths such as "root/mail/sender" name tasks in transitions and reports. The calls about a task take its name, or a path that
// leads to it from the supervisor that is called: root.Restart("mail/sender"). [Supervisor.Tree] shows the whole tree. A
// supervisor uses its parent's clock, unless it was given another.
//
// # Calls
//
// All methods can be called from anywhere, tasks and observers included, and answer at once with what was decided;
// those that wait take a context. No call waits while other tasks are started or stopped: only for decisions, which take a
// fraction of a microsecond for each task concerned. When a call returns, what it decided has been
// carried out. [Supervisor.Add] and [Supervisor.Remove] work while the supervisor runs, and so do
// [Supervisor.SetPolicy] and [Supervisor.SetLimits].
//
//	call                 before Run  running         shutting down   stopped
//	Run, Start           yes         AlreadyRunning  AlreadyRunning  yes, all tasks start afresh
//	Wait                 NotStarted  yes             yes             yes
//	Shutdown             NotStarted  yes             yes             yes, nothing is left to do
//	Add, Restart         yes         yes             ShuttingDown *  Stopped *
//	Kill, Remove         yes         yes             yes             yes
//	Suspend, Resume      yes         yes             yes             yes
//	Hold, Release        yes         yes             yes             yes
//	SetPolicy, SetLimits yes         yes             yes             yes
//	Status, Tree, Report yes         yes             yes             yes
//	Health, Ready, Stats yes         yes             yes             yes
//	Needs, Observe       yes         yes             yes             yes
//	WaitFor and its like yes         yes             yes             yes
//
// * A nested supervisor that is down accepts them as long as its parent can run it again; the task starts with it.
//
// What is said about a task by hand belongs to the task, and not to one Run of its supervisor: that it is suspended, held or killed,
// the policy, the limits. It survives every restart of the subtree, whatever the reason, and can be said while the subtree stops or
// waits for its restart. Tasks that are completed, or dead because they failed, start afresh with their supervisor; those
// that were killed or suspended stay down. Where a supervisor is made anew for every run, by a [Factory] or a [Cloner], the next
// one takes over what was said, by the names of the tasks.
//
// # Errors
//
// These are all errors, by where they come from. errors.Is and errors.As find them through whatever wraps them.
//
//	a call by an observer   ErrObserving
//	a call                  ErrNotStarted, ErrAlreadyRunning, ErrShuttingDown, ErrStopped, ErrNilContext,
//	                        ErrNotMade, *TreeError
//	a call about a task     *TaskError, which wraps one of the above or ErrNoName, *NameError, ErrNilTask,
//	                        ErrDuplicateName, ErrUnknownTask, ErrNoCondition, ErrAlreadyEnded, ErrNotSuspended, ErrBeingRemoved, ErrTooManyTasks,
//	                        *UnknownNeedError, *CycleError, *NeededError, *LeftBehindError
//	a call from a run       ErrNoRun, ErrRunEnded, ErrNilContext
//	options                 *ConfigError, with an *OptionError for each bad option
//	the cause of a stop     the list in Runs; for a probe that takes too long, ErrProbeTimeout; for a grace period, ErrGraceOver
//	                        for a shutdown by Main, *SignalError
//	the end of a run        what it returned, perhaps a *DoneError, *FatalError, *LostError or *DelayedError; *PanicError, *GoexitError;
//	                        ErrStartTimeout, ErrMissedBeat, *ProbeError, ErrTooQuick
//	Run and Wait            *TooManyDeadError, *EscalatedError, *DeadTasksError, *LeftBehindError, *FaultError;
//	                        with WithStrictResult also *FailedStopsError
//	TaskStatus.HeldBy       *HeldError; what a gate returned, or ErrGateSilent
//	the end of a question   of a gate: ErrNotAwaited
//	DumpRecording           ErrNotRecording, or the error of the writer
//	Report.Recording        ErrRecordingLost, or the error of the recording's writer
//
// An error that a task returns is handed on as it is. One that is dangerous to print or to search is replaced by one that
// stands for it: it panics, unwraps to itself, or prints more than 16 KiB. It names the type, and errors.Is and errors.As
// still look into it. So a task can trust the cause of its context, whatever its siblings return. An Error method runs
// first in the goroutine of the run that returned it: one that blocks keeps that run from ending. No method of it is ever
// called while the supervisor holds a lock, so it may call the supervisor.
//
// # Watching
//
// [Supervisor.Status] says what a task does, why, and exactly when it starts next. [WithObserver] delivers every
// decision as a [Transition], [WithLogger] logs them. Observers run outside the supervisor: a slow one delays nothing, and
// loses transitions, those that matter least first; what is lost is counted and told. [Supervisor.Report] accounts for every
// run in the whole tree, and lists the runs that were left behind. [WithRecorder] records every event and decision, to be
// replayed: last night's incident under another policy, for instance.
//
// A tree is one thing to look at. A supervisor without a logger or a recorder of its own is logged and recorded by the
// nearest one above that has one, from when it runs there; observers are told of everything below them. The Run of the root
// returns when all of them have been told everything, or after [WithDrainTimeout]: a program that exits then has its last
// lines.
//
//	                     below a supervisor that has one   to have none there
//	WithLogger           its own, or the nearest above     slog.DiscardHandler
//	WithRecorder         its own, or the nearest above     io.Discard
//	WithObserver         its own, and all above            WithoutParentObservers
//	Observe              the same
//	WithSyncObserver     the same
//	WithClock            its own, or the parent's
//
// [Supervisor.Warnings] lists options that have no effect, such as a cap that no delay reaches, and tasks that an outage of a
// minute would kill. They are logged when Run begins.
//
// # In a service
//
// [Main] is the main function of a program that is a supervisor: it deals with signals, says what a stop waits for, and returns the
// exit code. [Supervisor.Health] and [Supervisor.Ready] say of the whole tree whether it is alive and ready, and why not;
// [WithShutdownDelay] keeps the tasks running for a while after it has ceased to be ready. [Supervisor.Tree] and [Supervisor.Stats]
// have all that metrics are made of: see [Totals].
//
// # Testing
//
// A supervisor works unchanged inside a testing/synctest bubble. That is the easiest way to test one, because time there
// passes by itself when nothing else happens. [WithClock] makes it follow a clock.Virtual, or a mock of
// github.com/benbjohnson/clock.
package supervisor
