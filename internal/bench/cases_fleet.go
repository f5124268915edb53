package main

import (
	"context"
	"runtime"
	"strconv"
	"sync"
	"time"
)

// starting is of idle tasks: from their first addition until all have begun, what they take meanwhile, and their end.
func starting(n int, title string) contest {
	return contest{
		name: "start-" + strconv.Itoa(n), title: title, curve: "start", size: n,
		entrants: ofAll(func(at scale, create maker) []metric {
			n := at.of(n)
			fleets := max(1, at.of(10_000)/n) // a few tasks are too few to measure
			all := names(n)
			memory := footprint()
			before := used()
			var running []subject
			for range fleets {
				running = append(running, create())
				begin(running[len(running)-1], all)
			}
			cold, _, mallocs, _ := used().since(before, float64(n*fleets))
			cold.Name = "cold start"
			size := grown("memory", memory, n*fleets)
			began := time.Now()
			for _, s := range running {
				s.stop()
			}
			stop := each("stop", time.Since(began), n*fleets)
			began = time.Now()
			for range fleets {
				s := create()
				begin(s, all)
				defer s.stop()
			}
			return []metric{cold, each("warm start", time.Since(began), n*fleets), size, mallocs, stop}
		}),
	}
}

// begin starts idle tasks, and waits until all run.
func begin(s subject, names []string) {
	begun := newGate(len(names))
	for _, name := range names {
		s.add(name, 0, idle(begun))
	}
	s.start()
	begun.wait()
}

// resting is of idle tasks that are left alone.
func resting() contest {
	return contest{
		name: "idle", title: "100,000 idle tasks for ten seconds", rounds: 1,
		entrants: ofAll(func(at scale, create maker) []metric {
			s := create()
			begin(s, names(at.of(100_000)))
			footprint() // so that no collection falls into the measurement
			before := used()
			time.Sleep(at.lasting(10 * time.Second))
			after := used()
			s.stop()
			_, cpu, _, _ := after.since(before, 1)
			return []metric{cpu, {"sleeps of a thread", count, float64(after.sleeps - before.sleeps)}}
		}),
	}
}

// million is a life of a million tasks: they start, a tenth of them fails once, and all stop.
func million() contest {
	return contest{
		name: "million", title: "1,000,000 tasks, each", rounds: 2, curve: "start", size: 1_000_000,
		entrants: ofAll(func(at scale, create maker) []metric {
			s, n := create(), at.of(1_000_000)
			tenth := (n + 9) / 10
			begun, again, fail := newGate(n), newGate(tenth), make(chan struct{})
			all := names(n)
			memory := footprint()
			began := time.Now()
			for i, name := range all {
				runs := 0
				s.add(name, 0, func(ctx context.Context) error {
					failing := fail
					if runs++; runs == 1 {
						begun.pass()
					} else {
						again.pass()
					}
					if i >= tenth || runs > 1 {
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
			start := each("cold start", time.Since(began), n)
			size := grown("memory", memory, n)
			began = time.Now()
			close(fail)
			again.wait()
			restart := each("a tenth fails and runs again", time.Since(began), tenth)
			began = time.Now()
			s.stop()
			return []metric{start, size, restart, each("stop", time.Since(began), n)}
		}),
	}
}

// churn is of one task that is added, runs and is removed beside others.
func churn() contest {
	return contest{
		name: "churn", title: "one task added, run and removed beside 10,000",
		entrants: ofAll(func(at scale, create maker) []metric {
			s, n := create(), at.of(50_000)
			beside(s, at.of(10_000))
			before := used()
			for range n {
				addAndRemove(s, "one")
			}
			wall, cpu, mallocs, size := used().since(before, float64(n))
			s.stop()
			return []metric{wall, cpu, mallocs, size}
		}, can[remover]),
	}
}

func addAndRemove(s subject, name string) {
	begun := newGate(1)
	s.add(name, 0, idle(begun))
	begun.wait()
	s.(remover).remove(name)
}

// waiting is of tasks that have failed and whose delay, which is the same for all or another for each, is not over.
func waiting(name, title string, apart time.Duration) contest {
	return contest{
		name: name, title: title, rounds: 3,
		entrants: ofAll(func(at scale, create maker) []metric {
			s, n := create(), at.of(100_000)
			all, ended := names(n), newGate(n)
			warm(n)
			memory, goroutines := footprint(), runtime.NumGoroutine()
			began := time.Now()
			for i, name := range all {
				s.add(name, time.Hour+time.Duration(i)*apart, func(context.Context) error {
					ended.pass()
					return errFailed
				})
			}
			s.start()
			ended.wait()
			took := each("from addition to failure", time.Since(began), n)
			time.Sleep(at.lasting(time.Second)) // all have failed, and now each comes to wait
			size := grown("memory", memory, n)
			left := metric{"goroutines", count, float64(runtime.NumGoroutine()-goroutines) / float64(n)}
			s.stop()
			return []metric{size, left, took}
		}),
	}
}

// warm has as many goroutines at once as there will be: the runtime keeps what they needed for others, for ever, and that is
// no task's memory. It is in favour of those whose tasks keep their goroutines.
func warm(n int) {
	begun, leave := newGate(n), make(chan struct{})
	var left sync.WaitGroup
	for range n {
		left.Go(func() {
			begun.pass()
			<-leave
		})
	}
	begun.wait()
	close(leave)
	left.Wait()
}

// tuning is of policies that change again and again, each time to one that was never there before.
func tuning() contest {
	return contest{
		name: "policies", title: "a policy changed 10 million times, beside 1,000 tasks", rounds: 1,
		entrants: ofAll(func(at scale, create maker) []metric {
			s, changes := create(), at.of(1_000_000)
			all := beside(s, at.of(1_000))
			number := 0
			tune := func(n int) time.Duration {
				began := time.Now()
				for range n {
					s.(tuner).tune(all[number%len(all)], number)
					number++
				}
				return time.Since(began)
			}
			tune(len(all)) // each has a policy of its own from now on
			memory := footprint()
			early := tune(changes)
			tune(8 * changes)
			late := tune(changes)
			size := grown("memory that is left", memory, 10*changes)
			s.stop()
			return []metric{each("of the first million", early, changes), each("of the last million", late, changes), size}
		}, can[tuner]),
	}
}
