package main

import (
	"context"
	"errors"
	"runtime"
	"slices"
	"strconv"
	"sync"
	"sync/atomic"
	"syscall"
	"time"
)

// metric is one figure of a measurement. Less is better, unless more says so.
type metric struct {
	Name  string  `json:"name"` // with its unit
	Value float64 `json:"value"`
}

// testCase is something to measure of a subject. A subject that cannot do it is left out.
type testCase struct {
	name    string
	title   string
	measure func(s subject) []metric
	can     func(s subject) bool // nil: every subject can
}

var errFailed = errors.New("failed")

// names returns the names of n tasks.
func names(n int) []string {
	all := make([]string, n)
	for i := range all {
		all[i] = "task-" + strconv.Itoa(i)
	}
	return all
}

// idle waits for the end of its context. It counts itself when it has begun.
func idle(begun *gate) task {
	return func(ctx context.Context) error {
		begun.pass()
		<-ctx.Done()
		return ctx.Err()
	}
}

// gate opens when a number of passes has been made.
type gate struct {
	left atomic.Int64
	open chan struct{}
}

func newGate(n int) *gate {
	g := &gate{open: make(chan struct{})}
	g.left.Store(int64(n))
	return g
}

func (g *gate) pass() {
	if g.left.Add(-1) == 0 {
		close(g.open)
	}
}

func (g *gate) wait() { <-g.open }

// usage is what a process has used so far.
type usage struct {
	at       time.Time
	cpu      time.Duration
	switches int64 // voluntary context switches: a thread went to sleep
	mallocs  uint64
	bytes    uint64
}

func used() usage {
	var memory runtime.MemStats
	runtime.ReadMemStats(&memory)
	var spent syscall.Rusage
	must(syscall.Getrusage(syscall.RUSAGE_SELF, &spent))
	return usage{
		at:       time.Now(),
		cpu:      time.Duration(spent.Utime.Nano() + spent.Stime.Nano()),
		switches: spent.Nvcsw, //nolint:unconvert // its width differs
		mallocs:  memory.Mallocs,
		bytes:    memory.TotalAlloc,
	}
}

// footprint is the memory in use, heap and stacks, once garbage is collected.
func footprint() uint64 {
	runtime.GC()
	runtime.GC()
	var memory runtime.MemStats
	runtime.ReadMemStats(&memory)
	return memory.HeapAlloc + memory.StackInuse
}

func objects() uint64 {
	var memory runtime.MemStats
	runtime.ReadMemStats(&memory)
	return memory.Mallocs
}

// percentiles returns some of them, in microseconds.
func percentiles(of string, samples []time.Duration) []metric {
	if len(samples) == 0 {
		panic("nothing was measured")
	}
	slices.Sort(samples)
	at := func(share float64) float64 {
		return float64(samples[min(len(samples)-1, int(share*float64(len(samples))))].Nanoseconds()) / 1000
	}
	return []metric{
		{of + " p50, us", at(0.5)}, {of + " p99, us", at(0.99)}, {of + " p99.9, us", at(0.999)},
		{of + " longest, us", at(1)},
	}
}

func perTask(d time.Duration, n int) float64 { return float64(d.Nanoseconds()) / float64(n) }

// parallel runs a function in n goroutines, and waits for all.
func parallel(n int, work func(i int)) {
	var wg sync.WaitGroup
	for i := range n {
		wg.Go(func() { work(i) })
	}
	wg.Wait()
}
