//go:build !linux

package guard

import (
	"errors"
	"runtime"
	"syscall"
)

// Start returns why there is no guard.
func Start(Relay) (*Link, error) {
	return nil, errors.New(runtime.GOOS + " has no child subreapers")
}

// Raise does nothing.
func Raise(syscall.Signal) {}
