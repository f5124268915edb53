//go:build !linux && !darwin && !freebsd

package leash

import (
	"context"
	"runtime"
	"syscall"
	"time"
)

// Leash starts processes. On this system it cannot.
type Leash struct{}

// New returns [ErrNotSupported].
func New(Config) (*Leash, error) {
	return nil, &NotSupportedError{Lacks: "what they would be held by (" + runtime.GOOS + ")"}
}

// Close does nothing.
func (*Leash) Close() error { return nil }

// Cgroup returns [ErrNotSupported].
func (*Leash) Cgroup() (dir string, why error) { return "", ErrNotSupported }

// Sweep returns [ErrNotSupported].
func (*Leash) Sweep(context.Context, time.Duration) ([]Leftover, error) { return nil, ErrNotSupported }

// Start returns [ErrNotSupported].
func (*Leash) Start(Spec) (*Group, error) { return nil, ErrNotSupported }

// Group is a process that was started. On this system there is none.
type Group struct{}

// PID returns 0.
func (*Group) PID() int { return 0 }

// Ended returns nil.
func (*Group) Ended() <-chan struct{} { return nil }

// SignalLeader returns [ErrNotSupported].
func (*Group) SignalLeader(syscall.Signal) error { return ErrNotSupported }

// Alive returns [ErrNotSupported].
func (*Group) Alive() (int, error) { return 0, ErrNotSupported }

// Signal returns [ErrNotSupported].
func (*Group) Signal(syscall.Signal) error { return ErrNotSupported }

// Kill returns [ErrNotSupported].
func (*Group) Kill() error { return ErrNotSupported }

// Empty returns [ErrNotSupported].
func (*Group) Empty(context.Context) error { return ErrNotSupported }

// Reap returns [ErrNotSupported].
func (*Group) Reap() (State, error) { return State{}, ErrNotSupported }
