//go:build unix

package process

import (
	"fmt"
	"syscall"

	"golang.org/x/sys/unix"
)

// maxSignal is the highest number that a signal can have.
const maxSignal = syscall.Signal(64)

// signalContinue has a process go on that is stopped.
const signalContinue = syscall.SIGCONT

// signalName returns a signal as people write it.
func signalName(signal syscall.Signal) string {
	if name := unix.SignalName(signal); name != "" {
		return name
	}
	return fmt.Sprintf("signal %d", int(signal))
}
