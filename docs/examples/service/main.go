// Command service is all that a service has around its tasks: a live page, health checks, metrics, a log, signals and a flight
// recorder. It is the program in the README.
package main

import (
	"cmp"
	"context"
	"log"
	"log/slog"
	"net"
	"net/http"
	"os"
	"time"

	"github.com/tasksupervisor/tasksupervisor/adapters/httptask"
	"github.com/tasksupervisor/tasksupervisor/adapters/prometheus"
	"github.com/tasksupervisor/tasksupervisor/adapters/supervisor"
	"github.com/tasksupervisor/tasksupervisor/adapters/web"
)

func main() {
	listener, err := net.Listen("tcp", cmp.Or(os.Getenv("ADDRESS"), "localhost:8080"))
	if err != nil {
		log.Fatal(err)
	}
	sup, err := newService(listener)
	if err != nil {
		log.Fatal(err)
	}
	slog.Info("listening", "address", listener.Addr().String())
	os.Exit(supervisor.Main(sup)) // until Ctrl-C or SIGTERM
}

func newService(listener net.Listener) (*supervisor.Supervisor, error) {
	mux := http.NewServeMux()
	server := func() *http.Server { return &http.Server{Handler: mux} }
	sup, err := supervisor.New(
		supervisor.ForService(),
		supervisor.WithLogger(slog.Default()),
		supervisor.WithFlightRecorder(supervisor.FlightRecorder{File: "service.recording"}),
		supervisor.WithTask("worker", supervisor.TaskFunc(work)),
		supervisor.WithTask("http", httptask.Serve(listener, server), supervisor.WithReadiness(true)),
	)
	if err != nil {
		return nil, err
	}
	mux.Handle("/debug/tasks/", web.New(sup))
	mux.Handle("/livez", web.Health(sup))
	mux.Handle("/readyz", web.Health(sup))
	mux.Handle("/metrics", prometheus.Handler(sup))
	return sup, nil
}

// work stands for what the service is for.
func work(ctx context.Context) error {
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-time.After(time.Second):
		}
	}
}
