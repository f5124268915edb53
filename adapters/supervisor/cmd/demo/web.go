package main

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"time"

	"github.com/tasksupervisor/tasksupervisor/adapters/httptask"
	"github.com/tasksupervisor/tasksupervisor/adapters/supervisor"
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
	served := make(chan error, 1)
	go func() { served <- w.serve(serving) }()
	select {
	case err := <-served:
		stop()
		return err
	case happen := <-w.workshop.mishaps.of(info.Path):
		defer func() {
			stop()
			<-served
		}()
		return happen(ctx)
	}
}

// page shows the tree of a supervisor.
func page(supervisor *supervisor.Supervisor) http.Handler {
	return http.HandlerFunc(func(out http.ResponseWriter, _ *http.Request) {
		for _, node := range supervisor.Tree() {
			fmt.Fprintln(out, node)
		}
	})
}
