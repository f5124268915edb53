//go:build linux || darwin || freebsd

package leash

import (
	"errors"
	"os"

	"golang.org/x/sys/unix"
)

// reap waits for a child that has ended.
func reap(pid int) (State, error) {
	var status unix.WaitStatus
	reaped := 0
	err := ignoringEINTR(func() (err error) {
		reaped, err = unix.Wait4(pid, &status, unix.WNOHANG, nil)
		return err
	})
	switch {
	case err != nil:
		return State{}, ErrStolen
	case reaped != pid:
		return State{}, ErrRunning
	}
	var state State
	if status.Signaled() {
		state.Signal, state.Core = status.Signal(), status.CoreDump()
	} else {
		state.Code = status.ExitStatus()
	}
	return state, nil
}

// descriptors returns the descriptors for a child. A nil is the null device, and there are at least three.
func descriptors(files []*os.File, null *os.File) []uintptr {
	fds := make([]uintptr, 0, max(3, len(files)))
	for _, file := range files {
		if file == nil {
			file = null
		}
		fds = append(fds, file.Fd())
	}
	for len(fds) < 3 {
		fds = append(fds, null.Fd())
	}
	return fds
}

func ignoringEINTR(call func() error) error {
	for {
		if err := call(); !errors.Is(err, unix.EINTR) {
			return err
		}
	}
}
