package main

import (
	"context"
	"strconv"
	"sync/atomic"
	"time"
)

// window is how long a rate is measured.
const window = 500 * time.Millisecond

// restart is of tasks that always fail at once and are restarted without delay.
func restart(n int, title string) contest {
	entrants := ofAll(func(at scale, create maker) []metric {
		s := create()
		return restarting(at, s, n, undelayed(s), func() error { return errFailed })
	})
	if n > 10_000 {
		entrants = without("hand-loop", entrants)
	}
	return contest{name: "restart-" + strconv.Itoa(n), title: title, curve: "restart", size: n, entrants: entrants}
}

// restartOwn is the same of tasks with a policy of their own each.
func restartOwn() contest {
	return contest{
		name: "restart-policies", title: "restart without delay, 100,000 tasks with 100,000 policies",
		entrants: without("hand-loop", ofAll(func(at scale, create maker) []metric {
			s := create()
			return restarting(at, s, 100_000, s.(owner).addOwn, func() error { return errFailed })
		}, can[owner])),
	}
}

// without has one contestant stay away: loops that fail in place do not yield, and so many of them do not let the measurement
// itself run for minutes.
func without(name string, entrants []entrant) []entrant {
	for i := range entrants {
		if entrants[i].name == name {
			entrants[i].measure = nil
		}
	}
	return entrants
}

// afterDelay is of tasks that always fail at once, and wait a moment.
func afterDelay() contest {
	return contest{
		name: "backoff", title: "restart after 100 ms, 1,000 tasks",
		entrants: ofAll(func(at scale, create maker) []metric {
			s := create()
			add := func(name string, number int, run task) { s.add(name, at.lasting(100*time.Millisecond), run) }
			metrics := restarting(at, s, 1_000, add, func() error { return errFailed })
			return metrics[1:2] // how long it takes is what was asked for
		}),
	}
}

// panics is the same of tasks that panic.
func panics() contest {
	return contest{
		name: "panic", title: "restart after a panic, 100 tasks",
		entrants: ofAll(func(at scale, create maker) []metric {
			s := create()
			return restarting(at, s, 100, undelayed(s), func() error { panic(errFailed) })
		}),
	}
}

func undelayed(s subject) func(name string, _ int, run task) {
	return func(name string, _ int, run task) { s.add(name, 0, run) }
}

// restarting measures what a restart takes, while nothing but restarts happens.
func restarting(at scale, s subject, n int, add func(name string, number int, run task), fail func() error) []metric {
	n = at.of(n)
	var over atomic.Bool
	begun, open := newGate(n), make(chan struct{})
	counts := make([]struct {
		runs atomic.Uint64
		_    [56]byte // each has a cache line of its own
	}, n)
	for i, name := range names(n) {
		waited := false
		add(name, i, func(ctx context.Context) error {
			if !waited {
				waited = true
				begun.pass()
				<-open
			}
			if over.Load() {
				<-ctx.Done()
				return nil
			}
			counts[i].runs.Add(1)
			return fail()
		})
	}
	total := func() (sum, served float64) {
		for i := range counts {
			if runs := counts[i].runs.Load(); runs > 0 {
				sum += float64(runs)
				served++
			}
		}
		return sum, served
	}
	s.start()
	begun.wait()
	close(open)
	time.Sleep(at.lasting(window / 5))
	done, _ := total()
	before := used()
	time.Sleep(at.lasting(window))
	after := used()
	sum, served := total()
	over.Store(true)
	s.stop()
	wall, cpu, mallocs, size := after.since(before, max(1, sum-done))
	return []metric{wall, cpu, mallocs, size, {"tasks not served", percent, 100 * (1 - served/float64(n))}}
}
