package conformance

import (
	"context"
	"io"

	"github.com/tasksupervisor/tasksupervisor/clock"
	"github.com/tasksupervisor/tasksupervisor/core"
)

// Runtime is what the suite drives and asks: the runtime under test, adapted. A runtime that has anything to give
// back, a goroutine that outlives the halt for instance, implements io.Closer as well; Close is the last call.
//
// All methods are called by several goroutines at once, also while others of them have not returned, and by runs. All
// but Wait have to return before any time passes, whatever tasks do.
type Runtime interface {
	// Start starts the supervisor, and does not wait for anything. It is called once or, to see that it is then
	// refused, twice. The end of ctx shuts the supervisor down. The contexts of runs have its values, and not its end.
	Start(ctx context.Context) error

	// Add adds a task, also before Start. Each of its runs is one call of body. The error says why it was refused: the
	// name is taken, the policy is invalid, or what the machine said.
	Add(name string, policy core.Policy, body Body) error

	// Remove, Restart and Kill give the machine the event of that name. They do not wait for what follows from it. The
	// error says why it was refused: there is no such task, or what the machine said.
	Remove(name string) error
	Restart(name string) error
	Kill(name string) error

	// Status tells what the machine knows of a task, and how its latest run that ended did. The error says that there
	// is no such task.
	Status(name string) (Status, error)

	// Shutdown asks the supervisor to stop and does not wait until it has. It is called after Start, and again when
	// the supervisor is stopping or has stopped, which changes nothing.
	Shutdown()

	// Wait waits until the supervisor has stopped. The error says why, nil if it was asked to. It is called after Start,
	// any number of times, also when the supervisor has stopped; all calls return the same.
	Wait() error

	// Report accounts for all runs since the runtime was opened, those of removed tasks too.
	Report() Report

	// Reason translates errors of the runtime into reasons of the machine; ReasonNone if there is none for it.
	//
	// An error of Start, Add, Remove, Restart, Kill or Status is translated into the reason of the rejection, such as
	// ReasonUnknownTask or ReasonShuttingDown. An error of Wait is translated into the reason of the halt, such as
	// ReasonTooManyDead. The cause of the end of a run's context is translated into the reason of the ActionStop:
	// ReasonRemoved, ReasonKilled, ReasonRestarted or ReasonHalted.
	Reason(err error) core.Reason
}

// Body is what a run does. The runtime calls it exactly once for each ActionStart, in a goroutine of its own, with a
// context of its own and the number of the run.
//
// A body does what runs in the world do: it returns nil or an error, panics, or ends its goroutine. It may ignore the
// end of its context for any time, and runs of a runtime that are processes or callbacks are stood in for by it.
type Body func(ctx context.Context, run core.Run) error

// Env is what a runtime is opened with: all that the suite controls.
type Env struct {
	// Config is what the machine is to be made from. It has no policies: they come with [Runtime.Add], and each is to
	// be defined when it first does (see core.Machine.Define).
	Config core.Config

	// Clock is the clock to use. The runtime is opened in a testing/synctest bubble, and with BubbleClock package time
	// may be used just as well.
	Clock clock.Clock

	// Recording takes the recording of the machine, see scenario.NewRecorder. It never fails and never blocks, and may
	// be written to by any goroutine, also later than the machine was stepped if that is in the same instant.
	Recording io.Writer

	// Observers are to be called for each of the machine's actions other than rejections, with the name of the task
	// that it is about, or "". Each is to be called in order, one call at a time. What they do with the task id in the
	// action is nothing: it may be left out.
	Observers []func(task string, a core.Action)
}

// Status is what a runtime tells about a task.
type Status struct {
	core.TaskStatus
	Ending Ending // of its latest run that ended in its turn, neither abandoned nor asked to stop
}

// Ending tells how a run ended, beyond the kind of its exit.
type Ending struct {
	Err   error  // what the body returned; for a panic or a Goexit, any error
	Value any    // what it panicked with; nil if it did not
	Stack string // where it panicked or ended its goroutine, with the names of functions; else ""
}

// Report accounts for runs. Those that started and have not ended are alive.
type Report struct {
	Started   uint64
	Ended     uint64    // also those that had been abandoned
	Abandoned uint64    // whether they have ended since or not
	Left      []LeftRun // abandoned and alive, in any order
}

// LeftRun is a run that was abandoned and is alive.
type LeftRun struct {
	Task string
	Run  core.Run
}
