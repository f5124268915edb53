package prometheus

import (
	"net/http"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"github.com/tasksupervisor/tasksupervisor/adapters/supervisor"
)

// Handler serves the metrics of a supervisor and all below it, of the Go runtime and of the process. A program that has metrics of
// its own registers a [NewCollector] beside them instead.
func Handler(root *supervisor.Supervisor, options ...Option) http.Handler {
	registry := prometheus.NewRegistry()
	registry.MustRegister(
		NewCollector(root, options...),
		collectors.NewGoCollector(),
		collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}),
	)
	return promhttp.HandlerFor(registry, promhttp.HandlerOpts{})
}
