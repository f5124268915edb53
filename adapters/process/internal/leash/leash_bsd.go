//go:build darwin || freebsd

package leash

import (
	"context"
	"errors"
	"os"
	"runtime"
	"strconv"
	"sync"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
)

// Leash starts processes. It is safe for concurrent use. On this system it holds what is in a leader's process group.
type Leash struct {
	null *os.File
	life string
	runs runs

	mu      sync.Mutex
	closed  bool
	queue   int            // of the kernel, which says who has ended
	wake    *os.File       // a pipe whose end ends the wait
	waiting map[int]*Group // for their leaders
	done    chan struct{}
}

// New returns a leash.
func New(config Config) (*Leash, error) {
	null, err := os.OpenFile(os.DevNull, os.O_RDWR, 0)
	if err != nil {
		return nil, err
	}
	queue, err := unix.Kqueue()
	if err != nil {
		return nil, errors.Join(&NotSupportedError{"kqueue", err}, null.Close())
	}
	unix.CloseOnExec(queue)
	read, write, err := os.Pipe()
	if err != nil {
		return nil, errors.Join(err, unix.Close(queue), null.Close())
	}
	l := &Leash{
		null: null, life: config.Name + "@" + strconv.Itoa(os.Getpid()), queue: queue, wake: write,
		waiting: map[int]*Group{}, done: make(chan struct{}),
	}
	var pipe unix.Kevent_t
	unix.SetKevent(&pipe, int(read.Fd()), unix.EVFILT_READ, unix.EV_ADD)
	if _, err := unix.Kevent(queue, []unix.Kevent_t{pipe}, nil, nil); err != nil {
		return nil, errors.Join(err, read.Close(), write.Close(), unix.Close(queue), null.Close())
	}
	go l.watch(read)
	return l, nil
}

// watch waits for all leaders, in one thread.
func (l *Leash) watch(pipe *os.File) {
	defer close(l.done)
	defer func() { _ = pipe.Close() }()
	events := make([]unix.Kevent_t, 16)
	for {
		n, err := unix.Kevent(l.queue, nil, events, nil)
		if err != nil && !errors.Is(err, unix.EINTR) {
			return
		}
		for _, event := range events[:max(0, n)] {
			if event.Filter == unix.EVFILT_READ {
				return
			}
			l.hasEnded(int(event.Ident))
		}
	}
}

func (l *Leash) hasEnded(pid int) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if g := l.waiting[pid]; g != nil {
		delete(l.waiting, pid)
		close(g.ended)
	}
}

// Close frees what the leash has for itself. Groups are to be reaped before.
func (l *Leash) Close() error {
	l.mu.Lock()
	closed := l.closed
	l.closed = true
	l.mu.Unlock()
	if closed {
		return nil
	}
	err := l.wake.Close()
	<-l.done
	return errors.Join(err, unix.Close(l.queue), l.null.Close())
}

// Cgroup returns that there are no control groups.
func (*Leash) Cgroup() (dir string, why error) {
	return "", errors.New(runtime.GOOS + " has no control groups")
}

// Sweep returns nothing: what a former life has left cannot be known here.
func (*Leash) Sweep(context.Context, time.Duration) ([]Leftover, error) { return nil, nil }

// Start starts a process, the leader of a new group.
func (l *Leash) Start(spec Spec) (*Group, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.closed {
		return nil, ErrClosed
	}
	g := &Group{token: token(l.life, spec.Task, l.runs.next()), ended: make(chan struct{})}
	attributes := &syscall.ProcAttr{
		Dir:   spec.Dir,
		Env:   withTokens(spec.Env, tokens(g.token)),
		Files: descriptors(spec.Files, l.null),
		Sys:   &syscall.SysProcAttr{Setsid: true, Setctty: spec.TTY},
	}
	if user := spec.User; user != nil {
		attributes.Sys.Credential = &syscall.Credential{Uid: user.UID, Gid: user.GID, Groups: user.Groups}
	}
	pid, _, err := syscall.StartProcess(spec.Path, spec.Args, attributes)
	runtime.KeepAlive(spec.Files)
	if err != nil {
		return nil, startError(&spec, err)
	}
	g.pid = pid
	l.waiting[pid] = g
	var exit unix.Kevent_t
	unix.SetKevent(&exit, pid, unix.EVFILT_PROC, unix.EV_ADD|unix.EV_ONESHOT)
	exit.Fflags = unix.NOTE_EXIT
	if _, err := unix.Kevent(l.queue, []unix.Kevent_t{exit}, nil, nil); err != nil { // it has ended already
		delete(l.waiting, pid)
		close(g.ended)
	}
	return g, nil
}

// Group is a process that was started, and what is in its process group. Its methods are safe for concurrent use.
type Group struct {
	pid   int
	token string
	ended chan struct{}

	mu     sync.Mutex
	killed bool
	reaped bool
	state  State
	lost   error
}

// PID returns the number of the leader.
func (g *Group) PID() int { return g.pid }

// Ended returns a channel that is closed when the leader has ended. It is a zombie then, so that its number stays its own.
func (g *Group) Ended() <-chan struct{} { return g.ended }

// SignalLeader sends a signal to the leader, and to nothing else.
func (g *Group) SignalLeader(signal syscall.Signal) error { return g.send(g.pid, signal) }

// Signal sends a signal to all members. SIGCONT follows, so that members that are stopped get it.
func (g *Group) Signal(signal syscall.Signal) error {
	return errors.Join(g.send(-g.pid, signal), g.send(-g.pid, syscall.SIGCONT))
}

// Kill kills all members.
func (g *Group) Kill() error {
	g.mu.Lock()
	g.killed = true
	g.mu.Unlock()
	return g.send(-g.pid, syscall.SIGKILL)
}

// send sends a signal. Until the leader is reaped, its number is that of nothing else. Where only zombies are left, the system may
// refuse it.
func (g *Group) send(to int, signal syscall.Signal) error {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.reaped {
		return ErrReaped
	}
	switch err := unix.Kill(to, signal); {
	case err == nil, errors.Is(err, unix.ESRCH):
		return nil
	default:
		if alive, unknown := aliveIn(g.pid); unknown == nil && alive == 0 {
			return nil
		}
		return os.NewSyscallError("kill", err)
	}
}

// Alive returns how many members are alive, zombies aside.
func (g *Group) Alive() (int, error) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.reaped {
		return 0, ErrReaped
	}
	return aliveIn(g.pid)
}

// lookAgain is how often is looked whether a group is empty.
const lookAgain = 20 * time.Millisecond

// Empty waits until no member is alive, zombies aside. When the context ends before, it returns its cause.
func (g *Group) Empty(ctx context.Context) error {
	select {
	case <-g.ended:
	case <-ctx.Done():
		return context.Cause(ctx)
	}
	ticker := time.NewTicker(lookAgain)
	defer ticker.Stop()
	for {
		alive, err := g.Alive()
		if errors.Is(err, ErrReaped) || err == nil && alive == 0 {
			return err
		}
		if g.wasKilled() {
			_ = g.send(-g.pid, syscall.SIGKILL)
		}
		select {
		case <-ticker.C:
		case <-ctx.Done():
			return context.Cause(ctx)
		}
	}
}

func (g *Group) wasKilled() bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.killed
}

// Reap frees the leader's number, and returns how the leader has ended. It is to be called when the leader has ended, and to be
// sure that nothing is left, when the group is empty.
func (g *Group) Reap() (State, error) {
	select {
	case <-g.ended:
	default:
		return State{}, ErrRunning
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	if !g.reaped {
		g.reaped = true
		g.state, g.lost = reap(g.pid)
	}
	return g.state, g.lost
}
