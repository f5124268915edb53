//go:build unix

package session

import (
	"errors"
	"os"
	ossignal "os/signal"
	"syscall"
	"time"
)

// WatchTerminal returns a function that reports whether the process has lost the terminal it has now: it was closed. Without one it
// never has.
func WatchTerminal() (closed func() bool) {
	if !hasTerminal() {
		return func() bool { return false }
	}
	return func() bool { return !hasTerminal() }
}

// hasTerminal reports whether the process has a controlling terminal: a session loses it when it is closed.
func hasTerminal() bool {
	terminal, err := os.OpenFile("/dev/tty", os.O_RDWR|syscall.O_NOCTTY|syscall.O_NONBLOCK, 0)
	if err != nil {
		return !errors.Is(err, syscall.ENXIO) && !errors.Is(err, syscall.EIO) && !errors.Is(err, os.ErrNotExist)
	}
	_ = terminal.Close()
	return true
}

// EndBy ends the process by a signal, so that whoever waits for it knows. It returns if the process is one that signals do not end, such
// as the first of a container.
func EndBy(signal syscall.Signal) {
	if os.Getpid() == 1 {
		return // or Go's runtime would exit with 2, because it is still alive
	}
	ossignal.Reset(signal)
	_ = syscall.Kill(os.Getpid(), signal)
	time.Sleep(time.Second)
}
