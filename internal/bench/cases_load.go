package main

import (
	"context"
	"math/rand/v2"
	"strconv"
	"sync/atomic"
	"time"
)

// latency measures one task that fails without delay, beside many that fail after a while each.
func latency(s subject) []metric {
	const others, every, wanted = 10_000, 100 * time.Millisecond, 20_000
	for _, name := range names(others) {
		s.add(name, every, func(ctx context.Context) error { return errFailed })
	}
	samples := make([]time.Duration, 0, wanted)
	var failed time.Time
	full := make(chan struct{})
	s.add("measured", 0, func(ctx context.Context) error {
		if !failed.IsZero() && len(samples) < wanted {
			if samples = append(samples, time.Since(failed)); len(samples) == wanted {
				close(full)
			}
		}
		if len(samples) == wanted {
			<-ctx.Done()
			return nil
		}
		pause := time.NewTimer(50 * time.Microsecond) // it is not to be the only one that runs
		select {
		case <-pause.C:
		case <-ctx.Done():
		}
		failed = time.Now()
		return errFailed
	})
	s.start()
	<-full
	s.stop()
	return percentiles("latency", samples)
}

// statusStorm asks for the status of one task while all others fail at one moment.
func statusStorm(s subject) []metric {
	const n = 100_000
	begun, fail := newGate(n+1), make(chan struct{})
	s.add("asked", 0, idle(begun))
	for _, name := range names(n) {
		once := false
		s.add(name, time.Hour, func(ctx context.Context) error {
			if once {
				return nil
			}
			once = true
			begun.pass()
			select {
			case <-fail:
				return errFailed
			case <-ctx.Done():
				return nil
			}
		})
	}
	s.start()
	begun.wait()
	samples := make([]time.Duration, 0, 1<<20)
	close(fail)
	for began := time.Now(); time.Since(began) < 2*time.Second && len(samples) < cap(samples); {
		at := time.Now()
		s.(reporter).status("asked")
		samples = append(samples, time.Since(at))
		time.Sleep(20 * time.Microsecond)
	}
	s.stop()
	return percentiles("status", samples)
}

// contention measures calls from many goroutines at once: nine of ten ask for a status, one adds and removes a task.
func contention(s subject) []metric {
	const callers, calls = 64, 5_000
	all := beside(s, 10_000)
	var asked atomic.Int64
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
			asked.Add(1)
		}
	})
	after := used()
	s.stop()
	return []metric{
		{"ns a call", float64(after.at.Sub(before.at).Nanoseconds()) / (callers * calls)},
		{"processor ns a call", float64((after.cpu - before.cpu).Nanoseconds()) / (callers * calls)},
	}
}

func idling(s subject) []metric {
	beside(s, 100_000)
	footprint() // so that no collection falls into the measurement
	before := used()
	time.Sleep(10 * time.Second)
	after := used()
	s.stop()
	return []metric{
		{"processor ms in 10 s", float64((after.cpu - before.cpu).Microseconds()) / 1000},
		{"sleeps of a thread in 10 s", float64(after.switches - before.switches)},
	}
}

func million(s subject) []metric {
	const n = 1_000_000
	memory, begun, fail := footprint(), newGate(n), make(chan struct{})
	again := newGate(n / 10)
	began := time.Now()
	for i, name := range names(n) {
		runs := 0
		s.add(name, 0, func(ctx context.Context) error {
			if runs++; runs == 1 {
				begun.pass()
			} else {
				again.pass()
			}
			failing := fail
			if i%10 != 0 || runs > 1 {
				failing = nil
			}
			select {
			case <-failing:
				return errFailed
			case <-ctx.Done():
				return nil
			}
		})
	}
	s.start()
	begun.wait()
	started := time.Since(began)
	memory = footprint() - memory
	began = time.Now()
	close(fail)
	again.wait()
	failed := time.Since(began)
	began = time.Now()
	s.stop()
	return []metric{
		{"start, ns a task", perTask(started, n)},
		{"bytes a task", float64(memory) / n},
		{"restart of a tenth, ns a task", perTask(failed, n/10)},
		{"stop, ns a task", perTask(time.Since(began), n)},
	}
}
