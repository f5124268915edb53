//go:build linux

package process

import (
	"net"
	"os"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/tasksupervisor/tasksupervisor/adapters/supervisor"
)

// What users of other programs have complained of. The names are those of their threads.

// process-compose#520: the leader exits on TERM, a member of its group ignores it.
func TestProcessCompose520(t *testing.T) {
	c := helper(t, "parent", "stops", "stubborn")
	c.StopTimeout = 200 * time.Millisecond
	task := startTask(t, c)
	child := task.pid("child ")
	task.shutdown()
	require.False(t, alive(child))
	require.ErrorAs(t, task.sup.Report().FailedStops[0].Err, new(*KilledError))
}

// process-compose#57: a line over 64 kB ends logging, and then blocks the child.
func TestProcessCompose57(t *testing.T) {
	const size = 10_000_000
	c := helper(t, "long", "10000000")
	c.Output.Buffer = 2 * size
	task := startTask(t, c)
	task.wait(supervisor.StatusCompleted)
	read, pieces := 0, 0
	for {
		line := <-task.said
		if line.Text == "after" && !line.Continues {
			break
		}
		require.LessOrEqual(t, len(line.Text), DefaultMaxLine)
		require.Empty(t, strings.Trim(line.Text, "x"))
		require.Equal(t, read > 0, line.Continues)
		read += len(line.Text)
		pieces++
		require.Equal(t, read < size, line.Cut || line.Partial)
	}
	require.Equal(t, size, read)
	require.GreaterOrEqual(t, pieces, size/DefaultMaxLine)
}

// supervisor#1101: children of children survive a stop.
func TestSupervisor1101(t *testing.T) {
	task := startTask(t, helper(t, "parent", "stops", "parent", "stops", "serve"))
	pid, child := task.PID(), task.pid("child ")
	task.shutdown()
	require.False(t, alive(pid))
	require.False(t, alive(child))
}

// overmind#143: what a command has left in the background survives it.
func TestOvermind143(t *testing.T) {
	task := startTask(t, helper(t, "parent", "ends", "serve"))
	child := task.pid("child ")
	task.wait(supervisor.StatusCompleted)
	require.False(t, alive(child))
	require.Equal(t, "the command left 1 process behind, which was stopped by SIGTERM", task.Tail(1)[0].Text)
}

// overmind#182: a zombie counts as running.
func TestOvermind182(t *testing.T) {
	task := startTask(t, helper(t, "zombie"))
	child := task.pid("child ")
	require.Eventually(t, func() bool { return !alive(child) }, patience, time.Millisecond)
	_, err := os.Stat("/proc/" + itoa(child))
	require.NoError(t, err, "the zombie of the child is there")
	task.kill(task.PID(), syscall.SIGKILL)
	require.ErrorContains(t, task.wait(supervisor.StatusDead).LastError, "ended by SIGKILL")
}

// air#216: the port is still taken after a restart.
func TestAir216(t *testing.T) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	address := listener.Addr().String()
	require.NoError(t, listener.Close())
	c := helper(t, "parent", "stops", "listen", address)
	c.Ready = Port(address)
	task := startTask(t, c)
	for run := supervisor.RunNumber(1); run <= 5; run++ {
		status := task.waitUntil(func(s supervisor.TaskStatus) bool { return s.Run == run && s.Status == supervisor.StatusHealthy })
		require.NoError(t, status.LastError)
		require.NoError(t, task.sup.Restart("task"))
	}
}
