//go:build linux

package leash

import (
	"bufio"
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"golang.org/x/sys/unix"
)

func TestExitCode(t *testing.T) {
	g := start(t, newLeash(t), "exit 7")
	require.Positive(t, g.PID())
	<-g.Ended()
	require.NoError(t, g.Empty(t.Context()))
	state, err := g.Reap()
	require.NoError(t, err)
	require.Equal(t, 7, state.Code)
	require.Zero(t, state.Signal)
	again, err := g.Reap()
	require.NoError(t, err)
	require.Equal(t, state, again)
}

func TestEndsBySignal(t *testing.T) {
	l := newLeash(t)
	g := start(t, l, "wait")
	g.expect(t, "up")
	_, err := g.Reap()
	require.ErrorIs(t, err, ErrRunning)
	require.NoError(t, g.Signal(syscall.SIGTERM))
	require.Equal(t, syscall.SIGTERM, g.reap(t).Signal)
	require.ErrorIs(t, g.Signal(syscall.SIGTERM), ErrReaped)
	require.ErrorIs(t, g.Kill(), ErrReaped)
	require.ErrorIs(t, g.Empty(t.Context()), ErrReaped)
}

func TestKill(t *testing.T) {
	g := start(t, newLeash(t), "deaf")
	g.expect(t, "up")
	require.NoError(t, g.Signal(syscall.SIGTERM))
	ctx, cancel := context.WithCancelCause(t.Context())
	impatient := errors.New("impatient")
	cancel(impatient)
	require.ErrorIs(t, g.Empty(ctx), impatient)
	require.NoError(t, g.Kill())
	require.Equal(t, syscall.SIGKILL, g.reap(t).Signal)
}

func TestStoppedProcessIsAskedToStop(t *testing.T) {
	g := start(t, newLeash(t), "wait")
	g.expect(t, "up")
	require.NoError(t, g.SignalLeader(syscall.SIGSTOP))
	require.NoError(t, g.Signal(syscall.SIGTERM))
	require.Equal(t, syscall.SIGTERM, g.reap(t).Signal)
}

// The leader is a zombie until it is reaped, and its number its own.
func TestLeaderStaysAZombie(t *testing.T) {
	l := newLeash(t)
	g := start(t, l, "exit 0")
	<-g.Ended()
	p, err := l.census.proc.Stat(g.PID())
	require.NoError(t, err)
	require.Equal(t, byte('Z'), p.State)
	require.False(t, p.Alive())
	require.NoError(t, g.Signal(syscall.SIGTERM), "a zombie takes a signal")
	g.reap(t)
	_, err = l.census.proc.Stat(g.PID())
	require.ErrorIs(t, err, fs.ErrNotExist)
}

// A child that cannot be waited for in the poller, because the kernel has no room for it there, is waited for all the same.
func TestAwaitChildWithoutPoller(t *testing.T) {
	g := start(t, newLeash(t), "wait")
	g.expect(t, "up")
	fd, err := unix.PidfdOpen(g.PID(), 0)
	require.NoError(t, err)
	file := os.NewFile(uintptr(fd), "pidfd") // that blocks, and so is in no poller
	defer func() { _ = file.Close() }()
	require.Error(t, await(file, childEnded))
	waited := make(chan bool)
	go func() {
		awaitChild(file)
		waited <- childEnded(fd)
	}()
	require.NoError(t, g.SignalLeader(syscall.SIGTERM))
	require.True(t, <-waited)
	g.reap(t)
}

func TestRunningChildIsNotReaped(t *testing.T) {
	g := start(t, newLeash(t), "wait")
	g.expect(t, "up")
	_, err := reap(g.PID())
	require.ErrorIs(t, err, ErrRunning)
	require.NoError(t, g.SignalLeader(syscall.SIGKILL))
	require.Equal(t, syscall.SIGKILL, g.reap(t).Signal)
}

// A control group that something has removed was empty.
func TestRemovedControlGroupIsEmpty(t *testing.T) {
	g := &cgroup{dir: filepath.Join(t.TempDir(), "removed")}
	alive, _, err := g.remaining()
	require.NoError(t, err)
	require.Zero(t, alive)
}

func TestStartErrors(t *testing.T) {
	l := newLeash(t)
	for _, test := range []struct {
		spec Spec
		want StartError
	}{
		{Spec{Path: "/does/not/exist"}, StartError{"exec", "/does/not/exist", syscall.ENOENT}},
		{Spec{Path: "/bin/sh", Dir: "/does/not/exist"}, StartError{"chdir", "/does/not/exist", syscall.ENOENT}},
		{Spec{Path: "/etc/passwd"}, StartError{"exec", "/etc/passwd", syscall.EACCES}},
	} {
		_, err := l.Start(test.spec)
		var got *StartError
		require.ErrorAs(t, err, &got)
		require.Equal(t, test.want, *got)
	}
}

func TestClosedLeash(t *testing.T) {
	l := newLeash(t)
	require.NoError(t, l.Close())
	_, err := l.Start(Spec{Path: "/bin/true"})
	require.ErrorIs(t, err, ErrClosed)
	require.NoError(t, l.Close())
}

// What a group that was not reaped needs stays open: its descriptors must not be those of something else.
func TestLeashIsClosedTooEarly(t *testing.T) {
	l, err := New(Config{Name: "test"})
	require.NoError(t, err)
	g := start(t, l, "wait")
	g.expect(t, "up")
	require.ErrorIs(t, l.Close(), ErrRunning)
	require.NoError(t, g.Kill())
	require.Equal(t, syscall.SIGKILL, g.reap(t).Signal)
}

func newLeash(t *testing.T) *Leash { return leashOf(t, Config{Name: "test"}) }

func leashOf(t *testing.T, config Config) *Leash {
	t.Helper()
	l, err := New(config)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, l.Close()) })
	return l
}

// started is a group whose standard output is read.
type started struct {
	*Group
	output *bufio.Reader
}

// start starts the test binary as another program.
func start(t *testing.T, l *Leash, program string) *started {
	t.Helper()
	return startWith(t, l, strings.Fields(program)[0:1], append(os.Environ(), as+"="+program))
}

// startWith starts the test binary.
func startWith(t *testing.T, l *Leash, args, env []string) *started {
	t.Helper()
	read, write, err := os.Pipe()
	require.NoError(t, err)
	g, err := l.Start(Spec{
		Task: t.Name(), Path: "/proc/self/exe", Args: args, Env: env, Files: []*os.File{nil, write, os.Stderr},
	})
	require.NoError(t, err)
	require.NoError(t, write.Close())
	t.Cleanup(func() {
		_ = g.Kill()
		_ = g.Empty(context.Background())
		_, err := g.Reap()
		require.NoError(t, err)
		_ = read.Close()
	})
	return &started{g, bufio.NewReader(read)}
}

// expect reads a line of what a program says.
func (s *started) expect(t *testing.T, want string) {
	t.Helper()
	line, err := s.output.ReadString('\n')
	require.NoError(t, err)
	require.Equal(t, want, strings.TrimSpace(line))
}

// reap waits until the group is empty, and reaps it.
func (s *started) reap(t *testing.T) State {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	defer cancel()
	require.NoError(t, s.Empty(ctx))
	state, err := s.Reap()
	require.NoError(t, err)
	return state
}

func TestNotSupported(t *testing.T) {
	err := &NotSupportedError{Lacks: "pidfd_open", Err: syscall.ENOSYS}
	require.ErrorIs(t, err, ErrNotSupported)
	require.ErrorIs(t, err, syscall.ENOSYS)
	require.EqualError(t, err, "processes are not supervised on this system: it lacks pidfd_open: function not implemented")
	require.EqualError(t, &NotSupportedError{Lacks: "processes"}, "processes are not supervised on this system: it lacks processes")
}
