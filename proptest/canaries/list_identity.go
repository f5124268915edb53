package canaries

// identityCanaries break the rule that an event of an old run touches nothing newer.
func identityCanaries() []Canary {
	return []Canary{
		{
			Name: "any-run-counts", Rule: "the end of an old run is not the end of the live one (D8)",
			Edits: []Edit{{"exit.go", "case ev.Run == t.run && t.is(flagLive):", "case t.is(flagLive):"}},
		},
		{
			Name: "exit-twice", Rule: "a run ends once",
			Edits: []Edit{{"exit.go", "case ev.Run == t.run && t.is(flagLive):\n\t\tt.unset(flagLive)", "case ev.Run == t.run && (t.is(flagLive) || t.status == StatusDead):\n\t\tif !t.is(flagLive) {\n\t\t\treturn m.startRun(dst, t, ReasonBackoff)\n\t\t}\n\t\tt.unset(flagLive)"}},
		},
		{
			Name: "stop-is-failure", Rule: "an end that was asked for is no failure",
			Edits: []Edit{{"exit.go", "\tcase StatusStopping:\n\t\tdst = m.fulfil(dst, t)", "\tcase StatusStopping:\n\t\tif t.intent == IntentRestart && ev.Exit != ExitOK {\n\t\t\tt.attempts++\n\t\t}\n\t\tdst = m.fulfil(dst, t)"}},
		},
		{
			Name: "removed-too-soon", Rule: "a removed task is forgotten only when its run is gone",
			Edits: []Edit{{"task.go", "\tif t.alive() {\n\t\tt.intent = IntentRemove\n", "\tif t.live {\n\t\tt.intent = IntentRemove\n"}},
		},
		{
			Name: "id-reused", Rule: "a task id is never reused (D8)",
			Edits: []Edit{{"slots.go", "\tm.generation++\n", "\tif len(m.tasks) == m.total() && slot == uint32(len(m.tasks)-1) {\n\t\tm.generation++\n\t}\n"}},
		},
		{
			Name: "two-replacements", Rule: "at most one abandoned run is replaced at a time",
			Edits: []Edit{{"task.go", "\tcase t.is(flagLive) && t.fenced != 0:\n\t\treturn false\n", ""}},
		},
		{
			Name: "replaces-unasked", Rule: "a task has two live runs only where its policy says replace",
			Edits: []Edit{{"task.go", "case m.policies[t.policy].OnAbandon != AbandonReplace:", "case m.policies[t.policy].OnAbandon == AbandonEscalate:"}},
		},
	}
}
