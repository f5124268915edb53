//go:build linux

package process

import (
	"context"
	"errors"
	"os"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/tasksupervisor/tasksupervisor/adapters/supervisor"
)

// patience is how long a test with real processes waits before it fails.
const patience = 30 * time.Second

// started is a task of a supervisor, with what it prints.
type started struct {
	*Task
	t    *testing.T
	sup  *supervisor.Supervisor
	said chan Line
}

// startTask runs a command as a task.
func startTask(t *testing.T, c Command, options ...supervisor.TaskOption) *started {
	t.Helper()
	host, err := Open()
	require.NoError(t, err)
	s := &started{t: t, said: make(chan Line, 10000)}
	c.Output.Lines = func(l Line) { s.said <- l }
	s.Task, err = host.Task(c)
	require.NoError(t, err)
	s.sup, err = supervisor.New(supervisor.WithTask("task", s.Task, append(append(s.Options(), supervisor.WithMaxAttempts(0)), options...)...))
	require.NoError(t, err)
	require.NoError(t, s.sup.Start(context.Background()))
	t.Cleanup(func() {
		s.shutdown()
		require.NoError(t, host.Close())
	})
	return s
}

func (s *started) shutdown() {
	s.t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	require.NoError(s.t, s.sup.Shutdown(ctx))
}

// line waits for a line that begins with a text, and returns the rest of it.
func (s *started) line(begins string) string {
	s.t.Helper()
	timer := time.NewTimer(patience)
	defer timer.Stop()
	for {
		select {
		case line := <-s.said:
			if rest, ok := strings.CutPrefix(line.Text, begins); ok {
				return strings.TrimSpace(rest)
			}
		case <-timer.C:
			status, _ := s.sup.Status("task")
			require.FailNow(s.t, "no line begins with "+begins, status.String())
		}
	}
}

// pid waits for a line that begins with a text and goes on with the number of a process.
func (s *started) pid(begins string) int {
	s.t.Helper()
	pid, err := strconv.Atoi(s.line(begins))
	require.NoError(s.t, err)
	return pid
}

// wait waits until the task has a status.
func (s *started) wait(status supervisor.Status) supervisor.TaskStatus {
	s.t.Helper()
	return s.waitUntil(func(now supervisor.TaskStatus) bool { return now.Status == status })
}

// waitUntil waits until something holds of the task's status.
func (s *started) waitUntil(holds func(supervisor.TaskStatus) bool) supervisor.TaskStatus {
	s.t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	var got supervisor.TaskStatus
	require.NoError(s.t, s.sup.WaitUntil(ctx, "task", func(now supervisor.TaskStatus) bool {
		got = now
		return holds(now)
	}))
	return got
}

// kill sends a signal to one process.
func (s *started) kill(pid int, signal syscall.Signal) {
	s.t.Helper()
	require.Positive(s.t, pid)
	require.NoError(s.t, syscall.Kill(pid, signal))
}

func alive(pid int) bool {
	state, err := os.ReadFile("/proc/" + itoa(pid) + "/stat")
	return err == nil && !strings.Contains(string(state), ") Z ")
}

func itoa(n int) string { return strconv.Itoa(n) }

func TestGoodEnd(t *testing.T) {
	task := startTask(t, helper(t, "exit", "0"))
	require.NoError(t, task.wait(supervisor.StatusCompleted).LastError)
	require.Zero(t, task.PID())
}

func TestExitCode(t *testing.T) {
	task := startTask(t, helper(t, "exit", "7", "first", "it broke"))
	err := task.wait(supervisor.StatusDead).LastError
	exit := (*ExitError)(nil)
	require.ErrorAs(t, err, &exit)
	require.Equal(t, 7, exit.Code)
	require.Equal(t, []string{"first", "it broke"}, exit.Tail)
	require.EqualError(t, err, "exit code 7: it broke")
}

func TestSuccessCode(t *testing.T) {
	c := helper(t, "exit", "7")
	c.Success = []int{7}
	startTask(t, c).wait(supervisor.StatusCompleted)
}

func TestDoneAndFatalCodes(t *testing.T) {
	c := helper(t, "exit", "7")
	c.Done = []int{7}
	task := startTask(t, c, supervisor.WithRestart(supervisor.RestartAlways))
	require.ErrorAs(t, task.wait(supervisor.StatusCompleted).LastError, new(*supervisor.DoneError))

	c.Done, c.Fatal = nil, []int{7}
	host, err := Open()
	require.NoError(t, err)
	fatal, err := host.Task(c)
	require.NoError(t, err)
	err = fatal.Run(context.Background())
	require.ErrorAs(t, err, new(*supervisor.FatalError))
	require.ErrorAs(t, err, new(*ExitError))
	require.NoError(t, host.Close())
}

func TestEndBySignal(t *testing.T) {
	err := startTask(t, helper(t, "crash")).wait(supervisor.StatusDead).LastError
	exit := (*ExitError)(nil)
	require.ErrorAs(t, err, &exit)
	require.Equal(t, syscall.SIGKILL, exit.Signal)
	require.Equal(t, -1, exit.Code)
	require.EqualError(t, err, "ended by SIGKILL")
}

func TestStop(t *testing.T) {
	task := startTask(t, helper(t, "serve"))
	task.line("serving")
	pid := task.PID()
	require.True(t, alive(pid))
	task.shutdown()
	task.line("bye")
	require.False(t, alive(pid))
	require.Empty(t, task.sup.Report().FailedStops)
}

func TestStopOfOneThatIgnoresIt(t *testing.T) {
	c := helper(t, "stubborn")
	c.StopTimeout = 200 * time.Millisecond
	task := startTask(t, c)
	task.line("ignoring")
	pid := task.PID()
	task.shutdown()
	require.False(t, alive(pid))
	killed := (*KilledError)(nil)
	require.ErrorAs(t, task.sup.Report().FailedStops[0].Err, &killed)
	require.True(t, killed.Leader)
}

func TestProgramThatDoesNotExist(t *testing.T) {
	host, err := Open()
	require.NoError(t, err)
	defer func() { require.NoError(t, host.Close()) }()
	for _, c := range []Command{{Args: []string{"no-such-program"}}, {Args: []string{"./no-such-program"}}} {
		task, err := host.Task(c)
		require.NoError(t, err)
		err = task.Run(context.Background())
		require.ErrorAs(t, err, new(*StartError))
		require.True(t, errors.Is(err, os.ErrNotExist))
		require.Contains(t, err.Error(), "there is no program")
	}
}

// once runs a command to its end, and returns what it printed.
func once(t *testing.T, c Command) (lines []string, err error) {
	t.Helper()
	host, err := Open()
	require.NoError(t, err)
	defer func() { require.NoError(t, host.Close()) }()
	var mu sync.Mutex
	c.Output.Lines = func(l Line) {
		mu.Lock()
		defer mu.Unlock()
		lines = append(lines, l.Text)
	}
	task, err := host.Task(c)
	require.NoError(t, err)
	err = task.Run(context.Background())
	mu.Lock()
	defer mu.Unlock()
	return lines, err
}

func TestEnvironment(t *testing.T) {
	t.Setenv("INHERITED", "1")
	t.Setenv("NOTIFY_SOCKET", "/not/for/it")
	c := helper(t, "env")
	c.Env = append(c.Env, "OWN=first", "OWN=last")
	lines, err := once(t, c)
	require.NoError(t, err)
	require.Contains(t, lines, "INHERITED=1")
	require.Contains(t, lines, "OWN=last")
	require.NotContains(t, lines, "OWN=first")
	require.NotContains(t, lines, "NOTIFY_SOCKET=/not/for/it")
	c.ClearEnv = true
	lines, err = once(t, c)
	require.NoError(t, err)
	require.NotContains(t, lines, "INHERITED=1")
	require.Contains(t, lines, "OWN=last")
}

func TestDirectory(t *testing.T) {
	c := helper(t, "where")
	c.Dir = t.TempDir()
	lines, err := once(t, c)
	require.NoError(t, err)
	require.Equal(t, []string{c.Dir}, lines)
	env := helper(t, "env")
	env.Dir = c.Dir
	lines, err = once(t, env)
	require.NoError(t, err)
	require.Contains(t, lines, "PWD="+c.Dir)
	c.Dir += "/missing"
	_, err = once(t, c)
	require.ErrorContains(t, err, "its directory cannot be used")
}

func TestStandardInputIsEmpty(t *testing.T) {
	lines, err := once(t, helper(t, "cat"))
	require.NoError(t, err)
	require.Empty(t, lines)
}

// A command as another user, where this process may do that.
func TestUser(t *testing.T) {
	c := Command{Shell: "id -u; id -g; echo $HOME", User: "65533:65532", Env: []string{"HOME=/mine"}}
	lines, err := once(t, c)
	if os.Getuid() != 0 {
		require.ErrorIs(t, err, syscall.EPERM)
		require.ErrorContains(t, err, "permission is denied")
		return
	}
	require.NoError(t, err)
	require.Equal(t, []string{"65533", "65532", "/mine"}, lines)
}

// A command has no file open that this process has opened, but for those that it is given.
func TestFilesAreNotInherited(t *testing.T) {
	file, err := os.Open(os.DevNull)
	require.NoError(t, err)
	defer func() { require.NoError(t, file.Close()) }()
	lines, err := once(t, Command{Args: []string{"sh", "-c", "echo /proc/self/fd/*"}})
	require.NoError(t, err)
	require.Contains(t, lines[0], "/proc/self/fd/0 /proc/self/fd/1 ")
	require.NotContains(t, strings.Fields(lines[0]), "/proc/self/fd/"+itoa(int(file.Fd())))
}

// Many commands that print at once: every line is whole, and those of each stream are in order.
func TestManyPrintAtOnce(t *testing.T) {
	const tasks, numbers = 10, 3000
	host, err := Open()
	require.NoError(t, err)
	defer func() { require.NoError(t, host.Close()) }()
	var all sync.WaitGroup
	next := make([]map[Stream]int, tasks)
	for i := range tasks {
		next[i] = map[Stream]int{}
		c := helper(t, "count", itoa(numbers))
		c.Output = Output{Block: true, Buffer: 1000, Lines: func(l Line) { // one call at a time
			if l.Text == "number "+itoa(next[i][l.Stream]) {
				next[i][l.Stream]++
			}
		}}
		task, err := host.Task(c)
		require.NoError(t, err)
		all.Go(func() {
			assert.NoError(t, task.Run(context.Background()))
			assert.Equal(t, uint64(2*numbers), task.Info().Counts.Lines)
		})
	}
	all.Wait()
	for _, streams := range next {
		require.Equal(t, map[Stream]int{Stdout: numbers, Stderr: numbers}, streams)
	}
}
