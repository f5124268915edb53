package main

import (
	"context"
	"math/rand/v2"
	"strconv"
	"time"
)

// statusOne is of the status of one task after another.
func statusOne() contest {
	return contest{
		name: "status", title: "status of one of 10,000 running tasks",
		entrants: ofAll(func(at scale, create maker) []metric {
			s, n := create(), at.of(2_000_000)
			all := beside(s, at.of(10_000))
			rand.New(rand.NewPCG(1, 1)).Shuffle(len(all), func(i, j int) { all[i], all[j] = all[j], all[i] })
			before := used()
			for i := range n {
				if running, _ := s.(reporter).status(all[i%len(all)]); !running {
					panic("an idle task does not run")
				}
			}
			wall, _, mallocs, _ := used().since(before, float64(n))
			s.stop()
			return []metric{wall, mallocs}
		}, can[reporter]),
	}
}

// statusAll is of a list of all statuses.
func statusAll() contest {
	return contest{
		name: "statuses", title: "status of all of 10,000 running tasks, each",
		entrants: ofAll(func(at scale, create maker) []metric {
			s, rounds := create(), at.of(200)
			n := len(beside(s, at.of(10_000)))
			before := used()
			for range rounds {
				if s.(lister).statuses() != n {
					panic("tasks are missing")
				}
			}
			wall, _, _, size := used().since(before, float64(rounds*n))
			s.stop()
			return []metric{wall, size}
		}, can[lister]),
	}
}

// statusStorm is of the status of one task while all others fail at one moment.
func statusStorm() contest {
	return contest{
		name: "status-storm", title: "status of one task while 100,000 others fail at once",
		entrants: ofAll(func(at scale, create maker) []metric {
			s, n := create(), at.of(100_000)
			begun, fail := newGate(n+1), make(chan struct{})
			s.add("asked", 0, idle(begun))
			for _, name := range names(n) {
				s.add(name, time.Hour, func(ctx context.Context) error {
					begun.pass()
					<-fail
					return errFailed
				})
			}
			s.start()
			begun.wait()
			close(fail)
			var samples []time.Duration
			for began := time.Now(); len(samples) == 0 || time.Since(began) < at.lasting(time.Second); {
				asked := time.Now()
				s.(reporter).status("asked")
				samples = append(samples, time.Since(asked))
				time.Sleep(20 * time.Microsecond)
			}
			s.stop()
			return append(percentiles(samples), metric{"longest", nanoseconds, float64(samples[len(samples)-1])})
		}, can[reporter]),
	}
}

// contention is of calls from many goroutines at once: nine of ten ask for a status, one adds and removes a task.
func contention() contest {
	return contest{
		name: "contention", title: "a call of 64 goroutines that ask, and at times add and remove, beside 10,000",
		entrants: ofAll(func(at scale, create maker) []metric {
			s, callers, calls := create(), at.of(64), at.of(5_000)
			all := beside(s, at.of(10_000))
			before := used()
			parallel(callers, func(i int) {
				random := rand.New(rand.NewPCG(1, uint64(i)))
				own := "own-" + strconv.Itoa(i)
				for range calls {
					if random.IntN(10) == 0 {
						addAndRemove(s, own)
						continue
					}
					s.(reporter).status(all[random.IntN(len(all))])
				}
			})
			wall, cpu, _, _ := used().since(before, float64(callers*calls))
			s.stop()
			return []metric{wall, cpu}
		}, can[remover], can[reporter]),
	}
}

// latency is of one task that fails without delay beside many that fail once in a while, at instants of their own: from its
// failure until it runs again. Apart means that it has a supervisor to itself, as it always has where every delay needs one.
func latency(name, title string, apart bool) contest {
	return contest{
		name: name, title: title,
		entrants: ofAll(func(at scale, create maker) []metric {
			s, n, wanted := create(), at.of(10_000), at.of(5_000)
			its := s
			if apart {
				its = create()
			}
			second := at.lasting(time.Second)
			for i, name := range names(n) {
				s.add(name, second/2+second*time.Duration(i)/time.Duration(n), func(context.Context) error { return errFailed })
			}
			samples := make([]time.Duration, 0, wanted)
			began, full := time.Now(), make(chan struct{})
			var failed time.Time
			its.add("measured", 0, func(ctx context.Context) error {
				if !failed.IsZero() && time.Since(began) > 3*second { // the others have drifted apart
					samples = append(samples, time.Since(failed))
				}
				if len(samples) == wanted {
					close(full)
					<-ctx.Done()
					return nil
				}
				pause := time.NewTimer(50 * time.Microsecond) // the others are to run, too
				select {
				case <-pause.C:
				case <-ctx.Done():
				}
				failed = time.Now()
				return errFailed
			})
			s.start()
			if apart {
				its.start()
				defer its.stop()
			}
			<-full
			s.stop()
			return percentiles(samples)
		}),
	}
}

// beating is of signs of life in a hot loop.
func beating() contest {
	return contest{
		name: "beat", title: "a beat from a hot loop",
		entrants: ofAll(func(at scale, create maker) []metric {
			s, n, done := create(), at.of(5_000_000), make(chan metric)
			s.add("alive", 0, func(ctx context.Context) error {
				beat := s.(beater).heart(ctx)
				before := used()
				for range n {
					beat()
				}
				wall, _, _, _ := used().since(before, float64(n))
				done <- wall
				<-ctx.Done()
				return nil
			})
			s.start()
			wall := <-done
			s.stop()
			return []metric{wall}
		}, can[beater]),
	}
}
