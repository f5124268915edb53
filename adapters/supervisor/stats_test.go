package supervisor_test

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/tasksupervisor/tasksupervisor/adapters/supervisor"
	"github.com/tasksupervisor/tasksupervisor/clock"
)

// Each bound belongs to its own bucket, and a nanosecond more to the next.
func TestHistogramsCountToTheNanosecond(t *testing.T) {
	bounds := supervisor.HistogramBounds()
	require.Len(t, bounds, 16)
	require.Equal(t, time.Millisecond, bounds[0])
	for i, bound := range bounds {
		var h supervisor.Histogram
		supervisor.CountIn(&h, bound-1, bound, bound+1)
		require.EqualValues(t, 2, h.Counts[i], bound)
		require.EqualValues(t, 1, h.Counts[i+1], bound)
		require.InEpsilon(t, 3*bound.Seconds(), h.Seconds(), 1e-12)
	}
	var h supervisor.Histogram
	supervisor.CountIn(&h, 0, -1, supervisor.Forever, supervisor.Forever, supervisor.Forever)
	require.EqualValues(t, 2, h.Counts[0])
	require.EqualValues(t, 3, h.Counts[16])
	require.InEpsilon(t, 3*supervisor.Forever.Seconds(), h.Seconds(), 1e-12, "which no Duration could hold")
}

// Runs count from their start to their end, readiness from the start, stops from when they were asked for.
func TestDurationsOfRunsStartsAndStops(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		slow := supervisor.TaskFunc(func(ctx context.Context) error {
			time.Sleep(2 * time.Second)
			require.NoError(t, supervisor.Ready(ctx))
			<-ctx.Done()
			time.Sleep(3 * time.Second)
			return nil
		})
		sup := newSupervisor(t, supervisor.WithTask("slow", slow, supervisor.WithReadiness(true), supervisor.WithStopTimeout(time.Second)))
		require.NoError(t, sup.Start(context.Background()))
		wait(2 * time.Second)
		require.InDelta(t, 2, sup.Stats().ReadyDurations.Seconds(), 0)
		wait(8 * time.Second)
		require.Zero(t, sup.Stats().RunDurations.Count())
		require.Error(t, sup.Run(context.Background()))
		require.NoError(t, sup.Shutdown(context.Background()))
		require.Zero(t, sup.Stats().StopDurations.Count(), "it has been abandoned, and has not stopped")
		require.EqualValues(t, 1, sup.Stats().RunsAbandoned)
		require.Equal(t, 1, sup.Stats().Counts.LeftBehind)
		require.NoError(t, sup.Start(context.Background())) // the instants of which begin anew
		wait(2*time.Second + time.Minute)
		stats := sup.Stats()
		require.EqualValues(t, 1, stats.RunDurations.Count())
		require.InDelta(t, 13, stats.RunDurations.Seconds(), 0)
		require.InDelta(t, 3, stats.StopDurations.Seconds(), 0)
		require.EqualValues(t, 2, stats.ReadyDurations.Count())
		require.InDelta(t, 4, stats.ReadyDurations.Seconds(), 0)
		require.NoError(t, sup.Shutdown(context.Background()))
		wait(time.Minute)
	})
}

// Failures leave the window of a rate exactly when it no longer counts them.
func TestUsageIsWhatCounts(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		virtual := new(clock.Virtual)
		sup := newSupervisor(t, supervisor.WithClock(virtual), supervisor.WithIntensity(4, time.Minute), supervisor.WithDeadThreshold(0.5),
			supervisor.WithRestartRate(8, time.Hour), supervisor.WithBackoff(supervisor.Backoff{Base: 10 * time.Second, Factor: 1}),
			supervisor.WithTask("fails", new(fails), supervisor.WithMaxAttempts(1)), supervisor.WithTask("a", supervisor.TaskFunc(untilStopped)),
			supervisor.WithTask("b", supervisor.TaskFunc(untilStopped)))
		start(t, sup)
		usage := sup.Stats().Usage
		require.Equal(t, supervisor.LimitUsage{Used: 1, Allowed: 4, Per: time.Minute, Limited: true}, usage.Intensity)
		require.Equal(t, supervisor.LimitUsage{Allowed: 1, Limited: true}, usage.Dead, "half of three")
		require.Equal(t, supervisor.LimitUsage{Allowed: 8, Per: time.Hour, Limited: true}, usage.RestartRate)
		virtual.Advance(10 * time.Second)
		wait(0)
		usage = sup.Stats().Usage
		require.EqualValues(t, 1, usage.RestartRate.Used)
		require.EqualValues(t, 1, usage.Dead.Used)
		require.InDelta(t, 1, usage.Dead.Ratio(), 0)
		require.InDelta(t, 0.25, usage.Intensity.Ratio(), 0)
		virtual.Advance(50*time.Second - 1)
		require.EqualValues(t, 1, sup.Stats().Usage.Intensity.Used)
		virtual.Advance(1)
		require.Zero(t, sup.Stats().Usage.Intensity.Used)
		require.NoError(t, sup.SetLimits(supervisor.WithDeadThreshold(1), supervisor.WithIntensity(0, time.Minute)))
		usage = sup.Stats().Usage
		require.EqualValues(t, 3, usage.Dead.Allowed)
		require.Zero(t, usage.Intensity.Ratio(), "nothing is used of nothing")
	})
	require.Zero(t, must(supervisor.New()).Stats().Usage)
}

// A task that has run once has no account of its own, and its totals are right all the same.
func TestATaskThatRanOnceNeedsNoTally(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		sup := newSupervisor(t, supervisor.WithBaseDelay(time.Hour), supervisor.WithTask("fails", new(fails)))
		start(t, sup)
		wait(time.Minute)
		require.False(t, supervisor.HasTally(sup, "fails"))
		require.Equal(t, supervisor.Totals{Starts: 1, Exits: supervisor.ExitCounts{Error: 1}, Failures: 1, Downtime: time.Minute}, totals(t, sup, "fails"))
		wait(3 * time.Hour)
		require.True(t, supervisor.HasTally(sup, "fails"))
		require.EqualValues(t, 2, totals(t, sup, "fails").Failures)
	})
}

// One look at 10,000 tasks is all that a scrape takes.
func BenchmarkScrape(b *testing.B) {
	sup := benchSupervisor(b)
	for i := range 10_000 {
		benchAdd(b, sup, i, untilStopped)
	}
	if err := sup.Start(context.Background()); err != nil {
		b.Fatal(err)
	}
	awaitCount(sup, 10_000, func(c supervisor.Counts) int { return c.Healthy })
	b.ReportAllocs()
	for b.Loop() {
		if len(sup.Tree()) != 10_000 || sup.Stats().Counts.Healthy != 10_000 || !sup.Ready().OK {
			b.Fatal("not all are there")
		}
	}
	benchShutdown(b, sup)
}
