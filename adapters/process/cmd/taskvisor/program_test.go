//go:build unix

package main

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/tasksupervisor/tasksupervisor/adapters/process/cmd/taskvisor/internal/control"
)

// What the test binary can be, besides the tests.
const (
	asTaskvisor = "TASKVISOR_AS_PROGRAM"
	asTask      = "TASKVISOR_AS_TASK"
)

func TestMain(m *testing.M) {
	switch {
	case len(os.Args) == 4 && os.Args[1] == puppetWord:
		os.Exit(bePuppet(os.Args[2], os.Args[3]))
	case os.Getenv(asTask) != "":
		beTask(os.Getenv(asTask))
	case os.Getenv(asTaskvisor) != "":
		main()
	default:
		signal.Notify(make(chan os.Signal, 1), syscall.SIGHUP) // or below nohup all that is started here would ignore it
		os.Exit(m.Run())
	}
}

// beTask is a task: one word says what it does.
func beTask(does string) {
	stops := make(chan os.Signal, 1)
	signal.Notify(stops, syscall.SIGTERM)
	fmt.Println(does, "is up")
	switch does {
	case "waits":
		<-stops
	case "echoes":
		for in := bufio.NewScanner(os.Stdin); in.Scan(); {
			fmt.Println("got", in.Text())
		}
	case "stubborn":
		for range stops {
		}
	}
}

// A table of a file whose task is the test binary.
func taskTable(name, does, more string) string {
	return fmt.Sprintf("[tasks.%s]\nexec = [%q]\nenv = { %s = %q }\n%s\n", name, os.Args[0], asTask, does, more)
}

// patient is how long anything may take. It only fails tests.
const patient = 30 * time.Second

// running is a taskvisor that runs in a folder of its own.
type running struct {
	t    *testing.T
	file string
	cmd  *exec.Cmd

	mu    sync.Mutex
	news  *sync.Cond
	lines []string
	over  bool // nothing more is printed

	waits sync.Once
	gone  chan struct{}
}

// inFolder writes a file into a folder of its own.
func inFolder(t *testing.T, name, text string) (path string) {
	t.Helper()
	path = filepath.Join(t.TempDir(), name)
	writeFile(t, path, text)
	return path
}

func writeFile(t *testing.T, path, text string) {
	t.Helper()
	require.NoError(t, os.WriteFile(path, []byte(text), 0o600))
}

// startRun starts `taskvisor run` for a file.
func startRun(t *testing.T, file string, arguments ...string) *running {
	t.Helper()
	return start(t, file, "on", arguments)
}

// startUnguarded is startRun without a guard, which takes half as long, for tests that are not about the end of taskvisor.
func startUnguarded(t *testing.T, file string, arguments ...string) *running {
	t.Helper()
	return start(t, file, "off", arguments)
}

func start(t *testing.T, file, guard string, arguments []string) *running {
	t.Helper()
	r := &running{t: t, file: file}
	r.news = sync.NewCond(&r.mu)
	r.cmd = exec.Command(os.Args[0], append([]string{"run", "-f", file}, arguments...)...)
	r.cmd.Env = append(os.Environ(), asTaskvisor+"=1", "TASKSUPERVISOR_GUARD="+guard)
	r.cmd.Dir = filepath.Dir(file)
	r.cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true} // so that it can be ended with its guard
	out, err := r.cmd.StdoutPipe()
	require.NoError(t, err)
	r.cmd.Stderr = r.cmd.Stdout
	require.NoError(t, r.cmd.Start())
	lines := bufio.NewScanner(out)
	lines.Buffer(nil, 1<<20) // a piece of a long line, with the name of its task
	go r.read(lines)
	t.Cleanup(func() {
		r.end()
		if t.Failed() {
			t.Log("it printed:\n" + r.text())
		}
	})
	return r
}

func (r *running) read(out *bufio.Scanner) {
	for out.Scan() {
		r.mu.Lock()
		r.lines = append(r.lines, out.Text())
		r.news.Broadcast()
		r.mu.Unlock()
	}
	r.mu.Lock()
	r.over = true
	r.news.Broadcast()
	r.mu.Unlock()
}

// until waits for a line, and returns what groups of the expression have found.
func (r *running) until(expression string) []string {
	r.t.Helper()
	wanted := regexp.MustCompile(expression)
	late := false
	timer := time.AfterFunc(patient, func() {
		r.mu.Lock()
		defer r.mu.Unlock()
		late = true
		r.news.Broadcast()
	})
	defer timer.Stop()
	r.mu.Lock()
	defer r.mu.Unlock()
	for seen := 0; ; r.news.Wait() {
		for ; seen < len(r.lines); seen++ {
			if found := wanted.FindStringSubmatch(r.lines[seen]); found != nil {
				return found
			}
		}
		if r.over || late {
			require.Fail(r.t, "it has not printed "+expression, "%s", strings.Join(r.lines, "\n"))
		}
	}
}

func (r *running) text() string {
	r.mu.Lock()
	defer r.mu.Unlock()
	return strings.Join(r.lines, "\n")
}

func (r *running) signal(s os.Signal) {
	r.t.Helper()
	require.NoError(r.t, r.cmd.Process.Signal(s))
}

// wait waits for the end, and returns how it was: a code, and the signal that it was ended by, if it was.
func (r *running) wait() (code int, by syscall.Signal) {
	r.t.Helper()
	ended := r.ended()
	select {
	case <-ended:
	case <-time.After(patient):
		r.end()
		require.Fail(r.t, "it has not ended")
	}
	status := r.cmd.ProcessState.Sys().(syscall.WaitStatus)
	if status.Signaled() {
		return -1, status.Signal()
	}
	return status.ExitStatus(), 0
}

// ended returns a channel that is closed when it has ended.
func (r *running) ended() <-chan struct{} {
	r.waits.Do(func() {
		r.gone = make(chan struct{})
		go func() {
			defer close(r.gone)
			r.mu.Lock()
			for !r.over {
				r.news.Wait()
			}
			r.mu.Unlock()
			_ = r.cmd.Wait() // the state says how
		}()
	})
	return r.gone
}

// end ends it in any case: by signals, of which the second kills its tasks if it does not come together with the first, and by SIGKILL
// only if that is of no use, because what runs is left behind then.
func (r *running) end() {
	group, late := -r.cmd.Process.Pid, time.After(patient)
	for with := syscall.SIGTERM; ; {
		select {
		case <-r.ended():
			return
		case <-late:
			with = syscall.SIGKILL
		default:
		}
		_ = syscall.Kill(group, with)
		select {
		case <-r.ended():
			return
		case <-time.After(time.Second / 4):
		}
	}
}

// status returns the tasks by path, as `taskvisor status --json` has them.
func (r *running) status() map[string]control.Task {
	r.t.Helper()
	out, errs, code := command("status", "--json", "-f", r.file)
	require.Zero(r.t, code, errs)
	var tree control.Tree
	require.NoError(r.t, json.Unmarshal([]byte(out), &tree))
	tasks := make(map[string]control.Task)
	for _, task := range tree.Tasks {
		tasks[task.Path] = task
	}
	return tasks
}

// pids returns the processes of all tasks.
func (r *running) pids() []int {
	r.t.Helper()
	var pids []int
	for _, task := range r.status() {
		if task.PID > 0 {
			pids = append(pids, task.PID)
		}
	}
	return pids
}

// requireDead checks that processes have ended.
func requireDead(t *testing.T, pids []int) {
	t.Helper()
	require.NotEmpty(t, pids)
	alive := slices.DeleteFunc(pids, func(pid int) bool { return errors.Is(syscall.Kill(pid, 0), syscall.ESRCH) })
	require.Empty(t, alive, "these are alive")
}
