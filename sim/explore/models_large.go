package explore

import "github.com/tasksupervisor/tasksupervisor/core"

// LargeModels returns models that take minutes. The numbers of their states and transitions are known, too, see
// testdata/counts-large.txt, and what they bring about that the small ones do not: `go test ./sim/explore -run TestModels
// -large`.
func LargeModels() []NamedModel {
	all, rest := core.Config{Strategy: core.OneForAll}, core.Config{Strategy: core.RestForOne}
	both := watched(2)
	both.OnAbandon = core.AbandonReplace
	return []NamedModel{
		{"four", "four tasks", model(4, core.Config{}, quick())},
		{"all-three-around", "one for all: three tasks", model(3, all, quick())},
		{"rest-three-around", "rest for one: three tasks", model(3, rest, quick())},
		{"rest-ready-suspend", "rest for one: three tasks, readiness and suspending", suspends(atBoundaries(model(3, rest, ready())))},
		{"all-four", "one for all: four tasks", atBoundaries(model(4, all, brief()))},
		{"watched-one", "everything that can happen to two tasks, which are watched", everything(core.Config{}, brief(), readyNever(), both)},
		{"watched-all", "the same, one for all", everything(all, brief(), readyNever(), both)},
		{"watched-rest", "the same, rest for one", everything(rest, ready(), both)},
		{"needs-three", "three tasks, with and without needs", with(atBoundaries(model(3, core.Config{}, still())), core.EventNeed)},
		{"needs-all-three", "three tasks, with and without needs, and one for all",
			with(atBoundaries(model(3, all, still())), core.EventNeed)},
	}
}
