//go:build linux

package systemd_test

import (
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"strconv"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/tasksupervisor/tasksupervisor/adapters/systemd"
)

// activated makes the test binary a program that is started with sockets.
const activated = "SYSTEMD_TEST_ACTIVATED"

func TestTheSocketsThatArePassed(t *testing.T) {
	if os.Getenv(activated) != "" {
		serveActivated(t)
		return
	}
	passed, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	file, err := passed.(*net.TCPListener).File()
	require.NoError(t, err)
	require.NoError(t, passed.Close())
	program := exec.Command(os.Args[0], "-test.run=^TestTheSocketsThatArePassed$")
	program.Env = append(os.Environ(), activated+"=1", "LISTEN_FDS=1", "LISTEN_FDNAMES=http")
	program.ExtraFiles = []*os.File{file}
	out, err := program.StdoutPipe()
	require.NoError(t, err)
	require.NoError(t, program.Start())
	require.NoError(t, file.Close())

	conn, err := net.Dial("tcp", passed.Addr().String()) // it waits in the socket until the program is there
	require.NoError(t, err)
	answer, err := io.ReadAll(conn)
	require.NoError(t, err)
	require.NoError(t, conn.Close())
	text, err := io.ReadAll(out)
	require.NoError(t, err)
	require.NoError(t, program.Wait(), string(text))
	require.Equal(t, "hello", string(answer))
}

// serveActivated is the program.
func serveActivated(t *testing.T) {
	require.NoError(t, os.Setenv("LISTEN_PID", strconv.Itoa(os.Getpid()))) // which systemd knows beforehand
	_, err := systemd.Listen("https", "tcp", "127.0.0.1:0")
	require.EqualError(t, err, `systemd has passed 0 listening sockets of the name "https", not 1`)
	listener, err := systemd.Listen("http", "tcp", "127.0.0.1:0")
	require.NoError(t, err)
	conn, err := listener.Accept()
	require.NoError(t, err)
	_, err = fmt.Fprint(conn, "hello")
	require.NoError(t, err)
	require.NoError(t, conn.Close())
	_, err = systemd.Listen("http", "tcp", "127.0.0.1:0")
	require.EqualError(t, err, `the socket "http" was taken before`)
	require.NoError(t, listener.Close())
}

func TestWithoutSocketsItListens(t *testing.T) {
	listener, err := systemd.Listen("http", "tcp", "127.0.0.1:0")
	require.NoError(t, err)
	require.Equal(t, "tcp", listener.Addr().Network())
	require.NoError(t, listener.Close())
}
