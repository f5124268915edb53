package supervisor

import (
	"errors"
	"fmt"
	"strconv"
	"strings"

	"github.com/tasksupervisor/tasksupervisor/core"
)

// What a call was refused for. Where the call names a task, the error is a [*TaskError] that wraps one of these.
var (
	ErrNotStarted     = errors.New("the supervisor was never run")
	ErrAlreadyRunning = errors.New("the supervisor is running already")
	ErrShuttingDown   = errors.New("the supervisor is shutting down")
	ErrStopped        = errors.New("the supervisor has stopped")
	ErrNilContext     = errors.New("the context is nil")
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
	Op   string // what was to be done, such as "add" or "restart"; "run" if the task itself failed
	Task string // the task's name, or the path to it that was given
	Err  error
}

func (e *TaskError) Error() string {
	return e.Op + " task " + strconv.Quote(e.Task) + ": " + e.Err.Error()
}

// Unwrap returns the reason.
func (e *TaskError) Unwrap() error { return e.Err }

// OptionError says what is wrong with one option.
type OptionError struct {
	Option  string // the option's function, such as "WithBaseDelay"
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

// TooManyDeadError ends a supervisor of whose tasks more than the allowed share is dead, see [WithDeadThreshold].
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

// DeadTasksError ends a supervisor that shut down because its significant tasks had ended (see [WithAutoShutdown]) if
// some of these had failed for good. It unwraps to a [*TaskError] for each, and so to the tasks' own errors.
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

// LeftBehindError says which runs were given up on and are alive: they ignored the end of their context for longer
// than their stop timeout. [Supervisor.Run] returns it if a shutdown left such runs behind, in itself or in a nested
// supervisor, and also if they still are alive when it is called again.
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

// FaultError says that the supervisor itself failed: a defect of this module, or of a clock it was given. It has asked
// all its runs to stop and does nothing any more.
type FaultError struct {
	Value any // what was panicked with
	Stack Stack
}

func (e *FaultError) Error() string { return fmt.Sprintf("the supervisor failed: %v", e.Value) }

// Unwrap returns the value if it is an error.
func (e *FaultError) Unwrap() error { return asError(e.Value) }

// refusals are what the state machine's refusals mean here.
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
