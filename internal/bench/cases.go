package main

import (
	"context"
	"fmt"
	"math/rand/v2"
	"sync/atomic"
	"time"
)

var cases = []testCase{
	restart(1), restart(1_000), restart(10_000),
	{"panic", "restart after a panic, 100 tasks", panicking, nil},
	{"start", "start and stop of 100,000 idle tasks", func(s subject) []metric { return starting(s, 100_000) }, nil},
	{"churn", "one task added, run and removed beside 10,000", churn, canRemove},
	{"status", "status of one of 10,000 running tasks", statusOne, canReport},
	{"statuses", "status of all of 10,000 running tasks", statusAll, canList},
	{"waiting", "100,000 tasks in backoff, each with a delay of its own", waiting, nil},
	{"latency", "from a failure to the next run, while 10,000 others fail every 100 ms", latency, nil},
	{"status-storm", "status of one task while 100,000 fail at once", statusStorm, canReport},
	{"contention", "64 goroutines that ask, add and remove beside 10,000", contention, canDoAll},
	{"idle", "100,000 idle tasks for ten seconds", idling, nil},
	{"million", "a million tasks: start, a tenth fails, stop", million, nil},
}

func canRemove(s subject) bool { _, ok := s.(remover); return ok }
func canReport(s subject) bool { _, ok := s.(reporter); return ok }
func canList(s subject) bool   { _, ok := s.(lister); return ok }
func canDoAll(s subject) bool  { return canRemove(s) && canReport(s) }

// window is how long a rate is measured.
const window = 500 * time.Millisecond

// restart measures tasks that always fail at once, without a delay.
func restart(n int) testCase {
	return testCase{
		name:  fmt.Sprintf("restart-%d", n),
		title: fmt.Sprintf("restart without delay, %d tasks", n),
		measure: func(s subject) []metric {
			return restarting(s, n, func() error { return errFailed })
		},
	}
}

func panicking(s subject) []metric {
	return restarting(s, 100, func() error { panic(errFailed) })
}

func restarting(s subject, n int, fail func() error) []metric {
	counts := make([]struct {
		runs atomic.Uint64
		_    [56]byte // a cache line each
	}, n)
	for i, name := range names(n) {
		s.add(name, 0, func(ctx context.Context) error {
			counts[i].runs.Add(1)
			if ctx.Err() != nil {
				return nil
			}
			return fail()
		})
	}
	total := func() (sum uint64, served int) {
		for i := range counts {
			runs := counts[i].runs.Load()
			sum += runs
			if runs > 0 {
				served++
			}
		}
		return sum, served
	}
	s.start()
	time.Sleep(window / 5)
	runs, before := first(total()), used()
	time.Sleep(window)
	after := used()
	sum, served := total()
	runs = sum - runs
	s.stop()
	return []metric{
		{"ns", float64(after.at.Sub(before.at).Nanoseconds()) / float64(runs)},
		{"processor ns", float64((after.cpu - before.cpu).Nanoseconds()) / float64(runs)},
		{"allocations", float64(after.mallocs-before.mallocs) / float64(runs)},
		{"bytes", float64(after.bytes-before.bytes) / float64(runs)},
		{"not served, %", 100 * float64(n-served) / float64(n)},
	}
}

func first(sum uint64, _ int) uint64 { return sum }

// starting measures how long it takes until all tasks have begun, what they take, and how long it takes to stop them.
func starting(s subject, n int) []metric {
	all := names(n)
	memory, count, begun := footprint(), objects(), newGate(n)
	began := time.Now()
	for _, name := range all {
		s.add(name, 0, idle(begun))
	}
	s.start()
	begun.wait()
	took := time.Since(began)
	count = objects() - count
	memory = footprint() - memory
	began = time.Now()
	s.stop()
	return []metric{
		{"ns a task", perTask(took, n)},
		{"bytes a task", float64(memory) / float64(n)},
		{"allocations a task", float64(count) / float64(n)},
		{"stop, ms", float64(time.Since(began).Microseconds()) / 1000},
	}
}

// beside starts n idle tasks, and waits until all run.
func beside(s subject, n int) []string {
	all, begun := names(n), newGate(n)
	for _, name := range all {
		s.add(name, 0, idle(begun))
	}
	s.start()
	begun.wait()
	return all
}

func churn(s subject) []metric {
	beside(s, 10_000)
	const rounds = 50_000
	before := used()
	for range rounds {
		addAndRemove(s, "one")
	}
	after := used()
	s.stop()
	return []metric{
		{"ns", float64(after.at.Sub(before.at).Nanoseconds()) / rounds},
		{"processor ns", float64((after.cpu - before.cpu).Nanoseconds()) / rounds},
		{"allocations", float64(after.mallocs-before.mallocs) / rounds},
	}
}

func addAndRemove(s subject, name string) {
	begun := newGate(1)
	s.add(name, 0, idle(begun))
	begun.wait()
	s.(remover).remove(name)
}

func statusOne(s subject) []metric {
	all := beside(s, 10_000)
	const rounds = 2_000_000
	order := rand.New(rand.NewPCG(1, 1)).Perm(len(all))
	before := used()
	for i := range rounds {
		if running, _ := s.(reporter).status(all[order[i%len(order)]]); !running {
			panic("an idle task does not run")
		}
	}
	after := used()
	s.stop()
	return []metric{
		{"ns", float64(after.at.Sub(before.at).Nanoseconds()) / rounds},
		{"allocations", float64(after.mallocs-before.mallocs) / rounds},
	}
}

func statusAll(s subject) []metric {
	n := len(beside(s, 10_000))
	const rounds = 200
	before := used()
	for range rounds {
		s.(lister).statuses()
	}
	after := used()
	s.stop()
	return []metric{
		{"ns a task", perTask(after.at.Sub(before.at), rounds*n)},
		{"bytes a task", float64(after.bytes-before.bytes) / float64(rounds*n)},
	}
}

func waiting(s subject) []metric {
	const n = 100_000
	all := names(n)
	memory, ended := footprint(), newGate(n)
	began := time.Now()
	for i, name := range all {
		s.add(name, time.Hour+time.Duration(i)*time.Microsecond, func(context.Context) error {
			ended.pass()
			return errFailed
		})
	}
	s.start()
	ended.wait()
	took := time.Since(began)
	time.Sleep(time.Second) // until each of them waits
	memory = footprint() - memory
	s.stop()
	return []metric{{"ns a task", perTask(took, n)}, {"bytes a task", float64(memory) / n}}
}
