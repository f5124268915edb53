package main

import (
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"
)

// BenchmarkSynctest fires timers in a bubble of synctest. A bubble needs a test, and only the binary of a test can run one.
func BenchmarkSynctest(b *testing.B) {
	const timers = 10_000
	totals := make(map[string]float64)
	for range b.N {
		for _, m := range inBubble(b, timers) {
			totals[m.Name] += m.Value
		}
	}
	b.ReportMetric(totals["fire"]/float64(b.N), "fire-ns")
	b.ReportMetric(totals["set up"]/float64(b.N), "set-up-ns")
}

func inBubble(tb testing.TB, timers int) (metrics []metric) {
	tb.Helper()
	questions, answers := make(chan struct{}), make(chan time.Time)
	defer close(questions)
	go func() { // outside, where time is real
		for range questions {
			answers <- time.Now()
		}
	}()
	bubble := func(t *testing.T) {
		synctest.Test(t, func(*testing.T) {
			metrics = fireSynctest(timers, func() time.Time {
				questions <- struct{}{}
				return <-answers
			})
		})
	}
	all := func(string, string) (bool, error) { return true, nil }
	require.True(tb, testing.RunTests(all, []testing.InternalTest{{Name: tb.Name(), F: bubble}}))
	return metrics
}

func TestSynctestFiresAllTimers(t *testing.T) {
	metrics := inBubble(t, 100)
	require.Len(t, metrics, 2)
	require.Positive(t, metrics[0].Value)
	require.Less(t, metrics[0].Value, float64(longest/100)) // which it would take in the time of the bubble
}
