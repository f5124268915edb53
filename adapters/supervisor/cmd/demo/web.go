package main

import (
	"context"
	"fmt"
	"net/http"
	"time"

	"github.com/tasksupervisor/tasksupervisor/adapters/supervisor"
)

// website is a web server that shows the tree it is in.
type website struct {
	set      settings
	workshop *workshop
	serving  func(url string) // is told where, whenever it listens
}

// Run serves until ctx is cancelled, then lets the requests under way finish. It is ready when it listens.
func (w *website) Run(ctx context.Context) error {
	info, _ := supervisor.Current(ctx)
	defer w.workshop.witness.enter(info.Path)()
	listener, err := w.set.listen("tcp", w.set.address)
	if err != nil {
		return err
	}
	w.set.address = listener.Addr().String() // a restarted server is found where it was
	server := &http.Server{Handler: page(info.Supervisor), ReadHeaderTimeout: 5 * time.Second}
	defer func() { _ = server.Close() }() // cuts off what still hangs
	served := make(chan error, 1)
	go func() { served <- server.Serve(listener) }()
	w.serving("http://" + w.set.address)
	if err := supervisor.Ready(ctx); err != nil {
		return err
	}

	select {
	case err := <-served:
		return err
	case happen := <-w.workshop.mishaps.of(info.Path):
		return happen(ctx)
	case <-ctx.Done():
		deadline, cancel := context.WithTimeout(context.WithoutCancel(ctx), time.Second)
		defer cancel()
		return server.Shutdown(deadline)
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
