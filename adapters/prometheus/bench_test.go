package prometheus

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/stretchr/testify/require"

	"github.com/tasksupervisor/tasksupervisor/adapters/supervisor"
)

// fleet returns a supervisor with many tasks.
func fleet(t testing.TB, tasks int) *supervisor.Supervisor {
	t.Helper()
	var options []supervisor.Option
	for i := range tasks {
		options = append(options, supervisor.WithTask(fmt.Sprint("task", i), waits))
	}
	sup := made(t, options...)
	runs(t, sup)
	return sup
}

// A scrape of 10,000 tasks has as many series as the limit allows, and allocates for them and not for the tasks: what is counted
// together allocates nothing from the second scrape on.
func TestScrapeOfTenThousandTasks(t *testing.T) {
	sup := fleet(t, 10_000)
	collector := NewCollector(sup)
	scrape := scraperFor(t, collector)
	got := scrape()
	require.LessOrEqual(t, len(got)+3*(durations+1)-3, 10_000)
	require.Greater(t, len(got), 9_800)
	require.Equal(t, 10_000.0, got.value(`tasksupervisor_tasks{status="healthy",supervisor=""}`)+got.value(`tasksupervisor_tasks{status="created",supervisor=""}`))
	own := 0.0
	for series := range got {
		if len(series) > 25 && series[:24] == "tasksupervisor_task_up{s" {
			own++
		}
	}
	require.Equal(t, 10_000-own, got.value("tasksupervisor_tasks_folded"))

	allocated := testing.AllocsPerRun(5, func() { collector.scrape() })
	require.Less(t, allocated, 300.0, "whatever the number of tasks")
}

// What a server asks for: everything, as text.
func BenchmarkScrape(b *testing.B) {
	for _, bench := range []struct {
		tasks, limit int
	}{{100, 10_000}, {1_000, 10_000}, {10_000, 10_000}, {10_000, 200_000}} {
		b.Run(fmt.Sprintf("tasks=%d/limit=%d", bench.tasks, bench.limit), func(b *testing.B) {
			handler := Handler(fleet(b, bench.tasks), WithSeriesLimit(bench.limit))
			for b.Loop() {
				page := httptest.NewRecorder()
				handler.ServeHTTP(page, httptest.NewRequest(http.MethodGet, "/metrics", nil))
			}
		})
	}
}

// The collector's own part of it, without the client library's.
func BenchmarkCollect(b *testing.B) {
	for _, limit := range []int{10_000, 200_000} {
		b.Run(fmt.Sprintf("tasks=10000/limit=%d", limit), func(b *testing.B) {
			collector := NewCollector(fleet(b, 10_000), WithSeriesLimit(limit))
			metrics := make(chan prometheus.Metric, 1024)
			go func() {
				for range metrics {
				}
			}()
			b.ReportAllocs()
			for b.Loop() {
				collector.Collect(metrics)
			}
			close(metrics)
		})
	}
}
