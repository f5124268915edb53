//go:build unix

package main

import (
	"bufio"
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/stretchr/testify/require"
)

// Ctrl-C in `demo | cat` kills cat, too. The shop still closes in order, and leaves its report and a whole recording.
func TestABrokenPipeDoesNotDisturbTheStop(t *testing.T) {
	path := filepath.Join(t.TempDir(), "demo.recording")
	demo := exec.Command(os.Args[0], "-calm", "-recording", path)
	demo.Env = append(os.Environ(), asDemo+"=1")
	var stderr bytes.Buffer
	demo.Stderr = &stderr
	stdout, err := demo.StdoutPipe()
	require.NoError(t, err)
	require.NoError(t, demo.Start())
	t.Cleanup(func() { _ = demo.Process.Kill() })
	lines := bufio.NewScanner(stdout)
	for lines.Scan() && !strings.Contains(lines.Text(), "shop/stock/reader ") {
	}
	require.Contains(t, lines.Text(), "shop/stock/reader ", "%v", lines.Err())
	require.NoError(t, stdout.Close())

	require.NoError(t, demo.Process.Signal(syscall.SIGINT))
	require.NoError(t, demo.Wait(), stderr.String())
	require.Regexp(t, `(?m)^shop: halted, \d+ runs started, `, stderr.String())
	require.Contains(t, stderr.String(), "tasksim replay "+path)
	replayed := shell(t, "go run ./sim/cmd/tasksim replay "+path)
	require.Contains(t, replayed, "shop#1")
	for line := range strings.Lines(replayed) {
		require.Regexp(t, `: as recorded: \d+ statements, halted, `, line)
	}
}
