package supervisor_test

import (
	"context"
	"math/rand/v2"
	"runtime"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/tasksupervisor/tasksupervisor/adapters/supervisor"
)

// The benchmarks compare with the least that does the same by hand, measured in the same breath: x-raw is how many times
// that the supervisor takes, and x-raw-cpu the same in processor time, which a busy machine disturbs less.

// BenchmarkRestart is of tasks that always fail at once and are restarted without delay. By hand, that is a goroutine
// with a context of its own for every run, which reports on a channel. served-% says how many of the tasks ran at all.
func BenchmarkRestart(b *testing.B) {
	for _, tasks := range []int{1, 1000, 10_000} {
		b.Run("tasks="+strconv.Itoa(tasks), func(b *testing.B) {
			fail := func(context.Context) error { return errFailed }
			compareRestarts(b, tasks, fail)
		})
	}
}

// BenchmarkPanic is the same of tasks that always panic. By hand, the value is kept; the supervisor keeps the stack too.
func BenchmarkPanic(b *testing.B) {
	for _, tasks := range []int{1, 100} {
		b.Run("tasks="+strconv.Itoa(tasks), func(b *testing.B) {
			compareRestarts(b, tasks, func(context.Context) error { panic(errFailed) })
		})
	}
}

func compareRestarts(b *testing.B, tasks int, end func(context.Context) error) {
	rawBefore := cpu()
	raw := rawRestarts(b.N, tasks, end)
	before := cpu()
	b.ReportAllocs()
	b.ResetTimer()
	took, served := restarts(b, b.N, tasks, end)
	b.StopTimer()
	used, rawUsed := cpu()-before, before-rawBefore
	b.ReportMetric(float64(raw.Nanoseconds())/float64(b.N), "raw-ns/op")
	b.ReportMetric(float64(took)/float64(raw), "x-raw")
	b.ReportMetric(float64(used)/float64(max(rawUsed, 1)), "x-raw-cpu")
	b.ReportMetric(100*float64(served)/float64(min(tasks, b.N)), "served-%")
}

func rawRestarts(n, tasks int, end func(context.Context) error) time.Duration {
	type result struct {
		task int
		err  error
	}
	results := make(chan result, 64)
	start := func(task int) {
		ctx, cancel := context.WithCancelCause(context.Background())
		go func() {
			var err error
			defer func() {
				if value := recover(); value != nil {
					err = &supervisor.PanicError{Value: value}
				}
				cancel(nil)
				results <- result{task, err}
			}()
			err = end(ctx)
		}()
	}
	before := time.Now()
	for task := range tasks {
		start(task)
	}
	for range n {
		r := <-results
		start(r.task)
	}
	took := time.Since(before)
	for range tasks {
		<-results
	}
	return took
}

func restarts(
	b *testing.B, n, tasks int, end func(context.Context) error, options ...supervisor.Option,
) (took time.Duration, served int) {
	options = append(options, supervisor.WithBaseDelay(0), supervisor.WithMaxAttempts(supervisor.Unlimited))
	sup := benchSupervisor(b, options...)
	var runs atomic.Int64
	done := make(chan struct{})
	ran := make([]bool, tasks)
	for i := range tasks {
		benchAdd(b, sup, i, func(ctx context.Context) error {
			switch run := int(runs.Add(1)); {
			case run == n+tasks:
				close(done)
			case run > n+tasks:
				<-ctx.Done()
				return nil
			}
			ran[i] = true
			return end(ctx)
		})
	}
	before := time.Now()
	if err := sup.Start(context.Background()); err != nil {
		b.Fatal(err)
	}
	<-done
	took = time.Since(before)
	benchShutdown(b, sup)
	for _, ran := range ran {
		if ran {
			served++
		}
	}
	return took, served
}

// BenchmarkIdle is of tasks that run and do nothing: the time to start one, and the memory it takes. By hand, that is a
// goroutine that waits for a context of its own.
func BenchmarkIdle(b *testing.B) {
	const tasks = 10_000
	for range b.N {
		var group sync.WaitGroup
		cancels := make([]context.CancelCauseFunc, tasks)
		raw := footprint(func() {
			for i := range tasks {
				ctx, cancel := context.WithCancelCause(context.Background())
				cancels[i] = cancel
				group.Go(func() { <-ctx.Done() })
			}
		})
		// These stay for the second measurement: the runtime gives new goroutines stacks of the size that the
		// existing ones need on average, and these are typical.
		var sup *supervisor.Supervisor
		supervised := footprint(func() {
			sup = benchSupervisor(b)
			for i := range tasks {
				benchAdd(b, sup, i, untilStopped)
			}
			if err := sup.Start(context.Background()); err != nil {
				b.Fatal(err)
			}
		})
		benchShutdown(b, sup)
		for _, cancel := range cancels {
			cancel(nil)
		}
		group.Wait()
		b.ReportMetric(raw/tasks, "raw-B/task")
		b.ReportMetric(supervised/tasks, "B/task")
		b.ReportMetric(supervised/raw, "x-raw")
	}
}

// BenchmarkWaiting is of tasks that wait for their restart: the memory one takes, its name included.
func BenchmarkWaiting(b *testing.B) {
	const tasks = 100_000
	for range b.N {
		var sup *supervisor.Supervisor
		goroutines := runtime.NumGoroutine()
		var warm sync.WaitGroup // the runtime keeps what goroutines have once needed
		gate := make(chan struct{})
		for range tasks {
			warm.Go(func() { <-gate })
		}
		close(gate)
		warm.Wait()
		bytes := footprint(func() {
			sup = benchSupervisor(b, supervisor.WithBaseDelay(time.Hour))
			task := func(context.Context) error { return errFailed }
			for i := range tasks {
				benchAdd(b, sup, i, task)
			}
			if err := sup.Start(context.Background()); err != nil {
				b.Fatal(err)
			}
			for sup.Counts().Failed < tasks {
				runtime.Gosched()
			}
		})
		b.ReportMetric(bytes/tasks, "B/task")
		b.ReportMetric(float64(runtime.NumGoroutine()-goroutines)/tasks, "goroutines/task")
		benchShutdown(b, sup)
	}
}

// BenchmarkBackoff is of tasks that always fail and are restarted after delays of up to 300 ms: the processor time of a
// restart. By hand, that is a runtime timer for every task, without contexts.
func BenchmarkBackoff(b *testing.B) {
	const tasks, delay = 1000, 300 * time.Millisecond
	measure := func(start func(restarted func() (more bool)) (stop func())) float64 {
		var restarts atomic.Int64
		done := make(chan struct{})
		before := cpu()
		stop := start(func() bool {
			n := restarts.Add(1)
			if n == int64(b.N) {
				close(done)
			}
			return n < int64(b.N)
		})
		<-done
		used := cpu() - before
		stop()
		return float64(used) / float64(b.N)
	}
	raw := measure(func(restarted func() bool) func() {
		var waiting sync.WaitGroup
		for range tasks {
			var restart func()
			restart = func() {
				if restarted() {
					waiting.Add(1)
					time.AfterFunc(rand.N(delay), restart)
				}
				waiting.Done()
			}
			waiting.Add(1)
			go restart()
		}
		return waiting.Wait
	})
	supervised := measure(func(restarted func() bool) func() {
		sup := benchSupervisor(b, supervisor.WithBackoff(supervisor.Backoff{Base: delay, Factor: 1, Jitter: 1}),
			supervisor.WithMaxAttempts(supervisor.Unlimited))
		for i := range tasks {
			benchAdd(b, sup, i, func(context.Context) error {
				restarted()
				return errFailed
			})
		}
		if err := sup.Start(context.Background()); err != nil {
			b.Fatal(err)
		}
		return func() { benchShutdown(b, sup) }
	})
	b.ReportMetric(supervised, "cpu-ns/op")
	b.ReportMetric(raw, "raw-cpu-ns/op")
	b.ReportMetric(supervised/max(raw, 1), "x-raw-cpu")
}

func BenchmarkStatus(b *testing.B) {
	sup := benchSupervisor(b, supervisor.WithBaseDelay(time.Hour))
	const tasks = 10_000
	for i := range tasks {
		if i%2 == 0 {
			benchAdd(b, sup, i, untilStopped)
		} else {
			benchAdd(b, sup, i, func(context.Context) error { return errFailed })
		}
	}
	if err := sup.Start(context.Background()); err != nil {
		b.Fatal(err)
	}
	for sup.Counts().Failed < tasks/2 {
		runtime.Gosched()
	}
	names := make([]string, tasks)
	for i := range names {
		names[i] = strconv.Itoa(i)
	}
	b.Run("one", func(b *testing.B) {
		b.ReportAllocs()
		for i := 0; b.Loop(); i++ {
			if _, err := sup.Status(names[i%tasks]); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("all", func(b *testing.B) {
		b.ReportAllocs()
		var statuses []supervisor.TaskStatus
		for b.Loop() {
			if statuses = sup.AppendStatuses(statuses[:0]); len(statuses) != tasks {
				b.Fatal("some are missing")
			}
		}
		b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/tasks, "ns/task")
	})
	b.Run("report", func(b *testing.B) {
		for b.Loop() {
			_ = sup.Report()
		}
		b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/tasks, "ns/task")
	})
	benchShutdown(b, sup)
}

// BenchmarkAddRunRemove is of one task at a time that is added, runs and is removed beside 10,000 others.
func BenchmarkAddRunRemove(b *testing.B) {
	sup := benchSupervisor(b)
	for i := range 10_000 {
		benchAdd(b, sup, i, untilStopped)
	}
	if err := sup.Start(context.Background()); err != nil {
		b.Fatal(err)
	}
	started := make(chan struct{})
	task := supervisor.TaskFunc(func(ctx context.Context) error {
		started <- struct{}{}
		<-ctx.Done()
		return nil
	})
	b.ReportAllocs()
	for b.Loop() {
		if err := sup.Add("task", task); err != nil {
			b.Fatal(err)
		}
		<-started
		if err := sup.RemoveWait(context.Background(), "task"); err != nil {
			b.Fatal(err)
		}
	}
	benchShutdown(b, sup)
}

// footprint returns by how many bytes of heap and stacks the process has grown.
func footprint(grow func()) float64 {
	var before, after runtime.MemStats
	runtime.GC()
	runtime.GC()
	runtime.ReadMemStats(&before)
	grow()
	runtime.GC()
	runtime.GC()
	runtime.ReadMemStats(&after)
	return float64(after.HeapAlloc+after.StackInuse) - float64(before.HeapAlloc+before.StackInuse)
}

func benchSupervisor(b *testing.B, options ...supervisor.Option) *supervisor.Supervisor {
	sup, err := supervisor.New(options...)
	if err != nil {
		b.Fatal(err)
	}
	return sup
}

func benchAdd(b *testing.B, sup *supervisor.Supervisor, name int, task supervisor.TaskFunc) {
	if err := sup.Add(strconv.Itoa(name), task); err != nil {
		b.Fatal(err)
	}
}

func benchShutdown(b *testing.B, sup *supervisor.Supervisor) {
	if err := sup.Shutdown(context.Background()); err != nil {
		b.Fatal(err)
	}
	if report := sup.Report(); report.Runs.Started != report.Runs.Ended {
		b.Fatal(report)
	}
}
