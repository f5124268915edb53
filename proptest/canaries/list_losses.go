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
		{
			Name: "loss-waits-for-base", Rule: "after a loss the delay is that of the attempts there are",
			Lesson: "A loss and a good end share the path of a restart, and so the delay.",
			Edits:  []Edit{replace("Machine.restartAt", "t.lastExit == ExitOK", "t.lastExit == ExitOK || t.lastExit == ExitLost")},
		},
		{
			Name: "loss-undoes-a-stop", Rule: "the loss of a run that was asked to stop is its stop",
			Lesson: "What was killed comes back, because its machine went first.",
			Edits:  []Edit{replace("Machine.exit", "t.running()", "t.running() || ev.Exit == ExitLost")},
		},
	}
}
