package canaries

// identityCanaries break the rule that an event of an old run touches nothing newer.
func identityCanaries() []Canary {
	return []Canary{
		{
			Name: "any-run-counts", Rule: "the end of an old run is not the end of the live one (D8)",
			Lesson: "oversight and the task-supervisor crate charge a late exit to the run that replaced it.",
			Edits:  []Edit{without("Machine.exit", "ev.Run == t.run")},
		},
		{
			Name: "run-in-32-bits", Rule: "no run number comes again, however many runs a task has (D8)",
			Lesson: "A counter that wraps takes an event of the past for one of the present.",
			Edits:  []Edit{replace("Machine.exit", "ev.Run == t.run", "uint32(ev.Run) == uint32(t.run)")},
		},
		{
			Name: "exit-twice", Rule: "a run ends once",
			Lesson: "Exits are delivered twice by drivers that watch a task in two ways.",
			Edits: []Edit{
				replace("Machine.exit", "case ev.Run == t.run && t.is(flagLive):", `case ev.Run == t.run && (t.is(flagLive) || t.status == StatusDead):
					if !t.is(flagLive) {
						return m.startRun(dst, t, ReasonBackoff)
					}`),
			},
		},
		{
			Name: "stop-is-failure", Rule: "an end that was asked for is not a failure",
			Lesson: "In goverseer a child that the supervisor stopped itself counts as crashed, and begins another round.",
			Edits: []Edit{into("Machine.exit", "case StatusStopping:",
				"if t.intent == IntentRestart && ev.Exit != ExitOK {\nt.attempts++\n}")},
		},
		{
			Name: "removed-too-soon", Rule: "a removed task is forgotten only when its run has ended",
			Lesson: "A name that is free while its old run goes on is soon run twice.",
			Edits:  []Edit{replace("Machine.forget", "m.alive(t)", "t.is(flagLive)")},
		},
		{
			Name: "id-reused", Rule: "a task id is never reused (D8)",
			Lesson: "An operator's command that was on its way reaches the wrong task.",
			Edits: []Edit{replace("Machine.alloc", "m.generation++",
				"if len(m.tasks) == m.total() && slot == uint32(len(m.tasks)-1) {\nm.generation++\n}")},
		},
		{
			Name: "two-replacements", Rule: "at most one abandoned run is replaced at a time",
			Lesson: "A task that never stops would gather a run for each of its restarts.",
			Edits:  []Edit{drop("Machine.hasRoom", "case t.is(flagLive) && m.fencedRun(t) != 0:")},
		},
		{
			Name: "replaces-unasked", Rule: "a task has two live runs only where its policy says replace",
			Lesson: "Two runs of one consumer do the work twice; sage started a child beside one that was still running.",
			Edits:  []Edit{replace("Machine.hasRoom", "_ == AbandonReplace", "m.policyOf(t).OnAbandon != AbandonEscalate")},
		},
		{
			Name: "life-overlaps", Rule: "a task waits for the runs that it left behind in an earlier life",
			Lesson: "A supervisor that is started anew knows nothing of what its former self gave up on, and starts a second one beside it.",
			Edits:  []Edit{without("Machine.canStart", "m.hasRoom(t)")},
		},
		{
			Name: "older-run-lost", Rule: "of two runs that were left behind none is lost",
			Lesson: "One place for what can be two: the second writes over the first.",
			Edits:  []Edit{replace("Machine.inherit", "older == 0 || older == latest", "true")},
		},
		{
			Name: "outlives-its-wait", Rule: "a task that waits for a run left behind starts when that has ended",
			Lesson: "Who waits has to be told; a wait that no event ends is a task that is down for good.",
			Edits:  []Edit{drop("Machine.fencedExit", "m.enqueue(t)")},
		},
	}
}
