package canaries

// treeCanaries break how tasks are found in a tree, and what one supervisor leaves to the one that takes its place.
func treeCanaries() []Canary {
	return []Canary{
		{
			Name: "path-without-its-root", Rule: "a path may begin with the name of the supervisor that is asked",
			Lesson: "The path in the log line is refused by the console.",
			Edits:  []Edit{replace("Supervisor.locate", "!found", "!found && rest == \"\"")},
		},
		{
			Name: "root-hides-its-task", Rule: "a task of the supervisor's own name goes before the supervisor's",
			Lesson: "shop/db of the shop that is in the shop.",
			Edits:  []Edit{without("Supervisor.locate", "!found"), replace("Supervisor.locate", "at, name, found := s.find(path)", "at, name, _ = s.find(path)")},
		},
		{
			Name: "latest-of-several", Rule: "all supervisors that a task runs at a time are in the tree",
			Lesson: "A task has one supervisor in it, until one starts three.",
			Edits:  []Edit{replace("member.inside", "running || len(in) == 0", "(running || true) && len(in) == 0")},
		},
		{
			Name: "moved-and-listed-twice", Rule: "a supervisor that runs elsewhere now is in the tree there, and nowhere else",
			Lesson: "The old place still points to it.",
			Edits:  []Edit{replace("place.stays", "!p.left", "true")},
		},
		{
			Name: "inherited-by-position", Rule: "a supervisor that is made anew takes over task by task, by name",
			Lesson: "The next version has one task more, in front, and suspends the wrong one.",
			Edits: []Edit{
				after("Supervisor.leave", "from := _", "from.id = m.id"),
				replace("Supervisor.accept", "s.registry.byName[name]", "(func(string) *member {\nif i := from.id.Slot(); i < len(s.registry.slots) {\nreturn s.registry.slots[i]\n}\nreturn nil\n})(name)"),
			},
		},
		{
			Name: "inherits-no-word", Rule: "a supervisor that is made anew knows what was said about its tasks by hand",
			Lesson: "Suspended at night, started again by the next crash.",
			Edits:  []Edit{drop("Supervisor.accept", "if from.said.spoken")},
		},
		{
			Name: "inherits-no-policy", Rule: "a supervisor that is made anew has the policies that were set by hand",
			Lesson: "A policy is an option of the code, until someone changes it.",
			Edits:  []Edit{drop("Supervisor.accept", "if from.said.policy")},
		},
		{
			Name: "inherits-no-limits", Rule: "a supervisor that is made anew has the limits that were set by hand",
			Lesson: "What belongs to no task is forgotten when tasks are compared.",
			Edits:  []Edit{drop("Supervisor.inherit", "if left.limitsSaid")},
		},
		{
			Name: "inherits-one-level", Rule: "what is said by hand is taken over down to the leaves",
			Lesson: "Trees of two levels work.",
			Edits:  []Edit{replace("Supervisor.inherit", "is != nil && from.clone != nil", "is != nil && is.settings.name != \"\"")},
		},
		{
			Name: "inherits-a-removal", Rule: "a removal concerns the one task, and none that is made anew under its name",
			Lesson: "The new version of the subtree has the task again, and it vanishes.",
			Edits:  []Edit{drop("Supervisor.leave", "if from.said.state == saidRemoved")},
		},
		{
			Name: "heir-does-not-wait", Rule: "a supervisor that is made anew waits for the runs that were left behind",
			Lesson: "The old run and the new one hold the same lock file, by turns.",
			Edits:  []Edit{drop("Supervisor.accept", "if len(from.inherits) > 0")},
		},
		{
			Name: "heir-waits-for-ever", Rule: "the end of a run that was left behind is told to the supervisor that waits for it",
			Lesson: "The run reports its end to the supervisor that started it, and that is no more.",
			Edits:  []Edit{drop("Supervisor.feedExit", "if r.heir != nil")},
		},
		{
			Name: "resumed-for-one-life", Rule: "a task that was resumed stays so",
			Lesson: "What was said first is remembered, and what was said last is not.",
			Edits:  []Edit{drop("said.note", "s.state, s.spoken = saidNothing, true")},
		},
		{
			Name: "suspended-for-one-life", Rule: "a task that is suspended is so in later Runs, too",
			Lesson: "The next start of everything starts everything.",
			Edits:  []Edit{replace("Supervisor.register", "m.said.state == saidSuspended", "m.said.state == saidSuspended && !s.renewing")},
		},
		{
			Name: "removed-subtree-lost", Rule: "the runs of a removed supervisor stay in the account while any of them is alive",
			Lesson: "The subtree is removed, and the run that it left behind is in no report.",
			Edits:  []Edit{without("registry.dropOrphans", "len(m.nested) > 0")},
		},
		{
			Name: "failed-stop-below-lost", Rule: "the latest failure while stopping outlives the supervisor that it was in",
			Lesson: "The subtree is replaced, and with it goes what it lost.",
			Edits:  []Edit{drop("member.dropNested", "if failed := p.inside.latestFailedStop(); failed != nil")},
		},
	}
}
