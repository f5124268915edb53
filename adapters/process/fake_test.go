//go:build unix

package process

import (
	"context"
	"errors"
	"io"
	"os"
	"sync"
	"syscall"
)

// fakeKeeper starts functions in place of processes, which virtual time waits for as it does for any goroutine.
type fakeKeeper struct {
	program func(p *fakeProcess) exitState
	refuses error // of each start

	mu      sync.Mutex
	writers []*io.PipeWriter // of the run that is being started
	groups  []*fakeGroup
}

func (k *fakeKeeper) pipe() (readEnd, *os.File, error) {
	reader, writer := io.Pipe()
	k.mu.Lock()
	defer k.mu.Unlock()
	k.writers = append(k.writers, writer)
	return reader, nil, nil
}

func (k *fakeKeeper) listen(*process) (*notifySocket, error) { return nil, nil }

func (k *fakeKeeper) start(ctx context.Context, s *spec) (group, error) {
	k.mu.Lock()
	defer k.mu.Unlock()
	writers := k.writers
	k.writers = nil
	if k.refuses != nil {
		for _, writer := range writers {
			_ = writer.Close()
		}
		return nil, k.refuses
	}
	g := &fakeGroup{pid: 1000 + len(k.groups), spec: s, ended: make(chan struct{}), changed: make(chan struct{}), writers: writers}
	k.groups = append(k.groups, g)
	leader := &fakeProcess{group: g, ctx: ctx, signals: make(chan syscall.Signal, 16), killed: make(chan struct{})}
	if len(writers) == 2 {
		leader.stdout, leader.stderr = writers[0], writers[1]
	}
	g.add(leader)
	go func() {
		g.end(leader, k.program(leader))
	}()
	return g, nil
}

// latest returns the group that was started last.
func (k *fakeKeeper) latest() *fakeGroup {
	k.mu.Lock()
	defer k.mu.Unlock()
	return k.groups[len(k.groups)-1]
}

// started returns how many groups were started.
func (k *fakeKeeper) started() int {
	k.mu.Lock()
	defer k.mu.Unlock()
	return len(k.groups)
}

// fakeProcess is a function in place of a process.
type fakeProcess struct {
	group          *fakeGroup
	ctx            context.Context // of the run
	stdout, stderr io.Writer
	signals        chan syscall.Signal
	killed         chan struct{}
	once           sync.Once
}

// fork starts another in the same group.
func (p *fakeProcess) fork(does func(p *fakeProcess)) {
	child := &fakeProcess{group: p.group, ctx: p.ctx, stdout: p.stdout, stderr: p.stderr, signals: make(chan syscall.Signal, 16), killed: make(chan struct{})}
	p.group.add(child)
	go func() {
		does(child)
		p.group.end(child, exitState{})
	}()
}

// until waits for a signal, or returns SIGKILL if it is killed.
func (p *fakeProcess) until(wanted syscall.Signal) syscall.Signal {
	for {
		select {
		case got := <-p.signals:
			if got == wanted {
				return got
			}
		case <-p.killed:
			return syscall.SIGKILL
		}
	}
}

// by returns how a process ends that does nothing about a signal.
func by(signal syscall.Signal) exitState { return exitState{code: -1, signal: signal} }

// fakeGroup is what was started, and what that has forked.
type fakeGroup struct {
	pid    int
	spec   *spec
	reaped int

	mu       sync.Mutex
	leader   *fakeProcess
	members  []*fakeProcess
	state    exitState
	ended    chan struct{}
	changed  chan struct{} // closed when a member ends
	writers  []*io.PipeWriter
	holds    bool // something outside the group keeps the pipes open
	sent     []syscall.Signal
	toLeader []syscall.Signal
	immune   error // of SIGKILL, which does nothing then
}

func (g *fakeGroup) add(p *fakeProcess) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.leader == nil {
		g.leader = p
	}
	g.members = append(g.members, p)
}

func (g *fakeGroup) end(p *fakeProcess, state exitState) {
	g.mu.Lock()
	defer g.mu.Unlock()
	for i, member := range g.members {
		if member == p {
			g.members = append(g.members[:i], g.members[i+1:]...)
			break
		}
	}
	if len(g.members) == 0 && !g.holds {
		for _, writer := range g.writers {
			_ = writer.Close()
		}
	}
	if p == g.leader {
		g.state = state
		close(g.ended)
	}
	close(g.changed)
	g.changed = make(chan struct{})
}

func (g *fakeGroup) PID() int { return g.pid }

func (g *fakeGroup) Ended() <-chan struct{} { return g.ended }

func (g *fakeGroup) Signal(signal syscall.Signal) error {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.sent = append(g.sent, signal)
	for _, member := range g.members {
		member.signals <- signal
	}
	return nil
}

func (g *fakeGroup) SignalLeader(signal syscall.Signal) error {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.toLeader = append(g.toLeader, signal)
	g.leader.signals <- signal
	return nil
}

func (g *fakeGroup) Kill() error {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.sent = append(g.sent, syscall.SIGKILL)
	if g.immune != nil {
		return g.immune
	}
	for _, member := range g.members {
		member.once.Do(func() { close(member.killed) })
	}
	return nil
}

func (g *fakeGroup) Alive() (int, error) {
	g.mu.Lock()
	defer g.mu.Unlock()
	return len(g.members), nil
}

func (g *fakeGroup) Empty(ctx context.Context) error {
	for {
		g.mu.Lock()
		left, changed := len(g.members), g.changed
		g.mu.Unlock()
		if left == 0 {
			return nil
		}
		select {
		case <-changed:
		case <-ctx.Done():
			return context.Cause(ctx)
		}
	}
}

var errNotEnded = errors.New("it is reaped before it is over")

func (g *fakeGroup) Reap() (exitState, error) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if len(g.members) > 0 {
		return exitState{}, errNotEnded
	}
	g.reaped++
	return g.state, nil
}
