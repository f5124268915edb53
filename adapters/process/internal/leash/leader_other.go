//go:build !linux

package leash

import "syscall"

// SignalLeader returns [ErrNotSupported].
func (*Group) SignalLeader(syscall.Signal) error { return ErrNotSupported }

// Alive returns [ErrNotSupported].
func (*Group) Alive() (int, error) { return 0, ErrNotSupported }
