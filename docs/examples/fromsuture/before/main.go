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

	"github.com/thejerf/suture/v4"
)

func main() {
	ctx, cancel := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer cancel()
	spec := suture.Spec{
		EventHook:         func(event suture.Event) { slog.Warn(event.String(), "event", event.Map()) },
		PassThroughPanics: true,
		Timeout:           20 * time.Second,
	}
	root := suture.New("relay", spec)
	peers := suture.New("peers", spec)
	for _, address := range os.Args[1:] {
		peers.Add(&peer{address})
	}
	root.Add(peers)
	root.Add(&api{":8384"})
	if err := root.Serve(ctx); err != nil && !errors.Is(err, context.Canceled) {
		slog.Error("the relay has stopped", "error", err)
		os.Exit(1)
	}
}

// peer keeps a connection to another relay.
type peer struct{ address string }

func (p *peer) String() string { return p.address }

func (p *peer) Serve(ctx context.Context) error {
	conn, err := connect(ctx, p.address)
	if errors.Is(err, errBanned) {
		return suture.ErrDoNotRestart
	}
	if err != nil {
		return err
	}
	return exchange(ctx, conn)
}

// api answers what the relay knows.
type api struct{ address string }

func (a *api) Serve(ctx context.Context) error {
	server := &http.Server{Addr: a.address, Handler: http.DefaultServeMux}
	failed := make(chan error, 1)
	go func() { failed <- server.ListenAndServe() }()
	select {
	case err := <-failed:
		return err
	case <-ctx.Done():
		return server.Shutdown(context.Background())
	}
}
