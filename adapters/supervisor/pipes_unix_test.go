//go:build unix

package supervisor_test

import (
	"context"
	"fmt"
	"os/exec"
	"syscall"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/tasksupervisor/tasksupervisor/adapters/supervisor"
)

func init() {
	mains["parent"] = func() int {
		return supervisor.Main(must(supervisor.New(toStderr(), supervisor.WithTask("child", supervisor.TaskFunc(func(ctx context.Context) error {
			fmt.Println(isUp, exec.Command("sh", "-c", "kill -PIPE $$").Run())
			return untilStopped(ctx)
		})))))
	}
}

// Ctrl-C in `mysvc 2>&1 | tee log` kills tee, too. The program still stops in order, and exits with its code.
func TestABrokenPipeDoesNotDisturbTheStop(t *testing.T) {
	for scenario, code := range map[string]int{"orderly": supervisor.CodeStopped, "left": supervisor.CodeFailed, "chatty": supervisor.CodeStopped} {
		for broken, pipes := range map[string][]int{"standard output": {0}, "standard error": {1}, "both": {0, 1}} {
			p := runProgram(t, scenario)
			for _, i := range pipes {
				require.NoError(t, p.pipes[i].Close())
			}
			p.signal(syscall.SIGINT)
			p.join()
			require.Equal(t, code, p.command.ProcessState.ExitCode(), "%s, %s: %v", scenario, broken, p.command.ProcessState)
		}
	}
}

func TestASecondSignalEndsAProgramWhosePipesAreBroken(t *testing.T) {
	p := runProgram(t, "deaf")
	for _, pipe := range p.pipes {
		require.NoError(t, pipe.Close())
	}
	p.signal(syscall.SIGINT)
	p.signal(syscall.SIGTERM)
	p.join()
	require.Contains(t, []int{130, 143}, p.command.ProcessState.ExitCode(), "two signals come in any order: %v", p.command.ProcessState)
}

// What a task starts can be killed by SIGPIPE as always.
func TestProcessesDoNotInheritWhatBrokenPipesDo(t *testing.T) {
	p := runProgram(t, "parent")
	p.signal(syscall.SIGINT)
	require.Contains(t, p.ends(supervisor.CodeStopped), isUp+" signal: broken pipe")
}
