package canaries

// holdCanaries break what a driver says that has no place for a task.
func holdCanaries() []Canary {
	return []Canary{
		{
			Name: "held-starts", Rule: "a held task does not start",
			Lesson: "The restart finds no port, fails at once, and uses up the attempts of a task that nothing is wrong with.",
			Edits:  []Edit{without("Machine.canStart", "!t.is(flagHeld)")},
		},
		{
			Name: "hold-ends-with-status", Rule: "a task is held until its driver releases it, whatever its status",
			Lesson: "Suspension is a fact about a task that waits; a hold was modelled after it.",
			Edits:  []Edit{replace("Machine.set", "t.drop(flagSuspended)", "t.drop(flagSuspended | flagHeld)")},
		},
		{
			Name: "hold-withdraws-restart", Rule: "a hold touches neither status nor timer",
			Lesson: "The first fleet kept its tasks from starting by suspending them, which dropped the pending restarts.",
			Edits: []Edit{before("Machine.hold", "return m.transition(dst, t, ActionTransition, t.status, ReasonHeld)",
				"if t.status == StatusFailed {\ndst = m.wait(dst, t, t.why)\n}")},
		},
	}
}
