package canaries

// watchCanaries break what is known of a run that goes on: that it is ready, that it is alive.
func watchCanaries() []Canary {
	return []Canary{
		{
			Name: "watchdog-survives", Rule: "a watchdog dies with the run's health",
			Lesson: "A timer that outlives its reason fires at whatever is there then.",
			Edits: []Edit{
				replace("Machine.transition", "m.disarm(t)", "if to != StatusCompleted { m.disarm(t) }"),
				before("Machine.fireTask", "case StatusHealthy:", "case StatusCompleted:\nreturn m.markDead(dst, t, ReasonWatchdog)"),
				replace("Machine.fireTask", "case StatusNone, StatusCreated, StatusCompleted, StatusDead, StatusHalted, StatusAbandoned, statuses:",
					"case StatusNone, StatusCreated, StatusDead, StatusHalted, StatusAbandoned, statuses:"),
			},
		},
		{
			Name: "hung-by-intent", Rule: "a run that hangs keeps its stop timeout, whatever an operator intends with it meanwhile",
			Lesson: "What a run stops for and what follows then are two facts, and the second can change.",
			Edits:  []Edit{replace("Machine.stopUntil", "t.is(flagHung)", "t.intent == IntentRetry")},
		},
		{
			Name: "beat-ignores-promise", Rule: "a beat may say how soon the next one is due",
			Lesson: "A long step that was announced is taken for a hang.",
			Edits:  []Edit{replace("Machine.beat", "within <= 0", "true")},
		},
		{
			Name: "beat-delays-abandon", Rule: "a beat puts off the watchdog, and nothing else",
			Lesson: "One timer for two purposes: a task that beats while it should stop would never be abandoned.",
			Edits:  []Edit{replace("Machine.beat", "t.status != StatusHealthy", "t.status != StatusHealthy && t.status != StatusStopping")},
		},
		{
			Name: "one-probe-less", Rule: "so many failed probes in a row are a miss",
			Lesson: "Three failures or the third failure after the first: health checks of load balancers differ.",
			Edits:  []Edit{replace("Machine.probeFailed", "t.misses >= _", "t.misses+1 >= m.policyOf(t).Probe.Failures")},
		},
		{
			Name: "probe-never-forgives", Rule: "a good answer to a probe makes up for those before it",
			Lesson: "Three failures in a month are not three in a row.",
			Edits:  []Edit{drop("Machine.answer", "t.misses = 0")},
		},
		{
			Name: "late-by-deadline", Rule: "a bad answer is late only if the silence was reported",
			Lesson: "No deadline stands for two facts: it has passed, or it is beyond the end of time.",
			Edits:  []Edit{replace("Machine.answer", "t.is(flagSilent)", "m.deadline(t) == Never && m.policyOf(t).Probe.Timeout != Forever")},
		},
		{
			Name: "report-restarts", Rule: "a miss that is only to be reported restarts nothing",
			Lesson: "What was rolled out to observe must not act.",
			Edits:  []Edit{replace("Machine.miss", "p.OnMiss == MissReport", "p.OnMiss == MissReport && p.Watchdog > 0")},
		},
		{
			Name: "start-timeout-counts-twice", Rule: "a start timeout is one failure",
			Lesson: "The timeout is a failure, and so seems the exit it causes.",
			Edits:  []Edit{after("Machine.failHungRun", "t.lastExit = verdict", "t.attempts++")},
		},
		{
			Name: "verdict-beats-kill", Rule: "an operator's kill of a run that failed while it was going is the last word",
			Lesson: "The machine's own decision must not outlive the operator's.",
			Edits:  []Edit{replace("Machine.intend", "t.intent == intent", "t.intent == intent || t.intent == IntentRetry && intent == IntentKill")},
		},
		{
			Name: "stable-since-started", Rule: "stability is counted from when the run was ready",
			Lesson: "A slow start is not healthy time.",
			Edits:  []Edit{replace("Machine.set", "t.since = m.now", "if t.status != StatusStarting || status != StatusHealthy {\nt.since = m.now\n}")},
		},
		{
			Name: "any-run-is-ready", Rule: "an old run cannot say that the live one is ready (D8)",
			Lesson: "A goroutine of the old run that is slow to end calls Ready in the new one's name.",
			Edits:  []Edit{without("Machine.report", "ev.Run != t.run")},
		},
	}
}
