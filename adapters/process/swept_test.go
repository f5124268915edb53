//go:build linux

package process

import (
	"bufio"
	"log/slog"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// What a program has left that was killed is stopped by its next life, which knows of which task it was.
func TestSweptOfAFormerLife(t *testing.T) {
	name := "former-life-" + itoa(os.Getpid())
	life := exec.Command(os.Args[0], name)
	life.Env = append(os.Environ(), helperVariable+"=life")
	said, err := life.StdoutPipe()
	require.NoError(t, err)
	require.NoError(t, life.Start())
	line, err := bufio.NewReader(said).ReadString('\n')
	require.NoError(t, err)
	pid, err := strconv.Atoi(strings.TrimSpace(strings.TrimPrefix(line, "pid ")))
	require.NoError(t, err)
	require.NoError(t, life.Process.Kill())
	require.Error(t, life.Wait())
	require.True(t, alive(pid))

	var logged strings.Builder
	host, err := Open(WithName(name), WithLogger(slog.New(slog.NewTextHandler(&logged, nil))))
	require.NoError(t, err)
	require.False(t, alive(pid))
	require.Len(t, host.Swept(), 1)
	require.Equal(t, pid, host.Swept()[0].PID)
	require.Equal(t, "mail", host.Swept()[0].Task)
	require.Contains(t, logged.String(), "task=mail")
	require.NoError(t, host.Close())
}
