//go:build unix

package assemble

import (
	"fmt"
	"syscall"

	"golang.org/x/sys/unix"

	"github.com/tasksupervisor/tasksupervisor/adapters/process/cmd/taskvisor/internal/taskfile"
)

// signalNumber returns the number of a signal; 0 for none.
func signalNumber(name taskfile.Signal) (syscall.Signal, error) {
	if name == "" {
		return 0, nil
	}
	number := unix.SignalNum("SIG" + string(name))
	if number == 0 {
		return 0, fmt.Errorf("this system has no signal %s", name)
	}
	return number, nil
}
