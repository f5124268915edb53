package leash

import (
	"context"
	"errors"
	"os"
	"sync"
	"syscall"
	"time"

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
	killed bool
	reaped bool
	state  State
	lost   error           // why the state is not known
	held   map[int]*member // members that are outside the leader's session, by number
}

// member is a process that is held: its number may be that of another process, its pidfd is not.
type member struct {
	start uint64
	pidfd *os.File
}

// PID returns the number of the leader.
func (g *Group) PID() int { return g.pid }

// Token returns what the members have in their environment.
func (g *Group) Token() string { return g.token }

// Ended returns a channel that is closed when the leader has ended. It is a zombie then, so that its number stays its own.
func (g *Group) Ended() <-chan struct{} { return g.ended }

func (g *Group) watch() {
	defer close(g.ended)
	_ = await(g.pidfd, childEnded)
}

// Signal sends a signal to all members but those that a supervisor among them has started, which it stops in its own way. SIGTERM
// is followed by SIGCONT, so that members that are stopped get it.
func (g *Group) Signal(signal syscall.Signal) error {
	if signal == syscall.SIGTERM {
		return g.Stop(signal)
	}
	return g.signal(signal)
}

// Stop does as Signal does, and has members that are stopped go on, so that they get any signal.
func (g *Group) Stop(signal syscall.Signal) error {
	err := g.signal(signal)
	if !errors.Is(err, ErrReaped) {
		_ = g.signal(syscall.SIGCONT)
	}
	return err
}

// Kill kills all members. Those that they start meanwhile are killed while [Group.Empty] waits.
func (g *Group) Kill() error {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.reaped {
		return ErrReaped
	}
	g.killed = true
	_, err := g.send(syscall.SIGKILL)
	return err
}

func (g *Group) signal(signal syscall.Signal) error {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.reaped {
		return ErrReaped
	}
	_, err := g.send(signal)
	return err
}

// send sends a signal to all members, and returns those that were alive. The members that are outside its process group are held before
// the leader gets the signal: with its end they would be no longer below it.
func (g *Group) send(signal syscall.Signal) ([]proc, error) {
	alive, err := g.look()
	if sent := unix.Kill(-g.pid, signal); sent != nil && !errors.Is(sent, unix.ESRCH) {
		err = errors.Join(err, sent)
	}
	for i := range alive {
		p := &alive[i]
		if p.group == g.pid {
			continue
		}
		if held := g.held[p.pid]; held != nil {
			err = errors.Join(err, signalBy(held.pidfd, signal))
		}
	}
	return alive, err
}

// Empty waits until no member is alive, zombies aside.
func (g *Group) Empty(ctx context.Context) error {
	select {
	case <-g.ended:
	case <-ctx.Done():
		return context.Cause(ctx)
	}
	for {
		alive, err := g.remaining()
		if err != nil || len(alive) == 0 {
			return err
		}
		if err := g.awaitSome(ctx, alive); err != nil {
			return err
		}
	}
}

// remaining returns the members that are alive. If the group was killed, they are killed.
func (g *Group) remaining() ([]proc, error) {
	g.mu.Lock()
	defer g.mu.Unlock()
	switch {
	case g.reaped:
		return nil, ErrReaped
	case g.killed:
		return g.send(syscall.SIGKILL)
	default:
		return g.look()
	}
}

const (
	atOnce    = 16                    // for how many members is waited at once
	lookAgain = 20 * time.Millisecond // when no descriptor is left to wait with
)

// awaitSome waits until some members have ended.
func (g *Group) awaitSome(ctx context.Context, alive []proc) error {
	for _, p := range alive[:min(atOnce, len(alive))] {
		if err := g.awaitOne(ctx, &p); err != nil {
			return err
		}
	}
	return nil
}

func (g *Group) awaitOne(ctx context.Context, p *proc) error {
	fd, err := unix.PidfdOpen(p.pid, 0)
	switch {
	case errors.Is(err, unix.ESRCH):
		return nil
	case err != nil:
		return sleep(ctx, lookAgain)
	}
	file := pollable(fd)
	defer func() { _ = file.Close() }()
	if same, err := g.leash.census.proc.stat(p.pid); err != nil || same.start != p.start {
		return nil // it has ended
	}
	stop := context.AfterFunc(ctx, func() { _ = file.SetReadDeadline(past) })
	defer stop()
	if err := await(file, ended); err != nil {
		if ctx.Err() != nil {
			return context.Cause(ctx)
		}
		return sleep(ctx, lookAgain)
	}
	return nil
}

func sleep(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

// look returns the members that are alive, and holds those that are outside the leader's process group.
func (g *Group) look() ([]proc, error) {
	all, err := g.leash.census.take()
	if err != nil {
		return nil, err
	}
	leader, found := all.find(g.pid)
	if !found {
		return nil, ErrStolen
	}
	members := map[int]bool{g.pid: true}
	var alive []proc
	if leader.alive() {
		alive = append(alive, *leader)
	}
	for more := true; more; { // a parent can have a higher number than its child
		more = false
		for i := range all.procs {
			p := &all.procs[i]
			if members[p.pid] || p.start < leader.start || !g.belongs(p, members, all.tokensOf) {
				continue
			}
			members[p.pid], more = true, true
			if p.alive() && (p.group == g.pid || g.hold(p, members)) {
				alive = append(alive, *p)
			}
		}
	}
	for pid, held := range g.held { // what has cleared its environment since
		if p, found := all.find(pid); found && !members[pid] && p.start == held.start && p.alive() {
			alive = append(alive, *p)
		} else if !found || p.start != held.start {
			_ = held.pidfd.Close()
			delete(g.held, pid)
		}
	}
	return alive, nil
}

// belongs reports whether a process is a member, given some that are. The leader is not asked about.
func (g *Group) belongs(p *proc, members map[int]bool, tokensOf func(pid int) string) bool {
	switch {
	case p.session == g.pid || p.group == g.pid || members[p.parent]:
		return true
	case g.leash.leads(p.session): // that of another group
		return false
	}
	has, _ := hasToken(tokensOf(p.pid), g.token)
	return has
}

// hold holds a member that was just seen, and reports whether it is still one.
func (g *Group) hold(p *proc, members map[int]bool) bool {
	if held := g.held[p.pid]; held != nil {
		if held.start == p.start {
			return true
		}
		_ = held.pidfd.Close()
		delete(g.held, p.pid)
	}
	fd, err := unix.PidfdOpen(p.pid, 0)
	if err != nil {
		return !errors.Is(err, unix.ESRCH) // it is there, but can get no signal
	}
	file := pollable(fd)
	again, err := g.leash.census.proc.stat(p.pid)
	if err != nil || again.start != p.start || !g.belongs(&again, members, g.leash.census.proc.tokens) || ended(fd) {
		_ = file.Close()
		return false
	}
	if g.held == nil {
		g.held = map[int]*member{}
	}
	g.held[p.pid] = &member{start: p.start, pidfd: file}
	return true
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
	var status unix.WaitStatus
	var usage unix.Rusage
	err := ignoringEINTR(func() error {
		_, err := unix.Wait4(g.pid, &status, unix.WNOHANG, &usage)
		return err
	})
	if err != nil {
		g.lost = ErrStolen
	} else {
		g.state = stateOf(status, &usage)
	}
	_ = g.pidfd.Close()
	for _, held := range g.held {
		_ = held.pidfd.Close()
	}
	g.held = nil
	return g.state, g.lost
}

func stateOf(status unix.WaitStatus, usage *unix.Rusage) State {
	state := State{
		User:   time.Duration(usage.Utime.Nano()),
		System: time.Duration(usage.Stime.Nano()),
		MaxRSS: int64(usage.Maxrss) << 10,
	}
	if status.Signaled() {
		state.Signal, state.Core = status.Signal(), status.CoreDump()
	} else {
		state.Code = status.ExitStatus()
	}
	return state
}
