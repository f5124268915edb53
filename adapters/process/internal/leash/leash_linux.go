package leash

import (
	"os"
	"strconv"
	"sync"
	"sync/atomic"
	"syscall"

	"golang.org/x/sys/unix"
)

// Leash starts processes. It is safe for concurrent use.
type Leash struct {
	host   string
	null   *os.File
	runs   runs
	census *census
	closed atomic.Bool

	mu     sync.Mutex
	groups map[int]*Group // that were not reaped, by their leaders
}

// New returns a leash.
func New(config Config) (*Leash, error) {
	if err := checkPidfd(); err != nil {
		return nil, err
	}
	null, err := os.OpenFile(os.DevNull, os.O_RDWR, 0)
	if err != nil {
		return nil, err
	}
	all, err := newCensus()
	if err != nil {
		_ = null.Close()
		return nil, err
	}
	return &Leash{host: config.Name + "@" + strconv.Itoa(os.Getpid()), null: null, census: all, groups: map[int]*Group{}}, nil
}

// Close frees what the leash has for itself. Groups are to be reaped before.
func (l *Leash) Close() error {
	if l.closed.Swap(true) {
		return nil
	}
	l.census.close()
	return l.null.Close()
}

// Start starts a process, the leader of a new group.
func (l *Leash) Start(spec Spec) (*Group, error) {
	if l.closed.Load() {
		return nil, ErrClosed
	}
	g := &Group{leash: l, ended: make(chan struct{}), token: token(l.host, spec.Task, l.runs.next())}
	pidfd := -1
	attributes := &syscall.ProcAttr{
		Dir:   spec.Dir,
		Env:   withTokens(spec.Env, tokens(g.token)),
		Files: l.files(spec.Files),
		Sys:   &syscall.SysProcAttr{Setsid: true, Setctty: spec.TTY, PidFD: &pidfd},
	}
	if user := spec.User; user != nil {
		attributes.Sys.Credential = &syscall.Credential{Uid: user.UID, Gid: user.GID, Groups: user.Groups}
	}
	pid, _, err := syscall.StartProcess(spec.Path, spec.Args, attributes)
	if err != nil {
		return nil, startError(&spec, err)
	}
	g.pid = pid
	g.pidfd = pollable(pidfd)
	l.mu.Lock()
	l.groups[pid] = g
	l.mu.Unlock()
	go g.watch()
	return g, nil
}

// leads reports whether a process is the leader of a group.
func (l *Leash) leads(pid int) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.groups[pid] != nil
}

func (l *Leash) forget(g *Group) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.groups[g.pid] == g {
		delete(l.groups, g.pid)
	}
}

// files returns the descriptors for a child. A nil is the null device, and there are at least three.
func (l *Leash) files(files []*os.File) []uintptr {
	fds := make([]uintptr, 0, max(3, len(files)))
	for _, file := range files {
		if file == nil {
			file = l.null
		}
		fds = append(fds, file.Fd())
	}
	for len(fds) < 3 {
		fds = append(fds, l.null.Fd())
	}
	return fds
}

// checkPidfd returns an error if the kernel has no pidfds. It has since Linux 5.4.
func checkPidfd() error {
	fd, err := unix.PidfdOpen(os.Getpid(), 0)
	if err != nil {
		return &NotSupportedError{"pidfd_open", err}
	}
	defer func() { _ = unix.Close(fd) }()
	if err := unix.Waitid(unix.P_PIDFD, fd, nil, unix.WEXITED|unix.WNOHANG, nil); err != unix.ECHILD {
		return &NotSupportedError{"waitid of a pidfd", err}
	}
	return nil
}
