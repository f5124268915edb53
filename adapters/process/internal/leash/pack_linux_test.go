package leash

import (
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"syscall"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/tasksupervisor/tasksupervisor/adapters/process/internal/procfs"
)

// A process that is about to execute a program has no environment, and so no token. It gets the signal all the same.
func TestSignalReachesWhatIsAboutToExecute(t *testing.T) {
	child := exec.Command("/bin/sleep", "600")
	child.SysProcAttr = &syscall.SysProcAttr{Setsid: true}
	require.NoError(t, child.Start())
	t.Cleanup(func() { _ = child.Process.Kill() })
	pid := child.Process.Pid
	stat, err := os.ReadFile(filepath.Join("/proc", strconv.Itoa(pid), "stat"))
	require.NoError(t, err)
	proc := t.TempDir()
	folder := filepath.Join(proc, strconv.Itoa(pid))
	require.NoError(t, os.Mkdir(folder, 0o755))
	write := func(name string, text []byte) {
		require.NoError(t, os.WriteFile(filepath.Join(folder, name), text, 0o644))
	}
	write("stat", stat)
	write("environ", nil)
	fs, err := procfs.OpenAt(proc)
	require.NoError(t, err)
	t.Cleanup(func() { _ = fs.Close() })
	looks := 0
	k := &pack{
		census: &census{proc: fs},
		marked: func(_ int, tokens string) bool {
			if looks++; looks == 3 {
				write("environ", []byte(Variable+"=mine\x00"))
			}
			return tokens == "mine"
		},
		foreign: func(*procfs.Process) bool { return false },
	}
	require.NoError(t, k.signal(spareNone, syscall.SIGTERM))
	require.Contains(t, k.held, pid)
	k.free()
	var ended *exec.ExitError
	require.ErrorAs(t, child.Wait(), &ended)
	require.Equal(t, syscall.SIGTERM, ended.Sys().(syscall.WaitStatus).Signal())
}
