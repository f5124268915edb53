package leash

import (
	"os"
	"runtime"
	"strconv"
	"sync"
	"sync/atomic"
	"syscall"

	"golang.org/x/sys/unix"

	"github.com/tasksupervisor/tasksupervisor/adapters/process/internal/procfs"
)

// Leash starts processes. It is safe for concurrent use.
type Leash struct {
	life      life
	null      *os.File
	groupless error    // why there are no control groups
	cgroups   *cgroups // nil if there are none
	runs      runs
	census    *census
	closed    atomic.Bool

	mu     sync.Mutex
	groups map[int]*Group // that were not reaped, by their leaders
}

// New returns a leash.
func New(config Config) (*Leash, error) {
	if err := checkPidfd(); err != nil {
		return nil, err
	}
	proc, err := procfs.Open()
	if err != nil {
		return nil, &NotSupportedError{"/proc", err}
	}
	own, err := newLife(config.Name, proc)
	if err != nil {
		_ = proc.Close()
		return nil, err
	}
	null, err := os.OpenFile(os.DevNull, os.O_RDWR, 0)
	if err != nil {
		own.end()
		_ = proc.Close()
		return nil, err
	}
	l := &Leash{life: own, null: null, census: &census{proc: proc}, groups: map[int]*Group{}}
	if config.Cgroup {
		l.cgroups, l.groupless = newCgroups(own, proc)
	}
	return l, nil
}

// Close frees what the leash has for itself. Groups are to be reaped before: if one is left, the error is [ErrRunning], and what that
// needs stays open.
func (l *Leash) Close() error {
	if l.closed.Swap(true) {
		return nil
	}
	l.mu.Lock()
	left := len(l.groups)
	l.mu.Unlock()
	if left > 0 {
		return ErrRunning
	}
	if l.cgroups != nil {
		l.cgroups.close()
	}
	l.life.end()
	_ = l.census.proc.Close()
	return l.null.Close()
}

// Start starts a process, the leader of a new group.
func (l *Leash) Start(spec Spec) (*Group, error) {
	if l.closed.Load() {
		return nil, ErrClosed
	}
	run := l.runs.next()
	g := &Group{leash: l, ended: make(chan struct{}), token: token(l.life.String(), spec.Task, run)}
	pidfd := -1
	attributes := &syscall.ProcAttr{
		Dir:   spec.Dir,
		Env:   withTokens(spec.Env, tokens(g.token)),
		Files: descriptors(spec.Files, l.null),
		Sys:   &syscall.SysProcAttr{Setsid: true, Setctty: spec.TTY, PidFD: &pidfd},
	}
	if user := spec.User; user != nil {
		attributes.Sys.Credential = &syscall.Credential{Uid: user.UID, Gid: user.GID, Groups: user.Groups}
	}
	if err := l.start(g, run, &spec, attributes); err != nil {
		return nil, err
	}
	g.pidfd = pollable(pidfd)
	l.mu.Lock()
	l.groups[g.pid] = g
	l.mu.Unlock()
	go g.watch()
	return g, nil
}

// start starts the leader of a group, in a control group of its own if there are some.
func (l *Leash) start(g *Group, run uint64, spec *Spec, attributes *syscall.ProcAttr) error {
	var group *cgroup
	if l.cgroups != nil {
		var err error
		if group, err = l.cgroups.make(strconv.FormatUint(run, 10)); err != nil {
			return &StartError{"make", group.dir, err}
		}
		dir, err := group.open()
		if err != nil {
			group.free()
			return &StartError{"open", group.dir, err}
		}
		defer func() { _ = dir.Close() }()
		attributes.Sys.UseCgroupFD, attributes.Sys.CgroupFD = true, int(dir.Fd())
	}
	pid, _, err := syscall.StartProcess(spec.Path, spec.Args, attributes)
	runtime.KeepAlive(spec.Files)
	if err != nil {
		if group != nil {
			group.free()
		}
		return startError(spec, err)
	}
	g.pid = pid
	if group != nil {
		group.leader = pid
		g.holder = group
	} else {
		g.holder = &pack{census: l.census, root: pid, marked: g.marks, foreign: g.foreign}
	}
	return nil
}

// Cgroup returns the directory of the control group that has those of the runs, or why there is none.
func (l *Leash) Cgroup() (dir string, why error) {
	if l.cgroups == nil {
		return "", l.groupless
	}
	return l.cgroups.dir, nil
}

// marks reports whether a process with some tokens is a member.
func (g *Group) marks(_ int, tokens string) bool {
	has, _ := hasToken(tokens, g.token)
	return has
}

// foreign reports whether a process is in the session of another leader, and so in another group.
func (g *Group) foreign(p *procfs.Process) bool {
	return p.Session != g.pid && g.leash.leads(p.Session)
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
