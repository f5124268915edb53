package session

import (
	"os"
	"os/signal"
	"syscall"

	"github.com/tasksupervisor/tasksupervisor/adapters/process"
)

// Signals returns the signals that [Session.Run] is to obey, each once, also if it reaches the guard as well. A SIGHUP that is ignored, as
// nohup has it, stays ignored. From now on, a write to a pipe that is read no more is an error, and does not end the process.
func Signals() <-chan os.Signal {
	signals := make(chan os.Signal, 8)
	kinds := []os.Signal{os.Interrupt, syscall.SIGTERM}
	if !signal.Ignored(syscall.SIGHUP) {
		kinds = append(kinds, syscall.SIGHUP)
	}
	process.Notify(signals, kinds...) // until the process ends
	signal.Notify(make(chan os.Signal, 1), syscall.SIGPIPE)
	return signals
}
