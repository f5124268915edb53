package leash

import (
	"context"
	"errors"
	"os"
	"sync"
	"syscall"

	"golang.org/x/sys/unix"
)

// Group is a process that was started, and what it has started in turn. Its methods are safe for concurrent use.
type Group struct {
	leash *Leash
	pid   int
	token string
	pidfd *os.File
	ended chan struct{}

	mu     sync.Mutex
	holder holder
	killed bool
	reaped bool
	state  State
	lost   error // why the state is not known
}

// holder keeps hold of the members of a group. It is not safe for concurrent use, but for what remaining returns.
type holder interface {
	// remaining returns how many members are alive, and a function that waits until some of these have ended, or the context.
	remaining() (alive int, wait func(context.Context) error, err error)

	// signal sends signals to all members but those that are spared, one signal after the other.
	signal(spared func(pid int) bool, signals ...syscall.Signal) error

	// kill kills all members that there are now.
	kill() error

	// free frees what it has. The leader was reaped.
	free()
}

// PID returns the number of the leader.
func (g *Group) PID() int { return g.pid }

// Ended returns a channel that is closed when the leader has ended. It is a zombie then, so that its number stays its own.
func (g *Group) Ended() <-chan struct{} { return g.ended }

func (g *Group) watch() {
	defer close(g.ended)
	awaitChild(g.pidfd)
}

// SignalLeader sends a signal to the leader, and to nothing else.
func (g *Group) SignalLeader(signal syscall.Signal) error {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.reaped {
		return ErrReaped
	}
	return os.NewSyscallError("pidfd_send_signal", signalBy(g.pidfd, signal))
}

// Alive returns how many members are alive, zombies aside.
func (g *Group) Alive() (int, error) {
	alive, _, err := g.remaining()
	return alive, err
}

// Signal sends a signal to all members, but not to those that a supervisor among them has started: that stops them in its own way.
// SIGCONT follows, so that members that are stopped get it.
func (g *Group) Signal(signal syscall.Signal) error {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.reaped {
		return ErrReaped
	}
	spared := func(pid int) bool { return g.leash.underAnother(pid, g.token) }
	return g.holder.signal(spared, signal, syscall.SIGCONT)
}

// Kill kills all members. What they start meanwhile is killed while [Group.Empty] waits.
func (g *Group) Kill() error {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.reaped {
		return ErrReaped
	}
	g.killed = true
	return g.holder.kill()
}

// Empty waits until no member is alive, zombies aside. When the context ends before, it returns its cause.
func (g *Group) Empty(ctx context.Context) error {
	select {
	case <-g.ended:
	case <-ctx.Done():
		return context.Cause(ctx)
	}
	return until(ctx, g.remaining)
}

// Reap frees the leader's number and what the group holds, and returns how the leader has ended. It is to be called when the
// leader has ended, and to be sure that nothing is left, when the group is empty.
func (g *Group) Reap() (State, error) {
	select {
	case <-g.ended:
	default:
		return State{}, ErrRunning
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.reaped {
		return g.state, g.lost
	}
	g.reaped = true
	g.leash.forget(g) // before its number can be that of another
	g.state, g.lost = reap(g.pid)
	_ = g.pidfd.Close()
	g.holder.free()
	return g.state, g.lost
}

// remaining does as the holder does. If the group was killed, so are those that remain.
func (g *Group) remaining() (alive int, wait func(context.Context) error, err error) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.reaped {
		return 0, nil, ErrReaped
	}
	alive, wait, err = g.holder.remaining()
	if alive > 0 && g.killed {
		_ = g.holder.kill() // Kill has said why some cannot be reached
	}
	return alive, wait, err
}

// signalGroup sends a signal to the process group of a leader that was not reaped: its number is that of no other group.
func signalGroup(leader int, signal syscall.Signal) error {
	if err := unix.Kill(-leader, signal); err != nil && !errors.Is(err, unix.ESRCH) {
		return os.NewSyscallError("kill", err)
	}
	return nil
}
