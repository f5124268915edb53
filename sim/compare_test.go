package sim_test

import (
	"math/rand/v2"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/benbjohnson/clock"
	"github.com/stretchr/testify/require"
)

// The benchmarks below do what BenchmarkStep does, a thousand tasks that fail about once a minute and wait two seconds or
// more, on the clocks that tests of supervisors usually run on: a timer per task, and a step is a timer that fires. They
// leave out all that a supervisor decides, so the ratios flatter them.

const comparedTasks = 1000

// beat is one task: it alternates between running and waiting. It returns how long until it does something again.
func beat(r *rand.Rand, running *bool) time.Duration {
	if *running = !*running; *running {
		return time.Duration(r.ExpFloat64() * float64(time.Minute))
	}
	return time.Duration(1<<(1+r.IntN(5))) * time.Second
}

func BenchmarkMock(b *testing.B) {
	mock := clock.NewMock()
	var fired atomic.Int64
	for i := range comparedTasks {
		r, running := rand.New(rand.NewPCG(1, uint64(i))), false
		var fire func()
		fire = func() {
			mock.AfterFunc(beat(r, &running), fire)
			fired.Add(1)
		}
		fire()
	}
	fired.Store(0)
	b.ResetTimer()
	for fired.Load() < int64(b.N) {
		mock.Add(100 * time.Millisecond)
	}
	b.ReportMetric(float64(fired.Load())/b.Elapsed().Seconds()/1e6, "Msteps/s")
}

func BenchmarkSynctest(b *testing.B) {
	// A bubble needs a test, and there is none in a benchmark: this one runs within it.
	bubble := func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			end := make(chan struct{})
			steps := make(chan struct{}, comparedTasks)
			for i := range comparedTasks {
				r, running := rand.New(rand.NewPCG(1, uint64(i))), false
				go func() {
					for {
						select {
						case <-time.After(beat(r, &running)):
							steps <- struct{}{}
						case <-end:
							return
						}
					}
				}()
			}
			for range b.N {
				<-steps
			}
			close(end)
		})
	}
	b.ResetTimer()
	all := func(string, string) (bool, error) { return true, nil }
	ok := testing.RunTests(all, []testing.InternalTest{{Name: b.Name(), F: bubble}})
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds()/1e6, "Msteps/s")
	require.True(b, ok)
}
