package supervisor_test

import (
	"context"
	"sync/atomic"
	"testing"
	"time"

	"github.com/tasksupervisor/tasksupervisor/adapters/supervisor"
)

// BenchmarkBeat is of a heartbeat from a hot loop, beside the least that could tell of it: a store that nobody can look at
// again without a clock, the clock itself, and a send to a goroutine that receives.
func BenchmarkBeat(b *testing.B) {
	b.Run("heart", func(b *testing.B) {
		inWatchedRun(b, func(ctx context.Context) {
			heart := heartOf(ctx)
			for b.Loop() {
				heart.Beat()
			}
		})
	})
	b.Run("context", func(b *testing.B) {
		inWatchedRun(b, func(ctx context.Context) {
			for b.Loop() {
				beat(ctx)
			}
		})
	})
	b.Run("derived-context", func(b *testing.B) {
		inWatchedRun(b, func(ctx context.Context) {
			ctx, cancel := context.WithTimeout(context.WithValue(ctx, new(int), 1), time.Hour)
			defer cancel()
			for b.Loop() {
				beat(ctx)
			}
		})
	})
	b.Run("unwatched", func(b *testing.B) {
		for b.Loop() {
			_ = supervisor.Beat(b.Context())
		}
	})
	b.Run("shorter", func(b *testing.B) { // each reaches the supervisor
		inWatchedRun(b, func(ctx context.Context) {
			heart := heartOf(ctx)
			within := time.Hour
			for b.Loop() {
				within -= time.Microsecond
				heart.BeatWithin(within)
			}
		})
	})
	b.Run("raw-store", func(b *testing.B) {
		var alive atomic.Int64
		for b.Loop() {
			alive.Store(1)
		}
	})
	b.Run("raw-store-of-the-time", func(b *testing.B) {
		var alive atomic.Int64
		origin := time.Now()
		for b.Loop() {
			alive.Store(int64(time.Since(origin)))
		}
	})
	b.Run("raw-send", func(b *testing.B) {
		alive := make(chan int64)
		go func() {
			for range alive {
			}
		}()
		for b.Loop() {
			alive <- 1
		}
		close(alive)
	})
}

// inWatchedRun runs a benchmark in a run of a task with a watchdog.
func inWatchedRun(b *testing.B, benchmark func(ctx context.Context)) {
	b.Helper()
	b.ReportAllocs()
	sup := benchSupervisor(b, supervisor.WithWatchdog(time.Hour))
	done := make(chan struct{})
	benchAdd(b, sup, 0, func(ctx context.Context) error {
		benchmark(ctx)
		close(done)
		return untilStopped(ctx)
	})
	if err := sup.Start(context.Background()); err != nil {
		b.Fatal(err)
	}
	<-done
	benchShutdown(b, sup)
}
