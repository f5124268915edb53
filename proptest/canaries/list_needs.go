package canaries

// needCanaries break what tasks owe each other by need.
func needCanaries() []Canary {
	return []Canary{
		{
			Name: "need-ignored", Rule: "a task starts when all it needs is up",
			Edits: []Edit{{"task.go", " && m.missing(t) == nil", ""}},
		},
		{
			Name: "starts-beside-leaving", Rule: "a task starts when nobody that needs it is on its way to stop",
			Edits: []Edit{{"task.go", "!t.is(flagSuspended) && m.clear(t) && m", "!t.is(flagSuspended) && m"}},
		},
		{
			Name: "mark-not-transitive", Rule: "a task that goes down takes along those bound to it, and those bound to these",
			Edits: []Edit{{"settle.go", "for i := 0; i < len(m.downs); i++ {", "for i := range min(1, len(m.downs)) {"}},
		},
		{
			Name: "unbound-goes-along", Rule: "a task that is not bound to what it needs runs on without it",
			Edits: []Edit{{"settle.go", "if edge := m.edge(e); edge.bound {", "if edge := m.edge(e); edge != nil {"}},
		},
		{
			Name: "needed-goes-first", Rule: "a task is asked to stop when those that need it are gone",
			Edits: []Edit{{"operate.go", "\tif m.clear(t) {\n\t\treturn m.ask(dst, t, why)", "\tif m.clear(t) || why == ReasonRestarted {\n\t\treturn m.ask(dst, t, why)"}},
		},
		{
			Name: "bond-not-changed", Rule: "a need that is told again may be bound now, or not any more",
			Edits: []Edit{{"needs.go", "\t\tm.edge(*link).bound = bound\n", ""}},
		},
		{
			Name: "removed-though-needed", Rule: "a task that another needs can not be removed",
			Edits: []Edit{{"operate.go", "if m.needed(t) {", "if m.needed(t) && t.running() {"}},
		},
		{
			Name: "needs-later-task", Rule: "a task needs only tasks that were added before it",
			Edits: []Edit{{"needs.go", "case ev.Other >= ev.Task:", "case ev.Other == ev.Task:"}},
		},
	}
}
