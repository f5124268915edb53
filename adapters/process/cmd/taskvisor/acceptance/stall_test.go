//go:build system

package acceptance_test

import (
	"runtime"
	"sync"
	"time"

	"golang.org/x/sys/unix"
)

// What a test says of times, it says of a machine that has time for it. So this machine is watched while the tests run: how late its
// timers are, and by how much others make work slower. A bound is wider accordingly.
var machine struct {
	sync.Mutex
	stalls []sample
	slow   []sample
}

// sample is how late the machine was, or how slow, at some time.
type sample struct {
	from, to time.Time
	late     time.Duration
	factor   float64
}

func watchMachine() {
	go watchTimers()
	go watchWork()
}

// watchTimers has a timer fire all the time, and keeps how late it was.
func watchTimers() {
	const every, usual = 2 * time.Millisecond, 2 * time.Millisecond
	for {
		from := time.Now()
		time.Sleep(every)
		to := time.Now()
		if late := to.Sub(from) - every; late > usual {
			machine.Lock()
			machine.stalls = append(machine.stalls, sample{from: from, to: to, late: late})
			machine.Unlock()
		}
	}
}

// watchWork works a little now and then, and keeps how much longer that took than a processor needs for it.
func watchWork() {
	const every, work = 100 * time.Millisecond, 5 * time.Millisecond
	runtime.LockOSThread()
	for {
		from, used := time.Now(), usedByThread()
		for usedByThread()-used < work {
		}
		to := time.Now()
		machine.Lock()
		machine.slow = append(machine.slow, sample{from: from, to: to, factor: float64(to.Sub(from)) / float64(work)})
		machine.Unlock()
		time.Sleep(every)
	}
}

func usedByThread() time.Duration {
	var used unix.Timespec
	if err := unix.ClockGettime(unix.CLOCK_THREAD_CPUTIME_ID, &used); err != nil {
		panic(err)
	}
	return time.Duration(used.Nano())
}

// atMost returns how long on this machine, between two instants, something may have taken that has a bound on an idle one.
func atMost(bound time.Duration, from, to time.Time) time.Duration {
	machine.Lock()
	defer machine.Unlock()
	sum, samples, late := 0.0, 0, time.Duration(0)
	for _, s := range machine.slow {
		if s.to.After(from) && s.from.Before(to) {
			sum, samples = sum+s.factor, samples+1
		}
	}
	for _, s := range machine.stalls {
		if s.to.After(from) && s.from.Before(to) {
			late = max(late, s.late)
		}
	}
	if samples > 0 {
		bound = time.Duration(float64(bound) * max(1, sum/float64(samples)))
	}
	return bound + late
}
