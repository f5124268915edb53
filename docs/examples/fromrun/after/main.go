// Command worker consumes messages, and accepts connections.
package main

import (
	"context"
	"errors"
	"log"
	"net"
	"os"
	"os/signal"
	"syscall"

	"github.com/tasksupervisor/tasksupervisor/adapters/supervisor"
	"github.com/tasksupervisor/tasksupervisor/adapters/tasks"
)

func main() {
	ctx, cancel := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer cancel()
	sup, err := supervisor.New(
		supervisor.ForService(),
		supervisor.WithTask("consume", supervisor.TaskFunc(consume)),
		supervisor.WithTask("accept", tasks.Actor(func(ctx context.Context) (func() error, func(error)) {
			listener, err := net.Listen("tcp", ":8080")
			if err != nil {
				return func() error { return err }, func(error) {}
			}
			return func() error { return accept(listener) }, func(error) { _ = listener.Close() }
		}), supervisor.WithNeeds("consume")),
	)
	if err != nil {
		log.Fatal(err)
	}
	log.Fatal(sup.Run(ctx))
}

func consume(ctx context.Context) error {
	<-ctx.Done()
	return ctx.Err()
}

func accept(listener net.Listener) error {
	for {
		conn, err := listener.Accept()
		if errors.Is(err, net.ErrClosed) {
			return nil // it was told to stop
		}
		if err != nil {
			return err
		}
		_ = conn.Close()
	}
}
