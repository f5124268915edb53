// Package goroutine keeps tasks running in goroutines. It is the driver of the state machine in package core that most
// programs want:
//
//	sup, err := goroutine.New(
//		goroutine.WithLogger(slog.Default()),
//		goroutine.WithDeadThreshold(0.5),
//	)
//	if err != nil {
//		return err
//	}
//	err = sup.Add("mailer", goroutine.TaskFunc(sendMail), goroutine.WithBaseDelay(100*time.Millisecond))
//	if err != nil {
//		return err
//	}
//	return sup.Run(ctx)
//
// A task is a function or type with Run(ctx) error, see [Task]. A task that fails, be it by an error, a panic or
// runtime.Goexit, is run again after a delay that doubles with every failure in a row: 2, 4, 8, 16 and 32 seconds
// unless configured otherwise. A run that lasts 80 seconds clears that record. A sixth failure in a row makes the task
// dead; when more than the allowed share of the tasks is dead, the supervisor stops with an error. A task whose Run
// returns nil is completed. Package core defines all of that precisely; the names of statuses, reasons and policies are
// its.
//
// # Runs
//
// Every run has a goroutine and a context of its own. The context has the values of the one given to
// [Supervisor.Run], and [Current] finds in it which run it belongs to. It is cancelled when the run has to stop, and
// context.Cause tells why: [ErrShutdown], [ErrRemoved], [ErrKilled] or [ErrRestarted]. A task does what it must and
// returns; what it returns then is not judged.
//
// Two runs of a task never overlap. A run that ignores its context for longer than its stop timeout is given up on: it
// can not be killed, but it is fenced off. Nothing it does later touches a newer run, status and reports show it, its
// late end is noted, and its task is not started beside it unless the policy is core.AbandonReplace.
//
// A task waiting for its restart has no goroutine and no timer of its own.
//
// # State
//
// Every run of a task calls Run on the same value, which suits tasks that keep their state in local variables. A task
// that is a [Cloner], or a [Factory], has every run begin with a copy of its own.
//
// # Trees
//
// A [*Supervisor] is a task. Its parent starts and stops it, and runs it again when it ends with an error, by its
// policy for it; the tasks then start afresh. Paths such as "root/mail/sender" name tasks in events and reports. A
// supervisor uses its parent's clock, unless it was given another.
//
// # Calls
//
// All methods can be called from anywhere, tasks and observers included, and answer at once with what was decided;
// those that wait take a context. [Supervisor.Add] and [Supervisor.Remove] work while the supervisor runs.
//
//	call               before Run      running       shutting down    stopped
//	Run, Start         yes             AlreadyRunning AlreadyRunning  yes, all tasks start afresh
//	Wait               NotStarted      yes           yes              yes
//	Shutdown           NotStarted      yes           yes              yes, nothing is left to do
//	Add                yes             yes           ShuttingDown     Stopped
//	Remove             yes             yes           ShuttingDown     yes
//	Restart, Kill      yes             yes           ShuttingDown     Stopped
//	Status, Report     yes             yes           yes              yes
//
// The errors are [ErrAlreadyRunning], [ErrNotStarted], [ErrShuttingDown] and [ErrStopped]; those about a task come
// wrapped in a [*TaskError].
//
// # Watching
//
// [Supervisor.Status] says what a task does, why, and to the nanosecond when it will be started next. [WithObserver]
// delivers every decision as an [Event], [WithLogger] logs them. Observers run outside the supervisor: a slow one
// loses events, which are counted, and delays nobody. [Supervisor.Report] accounts for every run, through the whole
// tree, and lists the runs that were left behind. [WithRecorder] writes down all that was decided and what for, to be
// replayed: last night's incident under another policy, for instance.
//
// [Supervisor.Warnings] lists what is configured and can have no effect, such as a cap that no delay reaches.
//
// # Testing
//
// A supervisor works inside a testing/synctest bubble as it is; that is the easiest way to test one, for time then
// passes by itself when nothing else does. [WithClock] makes it follow a clock.Virtual, or a mock of
// github.com/benbjohnson/clock.
package goroutine
