//go:build linux

package systemd_test

import (
	"context"
	"fmt"
	"net"
	"os"

	"github.com/tasksupervisor/tasksupervisor/adapters/supervisor"
	"github.com/tasksupervisor/tasksupervisor/adapters/systemd"
)

// The socket of systemd is one that prints here.
func ExampleNotify() {
	socket, err := net.ListenUnixgram("unixgram", &net.UnixAddr{Name: "@systemd-example", Net: "unixgram"})
	if err != nil {
		fmt.Println(err)
		return
	}
	defer func() { _ = socket.Close() }()
	_ = os.Setenv("NOTIFY_SOCKET", "@systemd-example")
	defer func() { _ = os.Unsetenv("NOTIFY_SOCKET") }()
	printNext := func() {
		datagram := make([]byte, 1024)
		n, err := socket.Read(datagram)
		fmt.Println(string(datagram[:n]), err)
	}

	sup, err := supervisor.New(supervisor.WithName("shop"), supervisor.WithTask("api", supervisor.TaskFunc(func(ctx context.Context) error {
		<-ctx.Done()
		return nil
	})))
	if err != nil {
		fmt.Println(err)
		return
	}
	_ = sup.Start(context.Background())
	stop, err := systemd.Notify(sup)
	if err != nil {
		fmt.Println(err)
		return
	}
	defer stop()
	printNext()
	_ = systemd.Reload(func() error { return nil })
	_ = sup.Shutdown(context.Background())
	// Output:
	// READY=1
	// STATUS=1 task, which is up <nil>
}

// A listener that systemd keeps while the process is replaced, or one of the process itself where there is no systemd.
func ExampleListen() {
	listener, err := systemd.Listen("http", "tcp", "127.0.0.1:0")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer func() { _ = listener.Close() }()
	fmt.Println(listener.Addr().Network())
	// Output: tcp
}
