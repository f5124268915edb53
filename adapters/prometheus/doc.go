// Package prometheus shows a tree of supervisors to Prometheus. [Handler] serves the whole of it, [NewCollector] is for a program
// that has a registry:
//
//	http.Handle("/metrics", prometheus.Handler(sup))
//
//	registry.MustRegister(prometheus.NewCollector(sup))
//
// All is read from the tree when it is scraped: nothing is done in between, and a task that was removed leaves no series. What is
// counted is counted by the supervisors where they decide, so no failure or restart is missing, however many there are between two
// scrapes, and no counter goes back while its task exists, also when supervisors are restarted or made anew.
//
// The names, their labels, how many series there are of each, the alerts and the dashboard are in docs/metrics.md. The files
// rules/tasksupervisor.rules.yml and dashboard/tasksupervisor.json beside this package are for Prometheus and Grafana.
//
// Programs import it beside github.com/prometheus/client_golang/prometheus under another name, such as taskprom. Metrics of
// two trees in one registry need labels that tell them apart: register each with [prometheus.WrapRegistererWith].
package prometheus
