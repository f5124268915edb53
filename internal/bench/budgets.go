package main

import (
	"fmt"
	"strings"
)

// budget is what something may cost at most.
type budget struct {
	what    string
	limit   float64
	unit    unit
	reached func(r *results) (value float64, ok bool)
}

// budgets are all of them. Times are those of a machine of 2026; ratios hold anywhere.
func budgets() []budget {
	ours := func(contest, metric string) func(r *results) (float64, bool) { return of(contest, metric, "ours") }
	floor := func(contest, metric string) func(r *results) (float64, bool) {
		return ratio(contest, metric, "ours", "raw-ctx")
	}
	return []budget{
		{"a step of the core, 1,000 tasks in backoff", 60, nanoseconds, of("step", "time", "1,000")},
		{"… 100,000 tasks", 90, nanoseconds, of("step", "time", "100,000")},
		{"… 1,000,000 tasks", 180, nanoseconds, of("step", "time", "1,000,000")},
		{"… memory of a task", 80, octets, of("step", "memory of a task", "1,000,000")},
		{"a fork of 1,000,000 tasks, for each", 10, nanoseconds, of("fork", "time", "1,000,000")},
		{"a simulated step, 1,000 tasks", 100, nanoseconds, ours("simulation", "time")},
		{"… with all checkers", 333, nanoseconds, of("simulation", "time", "ours, checked")},
		{"a transition of the explorer, three tasks", 200, nanoseconds, of("explorer", "time", "three-tasks")},
		{"a restart without delay beside the floor's, 1 task", 1, multiple, floor("restart-1", "time")},
		{"… 1,000 tasks", 1, multiple, floor("restart-1000", "time")},
		{"… 10,000 tasks", 1, multiple, floor("restart-10000", "time")},
		{"… tasks not served, of 10,000", 0, percent, ours("restart-10000", "tasks not served")},
		{"a restart after a panic, with value and stack", 3_000, nanoseconds, ours("panic", "time")},
		{"the start of an idle task beside the floor's", 1.3, multiple, floor("start-100000", "cold start")},
		{"… its memory", 1.3, multiple, floor("start-100000", "memory")},
		{"memory of a task in backoff", 300, octets, ours("waiting", "memory")},
		{"… its goroutines", 0, count, ours("waiting", "goroutines")},
		{"processor time of a restart after backoff, beside a runtime timer's", 1, multiple, floor("backoff", "processor time")},
		{"status of one of 10,000, beside a map look-up under a lock", 2, multiple, floor("status", "time")},
		{"status of all, each", 60, nanoseconds, ours("statuses", "time")},
		{"add, run and remove one beside 10,000, beside the same by hand", 1.5, multiple, floor("churn", "time")},
		{"a restart with 100,000 policies, beside one policy", 1.1, multiple, quotient(ours("restart-policies", "time"), ours("restart-100000", "time"))},
		{"the ten-millionth change of a policy, beside the first", 1.1, multiple, quotient(ours("policies", "of the last million"), ours("policies", "of the first million"))},
		{"… what is left of each", 1, octets, ours("policies", "memory that is left")},
		{"100,000 idle tasks for ten seconds, processor time", 10e6, nanoseconds, ours("idle", "processor time")},
		{"… threads that went to sleep, beside the floor's", 1.1, multiple, floor("idle", "sleeps of a thread")},
	}
}

// of is an entrant's figure.
func of(contest, metric, entrant string) func(r *results) (float64, bool) {
	return func(r *results) (float64, bool) {
		row := r.find(contest, metric)
		if row == nil || len(row.values[entrant]) == 0 {
			return 0, false
		}
		return median(row.values[entrant]), true
	}
}

// ratio is how many times an entrant's figure is another's.
func ratio(contest, metric, entrant, other string) func(r *results) (float64, bool) {
	return func(r *results) (float64, bool) {
		row := r.find(contest, metric)
		if row == nil {
			return 0, false
		}
		ratios := row.ratios(entrant, other)
		if len(ratios) == 0 {
			return 0, false
		}
		return median(ratios), true
	}
}

func quotient(a, b func(r *results) (float64, bool)) func(r *results) (float64, bool) {
	return func(r *results) (float64, bool) {
		x, ok := a(r)
		y, also := b(r)
		return x / y, ok && also && y != 0
	}
}

// budgetTable prints what was reached of the budgets, as far as it was measured.
func budgetTable(r *results) string {
	var rows strings.Builder
	for _, b := range budgets() {
		value, ok := b.reached(r)
		if !ok {
			continue
		}
		met := "yes"
		if value > b.limit*1.005 && b.unit.print(value) != b.unit.print(b.limit) {
			met = "**no**"
		}
		fmt.Fprintf(&rows, "| %s | %s | %s | %s |\n", b.what, b.unit.print(b.limit), b.unit.print(value), met)
	}
	if rows.Len() == 0 {
		return ""
	}
	return "| what | budget | reached | met |\n|---|---:|---:|---|\n" + rows.String()
}
