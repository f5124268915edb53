//go:build linux

package process

import (
	"bytes"
	"io"
	"os"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/tasksupervisor/tasksupervisor/adapters/supervisor"
)

// A program that speaks the notify protocol: it, or a child of it, says that it is ready.
func TestNotifyProtocol(t *testing.T) {
	for _, args := range [][]string{nil, {"parent", "stops"}} {
		name, rest := "notify", []string{"STATUS=starting", "READY=1", "BARRIER=1", "RELOADING=1"}
		if args != nil {
			name, rest = args[0], append(append(args[1:], "notify"), rest...)
		}
		c := helper(t, name, rest...)
		c.Ready, c.Watchdog = Notified(), time.Hour
		task := startTask(t, c)
		var pid int
		if args != nil {
			pid = task.pid("child ")
		} else {
			require.True(t, strings.HasPrefix(task.line("socket "), "@tasksupervisor/"))
			require.Equal(t, "3600000000", task.line("watchdog "))
			pid = task.PID()
		}
		next := func() { task.kill(pid, syscall.SIGUSR1) }
		require.Equal(t, supervisor.StatusStarting, task.wait(supervisor.StatusStarting).Status)
		next()
		require.Eventually(t, func() bool { return task.Info().Status == "starting" }, patience, time.Millisecond)
		next()
		task.wait(supervisor.StatusHealthy)
		next()
		if args == nil {
			task.line("sent BARRIER=1")
			next()
			task.waitUntil(func(s supervisor.TaskStatus) bool { return s.Unready })
			require.True(t, task.Info().Reloading)
		}
		task.shutdown()
		require.Empty(t, task.sup.Report().FailedStops)
	}
}

// What has left the session, and lost its parent, is of the run all the same.
func TestNotifyByADetachedProcess(t *testing.T) {
	c := helper(t, "parent", "stops", "detached", "orphan")
	c.Ready = Notified()
	task := startTask(t, c)
	task.wait(supervisor.StatusHealthy)
	task.shutdown()
	require.Empty(t, task.sup.Report().FailedStops)
}

// What is not of the run is not heeded.
func TestNotifyIsForMembers(t *testing.T) {
	c := helper(t, "notify", "STATUS=mine")
	c.Ready = Notified()
	task := startTask(t, c)
	socket := task.line("socket ")
	require.NoError(t, sendNotice(socket, "READY=1\nSTATUS=stranger"))
	task.kill(task.PID(), syscall.SIGUSR1)
	require.Eventually(t, func() bool { return task.Info().Status != "" }, patience, time.Millisecond)
	require.Equal(t, "mine", task.Info().Status)
	require.Equal(t, supervisor.StatusStarting, task.wait(supervisor.StatusStarting).Status)
}

// A command that does not need the notify protocol has no socket.
func TestNoNotifySocket(t *testing.T) {
	task := startTask(t, helper(t, "notify"))
	require.Empty(t, task.line("socket"))
}

// A terminal: its size, what is typed, several viewers of which one types, across restarts.
func TestTerminal(t *testing.T) {
	c := helper(t, "tty")
	c.TTY, c.Rows, c.Columns = true, 30, 100
	c.StopSignal = syscall.SIGHUP
	task := startTask(t, c)
	require.Equal(t, "30 x 100", strings.Join(strings.Fields(strings.ReplaceAll(task.line("size "), "x", " x ")), " "))
	require.Equal(t, "true <nil>", task.line("foreground "))

	first, second := new(screen), new(screen)
	one, two := task.Attach(first), task.Attach(second)
	_, err := one.Write([]byte("hello\n"))
	require.NoError(t, err)
	require.Equal(t, "hello", task.line("typed "))
	require.Eventually(t, first.shows("typed hello\r\n"), patience, time.Millisecond)
	require.Eventually(t, second.shows("typed hello\r\n"), patience, time.Millisecond)
	_, err = two.Write([]byte("me too\n"))
	require.ErrorIs(t, err, ErrInputTaken)
	require.ErrorIs(t, two.Resize(1, 1), ErrInputTaken)

	require.NoError(t, one.Resize(40, 120))
	require.Contains(t, task.line("resized "), "40")
	require.NoError(t, one.Close())
	_, err = one.Write([]byte("still there?\n"))
	require.ErrorIs(t, err, ErrDetached)
	_, err = two.Write([]byte("mine now\n"))
	require.NoError(t, err)
	require.Equal(t, "mine now", task.line("typed "))

	require.NoError(t, task.sup.Restart("task"))
	require.Contains(t, task.line("size "), "40", "the size outlives the run")
	task.waitUntil(func(s supervisor.TaskStatus) bool { return s.Run == 2 && s.Status == supervisor.StatusHealthy })
	_, err = two.Write([]byte("again\n"))
	require.NoError(t, err)
	require.Eventually(t, second.shows("typed again\r\n"), patience, time.Millisecond)
	_, err = two.Write([]byte("quit\n"))
	require.NoError(t, err)
	task.wait(supervisor.StatusCompleted)
	_, err = two.Write([]byte("anyone?\n"))
	require.ErrorIs(t, err, ErrNotRunning)
	require.NoError(t, two.Close())
	for _, line := range task.Tail(100) {
		require.Equal(t, Terminal, line.Stream)
		require.NotContains(t, line.Text, "\r")
	}
}

// A pipe to standard input.
func TestStdin(t *testing.T) {
	c := helper(t, "cat")
	c.Stdin = true
	task := startTask(t, c)
	require.Eventually(t, func() bool { return task.PID() != 0 }, patience, time.Millisecond)
	attached := task.Attach(new(screen))
	_, err := attached.Write([]byte("over the pipe\n"))
	require.NoError(t, err)
	require.Equal(t, "the pipe", task.line("over "))
	require.NoError(t, attached.CloseInput())
	task.wait(supervisor.StatusCompleted)
	require.NoError(t, attached.Close())

	closed := startTask(t, helper(t, "serve"))
	attached = closed.Attach(new(screen))
	_, err = attached.Write([]byte("x"))
	require.ErrorIs(t, err, ErrNoInput)
	require.NoError(t, attached.Close())
}

// A viewer who has typed more than the command reads can leave, and another can type then.
func TestDetachWhileTyping(t *testing.T) {
	c := helper(t, "serve")
	c.Stdin = true
	task := startTask(t, c)
	task.line("serving")
	attached, other := task.Attach(io.Discard), task.Attach(io.Discard)
	_, err := attached.Write([]byte("x"))
	require.NoError(t, err)
	_, err = other.Write([]byte("x"))
	require.ErrorIs(t, err, ErrInputTaken)
	typed := make(chan error, 1)
	go func() {
		_, err := attached.Write(bytes.Repeat([]byte("x"), 1<<20))
		typed <- err
	}()
	require.Eventually(t, func() bool {
		if attached.typing.TryLock() {
			attached.typing.Unlock()
			return false
		}
		return true
	}, patience, time.Millisecond)
	require.NoError(t, attached.Close())
	require.ErrorIs(t, <-typed, ErrDetached)
	_, err = other.Write(nil)
	require.NoError(t, err)
	require.NoError(t, other.Close())
}

// A viewer that fails is detached, and one that is slow delays nothing.
func TestViewersThatFailOrAreSlow(t *testing.T) {
	c := helper(t, "tty")
	c.TTY, c.StopSignal = true, syscall.SIGHUP
	task := startTask(t, c)
	task.line("size ")
	here, theirs, err := os.Pipe()
	require.NoError(t, err)
	require.NoError(t, here.Close())
	failing := task.Attach(theirs)
	typing := task.Attach(new(screen))
	_, err = typing.Write([]byte("hello\n"))
	require.NoError(t, err)
	<-failing.Done()
	require.ErrorIs(t, failing.Err(), syscall.EPIPE)
	require.NoError(t, theirs.Close())
	require.NoError(t, typing.Close())
}

// Reload sends a signal to the command, and to nothing that it has started.
func TestReload(t *testing.T) {
	task := startTask(t, helper(t, "reload"))
	task.line("up")
	require.NoError(t, task.Reload())
	task.line("reloaded")

	parent := helper(t, "parent", "stops", "reload")
	parent.ReloadSignal = syscall.SIGINT
	other := startTask(t, parent)
	other.pid("child ")
	require.NoError(t, other.Reload()) // ends it, because it does nothing about it
	require.ErrorContains(t, other.wait(supervisor.StatusDead).LastError, "ended by SIGINT")
	require.ErrorIs(t, other.Reload(), ErrNotRunning)
}
