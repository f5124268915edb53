package canaries

// probeCanaries break how the runtime learns that a run is alive.
func probeCanaries() []Canary {
	return []Canary{
		{
			Name: "shorter-promise-late", Rule: "a beat that promises the next one sooner is told at once", Duty: true,
			Lesson: "To look for beats when the timer fires is cheap, and too late for a promise that shortens it.",
			Edits:  []Edit{replace("Heart.BeatWithin", "due < Instant(health.armed.Load())", "due < 0")},
		},
		{
			Name: "beat-without-promise", Rule: "a beat may say how soon the next one is due", Duty: true,
			Lesson: "A long step that was announced is taken for a hang.",
			Edits:  []Edit{replace("Heart.BeatWithin", "d <= 0", "d <= watchdog")},
		},
		{
			Name: "last-beat-of-all-lost", Rule: "a beat counts though the timer that it puts off is due", Duty: true,
			Lesson: "The beat came first, and the supervisor looked at the timer first.",
			Edits:  []Edit{replace("Supervisor.deliverBeat", "due <= timer", "due <= timer+Instant(health.watchdog.Load())/2")},
		},
		{
			Name: "heart-armed-once", Rule: "a beat that is due no sooner than the timer is not told",
			Lesson: "What the heart knows of the timer is a copy, and copies go stale.",
			Edits:  []Edit{drop("Supervisor.beat", "r.health.Load().armed.Store(due)")},
		},
		{
			Name: "old-promise-under-new-policy", Rule: "under another policy the watchdog begins anew",
			Lesson: "A promise for an hour, made under the old policy, keeps a hang from being seen under the new one.",
			Edits:  []Edit{drop("run.watchBeats", "if a.Why == ReasonPolicy")},
		},
		{
			Name: "old-watchdog-under-new-policy", Rule: "another policy's watchdog holds for the run that goes on",
			Lesson: "The run keeps what it was started with, and the change waits for the next restart.",
			Edits:  []Edit{replace("run.watchBeats", "a.To == StatusHealthy", "a.To == StatusHealthy && a.Why != ReasonPolicy")},
		},
		{
			Name: "promise-wraps", Rule: "a promise beyond the end of time is never due",
			Lesson: "Within(forever) of a service that has run for a while is in the past.",
			Edits:  []Edit{replace("dueAt", "d == Forever || _", "false")},
		},
		{
			Name: "two-probes-at-once", Rule: "no probe begins while the one before has not returned", Duty: true,
			Lesson: "A probe that hangs is joined by another every ten seconds.",
			Edits:  []Edit{drop("Supervisor.probe", "if health.going != nil")},
		},
		{
			// No duty: a driver may let an answer count for the latest request (docs/embedding.md). This runtime does not.
			Name: "answer-to-an-older-probe", Rule: "a late answer to an older probe is no answer to the newer one",
			Lesson: "The answer of a minute ago says that all was well a minute ago.",
			Edits:  []Edit{replace("run.awaits", "!r.health.Load().again || _", "true")},
		},
		{
			Name: "answer-for-a-newer-run", Rule: "an answer about an old run says nothing of the newer one",
			Lesson: "The probe outlived the run that it was about.",
			Edits:  []Edit{replace("run.awaits", "s.fault != nil || r.member.current != r", "s.fault != nil || r.member.current == nil"), replace("Supervisor.answer", "r.number", "r.member.current.number")},
		},
		{
			Name: "late-probe-not-told", Rule: "a probe whose time has passed is listed until it returns",
			Lesson: "The goroutine is there, and the report says that all have returned.",
			Edits:  []Edit{body("probe.drop", "p.since = at")},
		},
		{
			Name: "late-probe-for-ever", Rule: "a late probe that returns is late no longer",
			Lesson: "A list that only grows.",
			Edits:  []Edit{drop("Supervisor.answer", "r.member.dropLate(p)")},
		},
		{
			Name: "late-since-the-end", Rule: "a probe is late from when its time had passed",
			Lesson: "The first to say so wins, or the last.",
			Edits:  []Edit{replace("probe.drop", "!p.late", "p.since = at; !p.late")},
		},
		{
			// No duty: no answer after that time counts, whether or not a driver calls the probe off.
			Name: "probe-outlives-its-time", Rule: "a probe's context ends when its time has passed",
			Lesson: "The query waits for the database long after the verdict.",
			Edits:  []Edit{drop("run.watchProbe", "mu.stop(p, ErrProbeTimeout)")},
		},
		{
			Name: "probe-outlives-its-policy", Rule: "under another policy the old probe is called off",
			Lesson: "The answer to a question that is asked no more.",
			Edits:  []Edit{drop("run.watchProbe", "mu.stop(p, nil)")},
		},
		{
			Name: "probe-panic-is-good", Rule: "a probe that panics has failed", Duty: true,
			Lesson: "The health check crashes, and all is well.",
			Edits:  []Edit{replace("probe.main", "err = unreturned(value)", "_ = value")},
		},
		{
			Name: "probe-without-its-error", Rule: "a failed probe says what it returned",
			Lesson: "\"A probe failed\" sends the operator to guess.",
			Edits:  []Edit{replace("Supervisor.answer", "exit, health.err = ExitError, err", "exit = ExitError")},
		},
		{
			// No duty: the machine fires the timer before it takes the answer. What goes wrong is this runtime's list of late probes.
			Name: "answer-before-the-clock", Rule: "an answer that comes after the probe's time is late, though no timer has fired yet",
			Lesson: "Under load the answer is read before the clock.",
			Edits:  []Edit{drop("Supervisor.answer", "if s.fault == nil")},
		},
		{
			Name: "readiness-of-another-run", Rule: "only the live run can say that it is ready", Duty: true,
			Lesson: "A goroutine of the old run that is slow to end calls Ready in the new one's name.",
			Edits:  []Edit{without("Supervisor.runReady", "r.member.current == r"), replace("Supervisor.runReady", "r.number", "status.Run")},
		},
	}
}
