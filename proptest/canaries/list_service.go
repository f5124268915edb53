package canaries

// serviceCanaries break what a service asks of a supervisor: counts, health, an orderly stop of the program, a log that can be read.
func serviceCanaries() []Canary {
	return []Canary{
		{
			Name: "totals-of-this-supervisor", Rule: "a supervisor that is made anew goes on counting",
			Lesson: "The counter of restarts goes back to zero whenever the subtree restarts.",
			Edits:  []Edit{drop("Supervisor.accept", "m.inheritTotals(&from.tally.Totals)")},
		},
		{
			Name: "stats-of-this-supervisor", Rule: "a supervisor that is made anew has the stats of the one before",
			Lesson: "Each escalation makes a new supervisor, which has never escalated.",
			Edits:  []Edit{drop("Supervisor.inherit", "s.inheritStats(&left.stats)")},
		},
		{
			Name: "totals-of-this-run", Rule: "what happened in an earlier Run counts",
			Lesson: "The only exit of the first Run was kept in a field that the second clears.",
			Edits:  []Edit{drop("member.beginAnew", "if m.tally != nil || _")},
		},
		{
			Name: "hang-counted-at-the-end", Rule: "a hang is a failure from when it is found out",
			Lesson: "A run that hangs for good never fails.",
			Edits:  []Edit{drop("Supervisor.follow", "m.tallied().Failures++")},
		},
		{
			Name: "repeats-are-failures", Rule: "a restart after a good end is no restart after a failure",
			Lesson: "Every ticker flaps, says the alert.",
			Edits:  []Edit{replace("member.countStart", "m.repeats", "false")},
		},
		{
			Name: "down-until-started", Rule: "a task that failed is down until it is ready again",
			Lesson: "It starts for ten minutes, and was down for two seconds.",
			Edits:  []Edit{replace("Supervisor.follow", "case StatusHealthy, StatusCompleted, StatusHalted, StatusNone:", "case StatusStarting, StatusHealthy, StatusCompleted, StatusHalted, StatusNone:"), replace("Supervisor.follow", "case StatusCreated, StatusStarting:", "case StatusCreated:")},
		},
		{
			Name: "down-after-the-stop", Rule: "nothing is down in a supervisor that has stopped",
			Lesson: "A dead task is down for as long as its supervisor is, and the supervisor, too.",
			Edits:  []Edit{drop("Supervisor.noteHalt", "s.registry.allUp(s.engine.machine.Now())")},
		},
		{
			Name: "sibling-is-not-down", Rule: "a task is down while it is stopped for one that failed",
			Lesson: "It did not fail, it only was not there.",
			Edits:  []Edit{replace("Supervisor.follow", "case a.Why == ReasonSibling, a.Why == ReasonDependency:", "case a.Why == ReasonDependency:")},
		},
		{
			Name: "bucket-too-high", Rule: "a duration of exactly a bound counts for that bound",
			Lesson: "Everything that takes a second on purpose takes between one and four.",
			Edits:  []Edit{replace("Histogram.add", "uint64(d-1)", "uint64(d)")},
		},
		{
			Name: "usage-of-all-time", Rule: "what has left the window of a limit uses nothing of it",
			Lesson: "The alert fires for the failures of last week.",
			Edits:  []Edit{replace("rateUsage", "now-at < Instant(rate.Per)", "at < Never")},
		},
		{
			Name: "alive-only-if-ready", Rule: "a task that waits for what it depends on is alive",
			Lesson: "The database is down, and all that need it are restarted again and again.",
			Edits:  []Edit{body("TaskStatus.isLost", "return !t.isUp()")},
		},
		{
			Name: "dead-below-is-well", Rule: "a nested task that is dead for good is missed",
			Lesson: "The manager had died, and health said 200.",
			Edits:  []Edit{drop("checkup.lookAt", "for _, in := range task.inside")},
		},
		{
			Name: "everything-is-significant", Rule: "a task that is not significant is told, and does not count",
			Lesson: "A job that nobody misses takes the service down.",
			Edits:  []Edit{replace("Supervisor.look", "!s.policyOf(m).Significant", "false")},
		},
		{
			Name: "significant-in-what-is-not", Rule: "what is in a supervisor that is not significant is not, either",
			Lesson: "Each task asks only itself.",
			Edits:  []Edit{replace("checkup.lookAt", "minor || task.minor", "task.minor")},
		},
		{
			Name: "killed-is-missed", Rule: "a task that an operator killed is not missed",
			Lesson: "To take a task out of service takes the service out of service.",
			Edits:  []Edit{without("TaskStatus.isLost", "t.Why != ReasonKilled")},
		},
		{
			Name: "loop-is-not-asked", Rule: "a supervisor whose loop does not come round is stuck",
			Lesson: "The lock is free, and nobody is at home.",
			Edits:  []Edit{drop("checkup.lookAt", "if seen.session != nil")},
		},
		{
			Name: "ready-until-the-end", Rule: "a supervisor that is to stop is not ready, before it begins to",
			Lesson: "The load balancer learns of the stop from refused connections.",
			Edits:  []Edit{without("Supervisor.look", "s.engine.stopAt != Never")},
		},
		{
			Name: "second-shutdown-lengthens", Rule: "a second shutdown waits with the first",
			Lesson: "The signal asked once, and the deferred call again.",
			Edits:  []Edit{replace("Supervisor.askToStop", "case running:", "default:")},
		},
		{
			Name: "every-level-waits", Rule: "only the root waits before it stops its tasks",
			Lesson: "Three levels, and the stop takes three times as long.",
			Edits:  []Edit{without("Supervisor.askToStop", "session.parent != nil")},
		},
		{
			Name: "storm-is-cut", Rule: "what is not written of a storm is counted",
			Lesson: "Ten lines, and nothing about the other 4,990.",
			Edits:  []Edit{drop("logger.mayWrite", "of.hold(t, now)")},
		},
		{
			Name: "storm-waits-for-the-next", Rule: "what was held back is told in time though nothing else happens",
			Lesson: "The summary of the storm comes with the first line of the next one.",
			Edits:  []Edit{replace("observer.owe", "time.AfterFunc(atMost, o.fallDue)", "_ = atMost")},
		},
		{
			Name: "drained-though-held-back", Rule: "who waits for the log gets what was held back",
			Lesson: "The program ends ten seconds before its last line.",
			Edits:  []Edit{replace("observer.settles", "slices.ContainsFunc(o.drains, ends)", "(len(o.drains) < 0 && ends(drain{}))")},
		},
		{
			Name: "record-of-nobody", Rule: "a record has the context of the run that it is about",
			Lesson: "No line of the night has the id of its trace.",
			Edits:  []Edit{replace("logger.tell", "ctx == nil", "true")},
		},
		{
			Name: "all-well-too-soon", Rule: "all is well when the last task is",
			Lesson: "The first recovers, and the night is over.",
			Edits:  []Edit{replace("audience.isWell", "a.ill.now > 0", "a.ill.now > 1")},
		},
		{
			Name: "second-signal-waits", Rule: "the second signal ends the program at once",
			Lesson: "It says that it ends, and waits until it has been said.",
			Edits:  []Edit{replace("program.endAtOnce", "p.end(lastWords)", "<-p.spoken")},
		},
		{
			Name: "looks-before-it-obeys", Rule: "a program whose supervisor is stuck hears the second signal",
			Lesson: "To say what it waits for it has to wait.",
			Edits:  []Edit{replace("program.obey", "p.sayWaits(\"stopping\", p.waits(), p.aboutStop(got)...)", "_ = got"), before("program.obey", "stopping = true", "p.sayWaits(\"stopping\", p.sup.stuck(nil), p.aboutStop(got)...)")},
		},
	}
}
