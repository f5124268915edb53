package main

import (
	"bufio"
	"bytes"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/tasksupervisor/tasksupervisor/adapters/supervisor"
	"github.com/tasksupervisor/tasksupervisor/core/scenario"
)

// Page, health, metrics and recorder are there.
func TestService(t *testing.T) {
	t.Chdir(t.TempDir())
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	sup, err := newService(listener)
	require.NoError(t, err)
	require.NoError(t, sup.Start(t.Context()))
	require.NoError(t, sup.WaitForAll(t.Context(), "", supervisor.UntilReady))

	for path, shows := range map[string]string{
		"/debug/tasks/": "worker",
		"/livez":        "ok",
		"/readyz":       "ok",
		"/metrics":      "\ntasksupervisor_up 1\n",
	} {
		answer, err := http.Get("http://" + listener.Addr().String() + path)
		require.NoError(t, err)
		text, err := io.ReadAll(answer.Body)
		require.NoError(t, err)
		require.NoError(t, answer.Body.Close())
		require.Equal(t, http.StatusOK, answer.StatusCode, path)
		require.Contains(t, string(text), shows, path)
	}
	require.NoError(t, sup.Shutdown(t.Context()))
	require.NoError(t, listener.Close())

	var recording bytes.Buffer
	require.NoError(t, sup.DumpRecording(&recording))
	file, err := scenario.ParseAll(recording.Bytes())
	require.NoError(t, err)
	require.Len(t, file.Scenarios, 1)
	_, err = file.Scenarios[0].Play()
	require.NoError(t, err)
}

// The program logs, and stops in order when it is asked to.
func TestSignal(t *testing.T) {
	program := filepath.Join(t.TempDir(), "service")
	out, err := exec.Command("go", "build", "-o", program, ".").CombinedOutput()
	require.NoError(t, err, string(out))
	service := exec.Command(program)
	service.Dir = t.TempDir()
	service.Env = append(os.Environ(), "ADDRESS=127.0.0.1:0")
	stderr, err := service.StderrPipe()
	require.NoError(t, err)
	require.NoError(t, service.Start())
	var said strings.Builder
	for lines := bufio.NewScanner(stderr); lines.Scan(); {
		said.WriteString(lines.Text() + "\n")
		if _, address, ok := strings.Cut(lines.Text(), "listening address="); ok {
			awaitReady(t, "http://"+address+"/readyz")
			require.NoError(t, service.Process.Signal(syscall.SIGTERM))
		}
	}
	require.NoError(t, service.Wait(), said.String())
	require.Contains(t, said.String(), "terminated")
}

// awaitReady asks until all is ready. Until the server runs, requests wait at its listener.
func awaitReady(t *testing.T, url string) {
	t.Helper()
	for {
		answer, err := http.Get(url)
		require.NoError(t, err)
		require.NoError(t, answer.Body.Close())
		if answer.StatusCode == http.StatusOK {
			return
		}
	}
}
