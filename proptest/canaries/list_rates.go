package canaries

// rateCanaries break the restart intensity and the restart rate.
func rateCanaries() []Canary {
	return []Canary{
		{
			Name: "sibling-counted", Rule: "a sibling's restart does not count in the intensity",
			Lesson: "Else a group of ten reaches its limit at the first failure.",
			Edits:  []Edit{into("Machine.carryOut", "case IntentStartAgain:", "m.crashes.Record(m.now)")},
		},
		{
			Name: "window-too-wide", Rule: "a crash of exactly Per ago is forgotten",
			Lesson: "Whether a window holds both of its ends is seldom documented, and decides when a slow loop trips the limit.",
			Edits:  []Edit{replace("internal/ratelimit.Window.Full", "_ < uint64(w.per)", "uint64(now)-uint64(w.instants[w.oldest]) <= uint64(w.per)")},
		},
		{
			Name: "last-crash-counted", Rule: "a crash that leads to no restart does not count",
			Lesson: "A limit on restarts that counts deaths halts the healthy for the sake of the dead.",
			Edits:  []Edit{into("Machine.failed", "case _ && p.MaxAttempts != Unlimited:", "m.crashes.Record(m.now)")},
		},
		{
			Name: "limits-forget-crashes", Rule: "other limits forget nothing that was counted",
			Lesson: "A change of limits in the middle of a crash loop would give the loop a fresh start.",
			Edits:  []Edit{before("Machine.changeLimits", "m.setRates(m.config.Limits)", "m.crashes.SetLimit(0, 0)")},
		},
		{
			Name: "rate-unfair", Rule: "who waits for the restart rate longest starts first",
			Lesson: "Who comes later and finds room overtakes those who wait, and under load they wait for ever.",
			Edits:  []Edit{without("Machine.delayPassed", "m.rateQueue.Len() == 0")},
		},
		{
			Name: "rate-tie-order", Rule: "of those that began to wait for the restart rate at one instant, the first added starts first",
			Lesson: "Tasks that failed together have equal delays: the tie is the rule, and the random test draws none.",
			Edits:  []Edit{replace("Machine.delayPassed", "m.rateQueue.Arm(t.id, m.now)", "m.rateQueue.Arm(t.id, m.now-Instant(t.slot()%8))")},
		},
		{
			Name: "rate-too-early", Rule: "no window holds more restarts than the restart rate allows",
			Lesson: "A rate limit that is right on average lets bursts through.",
			Edits:  []Edit{replace("internal/ratelimit.Window.NextFree", "oldest+I(w.per)", "oldest+I(w.per)-1")},
		},
		{
			Name: "start-again-costs-rate", Rule: "those that come back with another do not count in the restart rate",
			Lesson: "Siblings of one failure would keep each other waiting.",
			Edits:  []Edit{into("Machine.carryOut", "case IntentStartAgain:", "m.restarts.Record(m.now)")},
		},
	}
}
