package supervisor_test

import (
	"context"
	"io"
	"path/filepath"
	"testing"

	"github.com/tasksupervisor/tasksupervisor/adapters/supervisor"
)

// BenchmarkFlightRecorder is what a flight recorder costs, in memory and with a file, beside WithRecorder: restarts of a thousand tasks
// that always fail at once, without it and with it by turns. overhead-% is how much more processor time a restart takes with it, in all
// goroutines, by the quickest turn of each.
func BenchmarkFlightRecorder(b *testing.B) {
	for name, option := range map[string]func() supervisor.Option{
		"memory": func() supervisor.Option {
			return supervisor.WithFlightRecorder(supervisor.FlightRecorder{MaxBytes: 256 << 10})
		},
		"file": func() supervisor.Option {
			return supervisor.WithFlightRecorder(supervisor.FlightRecorder{File: filepath.Join(b.TempDir(), "recording")})
		},
		"recorder": func() supervisor.Option { return supervisor.WithRecorder(struct{ io.Writer }{io.Discard}) },
	} {
		b.Run(name, func(b *testing.B) {
			const turns = 6
			fail := func(context.Context) error { return errFailed }
			without, with := int64(1<<62), int64(1<<62)
			b.ReportAllocs()
			for range turns {
				before := cpu()
				restarts(b, b.N, 1000, fail)
				between := cpu()
				restarts(b, b.N, 1000, fail, option())
				without, with = min(without, int64(between-before)), min(with, int64(cpu()-between))
			}
			b.ReportMetric(float64(without)/float64(b.N), "without-ns/op")
			b.ReportMetric(float64(with)/float64(b.N), "with-ns/op")
			b.ReportMetric(100*(float64(with)/float64(without)-1), "overhead-%")
		})
	}
}
