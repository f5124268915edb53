package process

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"log/slog"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/tasksupervisor/tasksupervisor/adapters/process/internal/guard"
	"github.com/tasksupervisor/tasksupervisor/adapters/supervisor"
)

// last is a signal that comes after all others that are there at the same time.
const last = syscall.Signal(64)

// A signal that is sent to the process group, as Ctrl-C is, or to all processes of a name or a service, reaches the guard and the
// program. It arrives once; what is sent to the guard alone arrives, too.
func TestASignalToBothArrivesOnce(t *testing.T) {
	p := guardedProgram(t, "guarded-notify")
	for range 3 {
		require.NoError(t, syscall.Kill(-p.cmd.Process.Pid, syscall.SIGTERM))
		p.expect(t, "15")
		require.NoError(t, p.cmd.Process.Signal(last))
		p.expect(t, "64")
	}
	require.NoError(t, p.cmd.Process.Signal(syscall.SIGTERM))
	p.expect(t, "15")
	require.NoError(t, p.input.Close())
	require.NoError(t, p.cmd.Wait())
}

// So supervisor.Main stops in order at the first, and at once at the second.
func TestMainBelowAGuard(t *testing.T) {
	p := guardedProgram(t, "guarded-main")
	p.expect(t, "running")
	require.NoError(t, syscall.Kill(-p.cmd.Process.Pid, syscall.SIGTERM))
	p.expect(t, "stopping")
	require.NoError(t, p.cmd.Process.Signal(last)) // has all before it arrive
	p.expect(t, "64")
	require.NoError(t, p.input.Close())
	require.NoError(t, p.cmd.Wait())

	p = guardedProgram(t, "guarded-main")
	p.expect(t, "running")
	require.NoError(t, syscall.Kill(-p.cmd.Process.Pid, syscall.SIGTERM))
	p.expect(t, "stopping")
	require.NoError(t, syscall.Kill(-p.cmd.Process.Pid, syscall.SIGTERM))
	require.Error(t, p.cmd.Wait())
	require.Equal(t, supervisor.CodeSignal+int(syscall.SIGTERM), p.cmd.ProcessState.ExitCode())
}

// Without a guard, a host says why.
func TestWhyNotTighter(t *testing.T) {
	host, err := Open(WithTightness(TightnessGuard), WithLogger(slog.New(slog.DiscardHandler)))
	require.NoError(t, err)
	defer func() { require.NoError(t, host.Close()) }()
	require.Equal(t, TightnessGroup, host.Tightness())
	require.Zero(t, host.Guard(), "the parent of this process is another")
	require.Equal(t, "not asked for more than guard; no guard: Guard was not called", host.Why())
}

type guardedRun struct {
	cmd    *exec.Cmd
	input  io.Closer
	output *bufio.Reader
}

func guardedProgram(t *testing.T, program string) *guardedRun {
	t.Helper()
	cmd := exec.Command("/proc/self/exe")
	cmd.Env = append(os.Environ(), helperVariable+"="+program, guard.Variable+"=on")
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	input, err := cmd.StdinPipe()
	require.NoError(t, err)
	output, err := cmd.StdoutPipe()
	require.NoError(t, err)
	require.NoError(t, cmd.Start())
	p := &guardedRun{cmd, input, bufio.NewReader(output)}
	p.expect(t, fmt.Sprintf("guarded by %d <nil>", cmd.Process.Pid))
	return p
}

func (p *guardedRun) expect(t *testing.T, want string) {
	t.Helper()
	line, err := p.output.ReadString('\n')
	require.NoError(t, err)
	require.Equal(t, want, strings.TrimSpace(line))
}

// guardedNotify says which signals arrive, until its input ends.
func guardedNotify([]string) int {
	Guard()
	signals := make(chan os.Signal, 8)
	defer Notify(signals, syscall.SIGTERM, last)()
	fmt.Println("guarded by", new(Host).Guard(), guarded.why)
	ended := make(chan struct{})
	go func() {
		_, _ = io.Copy(io.Discard, os.Stdin)
		close(ended)
	}()
	for {
		select {
		case got := <-signals:
			fmt.Println(int(got.(syscall.Signal)))
		case <-ended:
			return 0
		}
	}
}

// guardedMain is a program whose task stops when its input has ended.
func guardedMain([]string) int {
	Guard()
	fmt.Println("guarded by", new(Host).Guard(), guarded.why)
	sup, err := supervisor.New(supervisor.WithTask("task", supervisor.TaskFunc(func(ctx context.Context) error {
		fmt.Println("running")
		<-ctx.Done()
		fmt.Println("stopping")
		_, _ = io.Copy(io.Discard, os.Stdin)
		return nil
	})))
	if err != nil {
		fmt.Println(err)
		return 1
	}
	return supervisor.Main(sup, supervisor.OnSignal(func(context.Context, os.Signal) error {
		fmt.Println(int(last))
		return nil
	}, last))
}

func guardedPrograms() map[string]func([]string) int {
	return map[string]func([]string) int{"guarded-notify": guardedNotify, "guarded-main": guardedMain}
}
