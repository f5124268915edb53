package supervisor

import (
	"context"
)

// Task is what a supervisor keeps running.
//
// Run does the task's work until it is done or ctx is cancelled. What it returns says how it ended: nil is a good end,
// an error a failure. A panic is a failure as well, and so is ending the goroutine by runtime.Goexit. Once ctx has
// been cancelled, whatever it returns is not a failure, because the run was asked to stop. Anything but nil or the context's own
// error is logged and reported all the same, see [FailedStop].
//
// A task that is restarted has Run called again, on the same value, never before the call before it has returned
// (unless its policy is AbandonReplace). A task that should start each run from a fresh copy of its state
// implements [Cloner] or is a [Factory].
//
// A [*Supervisor] is a task.
type Task interface {
	Run(ctx context.Context) error
}

// TaskFunc makes a [Task] of a function.
type TaskFunc func(ctx context.Context) error

// Run calls f.
func (f TaskFunc) Run(ctx context.Context) error { return f(ctx) }

// Cloner is a task that gives every run a copy of its own. The task that was added is then never run itself: each run
// begins by calling its Clone, in the run's goroutine, and runs the result. A Clone that panics or returns nil fails
// that run, like any other failure.
type Cloner interface {
	Task
	Clone() Task
}

// Factory makes a [Task] of a function that makes the task anew for every run. It is a [Cloner].
type Factory func() Task

// Clone calls f.
func (f Factory) Clone() Task { return f() }

// Run makes a task and runs it.
func (f Factory) Run(ctx context.Context) error {
	task := f()
	if task == nil {
		return ErrNilTask
	}
	return task.Run(ctx)
}

// RunInfo identifies a run and says what led to it, see [Current].
type RunInfo struct {
	Supervisor *Supervisor // which started the run
	Path       string      // the names from the root supervisor down to the task, separated by slashes
	Task       string      // the task's name
	Run        RunNumber   // counts the task's runs since its supervisor was last run, from 1, or from the last one left behind

	// Why is why the run was started:
	//   - ReasonBackoff: its restart delay has passed, after a failure or, with RestartAlways, a good end
	//   - ReasonSupervisorStart, ReasonAdded: the supervisor has started, or the task was added
	//   - ReasonStartAgain: a sibling, or a task that it is bound to, was restarted; or a
	//     suspension was taken back before the run before this one had stopped
	//   - ReasonRestarted, ReasonResumed: an operator command, see [RunInfo.Commanded]
	Why Reason

	Attempts  uint32   // restarts since the task was last stable, this one included, see TaskStatus
	LastExit  ExitKind // how the run before it ended; ExitNone for the first since the supervisor was last run
	LastError error    // what the run before it ended with, see TaskStatus.LastError

	run *run
}

// Commanded reports whether an operator command about the task led to the run, a Restart or a Resume. One about a supervisor
// above leads to the run of that supervisor: see [RunInfo.Parent].
func (i RunInfo) Commanded() bool { return i.Why == ReasonRestarted || i.Why == ReasonResumed }

// Parent returns the run in which the run's supervisor runs; ok is false if that is the root of a tree.
func (i RunInfo) Parent() (parent RunInfo, ok bool) {
	if i.run == nil || i.run.session.parent == nil {
		return RunInfo{}, false
	}
	return i.run.session.parent.info(), true
}

// Current returns what run ctx belongs to: ctx is the context a task's Run was given, or is derived from it. ok is
// false for any other context.
func Current(ctx context.Context) (info RunInfo, ok bool) {
	if ctx == nil {
		return RunInfo{}, false
	}
	r := runOf(ctx)
	if r == nil {
		return RunInfo{}, false
	}
	return r.info(), true
}

func (r *run) info() RunInfo {
	return RunInfo{
		Supervisor: r.session.supervisor,
		Path:       r.path(),
		Task:       r.member.name,
		Run:        r.number,
		Why:        r.origin.why,
		Attempts:   r.origin.attempts,
		LastExit:   r.origin.lastExit,
		LastError:  r.origin.lastErr,
		run:        r,
	}
}

// checkTask says what is wrong with a task that is added.
func checkTask(task Task) error {
	if isNil(task) {
		return ErrNilTask
	}
	if nested, ok := task.(*Supervisor); ok {
		return nested.made()
	}
	return nil
}

// isNil reports whether a task is plainly nil; a nil inside another type fails as soon as it is run.
func isNil(task Task) bool {
	switch task := task.(type) {
	case nil:
		return true
	case TaskFunc:
		return task == nil
	case Factory:
		return task == nil
	case *Supervisor:
		return task == nil
	}
	return false
}

// fresh returns the task to run this time.
func fresh(task Task) (Task, error) {
	cloner, ok := task.(Cloner)
	if !ok {
		return task, nil
	}
	if clone := cloner.Clone(); !isNil(clone) {
		return clone, nil
	}
	return nil, ErrNilTask
}
