package canaries

// sessionCanaries break what one Run of a supervisor, or one run of a task, leaves to the next, and trees.
func sessionCanaries() []Canary {
	return []Canary{
		{
			Name: "old-context-stops-the-next-run", Rule: "the end of an earlier Run's context stops no later Run",
			Lesson: "The request that started the first Run is over a minute after the second has begun.",
			Edits:  []Edit{drop("Supervisor.interrupt", "if s.session != session"), drop("Supervisor.serve", "defer stop()"), replace("Supervisor.serve", "stop := context.AfterFunc(_, _)", "_ = context.AfterFunc(ctx, func() { s.interrupt(session, soundCause(ctx)) })")},
		},
		{
			Name: "error-of-an-earlier-run", Rule: "a task's last error is of this Run of its supervisor",
			Lesson: "A healthy service shows the error of the day before.",
			Edits:  []Edit{replace("member.beginAnew", "m.lastErr, m.lastExit, m.repeats = nil, ExitNone, false", "m.repeats = false")},
		},
		{
			Name: "renewal-is-news", Rule: "tasks that another Run takes over are no news to observers",
			Lesson: "Every restart of a subtree fills the log with tasks that were added.",
			Edits:  []Edit{replace("Supervisor.renew", "s.renewing = true", "s.renewing = false")},
		},
		{
			Name: "timer-of-an-earlier-run", Rule: "another Run arms the clock for its own timers", Duty: true,
			Lesson: "What was armed is remembered, and the source that was armed is no more.",
			Edits:  []Edit{replace("engine.reset", "core.Never", "min(e.armed, 5_000_000_000)")},
		},
		{
			Name: "armed-once", Rule: "a wake-up uses up what was armed", Duty: true,
			Lesson: "The second restart waits for a timer that has fired.",
			Edits:  []Edit{drop("Supervisor.tick", "s.engine.armed = Never")},
		},
		{
			Name: "wakes-for-later-only", Rule: "a deadline that is earlier than the one armed arms the clock anew", Duty: true,
			Lesson: "A short delay behind a long one is met when the long one is.",
			Edits:  []Edit{replace("engine.arm", "at < e.armed", "e.armed == core.Never")},
		},
		{
			Name: "watches-only-from-the-start", Rule: "a watchdog that a change brings is one", Duty: true,
			Lesson: "Whether any task is watched was found out when the supervisor was made.",
			Edits:  []Edit{replace("engine.define", "e.hasHealthChecks || p.Watchdog > 0 || p.Probe.Interval > 0", "e.hasHealthChecks || p.Probe.Interval > 0")},
		},
		{
			Name: "machine-out-of-date", Rule: "what is said while the machine of the next Run is made holds in that Run",
			Lesson: "A machine that is made beforehand knows only what was true before.",
			Edits:  []Edit{replace("Supervisor.renew", "next != nil && _", "next != nil")},
		},
		{
			Name: "left-behind-is-forgotten", Rule: "a run that was left behind is waited for by the next Run", Duty: true,
			Lesson: "The old run and the new one write to the same file.",
			Edits:  []Edit{replace("member.outlive", "m.rare().left, m.current = alive, nil", "m.rare().left, m.current = nil, nil")},
		},
		{
			Name: "left-behind-since-another-origin", Rule: "a run is left behind from one instant on, by whichever Run's clock",
			Lesson: "Every Run of a supervisor counts from zero.",
			Edits:  []Edit{drop("member.outlive", "r.abandonedAt += later")},
		},
		{
			Name: "replaced-run-forgotten", Rule: "a run that was replaced stays in the account until it ends", Duty: true,
			Lesson: "There is a newer one, and one place for it.",
			Edits:  []Edit{replace("Supervisor.carryOut", "append(m.left, m.current)", "nil")},
		},
		{
			Name: "replaced-run-for-ever", Rule: "a replaced run that has ended is left behind no longer", Duty: true,
			Lesson: "The list of what is left behind only grows.",
			Edits:  []Edit{replace("Supervisor.detach", "i >= 0", "i < 0 && i >= 0")},
		},
		{
			Name: "abandoned-not-counted", Rule: "an abandoned run is counted", Duty: true,
			Lesson: "It will end some time, so why count it.",
			Edits:  []Edit{drop("Supervisor.abandon", "m.rare().runs.Abandoned++")},
		},
		{
			Name: "ends-not-counted", Rule: "a run that ended is counted", Duty: true,
			Lesson: "Where it is counted decides whether it is counted once.",
			Edits:  []Edit{replace("Supervisor.feedExit", "r.member.ended++", "if !r.abandoned {\nr.member.ended++\n}")},
		},
		{
			Name: "shutdown-without-cause", Rule: "a run that is stopped by a shutdown learns why",
			Lesson: "\"context canceled\" is what every cancellation says.",
			Edits:  []Edit{drop("Supervisor.askToStop", "session.shutdown = why")},
		},
		{
			Name: "values-not-passed-on", Rule: "runs have the values of Run's context", Duty: true,
			Lesson: "The trace that the request began ends at the supervisor.",
			Edits:  []Edit{replace("Supervisor.begin", "context.WithoutCancel(ctx)", "context.WithoutCancel(context.Background())")},
		},
		{
			Name: "runs-end-with-their-caller", Rule: "runs do not end with Run's context, but when the supervisor stops them", Duty: true,
			Lesson: "All tasks stop at once, in no order, before the supervisor knows.",
			Edits:  []Edit{replace("Supervisor.begin", "context.WithoutCancel(ctx)", "ctx")},
		},
		{
			Name: "cancelled-and-started-anyway", Rule: "Run under a context that is over starts nothing",
			Lesson: "A shutdown during the start-up starts everything, to stop it.",
			Edits:  []Edit{drop("Supervisor.begin", "first.Kind = core.EventShutdown")},
		},
		{
			Name: "own-clock-below", Rule: "a nested supervisor goes by the clock of the one it runs in",
			Lesson: "The tree is tested on virtual time, and its leaves sleep for real.",
			Edits:  []Edit{replace("Supervisor.begin", "session.clock = parent.session.clock", "session.clock = clock.System{}")},
		},
		{
			Name: "ready-too-soon", Rule: "a supervisor is ready when its tasks are", Duty: true,
			Lesson: "What needs the subtree starts while the subtree does.",
			Edits:  []Edit{replace("treeReadiness.decide", "counts.Starting+_+_+_", "counts.Failed+counts.Abandoned")},
		},
		{
			Name: "ready-though-one-is-dead", Rule: "a supervisor is not ready while one of its tasks is dead and was not killed", Duty: true,
			Lesson: "What failed for good at the start is not coming up any more, so why wait for it.",
			Edits:  []Edit{replace("treeReadiness.decide", "counts.Dead == 0 || onlyKilled(machine)", "true")},
		},
		{
			Name: "killed-keeps-from-ready", Rule: "a task that an operator killed keeps its supervisor from nothing", Duty: true,
			Lesson: "What was put down by hand is missed by whoever waits for all.",
			Edits:  []Edit{body("onlyKilled", "return machine == nil")},
		},
		{
			Name: "moved-and-counted-twice", Rule: "a supervisor that moves takes its earlier runs along, and they count once", Duty: true,
			Lesson: "What it ran elsewhere is in the account of both.",
			Edits:  []Edit{after("Supervisor.moveTo", "s.place = &place{inside: s, member: to, asTask: session.isTask(), before: counts}", "s.place.before = RunCounts{}")},
		},
		{
			Name: "dropped-and-counted-twice", Rule: "the runs of a nested supervisor that is dropped count once",
			Lesson: "They become the task's own, and the supervisor runs again.",
			Edits:  []Edit{drop("place.drop", "p.before.add(counted)")},
		},
		{
			Name: "dropped-and-lost", Rule: "the runs of a nested supervisor that is dropped stay in the account", Duty: true,
			Lesson: "A factory makes a supervisor a second, and the report knows the last one.",
			Edits:  []Edit{drop("member.dropNested", "m.rare().runs.add(counts)")},
		},
	}
}
