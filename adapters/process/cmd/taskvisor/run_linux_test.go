package main

import (
	"strconv"
	"syscall"
	"testing"

	"github.com/stretchr/testify/require"
)

// Nothing survives a SIGKILL of what supervises.
func TestSIGKILLLeavesNothing(t *testing.T) {
	r := startRun(t, inFolder(t, "tasks.toml", taskTable("web", "stubborn", "")))
	r.until(`stubborn is up`)
	pids := r.pids()
	pid, err := strconv.Atoi(r.until(`pid (\d+), runs 1 task`)[1])
	require.NoError(t, err)
	require.NotEqual(t, r.cmd.Process.Pid, pid, "there is a guard")
	require.NoError(t, syscall.Kill(pid, syscall.SIGKILL))
	_, by := r.wait()
	require.Equal(t, syscall.SIGKILL, by)
	requireDead(t, pids)
	_, errs, code := command("status", "-f", r.file)
	require.Equal(t, 3, code)
	require.Contains(t, errs, "no taskvisor runs here")

	again := startRun(t, r.file) // the socket of the dead one is in no one's way
	again.until(`stubborn is up`)
	require.Len(t, again.pids(), 1)
}
