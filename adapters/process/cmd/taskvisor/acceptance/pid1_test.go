//go:build system

package acceptance_test

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"testing"

	"github.com/stretchr/testify/require"
)

// As the first process of a container, it adopts all orphans: of a thousand none is left, not even as a zombie. TERM reaches it.
func TestSystemPID1ReapsOrphansAndForwardsTERM(t *testing.T) {
	t.Parallel()
	const orphans = 1000
	directory := t.TempDir()
	write(t, directory, "tasks.toml", fmt.Sprintf(`
[tasks.parent]
command = """
trap 'echo asked to end; exit 0' TERM
n=0
while [ $n -lt %d ]; do
	( (printf x >> %[2]s/orphans) & )
	n=$((n+1))
done
echo that is all
sleep 1000 & wait"""
`, orphans, directory))
	v := startAsPID1(t, directory)
	v.says("that is all")
	await(t, "all orphans have been there", func() bool { return len(read(t, directory, "orphans")) == orphans })
	alive, _ := children(survey(), v.pid) // of unshare
	require.Len(t, alive, 1)
	first := alive[0].pid
	await(t, "no orphan and no zombie is left", func() bool {
		inside := inNamespaceOf(t, first)
		for _, p := range inside {
			if p.state == 'Z' {
				return false
			}
		}
		return len(inside) == 4 // the guard, the supervisor, the task and its sleep
	})
	require.NoError(t, syscall.Kill(first, syscall.SIGTERM))
	require.Zero(t, v.ended())
	require.Contains(t, v.said(), "asked to end")
}

// It ends with the exit code of what ended it.
func TestSystemPID1EndsWithTheCode(t *testing.T) {
	t.Parallel()
	directory := t.TempDir()
	write(t, directory, "tasks.toml", `
auto_shutdown = "any"
[tasks.main]
command = "exit 7"
restart = "never"
significant = true
[tasks.other]
exec = ["sleep", "1000"]
`)
	require.Equal(t, 7, startAsPID1(t, directory).ended())
}

// startAsPID1 runs the tasks.toml of a directory in a PID namespace of its own, with a /proc of its own.
func startAsPID1(t *testing.T, directory string) *instance {
	t.Helper()
	args := []string{"--pid", "--fork", "--mount-proc", taskvisor, "run", "-f", filepath.Join(directory, "tasks.toml")}
	if os.Getuid() != 0 {
		args = append([]string{"--user", "--map-root-user"}, args...)
	}
	return startCommand(t, directory, exec.Command("unshare", args...))
}

// inNamespaceOf returns the processes that are in the PID namespace of a process.
func inNamespaceOf(t *testing.T, pid int) (inside []process) {
	t.Helper()
	namespace, err := os.Readlink(fmt.Sprintf("/proc/%d/ns/pid", pid))
	require.NoError(t, err)
	for _, p := range survey() {
		if of, err := os.Readlink(fmt.Sprintf("/proc/%d/ns/pid", p.pid)); err == nil && of == namespace {
			inside = append(inside, p)
		}
	}
	return inside
}
