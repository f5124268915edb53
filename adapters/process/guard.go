package process

import (
	"errors"
	"os"
	"sync"
	"syscall"

	"github.com/tasksupervisor/tasksupervisor/adapters/internal/signals"
	"github.com/tasksupervisor/tasksupervisor/adapters/process/internal/guard"
)

// Guard has this program watched by a guard process, so that nothing that it starts outlives it, in whatever way it ends. It is to be
// the first call of the main function, because it executes the program again:
//
//	func main() {
//		process.Guard()
//		...
//
// The process that was started stays behind as the guard, and Guard returns only in its child, which is the same program with the
// same arguments, environment, open files and terminal, but another process number. When the child has ended, because its work was
// done, or by a panic or SIGKILL, the guard stops all processes that are left below it: SIGTERM, and after a second SIGKILL, until
// there is none. Then it ends as the child has: with its exit code, or by its signal. It says on standard error what an unlucky child has left.
//
// Signals that the guard gets are passed on. One that reaches both processes, such as Ctrl-C, arrives once where it is taken by
// supervisor.Main, its options, or [Notify]. SIGTSTP (Ctrl-Z) and SIGCONT (fg) act on both.
//
// As process 1 of a container the guard is its init: it reaps whatever loses its parent.
//
// Guard returns at once, and there is no guard, in a test, under a debugger, where the variable TASKSUPERVISOR_GUARD is "off",
// and where the system has no child subreapers: on anything but Linux. [Host.Tightness] says so. Below systemd, a service that
// notifies it needs NotifyAccess=all.
func Guard() { startGuard() }

var startGuard = sync.OnceFunc(func() { guarded.link, guarded.why = guard.Start(relay) })

// guarded is this process's guard.
var guarded = struct {
	link *guard.Link
	why  error // there is none
}{why: errors.New("Guard was not called")}

// Notify is signal.Notify for a program that has called [Guard]: a signal that reaches both processes arrives once. Calling stop ends it.
func Notify(c chan<- os.Signal, kinds ...os.Signal) (stop func()) { return signals.Notify(c, kinds...) }

// relay has a signal that the guard has got arrive.
func relay(got syscall.Signal) {
	if !signals.Pass(got) {
		guard.Raise(got)
	}
}
