//go:build !unix

package session

import "syscall"

// WatchTerminal returns a function that reports whether the process has lost the terminal it has now.
func WatchTerminal() (closed func() bool) { return func() bool { return false } }

// EndBy ends the process by a signal, where there is such a thing.
func EndBy(syscall.Signal) {}
