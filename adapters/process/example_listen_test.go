//go:build linux

package process_test

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"

	"github.com/tasksupervisor/tasksupervisor/adapters/process"
	"github.com/tasksupervisor/tasksupervisor/adapters/supervisor"
)

// A task that has to wait for an address says who listens there.
func ExampleInUseError() {
	listener, err := net.Listen("unix", "@example-of-an-address-in-use")
	if err != nil {
		panic(err)
	}
	defer func() { _ = listener.Close() }()
	host, err := process.Open()
	if err != nil {
		panic(err)
	}
	defer func() { _ = host.Close() }()
	web, err := host.Task(process.Command{Shell: "exec web", Listen: []string{"@example-of-an-address-in-use"}})
	if err != nil {
		panic(err)
	}
	sup, err := supervisor.New(supervisor.WithTask("web", web, web.Options()...))
	if err != nil {
		panic(err)
	}
	_ = sup.Start(context.Background())
	var in *process.InUseError
	_ = sup.WaitUntil(context.Background(), "web", func(s supervisor.TaskStatus) bool { return errors.As(s.HeldBy, &in) })
	_ = sup.Shutdown(context.Background())
	fmt.Println(in.PID == os.Getpid(), in)
	// Output: true socket @example-of-an-address-in-use is in use by this program itself
}
