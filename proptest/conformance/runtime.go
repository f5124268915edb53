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
// but those whose names have a Wait have to return before any time passes, whatever tasks do.
//
// Not every runtime has all there is. Where a duty is named below, and it is in Suite.Waived, the method is never
// called and the field never set; such a method can be empty.
type Runtime interface {
	// Start starts the supervisor, and does not wait for anything. While the supervisor runs, it is called only to see that it is
	// then refused. The end of ctx shuts the supervisor down. The contexts of runs have its values, and not its end.
	//
	// When the supervisor has halted, it is called again, with another context: that begins another life, with the same tasks. Each
	// life has a machine of its own, and a scenario of its own in the recording. What is said between two lives is said to the
	// earlier machine, or to none. DutyAgain.
	Start(ctx context.Context) error

	// Add adds a task, also before Start. The error says why it was refused: the name is taken, the policy is invalid,
	// or what the machine said, of the task or of one that it needs. Then nothing was added.
	Add(name string, task Task) error

	// Remove, Restart and Kill give the machine the event of that name. They do not wait for what follows from it. The
	// error says why it was refused: there is no such task, or what the machine said.
	Remove(name string) error
	Restart(name string) error
	Kill(name string) error

	// RemoveWait and KillWait do what Remove and Kill do, and wait: for the name to be free, or for the end of the run that the task
	// has. If runs are left that were abandoned, and no others, they return with an error that is no refusal. DutyWaits.
	RemoveWait(name string) error
	KillWait(name string) error

	// Suspend and Resume do too. DutySuspensions.
	Suspend(name string) error
	Resume(name string) error

	// Hold has the runtime keep a task from starting, as it does by itself when it has no place for a run, and Release has it let
	// the task start. They give the machine the event of that name, whatever was said before. DutyHolds.
	Hold(name string) error
	Release(name string) error

	// SetPolicy gives a task another policy, SetLimits the supervisor other limits. The error says why that was refused:
	// it is invalid, or what the machine said. DutyChanges.
	SetPolicy(name string, policy core.Policy) error
	SetLimits(limits core.Limits) error

	// Ready says that a run is ready. It is called by the run, with its context. DutyReady.
	Ready(ctx context.Context)

	// NotReady takes that back, until Ready. It is called by the run, with its context. DutyUnready.
	NotReady(ctx context.Context)

	// Beat says that a run is alive, and how soon it will say so again: core.Forever for not at all, 0 for as its policy
	// says. It is called by the run, with its context. DutyBeats.
	Beat(ctx context.Context, within core.Duration)

	// Done and Fatal return what a run returns to end with core.ExitDone and core.ExitFatal. They wrap err, which may be
	// nil. DutyVerdicts.
	Done(err error) error
	Fatal(err error) error

	// Lost returns what a run returns that is lost with what carried it, to end with core.ExitLost: a body stands in for a run on a
	// machine, or under a guard, that is over. It wraps err. DutyLosses.
	Lost(err error) error

	// After returns what a run returns to end with core.ExitError and to have its task restarted after a delay of its own, which
	// becomes the Delay of EventExit. It wraps err. DutyDelays.
	After(err error, delay core.Duration) error

	// Status tells what the machine knows of a task, and how its latest run that ended did. The error says that there
	// is no such task. A runtime that keeps the ids of the machine to itself leaves Task, Need, Policy, Key and Delay zero.
	Status(name string) (Status, error)

	// Shutdown asks the supervisor to stop and does not wait until it has. It is called after Start, and again when
	// the supervisor is stopping or has stopped, which changes nothing.
	Shutdown()

	// Wait waits until the supervisor has stopped, which it does once in each life; it is about the latest. The error says why, nil if it was asked to. It is called after Start,
	// any number of times, also when the supervisor has stopped; all calls return the same.
	Wait() error

	// Report accounts for all runs since the runtime was opened, those of removed tasks too, and those of the supervisors that
	// are or were its tasks.
	Report() Report

	// Refusal translates the error of a call into the refusal of the machine that it stands for, such as
	// RefusalUnknownTask or RefusalShuttingDown; RefusalNone if it stands for none.
	Refusal(err error) core.Refusal

	// Reason translates other errors of the runtime into reasons of the machine; ReasonNone if there is none for it.
	//
	// An error of Wait is translated into the reason of the halt: ReasonTooManyDead, ReasonEscalated or ReasonIntensity.
	// The cause of the end of a run's context is translated into the reason of the ActionStop, such as ReasonKilled,
	// ReasonSibling or ReasonWatchdog.
	Reason(err error) core.Reason

	// Culprit tells which task and run an error of Wait is about, "" if none. Such an error wraps what that run
	// returned. DutyCulprits.
	Culprit(err error) (task string, run core.Run)
}

// Task is what is added.
type Task struct {
	Policy    core.Policy
	Body      Body
	Make      func() Body    // makes what a run does anew for each run; then Body is nil. DutyCopies
	Nested    Runtime        // the task is this supervisor, which nothing else starts; then Body is nil. DutyTree
	Nest      func() Runtime // makes such a supervisor anew for each run; then Body is nil. DutyTree
	Probe     Probe          // if Policy.Probe says that there is one. DutyProbes
	Needs     []Need         // tasks that were added before. DutyNeeds
	Suspended bool           // it waits for Resume before its first start. DutySuspensions
	Held      bool           // it waits for Release before its first start. DutyHolds
}

// Need is a task that another one needs.
type Need struct {
	Task  string
	Bound bool // see core.Event
}

// Body is what a run does. The runtime calls it exactly once for each ActionStart, in a goroutine of its own, with a
// context of its own, which ends when the run has ended, and the number of the run.
//
// A body does what runs in the world do: it returns nil or an error, panics, or ends its goroutine. It may ignore the
// end of its context for any time, and runs of a runtime that are processes or callbacks are stood in for by it.
type Body func(ctx context.Context, run core.Run) error

// Probe asks a run whether it is well. The runtime calls it once for each ActionProbe, in a goroutine of its own, with
// the number of the run; while another call for the same run has not returned, it need not. The run is well if nil is
// returned; a probe may panic or end its goroutine just as well, and may take its time, whatever its context says.
type Probe func(ctx context.Context, run core.Run) error

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

	// Observers are to be called for each of the machine's actions other than rejections, and those by which the machine of a later
	// life is given the tasks that there are, with the name of the task
	// that it is about, or "". Each is to be called in order, one call at a time. What they do with the task id in the
	// action is nothing: it may be left out. The halt of a supervisor that has others as tasks may count the runs that were left behind there.
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
	Task string // in a tree, the names from the supervisor that reports down to the task, with slashes between them
	Run  core.Run
}
