package supervisor

import "github.com/tasksupervisor/tasksupervisor/core"

// The words of package core that users of this package need, under the same names. They are aliases: a value of one
// package is a value of the other.

// Strategy says which other tasks are restarted with a failed one, see [WithStrategy].
type Strategy = core.Strategy

// The strategies.
const (
	OneForOne  = core.OneForOne  // no other task; the default
	OneForAll  = core.OneForAll  // all tasks
	RestForOne = core.RestForOne // the tasks added after it
)

// StopOrder says in which order several tasks are stopped, see [WithStopOrder].
type StopOrder = core.StopOrder

// The stop orders.
const (
	StopByStrategy = core.StopByStrategy // together under OneForOne, else in reverse; the default
	StopTogether   = core.StopTogether   // all at once
	StopReverse    = core.StopReverse    // one at a time, the last added first
)

// AutoShutdown says when the end of tasks stops their supervisor, see [WithAutoShutdown].
type AutoShutdown = core.AutoShutdown

// When the end of significant tasks stops their supervisor.
const (
	AutoShutdownNever = core.AutoShutdownNever // never; the default
	AutoShutdownAll   = core.AutoShutdownAll   // when all have ended
	AutoShutdownAny   = core.AutoShutdownAny   // when any has ended
)

// Policy is all that the task options say about one task, see [WithPolicy]. Its fields are Restart, BaseDelay, Factor,
// MaxExponent, MaxDelay, Jitter, MaxAttempts, StableAfter, MinUptime, StopTimeout, HungStopTimeout, OnAbandon, OnExhausted, Readiness,
// StartTimeout, Watchdog, Probe, OnMiss and Significant. Each is what the option of that name sets, those of the delay what
// [WithBackoff] does; the options document units and defaults.
type Policy = core.Policy

// DefaultPolicy returns the policy of a task without any options.
func DefaultPolicy() Policy { return core.DefaultPolicy() }

// Restart says after which ends a task is restarted, see [WithRestart].
type Restart = core.Restart

// After which ends a task is restarted.
const (
	RestartOnFailure = core.RestartOnFailure // after a failure; the default
	RestartAlways    = core.RestartAlways    // after any end; one without an error costs no attempt
	RestartNever     = core.RestartNever     // after none
)

// OnAbandon says what follows when a run ignores its stop timeout, see [WithOnAbandon].
type OnAbandon = core.OnAbandon

// What follows when a run ignores its stop timeout.
const (
	AbandonWait     = core.AbandonWait     // the task waits for the run to end; the default
	AbandonReplace  = core.AbandonReplace  // the next run starts beside it
	AbandonEscalate = core.AbandonEscalate // the supervisor stops
)

// OnExhausted says what follows when a task has no restart attempts left, see [WithOnExhausted].
type OnExhausted = core.OnExhausted

// What follows when a task has no restart attempts left.
const (
	ExhaustedDead     = core.ExhaustedDead     // the task is dead; the default
	ExhaustedEscalate = core.ExhaustedEscalate // the supervisor stops
)

// OnMiss says what follows a missed heartbeat or failed probes, see [WithOnMiss].
type OnMiss = core.OnMiss

// What follows a missed heartbeat or failed probes.
const (
	MissRestart = core.MissRestart // the run has failed; the default
	MissReport  = core.MissReport  // observers and the log are told
)

// Probe says how often a task is probed and when it has failed, see [WithProbe]. Its fields are
//   - Interval: the time from readiness, and from each answer, to the next probe
//   - Timeout: how long a probe may take; one that takes longer has failed. [Forever]: as long as it likes
//   - Failures: how many failed probes in a row are a miss; at least 1
type Probe = core.Probe

// Limits is all that the limit options say about one supervisor, see [WithLimits]. Its fields are DeadThreshold, a
// [Fraction]; Intensity and RestartRate, each a [Rate]; AutoShutdown; and ShutdownTimeout. Each is what the option of that
// name sets; zero is none.
type Limits = core.Limits

// Rate is a number of failures or restarts, Count, within a window of the length Per. The zero Rate is no limit.
type Rate = core.Rate

// Fraction is the exact ratio of Num to Den. The zero Fraction means that there is none.
type Fraction = core.Fraction

// What stands for no limit.
const (
	Forever   = core.Forever   // no limit in time, for every option that takes a time limit
	Unlimited = core.Unlimited // any number of restarts, for WithMaxAttempts
)

// Instant is a point in time of a supervisor's clock, in nanoseconds. Only differences between instants mean anything.
type Instant = core.Instant

// Never is the instant of what will not happen.
const Never = core.Never

// RunNumber counts the runs of one task, from 1. It is 0 if the task was never started.
type RunNumber = core.Run

// Status is where a task is in its life.
type Status = core.Status

// The statuses.
const (
	StatusNone      = core.StatusNone      // not a task yet, or no longer
	StatusCreated   = core.StatusCreated   // waiting to be started
	StatusStarting  = core.StatusStarting  // running, and not ready yet
	StatusHealthy   = core.StatusHealthy   // running
	StatusStopping  = core.StatusStopping  // asked to stop, and still running
	StatusFailed    = core.StatusFailed    // failed, with a restart scheduled
	StatusCompleted = core.StatusCompleted // ended well, and not restarted
	StatusDead      = core.StatusDead      // not started again, unless an operator restarts it
	StatusHalted    = core.StatusHalted    // stopped because its supervisor stopped; it starts again when that does
	StatusAbandoned = core.StatusAbandoned // still running, though its stop timeout has passed
)

// Counts says how many tasks there are: Total, and by status Created, Starting, Healthy, Stopping, Failed, Completed, Dead,
// Halted and Abandoned. LeftBehind counts the runs that were abandoned and are still alive, replaced ones included.
type Counts = core.Counts

// Wait is what a task waits for before its next start.
type Wait = core.Wait

// What a task waits for.
const (
	WaitNone          = core.WaitNone          // it does not wait for a start
	WaitSupervisor    = core.WaitSupervisor    // its supervisor has not started
	WaitSuspended     = core.WaitSuspended     // an operator has to resume it
	WaitHeld          = core.WaitHeld          // an operator holds it (see Hold), or its gate does (see WithGate)
	WaitNeed          = core.WaitNeed          // a task that it needs is not up
	WaitTurn          = core.WaitTurn          // other tasks have to stop, or come up, first
	WaitLeftBehind    = core.WaitLeftBehind    // a run of it that was left behind has to end
	WaitOthersStopped = core.WaitOthersStopped // the tasks that its failure stopped are still stopping
	WaitDelay         = core.WaitDelay         // its restart delay has not passed
	WaitRestartRate   = core.WaitRestartRate   // the supervisor's restart rate leaves no room yet
)

// Intent is what becomes of a task that is being stopped, once it has stopped.
type Intent = core.Intent

// What becomes of a task once it has stopped.
const (
	IntentNone       = core.IntentNone       // it is not being stopped
	IntentRestart    = core.IntentRestart    // it starts afresh
	IntentKill       = core.IntentKill       // it is dead
	IntentRemove     = core.IntentRemove     // it is removed
	IntentHalt       = core.IntentHalt       // it stays down, because its supervisor stops
	IntentRetry      = core.IntentRetry      // it is restarted as after any failure
	IntentStartAgain = core.IntentStartAgain // it starts again in its turn
	IntentSuspend    = core.IntentSuspend    // it stays down until it is resumed
	IntentRetire     = core.IntentRetire     // it is dead: its siblings are restarted, and its policy says never
)

// Phase is where a supervisor is in its life.
type Phase = core.Phase

// The phases.
const (
	PhaseCreated = core.PhaseCreated // not started
	PhaseRunning = core.PhaseRunning // started
	PhaseHalting = core.PhaseHalting // stopping its tasks
	PhaseHalted  = core.PhaseHalted  // stopped
)

// ExitKind is how a run ended.
type ExitKind = core.ExitKind

// How a run ended.
const (
	ExitNone         = core.ExitNone         // no run has ended yet
	ExitOK           = core.ExitOK           // Run returned nil
	ExitError        = core.ExitError        // Run returned an error
	ExitPanic        = core.ExitPanic        // Run panicked
	ExitGoexit       = core.ExitGoexit       // Run called runtime.Goexit
	ExitDone         = core.ExitDone         // Run returned an error made by Done
	ExitFatal        = core.ExitFatal        // Run returned an error made by Fatal
	ExitStartTimeout = core.ExitStartTimeout // the run was not ready in time
	ExitWatchdog     = core.ExitWatchdog     // the run missed a heartbeat or failed its probes
	ExitStopped      = core.ExitStopped      // the run ended after it was asked to stop, whatever it returned
	ExitTooQuick     = core.ExitTooQuick     // Run returned nil sooner than WithMinUptime allows
	ExitLost         = core.ExitLost         // Run returned an error made by Lost
)

// ActionKind says what a supervisor did, see [Transition].
type ActionKind = core.ActionKind

// What a supervisor did.
const (
	ActionTransition = core.ActionTransition // it recorded a change that calls for nothing else
	ActionAdd        = core.ActionAdd        // it added the task
	ActionStart      = core.ActionStart      // it started a run
	ActionStop       = core.ActionStop       // it cancelled the context of a run
	ActionAbandon    = core.ActionAbandon    // it abandoned a run that ignored its stop timeout
	ActionProbe      = core.ActionProbe      // it called the task's probe
	ActionForget     = core.ActionForget     // it removed the task
	ActionHalt       = core.ActionHalt       // it stopped
)

// Reason says why a task or a supervisor changed. Its String is the word that logs and status lines use; its Help says what
// the word means and what to do about it. So it is with [Status], [Wait], [Intent] and [ExitKind].
type Reason = core.Reason

// Why a task changed.
const (
	ReasonNone            = core.ReasonNone            // there is none
	ReasonAdded           = core.ReasonAdded           // it was added
	ReasonSupervisorStart = core.ReasonSupervisorStart // its supervisor started
	ReasonBackoff         = core.ReasonBackoff         // its restart delay has passed
	ReasonFailure         = core.ReasonFailure         // its run failed, and a restart is scheduled
	ReasonRepeat          = core.ReasonRepeat          // its run ended well, and its policy restarts it all the same
	ReasonReady           = core.ReasonReady           // its run is ready, or ready again
	ReasonUnready         = core.ReasonUnready         // its run is not ready for now
	ReasonSibling         = core.ReasonSibling         // a sibling is restarted, and the strategy restarts this one with it
	ReasonDependency      = core.ReasonDependency      // a task that it is bound to went down
	ReasonStartAgain      = core.ReasonStartAgain      // it starts again after a sibling or a dependency
	ReasonDelayBegins     = core.ReasonDelayBegins     // what its failure stopped has stopped: its restart delay begins
	ReasonRestartRate     = core.ReasonRestartRate     // its restart delay has passed, and the restart rate holds it back
	ReasonSuspended       = core.ReasonSuspended       // an operator suspended it
	ReasonResumed         = core.ReasonResumed         // an operator resumed it
	ReasonPolicy          = core.ReasonPolicy          // an operator changed its policy
	ReasonStartTimeout    = core.ReasonStartTimeout    // its run was not ready in time
	ReasonWatchdog        = core.ReasonWatchdog        // its run missed a heartbeat or failed too many probes
	ReasonProbe           = core.ReasonProbe           // it is probed
	ReasonProbeFailed     = core.ReasonProbeFailed     // it failed a probe
	ReasonCompleted       = core.ReasonCompleted       // its run ended well
	ReasonRestarted       = core.ReasonRestarted       // an operator restarted it
	ReasonKilled          = core.ReasonKilled          // an operator killed it
	ReasonRemoved         = core.ReasonRemoved         // an operator removed it
	ReasonExhausted       = core.ReasonExhausted       // it failed with no restart attempts left
	ReasonNotRestartable  = core.ReasonNotRestartable  // its policy never restarts it
	ReasonFatal           = core.ReasonFatal           // its run returned an error made by Fatal
	ReasonIntensity       = core.ReasonIntensity       // its failure was one too many for its supervisor
	ReasonSupervisorStop  = core.ReasonSupervisorStop  // its supervisor stops
	ReasonStopTimeout     = core.ReasonStopTimeout     // its run ignored its stop timeout
	ReasonLateExit        = core.ReasonLateExit        // a run that was left behind ended after all
	ReasonLost            = core.ReasonLost            // its run was lost with what carried it, and a restart is scheduled
	ReasonHeld            = core.ReasonHeld            // an operator holds it, or its gate does
	ReasonReleased        = core.ReasonReleased        // nothing holds it any more
	ReasonShutdownTimeout = core.ReasonShutdownTimeout // its run was left when the shutdown had taken too long
)

// Why a supervisor stopped. ReasonIntensity is another.
const (
	ReasonShutdown    = core.ReasonShutdown    // it was asked to
	ReasonTooManyDead = core.ReasonTooManyDead // too large a share of its tasks is dead
	ReasonAllEnded    = core.ReasonAllEnded    // all significant tasks have ended
	ReasonAnyEnded    = core.ReasonAnyEnded    // a significant task has ended
	ReasonEscalated   = core.ReasonEscalated   // one task stopped it, see EscalatedError
)
