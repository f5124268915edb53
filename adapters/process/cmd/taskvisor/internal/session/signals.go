package session

import (
	"os"
	"os/signal"
	"syscall"
)

// Signals returns the signals that [Session.Run] is to obey. A SIGHUP that is ignored, as nohup has it, stays ignored. From now on, a
// write to a pipe that is read no more is an error, and does not end the process.
func Signals() <-chan os.Signal {
	signals := make(chan os.Signal, 8)
	signal.Notify(signals, os.Interrupt, syscall.SIGTERM)
	if !signal.Ignored(syscall.SIGHUP) {
		signal.Notify(signals, syscall.SIGHUP)
	}
	signal.Notify(make(chan os.Signal, 1), syscall.SIGPIPE)
	return signals
}
