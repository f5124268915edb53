// Package process supervises programs: processes of the operating system, and whatever they start in turn. When a run is over,
// nothing of it is left. A command is a task of package supervisor, so restarts, order, limits, trees, the live page and
// recordings are those of any other task. A whole program:
//
//	func main() {
//		process.Guard() // from here on this is the supervised child; its parent sweeps up after it
//		host, err := process.Open()
//		if err != nil {
//			log.Fatal(err)
//		}
//		redis, err := host.Task(process.Command{
//			Args:  []string{"redis-server", "--port", "6379"},
//			Ready: process.Port("localhost:6379"),
//		})
//		if err != nil {
//			log.Fatal(err)
//		}
//		nginx, err := host.Task(process.Command{Shell: "nginx -g 'daemon off;'", StopSignal: syscall.SIGQUIT})
//		if err != nil {
//			log.Fatal(err)
//		}
//		sup, err := supervisor.New(
//			supervisor.ForService(),
//			supervisor.WithTask("redis", redis, redis.Options()...),
//			supervisor.WithTask("nginx", nginx, append(nginx.Options(), supervisor.WithBoundTo("redis"))...),
//		)
//		if err != nil {
//			log.Fatal(err)
//		}
//		os.Exit(supervisor.Main(sup))
//	}
//
// What a program has to do, in order:
//
//   - It calls [Guard] first in main, before it has opened or started anything. Without it, what runs goes on when the
//     program is killed.
//   - It opens one [Host], and keeps it open for as long as anything runs.
//   - It makes a [Task] of each [Command], and adds that with its [Task.Options]: the supervisor learns from them how long a
//     stop takes and when a run is ready.
//   - It leaves children alone: nothing else in it may wait for all children, as reapers do, or end a run is not known.
//
// The command taskvisor in this module is such a program for a file of tasks.
//
// # A run
//
// The command is looked for and started, in a session of its own, with a token in its environment by which everything that comes
// of it is found again. If that cannot be, the run fails with a [*StartError] that says what is missing.
//
// The run is over when nothing of it is alive: the command, its children, and what these have left in the background. A command
// that ends by itself and leaves processes behind has these stopped, by its StopSignal and after LeftoverTimeout by SIGKILL,
// before its end is reported. A line of the stream [Notice] says so. So two runs of a task never overlap, and the next finds
// ports and files free. A command that puts itself into the background ("daemonizes") is therefore stopped at once: start it with
// its option that keeps it in the foreground.
//
// How well the host finds what tries to get away depends on [Host.Tightness]. With control groups nothing escapes. Without, a
// process escapes from its run that has cleared its environment, and left the session, and lost its parent; the guard still stops
// it when the program ends.
//
// # Ready and well
//
// [Command].Ready says when a run is ready: tasks that need it wait for that, and a run that is not ready within StartTimeout has
// failed. [Port], [HTTP], [File] and [Exec] ask every ReadyInterval, [Prints] waits for a line, and [Notified] for READY=1.
// Without it a run is ready as soon as it has been started.
//
// [Command].Probe asks whether a run is well, for as long as it is healthy, and is another question: after ProbeFailures failures
// in a row the run is stopped, as failed. With Watchdog, the command has to say so itself.
//
// # The notify protocol
//
// A command with [Notified], Watchdog or Notify has NOTIFY_SOCKET in its environment. These messages are heeded, from all
// processes of the run:
//
//	READY=1                the run is ready, or is again after RELOADING=1
//	RELOADING=1            it is not ready until then: tasks that need it and have yet to start wait
//	STOPPING=1             it is not ready any more
//	STATUS=...             what it says of itself, for Info
//	WATCHDOG=1             it is well; to be sent at least every WATCHDOG_USEC microseconds
//	WATCHDOG=trigger       it is not: it is stopped as if it had missed that
//	WATCHDOG_USEC=...      how often it will send it from now on
//	EXTEND_TIMEOUT_USEC=.. it may take so long from now on, to be ready, to be well again, or to stop
//	BARRIER=1              is answered when all messages before it have been heeded
//
// MAINPID and stored file descriptors are not: the main process is the one that was started.
//
// # Stop
//
// All processes of a run get StopSignal (SIGTERM), and SIGCONT so that those that are stopped get it; with StopMainOnly the
// command gets it alone, and the others when it has ended. Whatever is alive after StopTimeout (10 s) gets SIGKILL; or earlier,
// if the supervisor has less time for the run (see supervisor.GracePeriod). The stop is over when nothing is alive. It counts as
// a good one if the command ends well, by the signal, or with the exit code 128 plus its number. Otherwise supervisor.Report
// lists it as a failed stop: with the [*ExitError], or with a [*KilledError] if SIGKILL was needed. No stop that was asked for is
// a failure of the task.
//
// [Task.Kill] does not wait. [Task.Reload] and [Task.Signal] reach the command alone.
//
// # Ends
//
// Exit code 0 and those in Success are good ends; what follows is up to the task's policy. Any other code, and any signal, is a
// failure with an [*ExitError], which has the last lines of standard error. With a code in Done the task is completed, whatever
// its policy, and with one in Fatal its supervisor stops.
//
// # Output
//
// Standard output and error are read line by line, whatever happens. [Output.Lines] is given each [Line], one call at a time for
// a task. It may be slow: then lines wait in a buffer, and when that is full they are dropped and counted, or the command is
// blocked, by choice. A line of the stream Notice says how many were dropped. The beginning of a line is handed over when 100 ms
// have passed without its end (Partial), and a line that is longer than MaxLine comes in pieces (Cut); in both cases what follows
// has Continues. No character is cut. The last lines are kept for [Task.Tail].
//
// A process that has escaped and holds the pipe open does not keep the run from ending: what is in the pipe then has a second.
//
// Most programs hold their output back, and use no colours, where it goes to a pipe. With TTY they have a terminal. For some, a
// variable such as FORCE_COLOR=1 in Env is enough; none is set unasked. [Task.Attach] shows a terminal, byte by byte, and types
// into it.
//
// # Surroundings
//
// A command inherits the environment, but for the variables that service managers set for this process itself (NOTIFY_SOCKET,
// WATCHDOG_USEC, LISTEN_FDS and their like). Env adds to it, ClearEnv begins with none. It inherits no file that this process has
// opened. Standard input is /dev/null, unless Stdin or TTY is set. What Command has no field for, a shell can do:
//
//	Shell: "umask 027; ulimit -n 4096; exec nice -n 5 redis-server"
//
// A line that is a plain command is executed in place of the shell. In one that is not, exec before the last command does the
// same; without it the shell stays, and a stop reaches both.
//
// # Defaults
//
//	StopSignal       SIGTERM       StopTimeout     10 s     LeftoverTimeout  5 s
//	ReloadSignal     SIGHUP        StartTimeout    90 s     ReadyInterval    100 ms
//	ProbeInterval    10 s          ProbeTimeout    5 s      ProbeFailures    3
//	Output.Buffer    1 MiB         Output.MaxLine  64 KiB   Output.Tail      200 lines
//	Rows, Columns    24, 80
//
// A zero field is its default, for durations too; supervisor.Forever is none.
//
// # Errors
//
//	Open                          [ErrNotSupported], *OptionError
//	Host.Task, Task.SetCommand    a *CommandError for each fault, joined; SetCommand also [ErrOtherShape]
//	the end of a run              *StartError, *ExitError, *KilledError; within supervisor.DoneError or supervisor.FatalError
//	Task.Signal, Reload, Kill     [ErrNotRunning], or what the system says
//	Attachment                    [ErrNotRunning], [ErrNoInput], [ErrInputTaken], [ErrDetached]
//
// # Concurrency
//
// All methods can be called from anywhere, also by Output.Lines, which must not wait for the task's end. A task is a task of one
// supervisor under one name. A process that runs costs no thread and no wake-up.
//
// # Systems
//
// Linux since 5.4 has everything; control groups need version 2 and Linux 5.14. macOS and FreeBSD have process groups, and
// neither a guard nor the notify protocol: what leaves its process group there is not found, and what runs goes on when the
// program is killed. Elsewhere the package compiles, and Open returns [ErrNotSupported].
//
// A process of another user, such as a set-user-ID program, can be signalled by root only. Programs that overwrite their
// environment to show a title in ps (redis, nginx, postgres) lose their token by that: without a control group, they are found only
// by their session and their parents, and not by the next life of a program that was killed together with its guard.
package process
