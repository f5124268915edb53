//go:build !unix

package process

import (
	"fmt"
	"syscall"
)

// maxSignal is the highest number that a signal can have.
const maxSignal = syscall.Signal(64)

// signalContinue has a process go on that is stopped.
const signalContinue = syscall.Signal(18)

// signalName returns a signal as people write it.
func signalName(signal syscall.Signal) string { return fmt.Sprintf("signal %d", int(signal)) }
