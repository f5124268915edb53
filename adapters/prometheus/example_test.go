package prometheus_test

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"

	"github.com/prometheus/client_golang/prometheus"

	taskprom "github.com/tasksupervisor/tasksupervisor/adapters/prometheus"
	"github.com/tasksupervisor/tasksupervisor/adapters/supervisor"
)

// A page of metrics, as a server asks for it.
func ExampleHandler() {
	sup := running(supervisor.WithTask("mailer", supervisor.TaskFunc(untilStopped)))
	http.Handle("/metrics", taskprom.Handler(sup))

	page := httptest.NewRecorder()
	http.DefaultServeMux.ServeHTTP(page, httptest.NewRequest(http.MethodGet, "/metrics", nil))
	text, _ := io.ReadAll(page.Body)
	for line := range strings.Lines(string(text)) {
		if strings.HasPrefix(line, "tasksupervisor_task_up") || strings.HasPrefix(line, "tasksupervisor_task_starts_total") {
			fmt.Print(line)
		}
	}
	// Output:
	// tasksupervisor_task_starts_total{supervisor="",task="mailer"} 1
	// tasksupervisor_task_up{supervisor="",task="mailer"} 1
}

// A program that has a registry, and two trees that a label tells apart.
func ExampleCollector() {
	registry := prometheus.NewRegistry()
	for _, tree := range []string{"jobs", "servers"} {
		sup := running(supervisor.WithTask("first", supervisor.TaskFunc(untilStopped)))
		labelled := prometheus.WrapRegistererWith(prometheus.Labels{"tree": tree}, registry)
		labelled.MustRegister(taskprom.NewCollector(sup))
	}
	families, err := registry.Gather()
	if err != nil {
		panic(err)
	}
	for _, family := range families {
		if family.GetName() != "tasksupervisor_task_up" {
			continue
		}
		for _, metric := range family.Metric {
			for _, label := range metric.Label {
				fmt.Printf("%s=%q ", label.GetName(), label.GetValue())
			}
			fmt.Println(metric.Gauge.GetValue())
		}
	}
	// Output:
	// supervisor="" task="first" tree="jobs" 1
	// supervisor="" task="first" tree="servers" 1
}

// What there is no room for is counted together.
func ExampleOption() {
	var tasks []supervisor.Option
	for i := range 100 {
		tasks = append(tasks, supervisor.WithTask(fmt.Sprint("worker-", i), supervisor.TaskFunc(untilStopped)))
	}
	registry := prometheus.NewRegistry()
	registry.MustRegister(taskprom.NewCollector(running(tasks...), taskprom.WithSeriesLimit(500), taskprom.WithStatusUpTo(0)))
	families, err := registry.Gather()
	if err != nil {
		panic(err)
	}
	for _, family := range families {
		switch family.GetName() {
		case "tasksupervisor_tasks_folded":
			fmt.Println("counted together:", family.Metric[0].Gauge.GetValue())
		case "tasksupervisor_task_starts_total":
			fmt.Println("series of starts:", len(family.Metric), "of", family.Metric[0].Label[1].GetValue(), "and others")
		}
	}
	// Output:
	// series of starts: 37 of _other and others
	// counted together: 64
}

// running starts a supervisor, and waits until its tasks are up.
func running(options ...supervisor.Option) *supervisor.Supervisor {
	sup, err := supervisor.New(options...)
	if err != nil {
		panic(err)
	}
	if err := sup.Start(context.Background()); err != nil {
		panic(err)
	}
	for _, task := range sup.Statuses() {
		if err := sup.WaitFor(context.Background(), task.Name, supervisor.UntilHealthy); err != nil {
			panic(err)
		}
	}
	return sup
}

func untilStopped(ctx context.Context) error {
	<-ctx.Done()
	return nil
}
