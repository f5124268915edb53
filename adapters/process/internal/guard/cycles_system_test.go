//go:build system && linux

package guard

import (
	"bytes"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"syscall"
	"testing"

	"github.com/stretchr/testify/require"
)

var (
	cyclesFlag = flag.Int("cycles", 200, "how many processes TestSystemNumbersAreUsedAgain starts and stops")
	seedFlag   = flag.Uint64("seed", 1, "of what these do")
)

// As process 1, which no signal of its own ends, the guard says by its code which signal has ended the supervisor.
func TestSystemSignalOfTheChildOfProcess1(t *testing.T) {
	for _, signal := range []syscall.Signal{syscall.SIGTERM, syscall.SIGINT, syscall.SIGKILL, syscall.SIGUSR1, syscall.SIGSEGV, syscall.SIGABRT} {
		cmd := exec.Command("unshare", "--pid", "--fork", "--mount-proc", "--kill-child", self(t), "supervise", "group", "none", "of-none")
		cmd.Env = append(os.Environ(), Variable+"=on")
		cmd.Stdin, cmd.Stderr = strings.NewReader("die "+strconv.Itoa(int(signal))+"\n"), os.Stderr
		var ended *exec.ExitError
		require.ErrorAs(t, cmd.Run(), &ended, signal)
		require.Equal(t, 128+int(signal), ended.ExitCode(), signal)
	}
}

// No exit is lost and no signal goes to a stranger, however soon numbers are used again. It runs as process 1 of a PID namespace.
// `make cycles` does the same for longer.
func TestSystemNumbersAreUsedAgain(t *testing.T) {
	for _, hold := range []string{"group", "cgroup"} {
		t.Run(hold, func(t *testing.T) {
			var output bytes.Buffer
			cmd := exec.Command("unshare", "--pid", "--fork", "--mount-proc", "--kill-child", self(t),
				"cycles", hold, strconv.Itoa(*cyclesFlag), strconv.FormatUint(*seedFlag, 10))
			cmd.Env = append(os.Environ(), Variable+"=on")
			cmd.Stdout, cmd.Stderr = &output, os.Stderr
			require.NoError(t, cmd.Run(), output.String())
			var seed, done, strangers, wraps int
			_, err := fmt.Sscanf(output.String(), "seed %d: %d cycles, %d strangers in the place of what had ended, numbers began anew %d times",
				&seed, &done, &strangers, &wraps)
			require.NoError(t, err, output.String())
			t.Logf("%s: %s", hold, output.String())
			require.Equal(t, *cyclesFlag, done)
			require.Greater(t, strangers, done/2)
			require.Equal(t, done >= 200, wraps > 0)
		})
	}
}
