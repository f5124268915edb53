package supervisor_test

import (
	"context"
	"runtime"
	"slices"
	"sync/atomic"
	"testing"
	"time"

	"github.com/tasksupervisor/tasksupervisor/adapters/supervisor"
)

// BenchmarkWait is of calls that have nothing to do with what happens to other tasks: Status of one task, asked again and
// again while all others start, stop, fail or are restarted. longest-ms is how long the longest call took, the median of
// all rounds, and worst-ms the longest of all; took-cpu-ms is the processor time of all that happened meanwhile. A call
// counts by the clock, or by the processor time of the process if that is less, so that a busy machine does not count.
func BenchmarkWait(b *testing.B) {
	const tasks = 100_000
	fleet := func(b *testing.B, task supervisor.TaskFunc, options ...supervisor.Option) *supervisor.Supervisor {
		sup := benchSupervisor(b, options...)
		for i := range tasks {
			benchAdd(b, sup, i, task)
		}
		addAsked(b, sup)
		return sup
	}
	start := func(b *testing.B, sup *supervisor.Supervisor) {
		if err := sup.Start(context.Background()); err != nil {
			b.Fatal(err)
		}
	}
	var begun atomic.Int64
	begin := func(ctx context.Context) error {
		begun.Add(1)
		return untilStopped(ctx)
	}
	startAll := func(b *testing.B, sup *supervisor.Supervisor) {
		begun.Store(0)
		start(b, sup)
		for begun.Load() < tasks {
			runtime.Gosched()
		}
	}
	b.Run("start", func(b *testing.B) {
		waits(b, func() (func(), *supervisor.Supervisor) {
			sup := fleet(b, begin)
			return func() { startAll(b, sup) }, sup
		})
	})
	b.Run("stop", func(b *testing.B) {
		waits(b, func() (func(), *supervisor.Supervisor) {
			sup := fleet(b, begin)
			startAll(b, sup)
			return func() { benchShutdown(b, sup) }, sup
		})
	})
	b.Run("start-again", func(b *testing.B) {
		waits(b, func() (func(), *supervisor.Supervisor) {
			sup := fleet(b, begin)
			startAll(b, sup)
			benchShutdown(b, sup)
			return func() { startAll(b, sup) }, sup
		})
	})
	b.Run("fail", func(b *testing.B) {
		waits(b, func() (func(), *supervisor.Supervisor) {
			gate := make(chan struct{})
			sup := fleet(b, func(ctx context.Context) error {
				select {
				case <-gate:
					return errFailed
				case <-ctx.Done():
					return nil
				}
			}, supervisor.WithBaseDelay(time.Hour))
			start(b, sup)
			return func() {
				close(gate)
				awaitCount(sup, tasks, func(c supervisor.Counts) int { return c.Failed })
			}, sup
		})
	})
	b.Run("restart-at-one-instant", func(b *testing.B) {
		waits(b, func() (func(), *supervisor.Supervisor) {
			gate := make(chan struct{})
			sup := fleet(b, func(ctx context.Context) error {
				if info, _ := supervisor.Current(ctx); info.Run == 1 && info.Task == "0" {
					<-gate
					return errFailed
				}
				return untilStopped(ctx)
			}, supervisor.WithBaseDelay(0), supervisor.WithStrategy(supervisor.OneForAll))
			start(b, sup)
			awaitCount(sup, tasks, func(c supervisor.Counts) int { return c.Healthy })
			return func() {
				close(gate)
				for status, _ := sup.Status("0"); status.Run < 2 || status.Status != supervisor.StatusHealthy; {
					runtime.Gosched()
					status, _ = sup.Status("0")
				}
			}, sup
		})
	})
	b.Run("beats-due-at-one-instant", func(b *testing.B) {
		waits(b, func() (func(), *supervisor.Supervisor) {
			beaten := make(chan struct{}, tasks)
			sup := fleet(b, func(ctx context.Context) error {
				_ = supervisor.Beat(ctx)
				beaten <- struct{}{}
				return untilStopped(ctx)
			}, supervisor.WithWatchdog(2*time.Second), supervisor.WithMaxAttempts(supervisor.Unlimited))
			start(b, sup)
			for range tasks {
				<-beaten
			}
			return func() { awaitCount(sup, tasks, func(c supervisor.Counts) int { return c.Failed }) }, sup
		})
	})
	b.Run("cancel-a-million-contexts", func(b *testing.B) {
		waits(b, func() (func(), *supervisor.Supervisor) {
			derived := make(chan struct{})
			sup := benchSupervisor(b)
			addAsked(b, sup)
			benchAdd(b, sup, 0, func(ctx context.Context) error {
				for range 1_000_000 {
					_, cancel := context.WithCancel(ctx)
					defer cancel()
				}
				close(derived)
				return untilStopped(ctx)
			})
			start(b, sup)
			<-derived
			return func() {
				if err := sup.KillWait(context.Background(), "0"); err != nil {
					b.Fatal(err)
				}
			}, sup
		})
	})
}

func awaitCount(sup *supervisor.Supervisor, n int, of func(supervisor.Counts) int) {
	for of(sup.Counts()) < n {
		runtime.Gosched()
	}
}

const askedTask = "asked"

func addAsked(b *testing.B, sup *supervisor.Supervisor) {
	if err := sup.Add(askedTask, supervisor.TaskFunc(untilStopped)); err != nil {
		b.Fatal(err)
	}
}

// waits asks for the status of a task while something happens to others of its supervisor.
func waits(b *testing.B, prepare func() (happen func(), sup *supervisor.Supervisor)) {
	var longest []time.Duration
	var used time.Duration
	for range b.N {
		happen, sup := prepare()
		runtime.GC()
		over, answer := make(chan struct{}), make(chan time.Duration)
		go func() { answer <- longestWait(sup, over) }()
		before := cpu()
		happen()
		used += cpu() - before
		close(over)
		longest = append(longest, <-answer)
		benchShutdown(b, sup)
	}
	slices.Sort(longest)
	ms := func(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }
	b.ReportMetric(ms(longest[len(longest)/2]), "longest-ms")
	b.ReportMetric(ms(longest[len(longest)-1]), "worst-ms")
	b.ReportMetric(ms(used)/float64(b.N), "took-cpu-ms")
	b.ReportMetric(0, "ns/op")
}

// longestWait asks for the status of a task until something is over, and returns how long the longest call took.
func longestWait(sup *supervisor.Supervisor, over <-chan struct{}) (longest time.Duration) {
	for {
		select {
		case <-over:
			return longest
		default:
		}
		before, beforeCPU := time.Now(), cpu()
		_, _ = sup.Status(askedTask)
		longest = max(longest, min(time.Since(before), cpu()-beforeCPU))
		runtime.Gosched()
	}
}
