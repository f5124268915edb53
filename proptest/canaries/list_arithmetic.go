package canaries

// arithmeticCanaries break the delay, the attempts and stability, mostly by one.
func arithmeticCanaries() []Canary {
	return []Canary{
		{
			Name: "backoff-starts-at-base", Rule: "the first restart waits BaseDelay*Factor",
			Lesson: "Whether the first exponent is 0 or 1 is the oldest disagreement between backoffs.",
			Edits:  []Edit{replace("Machine.restartAt", "p.delay(n, _)", "p.delay(max(n, 1)-1, m.config.factorMax())")},
		},
		{
			Name: "exponent-beyond-cap", Rule: "the exponent is at most MaxExponent",
			Lesson: "Off by one, where nothing else shows it for five failures in a row.",
			Edits:  []Edit{replace("Policy.delay", "min(n, p.MaxExponent)", "min(n, p.MaxExponent+1)")},
		},
		{
			Name: "delay-beyond-cap", Rule: "a delay is at most MaxDelay",
			Lesson: "systemd and Pekko had caps that a delay could pass.",
			Edits:  []Edit{replace("Policy.delay", "min(_, p.MaxDelay)", "saturate(multiply(uint64(p.BaseDelay), min(factor, factorMax)))")},
		},
		{
			Name: "delay-wraps", Rule: "arithmetic saturates",
			Lesson: "base * factor^n overflows after 33 doublings of a second, and the restart comes at once.",
			Edits:  []Edit{replace("Policy.delay", "saturate(_)", "Duration(uint64(p.BaseDelay) * min(factor, factorMax) &^ (1 << 63))")},
		},
		{
			Name: "instant-wraps", Rule: "an instant saturates at Never",
			Lesson: "Now plus a very long timeout is in the past.",
			Edits:  []Edit{replace("Instant.plus", "ns >= Never.since(at)", "false")},
		},
		{
			Name: "jitter-lengthens", Rule: "jitter only shortens",
			Lesson: "Jitter that is added makes the promised cap untrue.",
			Edits:  []Edit{replace("shortened", "d - Duration(draw)", "d + Duration(draw)")},
		},
		{
			Name: "jitter-too-wide", Rule: "a delay is at least d*(1-jitter)",
			Lesson: "One value too many in the range shows once in 2^64 draws, unless the range is small.",
			Edits:  []Edit{replace("shortened", "bits.Mul64(hash, span+1)", "bits.Mul64(hash, span+2)")},
		},
		{
			Name: "jitter-by-order", Rule: "another task does not move a task's jitter (D6)",
			Lesson: "A random source shared by all tasks makes one task's delay depend on who failed before.",
			Edits:  []Edit{replace("Machine.restartAt", "jitterHash(m.config.Seed, t.key, t.run)", "jitterHash(m.config.Seed, uint32(t.id.Generation()), t.run)")},
		},
		{
			Name: "jitter-before-cap", Rule: "jitter shortens the delay that the cap leaves",
			Lesson: "Drawn from a delay beyond the cap and capped then, nearly every delay is the cap: the tasks come back in one wave.",
			Edits: []Edit{
				replace("Machine.restartAt", "p.delay(n, m.config.factorMax())", "uncapped(*p).delay(n, m.config.factorMax())"),
				replace("Machine.restartAt", "shortened(_, _, _)", "min(p.MaxDelay, shortened(delay, p.Jitter, jitterHash(m.config.Seed, t.key, t.run)))"),
				before("Machine.restartAt", "delay := _", "uncapped := func(p Policy) *Policy { p.MaxDelay = Forever; return &p }"),
			},
		},
		{
			Name: "asked-beyond-cap", Rule: "a delay that a run asks for is at most the longest of its policy",
			Lesson: "A server that answers Retry-After with a day would keep its client away for a day.",
			Edits:  []Edit{replace("Machine.restartAt", "min(asked, p.MaxDelay)", "asked")},
		},
		{
			Name: "asked-forgotten", Rule: "a delay that a run asks for is remembered while others stop first",
			Lesson: "What comes with an event is lost where the decision that it is for is put off.",
			Edits:  []Edit{drop("Machine.scheduleRestart", "m.keepDelay(t, m.asked)")},
		},
		{
			Name: "repeats-in-step", Rule: "jitter shortens the delay after a good end, too",
			Lesson: "Periodic work that was started together stays together, and meets at the database every time.",
			Edits:  []Edit{replace("Machine.restartAt", "p.Jitter", "map[bool]Fraction{false: p.Jitter}[t.lastExit == ExitOK]")},
		},
		{
			Name: "one-attempt-more", Rule: "restarts never exceed MaxAttempts",
			Lesson: "Five restarts or five failures: documentation and code differ by one in several peers.",
			Edits:  []Edit{replace("Machine.failed", "t.attempts >= p.MaxAttempts", "t.attempts > p.MaxAttempts")},
		},
		{
			Name: "stable-too-late", Rule: "a run of exactly StableAfter is stable",
			Lesson: "The boundary itself is the one instant that random tests do not draw.",
			Edits:  []Edit{replace("Machine.stable", "m.now >= at", "m.now > at")},
		},
		{
			Name: "stable-since-added", Rule: "stability is counted from the run's own start",
			Lesson: "Time spent in backoff is not time spent healthy.",
			Edits: []Edit{replace("Machine.set", "t.since = m.now",
				"if status != StatusHealthy || t.status == StatusCreated || t.status == StatusStarting {\nt.since = m.now\n}")},
		},
		{
			Name: "restart-keeps-attempts", Rule: "an operator's restart clears the attempts",
			Lesson: "In the task-supervisor crate a task that was revived by hand dies at its first failure.",
			Edits:  []Edit{drop("Machine.restart", "t.attempts = 0")},
		},
		{
			Name: "good-end-costs", Rule: "a good end costs no attempt",
			Lesson: "In oversight, ends that are normal move the limit that is meant for crashes.",
			Edits:  []Edit{into("Machine.unrequestedExit", "case good:", "t.attempts++")},
		},
	}
}
