package explore

import (
	"testing"

	"github.com/tasksupervisor/tasksupervisor/core"
)

// BenchmarkRun reports transitions per second, with all that is always checked. One iteration is one exploration.
func BenchmarkRun(b *testing.B) {
	for _, bench := range []NamedModel{
		{"two-tasks", "", model(2, core.Config{}, quick())},
		{"three-tasks", "", model(3, core.Config{}, quick())},
		{"four-tasks", "", model(4, core.Config{}, quick())},
		{"three-tasks-reverse", "", model(3, core.Config{StopOrder: core.StopReverse}, quick())},
		{"three-default-tasks", "", atBoundaries(model(3, core.Config{}))},
	} {
		b.Run(bench.Name, func(b *testing.B) {
			transitions, states := 0, 0
			for b.Loop() {
				result, err := Run(bench.Model, Options{})
				if err != nil || !result.Complete {
					b.Fatal(result, err)
				}
				transitions += result.Transitions
				states = result.States
			}
			b.ReportMetric(float64(transitions)/b.Elapsed().Seconds(), "transitions/s")
			b.ReportMetric(float64(states), "states")
		})
	}
}
