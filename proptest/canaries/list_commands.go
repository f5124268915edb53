package canaries

// commandCanaries break calls of the runtime: operator commands, changes at run time, waits.
func commandCanaries() []Canary {
	return []Canary{
		{
			Name: "kill-waits-for-the-next", Rule: "a wait for a kill is for the run that the task had", Duty: true,
			Lesson: "Another operator restarts the task meanwhile, and the wait goes on with that.",
			Edits:  []Edit{replace("Supervisor.KillWait", "r == nil || r.over", "r == nil || m.current == nil")},
		},
		{
			Name: "wait-gives-up-beside-replaced", Rule: "a run that was replaced earlier ends no wait for the run that stops",
			Lesson: "Something of the task is left behind, so the wait ends half-way, though its run still stops in time.",
			Edits:  []Edit{replace("Supervisor.await", "len(left) > 0 && _", "len(left) > 0")},
		},
		{
			Name: "wait-never-ends-beside-replaced", Rule: "a wait ends when only a replaced run is left",
			Lesson: "The current run has ended, the old one never will.",
			Edits:  []Edit{replace("Supervisor.await", "m.current == nil || m.current.abandoned", "m.current != nil && m.current.abandoned")},
		},
		{
			Name: "removal-not-waited-for", Rule: "a wait for a removal ends when the name is free", Duty: true,
			Lesson: "The run has ended, and the name is still taken.",
			Edits:  []Edit{replace("Supervisor.RemoveWait", "m.id == 0", "m.id == 0 || m.current == nil || m.current.hung || m.current.Err() != nil")},
		},
		{
			Name: "removal-forgotten-by-the-next-run", Rule: "a removal that waits for a run goes on when the supervisor runs again",
			Lesson: "The new machine is given the task, and not what was to become of it.",
			Edits:  []Edit{drop("said.note", "s.state, s.spoken = saidRemoved, true")},
		},
		{
			Name: "kill-forgotten-by-the-next-run", Rule: "a task that was killed by hand stays dead when its supervisor runs again",
			Lesson: "What is said about a task is kept in the machine, and that is a new one for every run.",
			Edits:  []Edit{drop("said.note", "s.state, s.spoken = saidKilled, true")},
		},
		{
			Name: "tree-stops-in-ten-seconds", Rule: "the stop timeout of tasks by default is none for a supervisor",
			Lesson: "A tree that takes a while to stop is left behind, and its tasks with it.",
			Edits:  []Edit{drop("Supervisor.newMember", "own.chosen = chosen{}")},
		},
		{
			Name: "tree-must-beat", Rule: "watchdogs and probes by default are none for a supervisor",
			Lesson: "A default for all tasks restarts every subtree that has no heart.",
			Edits:  []Edit{drop("taskSettings.apply", "if isSupervisor")},
		},
		{
			Name: "same-jitter-for-all", Rule: "every task draws a jitter of its own",
			Lesson: "Jitter that is the same for all leaves the herd together.",
			Edits:  []Edit{replace("Supervisor.register", "keyOf(m.name)", "0")},
		},
		{
			Name: "starts-before-its-needs-are-told", Rule: "a task starts when all it needs is up", Duty: true,
			Lesson: "Added first, told of its needs then: in between it starts.",
			Edits:  []Edit{replace("Supervisor.register", "m.said.state == saidSuspended || len(m.needs) > 0", "m.said.state == saidSuspended")},
		},
		{
			Name: "probe-forgotten-by-a-change", Rule: "SetPolicy changes the options given, and nothing else",
			Lesson: "A longer stop timeout, and the task is probed no more.",
			Edits:  []Edit{after("Supervisor.setPolicy", "changed := _", "changed.beside = beside{}")},
		},
		{
			Name: "probe-not-swapped", Rule: "another probe function is called from the next probe on",
			Lesson: "The policy goes to the machine, and the function that belongs to it stays.",
			Edits:  []Edit{replace("Supervisor.change", "changed.kept()", "m.beside")},
		},
		{
			Name: "policy-forgotten-by-the-next-run", Rule: "a changed policy holds in later runs of the supervisor",
			Lesson: "The machine knows it, and the next machine is made from what the task was added with.",
			Edits:  []Edit{drop("Supervisor.carryOut", "m.hasPolicy(in.Policy)")},
		},
		{
			Name: "limits-forgotten-by-the-next-run", Rule: "changed limits hold in later runs of the supervisor",
			Lesson: "What was changed in the middle of an incident is forgotten by the restart that follows.",
			Edits:  []Edit{drop("Supervisor.SetLimits", "s.settings.limits.Limits, s.limitsSaid = changed.Limits, true")},
		},
		{
			Name: "limits-from-nothing", Rule: "SetLimits changes the options given, and nothing else",
			Lesson: "One limit is raised, and the others are off.",
			Edits:  []Edit{replace("Supervisor.SetLimits", "limitSettings{Limits: s.settings.limits.Limits}", "limitSettings{}")},
		},
		{
			Name: "refused-limits-kept", Rule: "limits that were refused hold nowhere",
			Lesson: "Option by option into what is in force, until one is refused.",
			Edits:  []Edit{after("Supervisor.SetLimits", "option.applyToLimits(&changed)", "s.settings.limits.Limits = changed.Limits")},
		},
		{
			Name: "command-to-a-stranger", Rule: "a command about a task that is not there is refused", Duty: true,
			Lesson: "A typing error in the name, answered by success.",
			Edits:  []Edit{replace("Supervisor.command", "return m, r, refusalError(refusal)", "if m == nil {\nreturn m, r, nil\n}\nreturn m, r, refusalError(refusal)")},
		},
		{
			Name: "duplicate-name-taken", Rule: "a name is a task's alone", Duty: true,
			Lesson: "The second task takes the name, and the first runs on without one.",
			Edits:  []Edit{replace("Supervisor.enroll", "s.registry.byName[name] != nil", "name == \"\"")},
		},
		{
			Name: "refused-task-is-claimed", Rule: "a supervisor that was refused as a task can be added elsewhere",
			Lesson: "The claim comes before the refusal.",
			Edits:  []Edit{drop("Supervisor.add", "m.disown()")},
		},
	}
}
