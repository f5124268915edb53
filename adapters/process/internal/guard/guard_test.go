//go:build linux

package guard

import (
	"bufio"
	"crypto/rand"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"

	"github.com/stretchr/testify/require"
	"golang.org/x/sys/unix"

	"github.com/tasksupervisor/tasksupervisor/adapters/process/internal/leaks"
	"github.com/tasksupervisor/tasksupervisor/adapters/process/internal/procfs"
)

// In whatever way a run leaks, nothing of it survives a supervisor that is killed. Without a control group, too.
func TestKilledSupervisorLeavesNothing(t *testing.T) {
	for _, hold := range []string{"group", "cgroup"} {
		for _, kind := range leaks.Kinds() {
			t.Run(hold+"/"+string(kind), func(t *testing.T) {
				t.Parallel()
				p := supervise(t, hold, kind)
				require.NotEmpty(t, leaks.Survivors(p.mark))
				require.NoError(t, syscall.Kill(p.child, syscall.SIGKILL))
				state := p.wait(t)
				require.Empty(t, leaks.Survivors(p.mark))
				require.True(t, state.Signaled())
				require.Equal(t, syscall.SIGKILL, state.Signal())
				require.Empty(t, p.cgroups(t))
			})
		}
	}
}

// What a supervisor leaves that ends as it should is ended all the same.
func TestEndedSupervisorLeavesNothing(t *testing.T) {
	p := supervise(t, "group", leaks.Daemon)
	p.tell(t, "exit 0")
	require.Zero(t, p.wait(t).ExitStatus())
	require.Empty(t, leaks.Survivors(p.mark))
}

func TestEndsAsTheChild(t *testing.T) {
	for _, code := range []int{0, 1, 7, 255} {
		p := supervise(t, "group", "")
		p.tell(t, "exit "+strconv.Itoa(code))
		state := p.wait(t)
		require.True(t, state.Exited())
		require.Equal(t, code, state.ExitStatus())
	}
	for _, signal := range []syscall.Signal{
		syscall.SIGTERM, syscall.SIGINT, syscall.SIGHUP, syscall.SIGKILL, syscall.SIGPIPE, syscall.SIGUSR1, syscall.SIGSEGV, syscall.SIGABRT,
	} {
		p := supervise(t, "group", "")
		p.tell(t, "die "+strconv.Itoa(int(signal)))
		state := p.wait(t)
		require.True(t, state.Signaled(), signal)
		require.Equal(t, signal, state.Signal())
		require.False(t, state.CoreDump())
	}
}

// A supervisor whose guard is killed says so and goes on.
func TestKilledGuard(t *testing.T) {
	for _, kind := range leaks.Kinds() {
		t.Run(string(kind), func(t *testing.T) {
			t.Parallel()
			p := supervise(t, "group", kind)
			require.NoError(t, p.cmd.Process.Kill())
			p.expect(t, "lost")
			require.NotEmpty(t, leaks.Survivors(p.mark))
			p.tell(t, "kill")
			p.expect(t, "empty")
			survivors := leaks.Survivors(p.mark)
			if kind == leaks.Daemon { // which only a guard or a control group finds
				require.NotEmpty(t, survivors)
				end(t, survivors)
			} else {
				require.Empty(t, survivors)
			}
			p.tell(t, "exit 0")
			require.Equal(t, syscall.SIGKILL, p.wait(t).Signal())
		})
	}
}

// The guard passes on what it gets. Where it was sent by the process group, both get it, and the program can count it once.
func TestSignalsArePassedOn(t *testing.T) {
	p := supervise(t, "group", "")
	for _, signal := range []syscall.Signal{syscall.SIGTERM, syscall.SIGINT, syscall.SIGHUP, syscall.SIGUSR1, syscall.SIGUSR2, syscall.SIGQUIT, syscall.SIGALRM, 35, 64} {
		require.NoError(t, p.cmd.Process.Signal(signal))
		p.expect(t, fmt.Sprintf("passed %d", int(signal)))
	}
	for _, signal := range []syscall.Signal{syscall.SIGCONT, syscall.SIGWINCH, syscall.SIGCHLD, syscall.SIGURG, syscall.SIGPIPE} {
		require.NoError(t, p.cmd.Process.Signal(signal))
	}
	require.NoError(t, p.cmd.Process.Signal(syscall.SIGTERM))
	p.expect(t, "passed 15")
	p.tell(t, "exit 3")
	require.Equal(t, 3, p.wait(t).ExitStatus())
}

// Ctrl-Z stops both, and fg has both go on.
func TestStopAndGoOn(t *testing.T) {
	p := supervise(t, "group", "")
	require.NoError(t, syscall.Kill(-p.cmd.Process.Pid, syscall.SIGTSTP))
	var status syscall.WaitStatus
	_, err := syscall.Wait4(p.cmd.Process.Pid, &status, syscall.WUNTRACED, nil)
	require.NoError(t, err)
	require.True(t, status.Stopped())
	for p.stat(t).State != 'T' { // it was sent the signal at the same time
	}
	require.NoError(t, syscall.Kill(-p.cmd.Process.Pid, syscall.SIGCONT))
	p.tell(t, "exit 4")
	require.Equal(t, 4, p.wait(t).ExitStatus())
}

// nohup ignores SIGHUP for both.
func TestIgnoredSignalStaysIgnored(t *testing.T) {
	p := supervised(t, exec.Command("/bin/sh", "-c", `trap "" HUP; exec "$0" "$@"`, self(t), "supervise", "group", "none", "of-none"))
	require.NoError(t, p.cmd.Process.Signal(syscall.SIGHUP))
	require.NoError(t, syscall.Kill(p.child, syscall.SIGHUP))
	p.tell(t, "exit 5")
	require.Equal(t, 5, p.wait(t).ExitStatus())
}

// A file that was passed to the program is its child's, and not held open by the guard.
func TestInheritedFiles(t *testing.T) {
	read, write, err := os.Pipe()
	require.NoError(t, err)
	defer func() { _ = read.Close() }()
	cmd := command(t, "group", "", "no-mark")
	cmd.ExtraFiles = []*os.File{write}
	p := supervised(t, cmd)
	require.NoError(t, write.Close())
	p.tell(t, "close 3")
	_, err = read.Read(make([]byte, 1))
	require.Equal(t, io.EOF, err)
	p.tell(t, "exit 0")
	p.wait(t)
}

// The variables by which systemd passes sockets name the process that is to take them.
func TestNumberOfTheProcessInTheEnvironment(t *testing.T) {
	cmd := command(t, "group", "", "no-mark")
	cmd = exec.Command("/bin/sh", append([]string{"-c", `LISTEN_PID=$$ WATCHDOG_PID=1 exec "$0" "$@"`, cmd.Path}, cmd.Args[1:]...)...)
	p := supervised(t, cmd)
	p.tell(t, "env LISTEN_PID")
	p.expect(t, strconv.Itoa(p.child))
	p.tell(t, "env WATCHDOG_PID")
	p.expect(t, "1")
	p.tell(t, "env "+Variable)
	p.expect(t, "")
	p.tell(t, "exit 0")
	p.wait(t)
}

// The guard is small: it is the program, before it has done anything.
func TestSizeOfTheGuard(t *testing.T) {
	p := supervise(t, "group", "")
	status, err := os.ReadFile("/proc/" + strconv.Itoa(p.cmd.Process.Pid) + "/status")
	require.NoError(t, err)
	for line := range strings.Lines(string(status)) {
		if rss, found := strings.CutPrefix(line, "VmRSS:"); found {
			kB, err := strconv.Atoi(strings.Fields(rss)[0])
			require.NoError(t, err)
			t.Logf("the guard takes %d kB", kB)
			if !raceEnabled {
				require.Less(t, kB, 8<<10)
			}
		}
	}
	p.tell(t, "exit 0")
	p.wait(t)
}

// What top and pgrep show: the guard as what it is, and the supervisor by the name of the program.
func TestNames(t *testing.T) {
	p := supervise(t, "group", "")
	const most = 15 // characters, says the kernel
	program := filepath.Base(self(t))
	for pid, want := range map[int]string{p.cmd.Process.Pid: name, p.child: program[:min(most, len(program))]} {
		comm, err := os.ReadFile("/proc/" + strconv.Itoa(pid) + "/comm")
		require.NoError(t, err)
		require.Equal(t, want+"\n", string(comm))
	}
	p.tell(t, "exit 0")
	p.wait(t)
}

// What was left is named by its command lines, also if it ends at once by the signal that it gets.
func TestSaysWhatWasLeft(t *testing.T) {
	cmd := command(t, "group", leaks.Child, "mark-"+strings.ToLower(rand.Text()))
	stderr, err := cmd.StderrPipe()
	require.NoError(t, err)
	p := supervised(t, cmd)
	p.expect(t, "leaked")
	p.tell(t, "exit 3")
	said, err := io.ReadAll(stderr)
	require.NoError(t, err)
	require.Equal(t, 3, p.wait(t).ExitStatus())
	require.Contains(t, string(said), "the supervisor ended with code 3; what it has left is stopped: ")
	require.Contains(t, string(said), fmt.Sprintf("%.40s (pid ", self(t)+" leak"))
	require.Contains(t, string(said), "/proc/self/exe left mark-", "the child of that")
}

// Where there can be none, or none is wanted, the program goes on without a guard.
func TestNoGuard(t *testing.T) {
	for value, why := range map[string]string{
		"off":   "TASKSUPERVISOR_GUARD is off",
		"":      "the program is a test",
		"1.9":   "the connection to the guard is not what TASKSUPERVISOR_GUARD says: 1.9",
		"1.1":   "the connection to the guard is not what TASKSUPERVISOR_GUARD says: 1.1",
		"99.-1": "the connection to the guard is not what TASKSUPERVISOR_GUARD says: 99.-1",
	} {
		t.Setenv(Variable, value)
		link, err := Start(nil)
		require.Nil(t, link)
		require.EqualError(t, err, why)
	}
	require.False(t, tracedBy("Name:\tx\nTracerPid:\t0\n"))
	require.True(t, tracedBy("Name:\tx\nTracerPid:\t17\n"))
}

// program is a supervisor below a guard.
type program struct {
	cmd    *exec.Cmd
	input  io.Writer
	output *bufio.Reader
	child  int // the supervisor
	mark   string
	dir    string // of its control groups
}

// supervise starts a supervisor that has a run that leaks in some way, and waits until it has.
func supervise(t *testing.T, hold string, kind leaks.Kind) *program {
	t.Helper()
	mark := "mark-" + strings.ToLower(rand.Text())
	p := supervised(t, command(t, hold, kind, mark))
	p.mark = mark
	if kind != "" {
		p.expect(t, "leaked")
	}
	return p
}

func command(t *testing.T, hold string, kind leaks.Kind, mark string) *exec.Cmd {
	if kind == "" {
		kind = "none"
	}
	return exec.Command(self(t), "supervise", hold, string(kind), "of-"+mark)
}

func self(t *testing.T) string {
	path, err := os.Executable()
	require.NoError(t, err)
	return path
}

func supervised(t *testing.T, cmd *exec.Cmd) *program {
	t.Helper()
	cmd.Env = append(os.Environ(), Variable+"=on")
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	if cmd.Stderr == nil {
		cmd.Stderr = os.Stderr
	}
	input, err := cmd.StdinPipe()
	require.NoError(t, err)
	output, err := cmd.StdoutPipe()
	require.NoError(t, err)
	require.NoError(t, cmd.Start())
	p := &program{cmd: cmd, input: input, output: bufio.NewReader(output)}
	_, err = fmt.Sscanf(p.line(t), "guarded %d %q", &p.child, &p.dir)
	require.NoError(t, err)
	require.Equal(t, cmd.Process.Pid, p.stat(t).Parent, "it has one guard")
	return p
}

func (p *program) line(t *testing.T) string {
	t.Helper()
	line, err := p.output.ReadString('\n')
	require.NoError(t, err)
	return strings.TrimSpace(line)
}

func (p *program) expect(t *testing.T, want string) {
	t.Helper()
	require.Equal(t, want, p.line(t))
}

func (p *program) tell(t *testing.T, command string) {
	t.Helper()
	_, err := io.WriteString(p.input, command+"\n")
	require.NoError(t, err)
}

// wait waits until the guard has ended.
func (p *program) wait(t *testing.T) syscall.WaitStatus {
	t.Helper()
	state, err := p.cmd.Process.Wait() // and not for what may hold its output
	require.NoError(t, err)
	return state.Sys().(syscall.WaitStatus)
}

func (p *program) stat(t *testing.T) procfs.Process {
	t.Helper()
	proc, err := procfs.Open()
	require.NoError(t, err)
	defer func() { _ = proc.Close() }()
	stat, err := proc.Stat(p.child)
	require.NoError(t, err)
	return stat
}

// cgroups returns what is left of its control groups.
func (p *program) cgroups(t *testing.T) string {
	t.Helper()
	if p.dir == "" {
		return ""
	}
	if _, err := os.Stat(p.dir); err != nil {
		require.ErrorIs(t, err, unix.ENOENT)
		return ""
	}
	return p.dir
}

// end kills survivors.
func end(t *testing.T, survivors []string) {
	t.Helper()
	for _, survivor := range slices.Clone(survivors) {
		pid, _, _ := strings.Cut(survivor, " ")
		number, err := strconv.Atoi(pid)
		require.NoError(t, err)
		require.NoError(t, syscall.Kill(number, syscall.SIGKILL))
	}
}
