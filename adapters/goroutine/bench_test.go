package goroutine_test

import (
	"context"
	"errors"
	"fmt"
	"sync/atomic"
	"testing"

	"github.com/tasksupervisor/tasksupervisor/adapters/goroutine"
)

var errBench = errors.New("failed")

func BenchmarkRestart(b *testing.B) {
	for _, tasks := range []int{1, 1000, 10_000} {
		b.Run(fmt.Sprintf("tasks=%d/raw", tasks), func(b *testing.B) { benchmarkRawRestarts(b, tasks) })
		b.Run(fmt.Sprintf("tasks=%d/supervisor", tasks), func(b *testing.B) { benchmarkRestarts(b, tasks) })
	}
}

func benchmarkRawRestarts(b *testing.B, tasks int) {
	type result struct {
		task int
		err  error
	}
	results := make(chan result, 64)
	start := func(task int) {
		ctx, cancel := context.WithCancel(context.Background())
		go func() {
			defer cancel()
			_ = ctx
			results <- result{task, errBench}
		}()
	}
	b.ReportAllocs()
	for task := range tasks {
		start(task)
	}
	b.ResetTimer()
	for range b.N {
		r := <-results
		start(r.task)
	}
	b.StopTimer()
	for range tasks {
		<-results
	}
}

func benchmarkRestarts(b *testing.B, tasks int) {
	sup, err := goroutine.New(goroutine.WithBaseDelay(0), goroutine.WithUnlimitedAttempts())
	if err != nil {
		b.Fatal(err)
	}
	var left atomic.Int64
	left.Store(int64(b.N))
	done := make(chan struct{})
	served := make([]atomic.Uint32, tasks)
	for i := range tasks {
		err := sup.Add(fmt.Sprint(i), goroutine.TaskFunc(func(ctx context.Context) error {
			switch n := left.Add(-1); {
			case n == 0:
				close(done)
			case n < 0:
				<-ctx.Done()
			}
			served[i].Store(1)
			return errBench
		}))
		if err != nil {
			b.Fatal(err)
		}
	}
	b.ReportAllocs()
	b.ResetTimer()
	if err := sup.Start(context.Background()); err != nil {
		b.Fatal(err)
	}
	<-done
	b.StopTimer()
	if err := sup.Shutdown(context.Background()); err != nil {
		b.Fatal(err)
	}
	reached := 0
	for i := range served {
		reached += int(served[i].Load())
	}
	b.ReportMetric(100*float64(reached)/float64(tasks), "served-%")
}
