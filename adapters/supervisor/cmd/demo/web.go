package main

import (
	"context"
	"errors"
	"net"
	"net/http"
	"net/netip"
	"time"

	"github.com/tasksupervisor/tasksupervisor/adapters/httptask"
	"github.com/tasksupervisor/tasksupervisor/adapters/supervisor"
	"github.com/tasksupervisor/tasksupervisor/adapters/web"
)

// website is a web server that shows the tree it is in. Its listener stays open from one run to the next, so that whoever asks
// for the page while it is down waits for it.
type website struct {
	handler  http.Handler // is set before the first run
	serve    supervisor.TaskFunc
	workshop *workshop
}

func newWebsite(listener net.Listener, workshop *workshop) *website {
	w := &website{workshop: workshop}
	w.serve = httptask.Serve(listener, func() *http.Server {
		return &http.Server{Handler: w.handler, ReadHeaderTimeout: 5 * time.Second}
	})
	return w
}

// Run serves until ctx is cancelled, then lets the requests under way finish. It is ready when it serves.
func (w *website) Run(ctx context.Context) error {
	info, _ := supervisor.Current(ctx)
	defer w.workshop.witness.enter(info.Path)()
	serving, stop := context.WithCancel(ctx)
	defer stop()
	var err error
	served := make(chan struct{})
	go func() {
		defer close(served)
		err = w.serve(serving)
	}()
	select {
	case <-served:
		return err
	case happen := <-w.workshop.mishaps.of(info.Path):
		defer func() {
			stop()
			<-served
		}()
		return happen(ctx)
	}
}

// pages are the live page of a supervisor, and the checks of its health. Who is at this machine may use its buttons.
func pages(shop *supervisor.Supervisor) http.Handler {
	health := web.Health(shop)
	mux := http.NewServeMux()
	mux.Handle("/livez", health)
	mux.Handle("/readyz", health)
	mux.Handle("/", web.New(shop, web.WithControls(onlyFromHere)))
	return mux
}

var errFromElsewhere = errors.New("only from the machine that the demo runs on")

func onlyFromHere(r *http.Request, _ web.Action, _ string) error {
	address, err := netip.ParseAddrPort(r.RemoteAddr)
	if err != nil || !address.Addr().Unmap().IsLoopback() {
		return errFromElsewhere
	}
	return nil
}
