// Command relay passes messages on between peers.
package main

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"os"
	"os/signal"
	"syscall"
	"time"

	"github.com/tasksupervisor/tasksupervisor/adapters/httptask"
	"github.com/tasksupervisor/tasksupervisor/adapters/supervisor"
)

func main() {
	ctx, cancel := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer cancel()
	peers, err := supervisor.New(supervisor.ForService())
	for _, address := range os.Args[1:] {
		err = errors.Join(err, peers.Add(address, supervisor.TaskFunc((&peer{address}).Serve)))
	}
	root, failed := supervisor.New(
		supervisor.ForService(),
		supervisor.WithName("relay"),
		supervisor.WithLogger(slog.Default()),
		supervisor.WithCrashOnPanic(true),
		supervisor.WithTask("peers", peers),
		supervisor.WithTask("api", httptask.ListenAndServe(func() *http.Server {
			return &http.Server{Addr: ":8384"}
		}), supervisor.WithStopTimeout(20*time.Second)),
	)
	if err = errors.Join(err, failed); err == nil {
		err = root.Run(ctx)
	}
	if err != nil {
		slog.Error("the relay has stopped", "error", err)
		os.Exit(1)
	}
}

// peer keeps a connection to another relay.
type peer struct{ address string }

func (p *peer) Serve(ctx context.Context) error {
	conn, err := connect(ctx, p.address)
	if errors.Is(err, errBanned) {
		return supervisor.Done(err)
	}
	if err != nil {
		return err
	}
	return exchange(ctx, conn)
}
