package canaries

// arithmeticCanaries break the delay, the attempts and stability, mostly by one.
func arithmeticCanaries() []Canary {
	return []Canary{
		{
			Name: "backoff-starts-at-base", Rule: "the first restart waits BaseDelay*Factor",
			Edits: []Edit{{"exit.go", "p, n := &m.policies[t.policy], t.attempts\n", "p, n := &m.policies[t.policy], max(t.attempts, 1)-1\n"}},
		},
		{
			Name: "exponent-beyond-cap", Rule: "the exponent is at most MaxExponent",
			Edits: []Edit{{"backoff.go", "n = min(n, p.MaxExponent)", "n = min(n, p.MaxExponent+1)"}},
		},
		{
			Name: "delay-beyond-cap", Rule: "a delay is at most MaxDelay",
			Edits: []Edit{{"backoff.go", "return min(saturate(multiply(uint64(p.BaseDelay), min(factor, factorMax))), p.MaxDelay)", "return saturate(multiply(uint64(p.BaseDelay), min(factor, factorMax)))"}},
		},
		{
			Name: "delay-wraps", Rule: "arithmetic saturates",
			Edits: []Edit{{"backoff.go", "saturate(multiply(uint64(p.BaseDelay), min(factor, factorMax)))", "Duration(uint64(p.BaseDelay) * min(factor, factorMax) &^ (1 << 63))"}},
		},
		{
			Name: "instant-wraps", Rule: "an instant saturates at Never",
			Edits: []Edit{{"time.go", "if ns >= Never.since(at) {", "if false {"}},
		},
		{
			Name: "jitter-lengthens", Rule: "jitter only shortens",
			Edits: []Edit{{"backoff.go", "return d - Duration(draw)", "return d + Duration(draw)"}},
		},
		{
			Name: "jitter-too-wide", Rule: "a delay is at least d*(1-jitter)",
			Edits: []Edit{{"backoff.go", "bits.Mul64(hash, span+1)", "bits.Mul64(hash, span+2)"}},
		},
		{
			Name: "jitter-by-order", Rule: "another task does not move a task's jitter (D6)",
			Edits: []Edit{{"exit.go", "jitterHash(m.config.Seed, t.key, t.run)", "jitterHash(m.config.Seed, uint32(t.id.Generation()), t.run)"}},
		},
		{
			Name: "one-attempt-more", Rule: "restarts never exceed MaxAttempts",
			Edits: []Edit{{"exit.go", "case t.attempts >= p.MaxAttempts &&", "case t.attempts > p.MaxAttempts &&"}},
		},
		{
			Name: "stable-too-late", Rule: "a run of exactly StableAfter is stable",
			Edits: []Edit{{"stability.go", "return m.now >= at && at != Never", "return m.now > at && at != Never"}},
		},
		{
			Name: "stable-since-added", Rule: "stability is counted from the run's own start",
			Edits: []Edit{{"task.go", "\tt.status, t.since = to, m.now\n", "\tfrom := t.status\n\tt.status = to\n\tif to != StatusHealthy || from == StatusCreated || from == StatusStarting {\n\t\tt.since = m.now\n\t}\n"}},
		},
		{
			Name: "restart-keeps-attempts", Rule: "an operator's restart clears the attempts",
			Edits: []Edit{{"operate.go", "\tt.attempts = 0\n", ""}},
		},
		{
			Name: "good-end-costs", Rule: "a good end costs no attempt",
			Edits: []Edit{{"exit.go", "return m.retry(dst, t, flagRepeat, ReasonRepeat)", "t.attempts++\n\t\treturn m.retry(dst, t, flagRepeat, ReasonRepeat)"}},
		},
	}
}
