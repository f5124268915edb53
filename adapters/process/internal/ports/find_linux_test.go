package ports

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"strconv"
	"syscall"
	"testing"

	"github.com/stretchr/testify/require"
	"golang.org/x/sys/unix"
)

// hosts are where a socket can be; the empty one is all addresses.
var hosts = map[string][]string{
	"tcp": {""}, "tcp4": {"", "127.0.0.1", "127.0.0.2"}, "tcp6": {"", "::1"},
	"udp": {""}, "udp4": {"", "127.0.0.1", "127.0.0.2"}, "udp6": {"", "::1"},
}

// listen listens until the test ends.
func listen(t *testing.T, network, address string, control func(fd int)) (port int, err error) {
	t.Helper()
	config := net.ListenConfig{Control: func(_, _ string, c syscall.RawConn) error {
		if control == nil {
			return nil
		}
		return c.Control(func(fd uintptr) { control(int(fd)) })
	}}
	if network[:3] == "udp" {
		conn, err := config.ListenPacket(t.Context(), network, address)
		if err != nil {
			return 0, err
		}
		t.Cleanup(func() { _ = conn.Close() })
		return conn.LocalAddr().(*net.UDPAddr).Port, nil
	}
	listener, err := config.Listen(t.Context(), network, address)
	if err != nil {
		return 0, err
	}
	t.Cleanup(func() { _ = listener.Close() })
	return listener.Addr().(*net.TCPAddr).Port, nil
}

func find(t *testing.T, text string) *Holder {
	t.Helper()
	a, err := Parse(text)
	require.NoError(t, err, text)
	holder, err := new(Finder).Find(t.Context(), a)
	require.NoError(t, err, text)
	return holder
}

// Whether a socket is in the way is what an attempt to listen says: of each kind, beside each kind.
func TestWhatIsInTheWayIsWhatListenSays(t *testing.T) {
	compared := map[bool]int{}
	for network, here := range hosts {
		for _, host := range here {
			for wanted, there := range hosts {
				if wanted[:3] != network[:3] {
					continue
				}
				for _, want := range there {
					t.Run(fmt.Sprintf("%s %q, wanted %s %q", network, host, wanted, want), func(t *testing.T) {
						port, err := listen(t, network, net.JoinHostPort(host, "0"), nil)
						require.NoError(t, err)
						at := net.JoinHostPort(want, strconv.Itoa(port))
						holder := find(t, wanted+"://"+at)
						_, err = listen(t, wanted, at, nil)
						require.True(t, err == nil || errors.Is(err, syscall.EADDRINUSE), "%v", err)
						require.Equal(t, err != nil, holder != nil, "listen: %v", err)
						if holder != nil {
							require.Equal(t, os.Getpid(), holder.PID)
							require.NotEmpty(t, holder.Program)
							require.Contains(t, holder.Command, filepath.Base(os.Args[0]))
						}
						compared[holder != nil]++
					})
				}
			}
		}
	}
	require.Greater(t, compared[true], 20)
	require.Greater(t, compared[false], 10)
}

// A name stands for all its addresses, and a port with SO_REUSEPORT is in use for one who does not say that it shares it.
func TestNamesAndSharedPorts(t *testing.T) {
	port, err := listen(t, "tcp4", "127.0.0.1:0", func(fd int) { _ = unix.SetsockoptInt(fd, unix.SOL_SOCKET, unix.SO_REUSEPORT, 1) })
	require.NoError(t, err)
	require.NotNil(t, find(t, fmt.Sprintf("localhost:%d", port)))
	require.NotNil(t, find(t, strconv.Itoa(port)))
	require.Nil(t, find(t, fmt.Sprintf("udp://localhost:%d", port)))
	a, err := Parse("no.such.host.invalid:80")
	require.NoError(t, err)
	_, err = new(Finder).Find(t.Context(), a)
	require.ErrorContains(t, err, "no.such.host.invalid")
}

// A connection that a server has accepted, or that waits for its end, is not in the way of the next one.
func TestConnectionsAreNotInTheWay(t *testing.T) {
	listener, err := net.Listen("tcp4", "127.0.0.1:0")
	require.NoError(t, err)
	client, err := net.Dial("tcp4", listener.Addr().String())
	require.NoError(t, err)
	defer func() { _ = client.Close() }()
	server, err := listener.Accept()
	require.NoError(t, err)
	port := listener.Addr().(*net.TCPAddr).Port
	require.NotNil(t, find(t, strconv.Itoa(port)))
	require.NoError(t, listener.Close())
	require.Nil(t, find(t, strconv.Itoa(port)), "the accepted one goes on")
	require.NoError(t, server.Close())
	require.Nil(t, find(t, strconv.Itoa(port)), "it waits for its end")
	_, err = listen(t, "tcp4", fmt.Sprintf("127.0.0.1:%d", port), nil)
	require.NoError(t, err)

	// The client's own port cannot be listened at: no other process shares it.
	own := client.LocalAddr().(*net.TCPAddr)
	_, err = listen(t, "tcp4", own.String(), nil)
	require.Equal(t, err != nil, find(t, own.String()) != nil, "listen: %v", err)
}

// Of unix sockets those count that somebody listens at, whatever they are called there.
func TestUnixSockets(t *testing.T) {
	dir := t.TempDir()
	t.Chdir(dir)
	path := filepath.Join(dir, "web.sock")
	require.Nil(t, find(t, path))
	listener, err := net.ListenUnix("unix", &net.UnixAddr{Name: path, Net: "unix"})
	require.NoError(t, err)
	listener.SetUnlinkOnClose(false)
	require.Equal(t, os.Getpid(), find(t, path).PID)
	require.NoError(t, listener.Close())
	_, err = os.Stat(path)
	require.NoError(t, err)
	require.Nil(t, find(t, path), "the file is left, and no process listens")

	relative, err := net.Listen("unix", "other.sock")
	require.NoError(t, err)
	defer func() { _ = relative.Close() }()
	require.Equal(t, os.Getpid(), find(t, filepath.Join(dir, "other.sock")).PID)
	abstract, err := net.Listen("unix", "@tasksupervisor-"+filepath.Base(dir)+strconv.Itoa(os.Getpid()))
	require.NoError(t, err)
	defer func() { _ = abstract.Close() }()
	require.Equal(t, os.Getpid(), find(t, abstract.Addr().String()).PID)
	datagrams, err := net.ListenPacket("unixgram", filepath.Join(dir, "log.sock"))
	require.NoError(t, err)
	defer func() { _ = datagrams.Close() }()
	require.Equal(t, os.Getpid(), find(t, filepath.Join(dir, "log.sock")).PID)
}

// The one who was found is remembered, and no longer than the socket is theirs.
func TestAFinderRemembers(t *testing.T) {
	f := new(Finder)
	listener, err := net.Listen("tcp", ":0")
	require.NoError(t, err)
	a, err := Parse(strconv.Itoa(listener.Addr().(*net.TCPAddr).Port))
	require.NoError(t, err)
	for range 2 {
		holder, err := f.Find(context.Background(), a)
		require.NoError(t, err)
		require.Equal(t, os.Getpid(), holder.PID)
	}
	require.NotZero(t, f.inode)
	require.NoError(t, listener.Close())
	holder, err := f.Find(context.Background(), a)
	require.NoError(t, err)
	require.Nil(t, holder)
}

func TestTables(t *testing.T) {
	_, ok := parse([]byte("  0: 0100007F:1F90 00000000:0000 0A 00000000:00000000"))
	require.False(t, ok)
	_, ok = parse([]byte("  0: 0100007G:1F90 00000000:0000 0A 00000000:00000000 00:00000000 00000000  1000  0 12345 1"))
	require.False(t, ok)
	for _, name := range []string{"/proc/net/tcp", "/proc/net/udp"} {
		_, err := read(name)
		require.NoError(t, err)
	}
	_, err := read("/proc/self/status")
	require.ErrorIs(t, err, errTable)
}
