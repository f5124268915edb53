package main

import (
	"math/rand/v2"
	"strconv"
	"time"
)

// sizes are the numbers of tasks that the Go benchmarks of package core are run with.
func sizes() []int { return []int{1, 1_000, 100_000, 1_000_000} }

// machine is what events cost in the state machine alone, by the number of its tasks.
func machine() group {
	perEvent := figure{printed: "ns/event", metric: "time", unit: nanoseconds}
	perTask := figure{printed: "ns/task", metric: "time", unit: nanoseconds}
	perStep := figure{printed: "ns/op", metric: "time", unit: nanoseconds}
	event := func(name, title string) contest { return bySize("event-"+name, title, "Event/"+name, perEvent) }
	whole := func(name, title string) contest { return bySize(name, title, "Whole/"+name, perTask) }
	storm := func(name, metric string) figure {
		return figure{printed: name + "-ns/task", metric: metric, unit: nanoseconds}
	}
	g := group{title: "core, by number of tasks", contests: []contest{
		heapFloor(),
		bySize("step", "a failure, or the tick that restarts", "Step", perStep,
			figure{printed: "bytes/task", metric: "memory of a task", unit: octets}),
		bySize("idle-tick", "a tick when nothing is due", "IdleTick", perStep),
		bySize("event-beat", "a beat", "Beat", perStep),
		event("add-remove", "add, remove, and the end of the run"),
		event("restart", "restart, and the end of the run"),
		event("kill", "kill, the end of the run, and restart"),
		event("suspend-resume", "suspend, the end of the run, and resume"),
		event("add-need-resume-remove", "add, need, resume, remove, and the end of the run"),
		event("ready-unready", "ready and unready"),
		event("probe", "the answer of a probe"),
		event("policy", "another policy"),
		event("limits", "other limits"),
		event("rejected", "an event that is rejected"),
		bySize("storm", "all tasks at one instant, each", "Storm", storm("start", "they start"), storm("fail", "they fail"),
			storm("restart", "they are restarted"), storm("beat", "they beat"), storm("miss", "they miss a beat"), storm("stop", "they are stopped")),
		whole("snapshot", "a snapshot, for each task"),
		whole("restore", "reading one, for each task"),
		whole("fork", "a fork, for each task"),
		whole("digest", "a digest, for each task"),
		whole("check", "a full audit, for each task"),
	}}
	for _, n := range sizes() {
		g.columns = append(g.columns, thousands(n))
	}
	return g
}

// bySize is a Go benchmark of package core that has a part for each size.
func bySize(name, title, benchmarked string, figures ...figure) contest {
	c := contest{name: name, title: title, rounds: 2}
	for _, n := range sizes() {
		c.entrants = append(c.entrants, entrant{name: thousands(n), bench: &benchmark{
			folder: "core", name: benchmarked + "/" + strconv.Itoa(n), figures: figures,
		}})
	}
	return c
}

// heapFloor is of the least that a step of a fleet in backoff has to do: the earliest of all instants is taken out of a heap, and
// a later one is put in.
func heapFloor() contest {
	c := contest{name: "heap", title: "for comparison: pop and push on a 4-ary heap", rounds: 2}
	for _, n := range sizes() {
		c.entrants = append(c.entrants, entrant{name: thousands(n), measure: func(at scale) []metric {
			random := rand.New(rand.NewPCG(1, 1))
			var h instants
			for range at.of(n) {
				h.push(random.Int64N(int64(time.Minute)))
			}
			steps := at.of(3_000_000)
			began := time.Now()
			for range steps {
				h.push(h.pop() + random.Int64N(int64(time.Minute)))
			}
			return []metric{each("time", time.Since(began), steps)}
		}})
	}
	return c
}
