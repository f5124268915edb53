package supervisor

import (
	"errors"
	"fmt"
	"os"
	"strconv"
	"strings"
	"time"

	"github.com/tasksupervisor/tasksupervisor/core"
)

// Every error of this package is declared in this file: those of calls, the causes for which a run is stopped, the ends of
// a run, those that end a supervisor, and that of a recording.

// What a call was refused for. Where the call names a task, the error is a [*TaskError] that wraps one of these.
var (
	ErrNotStarted     = errors.New("the supervisor was never run")
	ErrAlreadyRunning = errors.New("the supervisor is running already")
	ErrShuttingDown   = errors.New("the supervisor is shutting down")
	ErrStopped        = errors.New("the supervisor has stopped")
	ErrNilContext     = errors.New("the context is nil")
	ErrNotMade        = errors.New("the supervisor was not made by New")
	ErrNoRun          = errors.New("the context belongs to no run of a task")
	ErrNoCondition    = errors.New("there is no condition to wait for")
	ErrNilTask        = errors.New("the task is nil")
	ErrNoName         = errors.New("the name is empty")
	ErrDuplicateName  = errors.New("the name is taken")
	ErrUnknownTask    = errors.New("there is no such task")
	ErrAlreadyEnded   = errors.New("the task is completed or dead already")
	ErrNotSuspended   = errors.New("the task is not suspended")
	ErrBeingRemoved   = errors.New("the task is being removed")
	ErrTooManyTasks   = errors.New("there is no room for another task")
)

// TaskError says which call about which task was refused, and why.
type TaskError struct {
	Op   string // the call, such as "add" or "restart"; "run" if the task itself failed
	Task string // the task's name, or the path to it that was given
	Err  error
}

func (e *TaskError) Error() string {
	return e.Op + " task " + strconv.Quote(e.Task) + ": " + errorText(e.Err)
}

// Unwrap returns the reason.
func (e *TaskError) Unwrap() error { return e.Err }

// OptionError says what is wrong with one option.
type OptionError struct {
	Option  string // the option's function, such as "WithBaseDelay"; of a nil its place, such as "option 2"
	Problem string
}

func (e *OptionError) Error() string { return e.Option + " " + e.Problem }

// ConfigError says everything that is wrong with the options of one call. It unwraps to the [*OptionError] of each.
type ConfigError struct {
	Options []OptionError
}

func (e *ConfigError) Error() string {
	problems := make([]string, len(e.Options))
	for i := range e.Options {
		problems[i] = e.Options[i].Error()
	}
	return "invalid options: " + strings.Join(problems, "; ")
}

// Unwrap returns what the error is made of, for errors.As.
func (e *ConfigError) Unwrap() []error {
	errs := make([]error, len(e.Options))
	for i := range e.Options {
		errs[i] = &e.Options[i]
	}
	return errs
}

// NameError says what is wrong with the name of a task or a supervisor: names are parts of paths, and of lines in the log. A
// name is valid UTF-8, from 1 to 255 bytes, without slashes and control characters.
type NameError struct {
	Problem string
}

func (e *NameError) Error() string { return "the name " + e.Problem }

// TreeError says that a supervisor cannot be a task, or run in one, because it has a place in a tree already. A supervisor
// that was added is that one task until it is removed, and none is ever inside itself.
type TreeError struct {
	Has    string // the path of the place it has; "" for the root of a tree without a name
	Wanted string // the path of the place it was to get
	Inside bool   // that would be inside itself
}

func (e *TreeError) Error() string {
	has := strconv.Quote(e.Has)
	if e.Has == "" {
		has = "the root"
	}
	if e.Inside {
		return "the supervisor would be inside itself: it is " + has + ", and cannot be " + strconv.Quote(e.Wanted)
	}
	return "the supervisor is " + has + " already, and cannot be " + strconv.Quote(e.Wanted) + " as well"
}

// UnknownNeedError says that a task needs one that does not exist.
type UnknownNeedError struct {
	Task string // the task that needs it
	Need string // the name that no task has
}

func (e *UnknownNeedError) Error() string {
	return strconv.Quote(e.Task) + " needs " + strconv.Quote(e.Need) + ", which does not exist"
}

// CycleError says that tasks need each other: each of Tasks needs the next, and the last is the first again.
type CycleError struct {
	Tasks []string
}

func (e *CycleError) Error() string {
	return "tasks need each other: " + strings.Join(e.Tasks, " -> ")
}

// NeededError says that a task cannot be removed because another needs it.
type NeededError struct {
	By string // the first task that does
}

func (e *NeededError) Error() string { return "it is needed by " + strconv.Quote(e.By) }

// refusals maps the refusals of the state machine to errors.
var refusals = map[core.Refusal]error{
	core.RefusalShuttingDown:   ErrShuttingDown,
	core.RefusalSupervisorDone: ErrStopped,
	core.RefusalAlreadyEnded:   ErrAlreadyEnded,
	core.RefusalBeingRemoved:   ErrBeingRemoved,
	core.RefusalTooManyTasks:   ErrTooManyTasks,
	core.RefusalNotSuspended:   ErrNotSuspended,
	core.RefusalUnknownTask:    ErrUnknownTask,
}

func refusalError(refusal core.Refusal) error {
	if refusal == core.RefusalNone {
		return nil
	}
	if err := refusals[refusal]; err != nil {
		return err
	}
	return fmt.Errorf("the state machine refused: %v", refusal)
}

// Why a run's context was cancelled: context.Cause of it is one of these, wraps one, or is a [*ProbeError].
//
// Of a shutdown that came with the end of the context given to [Supervisor.Run], the cause wraps that context's cause
// too: in a tree, errors.Is finds the reason at the root. Of one that a task brought about, it wraps the [*EscalatedError].
var (
	ErrShutdown  = errors.New("the supervisor is shutting down its tasks")
	ErrRemoved   = errors.New("the task is being removed")
	ErrKilled    = errors.New("the task is being killed")
	ErrRestarted = errors.New("the task is being restarted")
	ErrSuspended = errors.New("the task is being suspended")
	ErrRunEnded  = errors.New("the run has ended") // for what a run leaves behind that still holds its context

	ErrSibling      = errors.New("a sibling is being restarted, and the task with it") // see WithStrategy
	ErrDependency   = errors.New("a task that this one needs went down")               // see WithBoundTo
	ErrStartTimeout = errors.New("the run was not ready in time")                      // see WithStartTimeout
	ErrMissedBeat   = errors.New("the run missed a heartbeat")                         // see WithWatchdog
)

// ErrGraceOver is the cause with which the context of [GracePeriod] ends when the run's time to stop is nearly over.
var ErrGraceOver = errors.New("the time that the run has to stop is nearly over")

// ErrNotAwaited is the cause with which the context of a gate ends whose answer is of no use any more, see [WithGate].
var ErrNotAwaited = errors.New("the task does not wait for its gate")

// ErrGateSilent is what holds a task whose gate has been asked and has not answered, see [WithGate]. It may be wrapped, along with what
// the gate answered before.
var ErrGateSilent = errors.New("its gate has not answered")

// ErrTooQuick is how a run failed that returned nil before it had been healthy for as long as [WithMinUptime] says.
var ErrTooQuick = errors.New("the run ended well, and too soon")

// ErrProbeTimeout is the cause with which a probe's context ends if the probe takes too long, and the probe's failure.
var ErrProbeTimeout = errors.New("the probe took too long")

// causedShutdown is ErrShutdown with a cause of its own.
type causedShutdown struct{ cause error }

func (e *causedShutdown) Error() string { return errorText(ErrShutdown) + ": " + errorText(e.cause) }

func (e *causedShutdown) Unwrap() []error { return []error{ErrShutdown, e.cause} }

// ProbeError says that a run failed its probes. It is the cause with which the run's context ends, and the task's
// [TaskStatus.LastError].
type ProbeError struct {
	Failures int   // how many in a row
	Err      error // of the last: what the function returned, a [*PanicError], a [*GoexitError] or ErrProbeTimeout
}

func (e *ProbeError) Error() string {
	if e.Failures == 1 {
		return "the run failed its probe: " + errorText(e.Err)
	}
	return "the run failed " + strconv.Itoa(e.Failures) + " probes in a row: " + errorText(e.Err)
}

// Unwrap returns the last probe's error.
func (e *ProbeError) Unwrap() error { return e.Err }

// notReady is ErrStartTimeout with what the readiness probe returned the last time.
type notReady struct{ last error }

func (e *notReady) Error() string { return errorText(ErrStartTimeout) + ": " + errorText(e.last) }

func (e *notReady) Unwrap() []error { return []error{ErrStartTimeout, e.last} }

// gateSilent is ErrGateSilent with what the gate answered before.
type gateSilent struct{ before error }

func (e *gateSilent) Error() string {
	return errorText(ErrGateSilent) + " since: " + errorText(e.before)
}

func (e *gateSilent) Unwrap() []error { return []error{ErrGateSilent, e.before} }

// alsoFailed is the error of a run that hung, and then failed while it was stopped for that.
type alsoFailed struct{ hung, late error }

func (e *alsoFailed) Error() string {
	return errorText(e.hung) + "; while it stopped: " + errorText(e.late)
}

func (e *alsoFailed) Unwrap() []error { return []error{e.hung, e.late} }

// PanicError is the failure of a run that panicked.
type PanicError struct {
	Value any   // what it panicked with
	Stack Stack // where
	cause error // Value, or what stands for it, if that is an error and was examined
}

func (e *PanicError) Error() string {
	if e.cause != nil {
		return "panic: " + errorText(e.cause)
	}
	return "panic: " + valueText(e.Value)
}

// Unwrap returns the value if it is an error, as those of the runtime are.
func (e *PanicError) Unwrap() error {
	if e.cause != nil {
		return e.cause
	}
	return asError(e.Value)
}

// GoexitError is the failure of a run that ended its goroutine by runtime.Goexit, as testing.T.FailNow does.
type GoexitError struct {
	Stack Stack // where
}

func (e *GoexitError) Error() string { return "the run ended its goroutine by runtime.Goexit" }

// DelayedError is what [After] makes.
type DelayedError struct {
	Err   error
	Delay time.Duration
}

func (e *DelayedError) Error() string {
	return errorText(e.Err) + " (try again after " + e.Delay.String() + ")"
}

// Unwrap returns Err.
func (e *DelayedError) Unwrap() error { return e.Err }

// DoneError is what [Done] makes.
type DoneError struct {
	Err error // what Done was given, or nil
}

func (e *DoneError) Error() string { return verdictText("done", e.Err) }

// Unwrap returns the error given to [Done].
func (e *DoneError) Unwrap() error { return e.Err }

// FatalError is what [Fatal] makes.
type FatalError struct {
	Err error // what Fatal was given, or nil
}

func (e *FatalError) Error() string { return verdictText("fatal", e.Err) }

// Unwrap returns the error given to [Fatal].
func (e *FatalError) Unwrap() error { return e.Err }

// LostError is what [Lost] makes.
type LostError struct {
	Err error // what Lost was given, or nil
}

func (e *LostError) Error() string { return verdictText("lost", e.Err) }

// Unwrap returns the error given to [Lost].
func (e *LostError) Unwrap() error { return e.Err }

// HeldError says that an operator holds a task, see [Supervisor.Hold].
type HeldError struct {
	Why string // what Hold or [WithHeld] was given; may be ""
}

func (e *HeldError) Error() string {
	if e.Why == "" {
		return "held by an operator"
	}
	return "held by an operator: " + cut(e.Why)
}

func verdictText(verdict string, err error) string {
	if err == nil {
		return verdict
	}
	return verdict + ": " + errorText(err)
}

// TooManyDeadError ends a supervisor when more than the allowed share of its tasks is dead, see [WithDeadThreshold].
type TooManyDeadError struct {
	Dead      int // dead and abandoned tasks
	Total     int // all tasks
	Threshold Fraction
}

func (e *TooManyDeadError) Error() string {
	return fmt.Sprintf("%d of %d tasks are dead: %s, more than %s",
		e.Dead, e.Total, percent(uint64(e.Dead), uint64(e.Total)), percent(uint64(e.Threshold.Num), uint64(e.Threshold.Den)))
}

// percent prints a share with at most one decimal.
func percent(part, whole uint64) string {
	return strconv.FormatFloat(float64(part*1000/max(whole, 1))/10, 'f', -1, 64) + "%"
}

// EscalatedError ends a supervisor that stopped because of one of its tasks. To the parent of a nested supervisor that is a
// failure like any other: it restarts the supervisor with all of its tasks, as the policy there says.
type EscalatedError struct {
	Task string    // the task's name
	Run  RunNumber // its run
	Why  Reason    // what about the task stopped the supervisor

	// Limit is the limit that was exceeded, for people.
	//   - ReasonIntensity: how many failures of all tasks are allowed, such as "5 failures within 10s"
	//   - ReasonExhausted: how many restarts the task had, such as "5 restarts in a row"
	//   - ReasonStopTimeout: how long the run had to stop, such as "10s"
	//   - ReasonFatal: none, ""
	Limit string

	// Err is the last error of the task, nil if there was none.
	Err error
}

func (e *EscalatedError) Error() string {
	text := fmt.Sprintf("task %q, run %d, ", e.Task, e.Run)
	switch e.Why {
	case ReasonIntensity:
		text += "failed, which exceeds " + e.Limit
	case ReasonExhausted:
		text += "failed after " + e.Limit
	case ReasonStopTimeout:
		text += "did not stop within " + e.Limit
	default:
		text += "cannot continue"
	}
	if e.Err != nil {
		text += ": " + errorText(e.Err)
	}
	return text
}

// Unwrap returns the task's last error.
func (e *EscalatedError) Unwrap() error { return e.Err }

// DeadTasksError lists tasks that failed for good. It ends a supervisor that shut down because its significant tasks had ended
// (see [WithAutoShutdown]) if some of these had failed: for good, or in the latest of their runs, while they were being
// stopped or waited for a restart. With [WithStrictResult] it also ends one in which any task died and no limit stopped
// the supervisor for that.
//
// The tasks are in the order in which they were added, those of nested supervisors last, by their paths. It unwraps to a
// [*TaskError] for each, and so to the tasks' own errors.
type DeadTasksError struct {
	Tasks []TaskError
}

func (e *DeadTasksError) Error() string {
	const shown = 3
	var text strings.Builder
	fmt.Fprintf(&text, "%d tasks failed", len(e.Tasks))
	if len(e.Tasks) == 1 {
		text.Reset()
		text.WriteString("1 task failed")
	}
	for i := range e.Tasks[:min(shown, len(e.Tasks))] {
		separator := "; "
		if i == 0 {
			separator = ": "
		}
		text.WriteString(separator + e.Tasks[i].Error())
	}
	if len(e.Tasks) > shown {
		text.WriteString("; ...")
	}
	return text.String()
}

// Unwrap returns each task's error.
func (e *DeadTasksError) Unwrap() []error {
	errs := make([]error, len(e.Tasks))
	for i := range e.Tasks {
		errs[i] = &e.Tasks[i]
	}
	return errs
}

// FailedStopsError lists runs that failed while they were being stopped, see [FailedStop]: the latest of each task. With
// [WithStrictResult], [Supervisor.Run] returns it. It unwraps to the runs' own errors.
type FailedStopsError struct {
	Stops []FailedStop
}

func (e *FailedStopsError) Error() string {
	const shown = 3
	text := strconv.Itoa(len(e.Stops)) + " runs failed while they were stopped"
	if len(e.Stops) == 1 {
		text = "1 run failed while it was stopped"
	}
	for i, failed := range e.Stops[:min(shown, len(e.Stops))] {
		separator := "; "
		if i == 0 {
			separator = ": "
		}
		text += separator + failed.String()
	}
	if len(e.Stops) > shown {
		text += "; ..."
	}
	return text
}

// Unwrap returns each run's error.
func (e *FailedStopsError) Unwrap() []error {
	errs := make([]error, len(e.Stops))
	for i := range e.Stops {
		errs[i] = e.Stops[i].Err
	}
	return errs
}

// LeftBehindError lists the runs that were abandoned and are still alive: they ignored the end of their context for
// longer than their stop timeout. [Supervisor.Run] returns it if a shutdown left such runs behind, in the supervisor or in
// a nested one, or if some of an earlier Run are still alive. The parent of a nested supervisor does not count it as a failure.
type LeftBehindError struct {
	Runs []LeftBehindRun
}

func (e *LeftBehindError) Error() string {
	text := strconv.Itoa(len(e.Runs)) + " runs were left behind"
	if len(e.Runs) == 1 {
		text = "1 run was left behind"
	}
	for i, left := range e.Runs {
		separator := ", "
		if i == 0 {
			separator = ": "
		}
		text += separator + left.String()
	}
	return text
}

// SignalError says that [Main] shut the supervisor down because the process got a signal. The cause of the shutdown wraps it.
type SignalError struct {
	Signal os.Signal
}

func (e *SignalError) Error() string { return "signal: " + e.Signal.String() }

// FaultError says that the supervisor itself failed, by a defect of this module or of a clock it was given. It has asked
// all its runs to stop, and does nothing more.
type FaultError struct {
	Value any // what was panicked with
	Stack Stack
}

func (e *FaultError) Error() string { return "the supervisor failed: " + valueText(e.Value) }

// Unwrap returns the value if it is an error.
func (e *FaultError) Unwrap() error { return asError(e.Value) }

// ErrObserving is what an observer gets that waits for observers, see [Supervisor.Drain].
var ErrObserving = errors.New("an observer cannot wait for observers")

// ErrRecordingLost ends a recording whose writer is too slow, see [Report.Recording].
var ErrRecordingLost = errors.New("the writer of the recording is too slow")

// ErrNotRecording says that a supervisor has no flight recorder, see [WithFlightRecorder].
var ErrNotRecording = errors.New("there is no flight recorder")
