package canaries

// limitCanaries break what is counted and where a limit lies.
func limitCanaries() []Canary {
	return []Canary{
		{
			Name: "threshold-at", Rule: "the supervisor halts strictly above the threshold, never at it",
			Edits: []Edit{{"limits.go", "return dead*uint64(m.config.DeadThreshold.Den) > ", "return dead > 0 && dead*uint64(m.config.DeadThreshold.Den) >= "}},
		},
		{
			Name: "threshold-rounds", Rule: "the threshold is compared exactly",
			Edits: []Edit{{"limits.go", "return dead*uint64(m.config.DeadThreshold.Den) > uint64(m.config.DeadThreshold.Num)*uint64(m.total())", "return m.total() > 0 && dead*uint64(m.config.DeadThreshold.Den)/uint64(m.total()) > uint64(m.config.DeadThreshold.Num)"}},
		},
		{
			Name: "threshold-forgets-abandoned", Rule: "abandoned tasks count as dead",
			Edits: []Edit{{"limits.go", "uint64(m.counts[StatusDead] + m.counts[StatusAbandoned])", "uint64(m.counts[StatusDead])"}},
		},
		{
			Name: "threshold-forgets-completed", Rule: "completed tasks count into the total",
			Edits: []Edit{{"limits.go", "uint64(m.config.DeadThreshold.Num)*uint64(m.total())", "uint64(m.config.DeadThreshold.Num)*uint64(m.total()-int(m.counts[StatusCompleted]))"}},
		},
		{
			Name: "all-ended-too-soon", Rule: "the supervisor shuts down when all significant tasks have ended, not when most have",
			Edits: []Edit{{"limits.go", "m.significantEnded == m.significant && m.significant > 0", "m.significantEnded+1 >= m.significant && m.significantEnded > 0"}},
		},
		{
			Name: "removed-stays-counted", Rule: "a removed task no longer counts",
			Edits: []Edit{{"slots.go", "\t\tm.significant--\n", ""}},
		},
		{
			Name: "left-miscounted", Rule: "an abandoned run that ended is not left behind",
			Edits: []Edit{{"exit.go", "\tt.fenced = 0\n\tm.left--\n", "\tt.fenced = 0\n"}},
		},
		{
			Name: "kill-completed", Rule: "a completed task cannot be killed",
			Edits: []Edit{
				{"operate.go", "case EventKill:\n\t\tif t.ended() {", "case EventKill:\n\t\tif t.status == StatusDead {"},
				{"operate.go", "\tcase StatusCreated, StatusFailed:\n\t\treturn m.rest(dst, t, ReasonKilled)", "\tcase StatusCreated, StatusFailed, StatusCompleted:\n\t\treturn m.rest(dst, t, ReasonKilled)"},
				{"operate.go", "IntentKill, ReasonKilled)\n\tcase StatusNone, StatusCompleted, StatusDead, statuses:", "IntentKill, ReasonKilled)\n\tcase StatusNone, StatusDead, statuses:"},
			},
		},
	}
}
