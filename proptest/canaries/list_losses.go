package canaries

// lossCanaries break what follows when a run is lost with what carried it.
func lossCanaries() []Canary {
	return []Canary{
		{
			Name: "loss-is-failure", Rule: "a run that is lost with what carried it has not failed",
			Lesson: "One of three nodes is lost, and its tasks halt the whole fleet on its restart intensity.",
			Edits:  []Edit{replace("Machine.unrequestedExit", "exit == ExitLost", "exit == ExitLost && m.policyOf(t).Restart == RestartAlways")},
		},
		{
			Name: "loss-counts-as-crash", Rule: "a loss is no crash that the restart intensity counts",
			Lesson: "The path of a restart counts, whatever led to it.",
			Edits:  []Edit{before("Machine.lost", "return m.scheduleRestart(dst, t, ReasonLost)", "m.crashes.Record(m.now)")},
		},
		{
			Name: "loss-forgives", Rule: "a task that is lost keeps its attempts",
			Lesson: "Nomad dropped the record of restarts with the allocation that was lost: a crash loop began afresh on every node.",
			Edits:  []Edit{before("Machine.lost", "return m.scheduleRestart(dst, t, ReasonLost)", "t.attempts = 0")},
		},
	}
}
