//go:build !unix

package assemble

import (
	"syscall"

	"github.com/tasksupervisor/tasksupervisor/adapters/process"
	"github.com/tasksupervisor/tasksupervisor/adapters/process/cmd/taskvisor/internal/taskfile"
)

// signalNumber returns the number of a signal; 0 for none. There are no others where processes are not supervised.
func signalNumber(name taskfile.Signal) (syscall.Signal, error) {
	if name == "" {
		return 0, nil
	}
	return 0, process.ErrNotSupported
}
