//go:build linux

package process

import (
	"bufio"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/tasksupervisor/tasksupervisor/adapters/supervisor"
)

// stranger is a process that is not a task's.
type stranger struct {
	*exec.Cmd
	port string
}

// newStranger starts a helper that listens.
func newStranger(t *testing.T, address string, env ...string) *stranger {
	t.Helper()
	c := helper(t, "listen", address)
	s := &stranger{Cmd: exec.Command(c.Args[0], c.Args[1:]...)}
	s.Env = append(append(os.Environ(), c.Env...), env...)
	out, err := s.StdoutPipe()
	require.NoError(t, err)
	require.NoError(t, s.Start())
	t.Cleanup(func() {
		_ = s.Process.Signal(syscall.SIGTERM)
		_ = s.Wait()
	})
	lines := bufio.NewScanner(out)
	require.True(t, lines.Scan(), lines.Err())
	s.port = portIn(t, lines.Text())
	return s
}

// portIn returns the port that a helper says it listens at.
func portIn(t *testing.T, line string) string {
	t.Helper()
	_, port, err := net.SplitHostPort(strings.TrimPrefix(line, "listening on "))
	require.NoError(t, err, line)
	return port
}

// heldByPort returns by whom a task is held whose port is in use.
func (s *started) heldByPort() *InUseError {
	s.t.Helper()
	var in *InUseError
	s.waitUntil(func(status supervisor.TaskStatus) bool { return errors.As(status.HeldBy, &in) })
	return in
}

// A task whose port another process has is held, says by whom, uses up no attempt, and starts when the port is free.
func TestATaskWaitsForItsPort(t *testing.T) {
	other := newStranger(t, "127.0.0.1:0")
	c := helper(t, "listen", ":"+other.port)
	c.Listen = []string{other.port}
	task := startTask(t, c)
	in := task.heldByPort()
	require.Equal(t, other.Process.Pid, in.PID)
	require.Equal(t, other.port, in.Address)
	require.Contains(t, in.Command, other.Args[0])
	require.Empty(t, in.Task)
	require.EqualError(t, in, fmt.Sprintf("port %s is in use by %s (pid %d)", other.port, in.Program, other.Process.Pid))
	status, err := task.sup.Status("task")
	require.NoError(t, err)
	require.Equal(t, "task: created (supervisor-start), held: "+in.Error(), status.String())
	require.NoError(t, other.Process.Signal(syscall.SIGTERM))
	require.Equal(t, other.port, portIn(t, task.line("listening on")))
	status, err = task.sup.Status("task")
	require.NoError(t, err)
	require.EqualValues(t, 1, status.Run)
	require.Zero(t, status.Attempts)
}

// The former run has left something that holds the port: the next one waits until that is stopped, and says nothing of it.
func TestARestartWaitsForThePortOfTheFormerRun(t *testing.T) {
	c := helper(t, "parent", "stops", "listen", "127.0.0.1:0")
	task := startTask(t, c)
	task.pid("child")
	require.NoError(t, task.sup.Restart("task"))
	task.pid("child")

	listener, err := net.Listen("tcp", "127.0.0.1:0") // a port that is free now
	require.NoError(t, err)
	port := strconv.Itoa(listener.Addr().(*net.TCPAddr).Port)
	require.NoError(t, listener.Close())
	c = helper(t, "listen", "127.0.0.1:"+port)
	c.Listen, c.Output = []string{"127.0.0.1:" + port}, task.Command().Output
	require.NoError(t, task.SetCommand(c))
	require.NoError(t, task.sup.SetPolicy("task", task.Options()...))
	for range 3 {
		require.NoError(t, task.sup.Restart("task"))
		require.Equal(t, port, portIn(t, task.line("listening on")))
	}
}

// Of a process that is part of a run it says which, and whether the program that started it has ended.
func TestWhoseAPortIs(t *testing.T) {
	first := startTask(t, helper(t, "listen", "127.0.0.1:0"))
	port := portIn(t, first.line("listening on"))
	c := helper(t, "listen", "127.0.0.1:"+port)
	c.Listen = []string{"localhost:" + port}
	second := startTask(t, c)
	in := second.heldByPort()
	require.Equal(t, first.PID(), in.PID)
	require.Equal(t, "task", in.Task)
	require.False(t, in.Leftover)
	require.EqualError(t, in, fmt.Sprintf("address localhost:%s is in use by %s (pid %d), of task task of this program", port, in.Program, in.PID))
	require.NoError(t, first.sup.Kill("task"))
	second.line("listening on")

	former := newStranger(t, "127.0.0.1:0", "TASKSUPERVISOR_RUN=shop@"+namespace(t)+"-1-1-AAAAAAAA/web%2Ffront%2F3/7")
	c.Listen = []string{former.port}
	third := startTask(t, c)
	in = third.heldByPort()
	require.Equal(t, "web/front", in.Task)
	require.True(t, in.Leftover)
	require.EqualError(t, in, fmt.Sprintf("port %s is in use by %s (pid %d), left behind by task web/front of shop", former.port, in.Program, in.PID))
}

// namespace returns the number of the PID namespace.
func namespace(t *testing.T) string {
	t.Helper()
	link, err := os.Readlink("/proc/self/ns/pid")
	require.NoError(t, err)
	var number string
	_, err = fmt.Sscanf(link, "pid:[%s", &number)
	require.NoError(t, err)
	return number[:len(number)-1]
}

// A port of this very program is said to be.
func TestAPortOfThisProgram(t *testing.T) {
	path := filepath.Join(t.TempDir(), "web.sock")
	listener, err := net.Listen("unix", path)
	require.NoError(t, err)
	c := helper(t, "serve")
	c.Listen = []string{path}
	task := startTask(t, c)
	require.EqualError(t, task.heldByPort(), "socket "+path+" is in use by this program itself")
	require.NoError(t, listener.Close())
	task.line("serving")
}

func TestWrongAddresses(t *testing.T) {
	_, err := (&Host{}).Task(Command{Shell: "true", Listen: []string{"8080", "localhost"}})
	var wrong *CommandError
	require.ErrorAs(t, err, &wrong)
	require.Equal(t, "Listen", wrong.Field)
	require.EqualError(t, err, `command: Listen has "localhost", which has a port that is neither a number nor the name of a service`)
}
