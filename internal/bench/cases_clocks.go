package main

import (
	"math/rand/v2"
	"sync/atomic"
	"testing/synctest"
	"time"

	benbjohnson "github.com/benbjohnson/clock"
	"github.com/jonboulle/clockwork"

	"github.com/tasksupervisor/tasksupervisor/clock"
	"github.com/tasksupervisor/tasksupervisor/core"
	"github.com/tasksupervisor/tasksupervisor/sim"
	"github.com/tasksupervisor/tasksupervisor/sim/workload"
)

// clocks are virtual clocks, which tests of supervisors run on. Their floor is a heap of instants and a loop that takes the
// earliest. The last one is our simulator, where a timer that fires is a run that ends or a restart that is decided, with all
// that follows.
func clocks() group {
	entrants := []entrant{
		{name: "heap", measure: fireHeap},
		{name: "synctest", bench: &benchmark{"internal/bench", "Synctest", []figure{
			{printed: "fire-ns", metric: "fire", unit: nanoseconds}, {printed: "set-up-ns", metric: "set up", unit: nanoseconds},
		}, false}},
		{name: "clockwork", measure: fireClockwork},
		{name: "benbjohnson", measure: fireMock},
		{name: "our clock", measure: fireVirtual},
		{name: "our simulator", measure: simulate},
	}
	g := group{title: "virtual time", contests: []contest{
		{name: "timers", title: "10,000 timers, each", entrants: entrants},
	}}
	for _, e := range entrants {
		g.columns = append(g.columns, e.name)
	}
	return g
}

const longest = time.Minute

// delays returns the delays of n timers.
func delays(n int) []time.Duration {
	random := rand.New(rand.NewPCG(1, 1))
	all := make([]time.Duration, n)
	for i := range all {
		all[i] = time.Second + time.Duration(random.Int64N(int64(longest-time.Second)))
	}
	return all
}

// firing measures the setting up of n timers, and how long the first of them take to fire.
func firing(n, first int, setUp func(delays []time.Duration, fire func()), advance func(fired func() int)) []metric {
	return firingBy(time.Now, n, first, setUp, advance)
}

func firingBy(now func() time.Time, n, first int, setUp func(delays []time.Duration, fire func()), advance func(fired func() int)) []metric {
	var fires atomic.Int64
	all := delays(n)
	began := now()
	setUp(all, func() { fires.Add(1) })
	set := each("set up", now().Sub(began), n)
	began = now()
	advance(func() int { return int(fires.Load()) })
	took := now().Sub(began)
	if int(fires.Load()) < first {
		panic("some timers have not fired")
	}
	return []metric{each("fire", took, int(fires.Load())), set}
}

func fireHeap(at scale) []metric {
	n := at.of(10_000)
	var timers instants
	var fire func()
	return firing(n, n, func(delays []time.Duration, f func()) {
		fire = f
		for _, d := range delays {
			timers.push(int64(d))
		}
	}, func(func() int) {
		for len(timers) > 0 {
			timers.pop()
			fire()
		}
	})
}

// fireSynctest is called in a bubble of synctest, where time.Now is virtual.
func fireSynctest(n int, now func() time.Time) []metric {
	return firingBy(now, n, n, func(delays []time.Duration, fire func()) {
		for _, d := range delays {
			time.AfterFunc(d, fire)
		}
	}, func(func() int) {
		time.Sleep(longest)
		synctest.Wait()
	})
}

func fireClockwork(at scale) []metric {
	n, fake := at.of(10_000), clockwork.NewFakeClock()
	return firing(n, n, func(delays []time.Duration, fire func()) {
		for _, d := range delays {
			fake.AfterFunc(d, fire)
		}
	}, func(fired func() int) {
		fake.Advance(longest)
		for fired() < n { // each fires in a goroutine
			time.Sleep(10 * time.Microsecond)
		}
	})
}

// fireMock fires only some of the timers: a Mock sleeps for a millisecond after each.
func fireMock(at scale) []metric {
	n, mock := at.of(10_000), benbjohnson.NewMock()
	first := (n + 19) / 20
	return firing(n, first, func(delays []time.Duration, fire func()) {
		for _, d := range delays {
			mock.AfterFunc(d, fire)
		}
	}, func(fired func() int) {
		for fired() < first {
			mock.Add(100 * time.Millisecond)
		}
	})
}

func fireVirtual(at scale) []metric {
	n := at.of(10_000)
	virtual := new(clock.Virtual)
	var fire func()
	return firing(n, n, func(delays []time.Duration, f func()) {
		fire = f
		for _, d := range delays {
			virtual.NewSource().Arm(core.Instant(d), true)
		}
	}, func(func() int) {
		for {
			if _, ok := virtual.Next(); !ok {
				return
			}
			fire()
		}
	})
}

func simulate(at scale) []metric {
	n := at.of(10_000)
	policy := core.DefaultPolicy()
	policy.MaxAttempts = core.Unlimited
	began := time.Now()
	s, err := sim.New(workload.World{
		Seed:  1,
		For:   core.Forever - 1,
		Tasks: []workload.Tasks{{Name: "task", Count: n, Policy: policy, Lifetime: workload.Uniform(time.Second, longest)}},
	}, sim.Unchecked())
	must(err)
	for s.Machine().Counts().Healthy < n {
		s.Next()
	}
	set := each("set up", time.Since(began), n)
	began = time.Now()
	for range n {
		s.Next()
	}
	return []metric{each("fire", time.Since(began), n), set}
}
