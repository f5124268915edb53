package web_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/tasksupervisor/tasksupervisor/adapters/supervisor"
	"github.com/tasksupervisor/tasksupervisor/adapters/web"
)

// BenchmarkObserve is what a page takes of each decision while no one looks.
func BenchmarkObserve(b *testing.B) {
	sup, err := supervisor.New()
	if err != nil {
		b.Fatal(err)
	}
	page := web.New(sup)
	defer page.Close()
	decisions := make([]supervisor.Transition, 5000)
	for i := range decisions {
		decisions[i] = supervisor.Transition{
			Supervisor: "root", Task: fmt.Sprint("task-", i), Kind: supervisor.ActionStart, Run: 2, From: supervisor.StatusFailed,
			To: supervisor.StatusHealthy, Why: supervisor.ReasonBackoff, Until: supervisor.Never, Err: errRefused,
		}
	}
	b.ReportAllocs()
	for i := range b.N {
		page.Observe(decisions[i%len(decisions)])
	}
}

// BenchmarkPage is one page of a tree of 5,000 tasks: the tree, its order, and 200 rows.
func BenchmarkPage(b *testing.B) {
	var all []supervisor.Option
	for i := range 5000 {
		all = append(all, supervisor.WithTask(fmt.Sprint("task-", i), untilStopped))
	}
	sup, err := supervisor.New(all...)
	if err != nil {
		b.Fatal(err)
	}
	page := web.New(sup)
	defer page.Close()
	b.ReportAllocs()
	for b.Loop() {
		page.ServeHTTP(httptest.NewRecorder(), httptest.NewRequest(http.MethodGet, "/", nil))
	}
}
