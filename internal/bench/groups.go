package main

import "time"

// groups are all contests.
func groups() []group {
	return []group{runtimes(), waits(), machine(), clocks(), simulators(), explorers()}
}

// runtimes are the contests of supervisors of goroutines.
func runtimes() group {
	g := group{title: "supervisor", contests: []contest{
		restart(1, "restart without delay, 1 task"),
		restart(10, ""),
		restart(100, ""),
		restart(1_000, "restart without delay, 1,000 tasks"),
		restart(10_000, "restart without delay, 10,000 tasks"),
		restart(100_000, "restart without delay, 100,000 tasks"),
		restartOwn(),
		panics(),
		afterDelay(),
		latency("latency", "from a failure to the next run, while 10,000 others fail about every second", false),
		latency("latency-apart", "the same, of a task in a supervisor of its own", true),
		starting(1, ""),
		starting(10, ""),
		starting(100, ""),
		starting(1_000, ""),
		starting(10_000, ""),
		starting(100_000, "100,000 idle tasks, each"),
		million(),
		churn(),
		statusOne(),
		statusAll(),
		statusStorm(),
		contention(),
		beating(),
		waiting("waiting", "100,000 tasks in backoff", 0),
		waiting("waiting-apart", "100,000 tasks in backoff, each with a delay of its own", time.Microsecond),
		tuning(),
		resting(),
	}}
	for _, s := range subjects() {
		g.columns = append(g.columns, s.name)
	}
	for i, c := range g.contests {
		if c.title == "" {
			g.contests[i].rounds = 2 // a point of a curve
		}
	}
	return g
}

// behindPeers lists where our supervisor is behind a peer.
func behindPeers(r *results) []string { return runtimes().behind(r) }
