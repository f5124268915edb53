package main

import (
	"context"
	"errors"
	"runtime"
	"slices"
	"strconv"
	"sync"
	"sync/atomic"
	"time"
)

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

// beside starts n idle tasks, waits until all run, and returns their names.
func beside(s subject, n int) []string {
	all, begun := names(n), newGate(n)
	for _, name := range all {
		s.add(name, 0, idle(begun))
	}
	s.start()
	begun.wait()
	return all
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
	at      time.Time
	cpu     time.Duration
	sleeps  int64 // how often a thread went to sleep
	mallocs uint64
	bytes   uint64
}

func used() usage {
	var memory runtime.MemStats
	runtime.ReadMemStats(&memory)
	cpu, sleeps := spent()
	return usage{time.Now(), cpu, sleeps, memory.Mallocs, memory.TotalAlloc}
}

// since returns what one of n things used.
func (u usage) since(before usage, n float64) (wall, cpu, mallocs, size metric) {
	return metric{"time", nanoseconds, float64(u.at.Sub(before.at).Nanoseconds()) / n},
		metric{"processor time", nanoseconds, float64((u.cpu - before.cpu).Nanoseconds()) / n},
		metric{"allocations", count, float64(u.mallocs-before.mallocs) / n},
		metric{"allocated", octets, float64(u.bytes-before.bytes) / n}
}

// footprint is the memory in use, heap and stacks, once garbage is collected.
func footprint() uint64 {
	runtime.GC()
	runtime.GC()
	var memory runtime.MemStats
	runtime.ReadMemStats(&memory)
	return memory.HeapAlloc + memory.StackInuse
}

// grown returns by how much the footprint has grown, for each of n things.
func grown(name string, since uint64, n int) metric {
	return metric{name, octets, (float64(footprint()) - float64(since)) / float64(n)}
}

// each returns the time that each of n things took.
func each(name string, d time.Duration, n int) metric {
	return metric{name, nanoseconds, float64(d.Nanoseconds()) / float64(n)}
}

// percentiles returns some of them.
func percentiles(samples []time.Duration) []metric {
	slices.Sort(samples)
	at := func(share float64) float64 {
		return float64(samples[min(len(samples)-1, int(share*float64(len(samples))))].Nanoseconds())
	}
	return []metric{
		{"p50", nanoseconds, at(0.5)}, {"p99", nanoseconds, at(0.99)}, {"p99.9", nanoseconds, at(0.999)},
	}
}

// parallel runs a function in n goroutines, and waits for all.
func parallel(n int, work func(i int)) {
	var wg sync.WaitGroup
	for i := range n {
		wg.Go(func() { work(i) })
	}
	wg.Wait()
}
