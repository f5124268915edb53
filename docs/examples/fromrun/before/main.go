// Command worker consumes messages, and accepts connections.
package main

import (
	"context"
	"log"
	"net"
	"os"
	"syscall"

	"github.com/oklog/run"
)

func main() {
	var group run.Group
	ctx, cancel := context.WithCancel(context.Background())
	group.Add(func() error { return consume(ctx) }, func(error) { cancel() })
	listener, err := net.Listen("tcp", ":8080")
	if err != nil {
		log.Fatal(err)
	}
	group.Add(func() error { return accept(listener) }, func(error) { _ = listener.Close() })
	group.Add(run.SignalHandler(context.Background(), os.Interrupt, syscall.SIGTERM))
	log.Fatal(group.Run())
}

func consume(ctx context.Context) error {
	<-ctx.Done()
	return ctx.Err()
}

func accept(listener net.Listener) error {
	for {
		conn, err := listener.Accept()
		if err != nil {
			return err
		}
		_ = conn.Close()
	}
}
