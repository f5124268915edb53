package main

// simulators are of a step of a simulated fleet: a thousand tasks that fail about once a minute, and are restarted. On the other
// clocks a step is a timer that fires, and nothing is decided.
func simulators() group {
	step := []figure{{printed: "ns/op", metric: "time", unit: nanoseconds}}
	return group{
		title:   "simulation",
		columns: []string{"synctest", "benbjohnson", "ours", "ours, checked"},
		contests: []contest{{name: "simulation", title: "a step of 1,000 tasks", rounds: 3, entrants: []entrant{
			{name: "synctest", bench: &benchmark{"sim", "Synctest", step, false}},
			{name: "benbjohnson", bench: &benchmark{"sim", "Mock", step, false}},
			{name: "ours", bench: &benchmark{"sim", "Step/tasks=1000/unchecked", step, false}},
			{name: "ours, checked", bench: &benchmark{"sim", "Step/tasks=1000/checked", step, false}},
		}}},
	}
}

// explorers are of every event in every state of small systems.
func explorers() group {
	perTransition := []figure{{printed: "transitions/s", metric: "time", unit: nanoseconds, perSecond: true}}
	g := group{title: "explorer", columns: []string{"two-tasks", "three-tasks", "four-tasks"}}
	c := contest{name: "explorer", title: "a transition", rounds: 2}
	for _, name := range g.columns {
		c.entrants = append(c.entrants, entrant{name: name, bench: &benchmark{"sim/explore", "Run/" + name, perTransition, false}})
	}
	g.contests = []contest{c}
	return g
}

// waits are of the longest call of Status for one task, while something happens to all others at once.
func waits() group {
	g := group{title: "the longest call of Status while 100,000 others", columns: []string{"ours"}}
	for _, during := range []struct{ name, title string }{
		{"start", "start"},
		{"stop", "stop"},
		{"start-again", "start again, after all had stopped"},
		{"fail", "fail"},
		{"restart-at-one-instant", "are restarted as a group"},
		{"beats-due-at-one-instant", "miss a beat"},
		{"cancel-a-million-contexts", "rest, and a run with a million contexts below its own is stopped"},
	} {
		g.contests = append(g.contests, contest{name: "wait-" + during.name, title: during.title, rounds: 3, entrants: []entrant{
			{name: "ours", bench: &benchmark{"adapters/supervisor", "Wait/" + during.name, []figure{
				{printed: "longest-ms", metric: "time", unit: nanoseconds, times: 1e6},
			}, true}},
		}})
	}
	return g
}
