package canaries

// rateCanaries break the restart intensity and the restart budget.
func rateCanaries() []Canary {
	return []Canary{
		{
			Name: "sibling-counted", Rule: "a sibling's restart does not count in the intensity",
			Edits: []Edit{{"task.go", "\tcase IntentRejoin:\n\t\treturn m.startOrWait", "\tcase IntentRejoin:\n\t\tm.crashes.record(m.now, m.config.Intensity)\n\t\treturn m.startOrWait"}},
		},
		{
			Name: "window-too-wide", Rule: "a crash of exactly Per ago is forgotten",
			Edits: []Edit{{"rate.go", "return now.since(w.instants[w.oldest]) < uint64(rate.Per)", "return now.since(w.instants[w.oldest]) <= uint64(rate.Per)"}},
		},
		{
			Name: "last-crash-counted", Rule: "a crash that leads to no restart does not count",
			Edits: []Edit{{"exit.go", "\t\tdst = m.rest(dst, t, ReasonExhausted)\n", "\t\tm.crashes.record(m.now, m.config.Intensity)\n\t\tdst = m.rest(dst, t, ReasonExhausted)\n"}},
		},
		{
			Name: "limits-forget-crashes", Rule: "other limits forget nothing that was counted",
			Edits: []Edit{{"limits.go", "\tm.crashes.resize(limits.Intensity)\n", "\tm.crashes = window{}\n"}},
		},
		{
			Name: "budget-unfair", Rule: "who waits for the budget longest starts first",
			Edits: []Edit{{"exit.go", "if m.roomAt() <= m.now && len(m.waiting.heap) == 0 {", "if m.roomAt() <= m.now {"}},
		},
		{
			Name: "budget-too-early", Rule: "no window holds more restarts than the budget allows",
			Edits: []Edit{{"rate.go", ".after(rate.Per))", ".after(rate.Per-1))"}},
		},
		{
			Name: "rejoin-costs-budget", Rule: "those that come back with another do not count in the budget",
			Edits: []Edit{{"task.go", "\tcase IntentRejoin:\n\t\treturn m.startOrWait", "\tcase IntentRejoin:\n\t\tm.budget.record(m.now, m.config.Budget)\n\t\treturn m.startOrWait"}},
		},
	}
}
