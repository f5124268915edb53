package leash

import (
	"syscall"

	"golang.org/x/sys/unix"
)

// SignalLeader sends a signal to the leader, and to nothing else.
func (g *Group) SignalLeader(signal syscall.Signal) error {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.reaped {
		return ErrReaped
	}
	return unix.Kill(g.pid, signal) // until it is reaped, the number is its own
}

// Alive returns how many members are alive, zombies aside.
func (g *Group) Alive() (int, error) {
	alive, err := g.remaining()
	return len(alive), err
}
