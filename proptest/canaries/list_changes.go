package canaries

// changeCanaries break what an operator changes while the supervisor runs.
func changeCanaries() []Canary {
	return []Canary{
		{
			Name: "suspended-starts", Rule: "a suspended task does not start",
			Lesson: "Suspension has to hold against every way to start a task, not the usual one alone.",
			Edits:  []Edit{without("Machine.canStart", "!t.is(flagSuspended)")},
		},
		{
			Name: "suspend-clears", Rule: "a suspended task keeps its attempts",
			Lesson: "Suspend and resume would be a way around every limit.",
			Edits:  []Edit{before("Machine.command", "return m.end(dst, t, IntentSuspend, ReasonSuspended)", "t.attempts = 0")},
		},
		{
			Name: "policy-keeps-timer", Rule: "under another policy the timer of a stop begins anew",
			Lesson: "A timeout that is changed during an incident is changed for that incident.",
			Edits: []Edit{replace("Machine.changePolicy", "m.rearm(dst, t, ActionTransition, ReasonPolicy, m.stopUntil(t))",
				"m.transition(dst, t, ActionTransition, t.status, ReasonPolicy)")},
		},
		{
			Name: "policy-forgets-ended", Rule: "a task that is significant by another policy counts as ended if it has",
			Lesson: "A count that is kept by events misses those before it was begun.",
			Edits:  []Edit{replace("Machine.countSignificant", "t.ended()", "t.status == StatusDead")},
		},
		{
			Name: "policy-uncovers-attempts", Rule: "attempts that are cleared stay so under another policy",
			Lesson: "What is computed on reading changes when the parameters do; the explorer found this one in our own code.",
			Edits:  []Edit{drop("Machine.changePolicy", "if m.stable(t)")},
		},
		{
			Name: "policy-frees-none", Rule: "a task that waits for a run left behind starts at once if its policy comes to replace such runs",
			Lesson: "What was decided when the wait began is asked again when what it was decided by changes.",
			Edits:  []Edit{drop("Machine.changePolicy", "m.enqueue(t)")},
		},
		{
			Name: "resume-takes-back", Rule: "a stop that was asked for stays so when its task is resumed",
			Lesson: "A run that is on its way out cannot be called back; only what follows can change.",
			Edits:  []Edit{replace("Machine.resume", "m.intend(dst, t, IntentStartAgain, ReasonResumed)", "m.intend(dst, t, IntentRestart, ReasonResumed)")},
		},
		{
			Name: "policy-of-the-gone", Rule: "a policy is known no longer than a task has it, and a while",
			Lesson: "What is kept for every task there ever was is a leak, however small.",
			Edits:  []Edit{drop("Machine.release", "m.policies.Release(t.policy)"), body("Machine.checkDefinitions", "return nil")},
		},
		{
			Name: "defined-again-is-old", Rule: "what is defined again is the last to be forgotten",
			Lesson: "An id that is handed out must be good for the next event, whoever had it before.",
			Edits:  []Edit{drop("internal/intern.Table.Define", "case t.entries[slot].idle:")},
		},
		{
			Name: "limits-in-force-forgotten", Rule: "the limits in force are known",
			Lesson: "Recycling has to know every use, not only the most frequent one.",
			Edits:  []Edit{drop("Machine.changeLimits", "m.limits.Hold(slot)"), drop("Machine.changeLimits", "m.limits.Release(m.inForce)"), body("Machine.checkDefinitions", "return nil")},
		},
		{
			Name: "halt-wakes-suspended", Rule: "a task that is suspended stays so when its supervisor stops",
			Lesson: "What an operator says is kept where the status is, and goes with it.",
			Edits:  []Edit{replace("Machine.set", "status != StatusHalted", "true")},
		},
		{
			Name: "halt-forgets-suspension", Rule: "a suspension that is under way is carried out when the supervisor stops meanwhile",
			Lesson: "The stop of the whole writes over what was asked for one; the next start finds nothing of it.",
			Edits:  []Edit{without("Machine.beginHalt", "t.intent != IntentSuspend")},
		},
		{
			Name: "halted-beyond-kill", Rule: "once the supervisor stops, what has ended can be killed, because it would start with the next one",
			Lesson: "An answer that was right while nothing could follow is wrong as soon as something can.",
			Edits:  []Edit{replace("Machine.over", "m.phase >= PhaseHalting", "m.phase > PhaseHalted")},
		},
	}
}
