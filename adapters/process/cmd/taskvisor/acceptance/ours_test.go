//go:build system

package acceptance_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// instance is a taskvisor that runs.
type instance struct {
	t         *testing.T
	directory string
	file      string
	pid       int // of its guard, or its own if it has none
	exit      chan int

	lock   sync.Mutex
	output bytes.Buffer
}

// start runs the tasks.toml of a directory, in a session of its own. What is left of it in the end is killed.
func start(t *testing.T, directory string, flags ...string) *instance {
	t.Helper()
	args := append([]string{"run", "-f", filepath.Join(directory, "tasks.toml")}, flags...)
	return startCommand(t, directory, exec.Command(taskvisor, args...))
}

func startCommand(t *testing.T, directory string, command *exec.Cmd) *instance {
	t.Helper()
	v := &instance{t: t, directory: directory, file: filepath.Join(directory, "tasks.toml"), exit: make(chan int, 1)}
	command.Env = append(os.Environ(), "ACCEPTANCE="+directory)
	if command.Stdout == nil {
		command.Stdout = v
	}
	command.Stderr = v
	command.SysProcAttr = &syscall.SysProcAttr{Setsid: true}
	t.Cleanup(func() {
		exterminate(t, directory)
		if t.Failed() {
			t.Logf("%s said:\n%s", strings.Join(command.Args, " "), brief(v.said()))
		}
	})
	require.NoError(t, command.Start())
	v.pid = command.Process.Pid
	go func() {
		_ = command.Wait()
		status := command.ProcessState.Sys().(syscall.WaitStatus)
		if status.Signaled() {
			v.exit <- -int(status.Signal())
		} else {
			v.exit <- status.ExitStatus()
		}
	}()
	return v
}

// brief returns the first and last lines of a long text, and of each line what fits on a screen.
func brief(text string) string {
	const some, wide = 30, 160
	lines := strings.Split(text, "\n")
	if len(lines) > 2*some {
		lines = slices.Concat(lines[:some], []string{fmt.Sprintf("... %d lines ...", len(lines)-2*some)}, lines[len(lines)-some:])
	}
	for i, line := range lines {
		if len(line) > wide {
			lines[i] = fmt.Sprintf("%s... %d more", line[:wide], len(line)-wide)
		}
	}
	return strings.Join(lines, "\n")
}

// Write implements io.Writer.
func (v *instance) Write(p []byte) (int, error) {
	v.lock.Lock()
	defer v.lock.Unlock()
	return v.output.Write(p)
}

// said is all that it has printed so far.
func (v *instance) said() string {
	v.lock.Lock()
	defer v.lock.Unlock()
	return v.output.String()
}

// says waits until it has printed a text.
func (v *instance) says(text string) {
	v.t.Helper()
	await(v.t, "it says "+text, func() bool { return strings.Contains(v.said(), text) })
}

// signal sends a signal to what was started.
func (v *instance) signal(signal syscall.Signal) {
	v.t.Helper()
	require.NoError(v.t, syscall.Kill(v.pid, signal))
}

// ended waits for the end, and returns the exit code, or the negative number of the signal.
func (v *instance) ended() int {
	v.t.Helper()
	select {
	case code := <-v.exit:
		return code
	case <-time.After(limit):
		require.Fail(v.t, "it does not end", v.said())
		return 0
	}
}

// do runs another command of taskvisor on it, which must succeed.
func (v *instance) do(args ...string) string {
	v.t.Helper()
	out, err := v.try(args...)
	require.NoError(v.t, err, out)
	return out
}

func (v *instance) try(args ...string) (string, error) {
	out, err := exec.Command(taskvisor, append([]string{args[0], "-f", v.file}, args[1:]...)...).CombinedOutput()
	return string(out), err
}

// task is what its status says of a task.
type task struct {
	Path, Status string
	PID          int
	Run          uint64
	Unready      bool
}

// tasks returns all tasks by path, or none if it does not answer yet.
func (v *instance) tasks() map[string]task {
	out, err := exec.Command(taskvisor, "status", "-f", v.file, "--json").Output()
	if err != nil {
		return nil
	}
	var tree struct{ Tasks []task }
	if json.Unmarshal(out, &tree) != nil {
		return nil
	}
	tasks := map[string]task{}
	for _, t := range tree.Tasks {
		tasks[t.Path] = t
	}
	return tasks
}

// up reports whether a task runs and is ready.
func (t task) up() bool { return t.Status == "healthy" && !t.Unready && t.PID > 0 }

// awaitUp waits until these tasks are up.
func (v *instance) awaitUp(paths ...string) {
	v.t.Helper()
	await(v.t, fmt.Sprint(paths, " are up"), func() bool {
		tasks := v.tasks()
		for _, path := range paths {
			if !tasks[path].up() {
				return false
			}
		}
		return true
	})
}

// supervisor returns the process that supervises: the child of the guard.
func (v *instance) supervisor() int {
	v.t.Helper()
	return guarded(v.t, v.pid)
}

// guarded returns the process that a guard watches: of its children, the one that is the same program. It adopts others.
func guarded(t *testing.T, guard int) (pid int) {
	t.Helper()
	alive, _ := children(survey(), guard)
	for _, p := range alive {
		if strings.HasPrefix(p.command, taskvisor+" run ") {
			require.Zero(t, pid, "a guard has one child: %v", alive)
			pid = p.pid
		}
	}
	require.NotZero(t, pid, "a guard has a child: %v", alive)
	return pid
}

func read(t *testing.T, path ...string) string {
	t.Helper()
	content, err := os.ReadFile(filepath.Join(path...))
	require.NoError(t, err)
	return string(content)
}
