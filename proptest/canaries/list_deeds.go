package canaries

// deedCanaries break how decisions are carried out, and how errors of users are handled.
func deedCanaries() []Canary {
	return []Canary{
		{
			Name: "cancelled-under-the-lock", Rule: "no context is cancelled, and no run launched, under the lock",
			Lesson: "A million derived contexts, and no status for half a second.",
			Edits:  []Edit{replace("mutex.Unlock", "deeds, awaited := m.unlock()", "deeds := m.deeds\nm.deeds = nil\nif deeds != nil {\ndeeds.do()\ndeeds = nil\n}\n_, awaited := m.unlock()")},
		},
		{
			Name: "stopped-and-never-launched", Rule: "a run that is stopped before it was launched is launched, and ends",
			Lesson: "Counted as started, and never there to end.",
			Edits:  []Edit{replace("deed.do", "d.of.launch()", "if !d.stop {\nd.of.launch()\n}")},
		},
		{
			// No duty: from outside, goroutines that one decision launches or stops may come in any order.
			Name: "deeds-in-reverse", Rule: "what was decided first is done first",
			Lesson: "A stack is shorter to write than a queue.",
			Edits:  []Edit{replace("deeds.do", "d.list[i].do()", "d.list[len(d.list)-1-i].do()")},
		},
		{
			Name: "loop-waits-for-contexts", Rule: "a context that takes long to be cancelled holds up no other task",
			Lesson: "One loop for all, and one task's callback in it.",
			Edits:  []Edit{drop("mutex.UnlockInLoop", "case len(deeds.list) <= deedsAtATime && _:")},
		},
		{
			Name: "asked-under-the-lock", Rule: "an error of a user's is printed and searched with no lock held",
			Lesson: "Its Error method asks the supervisor for the status, and both wait.",
			Edits:  []Edit{after("Supervisor.feedExit", "r.over = true", "_ = errorText(r.err)")},
		},
		{
			Name: "typed-nil-printed", Rule: "an error that cannot be printed is replaced by one that can",
			Lesson: "A typed nil makes the log panic, an hour later, elsewhere.",
			Edits:  []Edit{replace("survey.print", "s.problem = \"cannot be printed\"", "s.problem = \"\"")},
		},
		{
			Name: "searched-without-care", Rule: "an error is found in what stands for a dangerous one, whatever panics on the way",
			Lesson: "One part that panics hides all the others.",
			Edits:  []Edit{replace("attempt", "_ = recover()", "if value := recover(); value != nil {\npanic(value)\n}")},
		},
		{
			Name: "text-of-any-length", Rule: "the text of an error is cut where it is too long for a line of a log",
			Lesson: "A gigabyte of HTML in an error, in every status.",
			Edits:  []Edit{replace("cut", "len(text) <= textMax", "len(text) > 0")},
		},
		{
			Name: "cause-waited-for", Rule: "an error that does not let itself be examined is waited for no longer than a second",
			Lesson: "The cause's Error method waits for what is to be shut down.",
			Edits:  []Edit{replace("contained", "time.NewTimer(time.Second)", "time.NewTimer(1 << 62)")},
		},
		{
			Name: "half-of-a-joined-error", Rule: "of errors that were joined all have to say no more than that the run was stopped",
			Lesson: "Joined with context.Canceled, the failure to save is silent.",
			Edits:  []Edit{drop("isOwn", "for _, part := range parts"), replace("isOwn", "len(parts) > 0", "len(parts) > 0 && isOwn(parts[0], cause)")},
		},
		{
			Name: "fatal-all-the-way-up", Rule: "what a supervisor returned is an error like any other above",
			Lesson: "A leaf says that it cannot go on, and the whole tree does not.",
			Edits:  []Edit{drop("survey.visit", "case *EscalatedError, *DeadTasksError:")},
		},
		{
			Name: "fault-stops-none", Rule: "after a fault every run is asked to stop",
			Lesson: "The supervisor is broken, and its tasks run on without one.",
			Edits:  []Edit{drop("Supervisor.fail", "for _, r := range m.alive()")},
		},
	}
}
