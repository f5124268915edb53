package main

import (
	"fmt"
	"maps"
	"runtime"
	"slices"
	"strings"
)

// figures are those of all rounds in the format of Go benchmarks, which benchstat reads.
func (r *results) figures() string {
	var text strings.Builder
	fmt.Fprintf(&text, "goos: %s\ngoarch: %s\npkg: github.com/tasksupervisor/tasksupervisor/internal/bench\n", runtime.GOOS, runtime.GOARCH)
	for _, row := range r.rows {
		for _, entrant := range slices.Sorted(maps.Keys(row.values)) {
			for _, value := range row.values[entrant] {
				fmt.Fprintf(&text, "Benchmark%s/%s/%s 1 %v %s\n", strings.ToUpper(row.contest[:1])+row.contest[1:], hyphens(entrant), hyphens(row.metric), value, row.unit.perOp())
			}
		}
	}
	return text.String()
}

func hyphens(name string) string { return strings.ReplaceAll(name, " ", "-") }

// perOp is how Go benchmarks name a unit.
func (u unit) perOp() string {
	if u == count {
		return "n/op"
	}
	return string(u) + "/op"
}
