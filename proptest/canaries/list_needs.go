package canaries

// needCanaries break what tasks owe each other by need.
func needCanaries() []Canary {
	return []Canary{
		{
			Name: "need-ignored", Rule: "a task starts when all it needs is up",
			Lesson: "Started too early, a task fails at once and spends its attempts on waiting.",
			Edits:  []Edit{without("Machine.canStart", "m.firstUnmetNeed(t) == nil")},
		},
		{
			Name: "starts-beside-leaving", Rule: "a task starts when no task that needs it is on its way to stop",
			Lesson: "A dependant that is still stopping would meet the new run of what it knew as the old one.",
			Edits:  []Edit{without("Machine.canStart", "m.noDependentTerminating(t)")},
		},
		{
			Name: "mark-not-transitive", Rule: "a task that goes down takes along those bound to it, and those bound to these",
			Lesson: "Chains of two work; the third runs on without what it needs.",
			Edits:  []Edit{replace("Machine.noteDown", "i < len(m.downs)", "i < min(1, len(m.downs))")},
		},
		{
			Name: "unbound-goes-along", Rule: "a task that is not bound to what it needs runs on without it",
			Lesson: "Requires and BindsTo are two things in systemd because users need both.",
			Edits:  []Edit{replace("Machine.noteDown", "e.Bound", "true")},
		},
		{
			Name: "needed-goes-first", Rule: "a task is asked to stop when those that need it have stopped",
			Lesson: "An operator's restart of the database is no reason to pull it from under its clients.",
			Edits:  []Edit{replace("Machine.intend", "m.noDependentTerminating(t)", "(m.noDependentTerminating(t) || why == ReasonRestarted)")},
		},
		{
			Name: "bond-not-changed", Rule: "a need that is told again may be bound now, or not any more",
			Lesson: "\"Already known\" is not \"the same\".",
			Edits:  []Edit{replace("Machine.connect", "e.Bound = bound", "e.Bound = e.Bound || bound")},
		},
		{
			Name: "removed-though-needed", Rule: "a task that another needs cannot be removed",
			Lesson: "Who needs it would wait for a task that does not exist.",
			Edits:  []Edit{replace("Machine.refuseAbout", "m.needed(t)", "m.needed(t) && t.running()")},
		},
		{
			Name: "needs-later-task", Rule: "a task needs only tasks that were added before it",
			Lesson: "Two tasks that need each other never start, and no message says so.",
			Edits:  []Edit{replace("Machine.refuseAbout", "ev.Other >= ev.Task", "ev.Other == ev.Task")},
		},
		{
			Name: "unready-is-up", Rule: "a task that has yet to start waits for a run that took its readiness back",
			Lesson: "A flag that is shown and asked by no rule is a comment.",
			Edits:  []Edit{replace("facetsOf", "facetRunning | facetComingUp | facetHolds", "facetRunning | facetUp | facetHolds")},
		},
		{
			Name: "unready-is-down", Rule: "a run that took its readiness back leaves alone what is bound to it and runs",
			Lesson: "\"Not for now\" is not \"no more\": restarting its clients makes an outage of a pause.",
			Edits:  []Edit{replace("facetsOf", "facetRunning | facetComingUp | facetHolds", "facetRunning | facetComingUp")},
		},
	}
}
