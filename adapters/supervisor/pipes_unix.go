//go:build unix

package supervisor

import (
	"os"
	ossignal "os/signal"
	"syscall"
)

// brokenPipes is never read. A process that is notified of SIGPIPE is not killed by it. Ignoring the signal would do that as well,
// but processes that tasks start would inherit it.
var brokenPipes = make(chan os.Signal, 1)

// outliveBrokenPipes has a write to a standard output or error without a reader return an error. It lasts as long as the process:
// runs that were left behind may write until the very end, and must not change the exit code.
func outliveBrokenPipes() { ossignal.Notify(brokenPipes, syscall.SIGPIPE) }
