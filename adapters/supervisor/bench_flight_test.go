package supervisor_test

import (
	"context"
	"testing"

	"github.com/tasksupervisor/tasksupervisor/adapters/supervisor"
)

// BenchmarkFlightRecorder is what a flight recorder costs: restarts of a thousand tasks that always fail at once, without one and
// with one by turns. overhead-% is how much more processor time a restart takes with it, by the quickest turn of each.
func BenchmarkFlightRecorder(b *testing.B) {
	const turns = 8
	fail := func(context.Context) error { return errFailed }
	without, with := int64(1<<62), int64(1<<62)
	b.ReportAllocs()
	for range turns {
		before := cpu()
		restarts(b, b.N, 1000, fail)
		between := cpu()
		restarts(b, b.N, 1000, fail, supervisor.WithFlightRecorder(supervisor.FlightRecorder{}))
		without, with = min(without, int64(between-before)), min(with, int64(cpu()-between))
	}
	b.ReportMetric(float64(without)/float64(b.N), "without-ns/op")
	b.ReportMetric(float64(with)/float64(b.N), "with-ns/op")
	b.ReportMetric(100*(float64(with)/float64(without)-1), "overhead-%")
}
