package canaries

// gateCanaries break what the runtime does about holds and gates, and about runs that are lost.
func gateCanaries() []Canary {
	return []Canary{
		{
			Name: "hold-is-a-suspension", Rule: "a hold is not a suspension", Duty: true,
			Lesson: "What keeps a task from starting is there already, and it stops the run, too.",
			Edits:  []Edit{replace("Supervisor.hold", "kind := core.EventHold", "kind := core.EventSuspend")},
		},
		{
			Name: "hold-for-one-life", Rule: "a task that is held stays held when its supervisor runs again", Duty: true,
			Lesson: "The machine knows what was said, and the next one is another.",
			Edits:  []Edit{without("Supervisor.register", "m.said.held != nil")},
		},
		{
			Name: "hold-of-the-former", Rule: "a supervisor that is made anew takes over what is held",
			Lesson: "The factory knows nothing of the night before.",
			Edits:  []Edit{drop("Supervisor.accept", "if from.said.placed")},
		},
		{
			Name: "held-counts-as-up", Rule: "a supervisor with a held task is not ready",
			Lesson: "What is only created was suspended, until there were holds.",
			Edits:  []Edit{replace("someHeld", "status.Wait == WaitHeld", "status.Wait == WaitHeld && false")},
		},
		{
			Name: "gate-for-one-start", Rule: "a gate is asked before each start",
			Lesson: "The port was free in the morning.",
			Edits:  []Edit{drop("Supervisor.shut", "s.feedHold(_, _, _, _)")},
		},
		{
			Name: "gate-for-one-life", Rule: "a gate is asked in every life of its supervisor",
			Lesson: "The task was held when it was added, and only then.",
			Edits:  []Edit{replace("Supervisor.beginGate", "keeper{gate: k.gate, asking: k.asking, again: Never}", "keeper{gate: k.gate, asking: k.asking, again: Never, open: true}")},
		},
		{
			Name: "gate-overtaken", Rule: "where tasks start in order, none overtakes one whose gate has yet to answer",
			Lesson: "What is held is passed over, as what is suspended should be.",
			Edits:  []Edit{body("Supervisor.gatesInOrder", "return false")},
		},
		{
			Name: "gate-out-of-turn", Rule: "where tasks start in order, a gate is asked when it is the task's turn",
			Lesson: "The answer is as old as the start of the task before.",
			Edits:  []Edit{drop("Supervisor.askInTurn", "case status.Status == StatusStarting, status.Status == StatusFailed, status.Wait == WaitTurn, status.Unready:")},
		},
		{
			Name: "gate-deaf-to-needs", Rule: "an answer is of no use while a task that is needed is down",
			Lesson: "The wait of a task changes with what happens to another.",
			Edits:  []Edit{drop("Supervisor.tendGates", "if a.From != a.To || _ || _ || _")},
		},
		{
			Name: "gate-late-answer-counts", Rule: "an answer that is not awaited starts nothing",
			Lesson: "The task was suspended and resumed while its gate was asked, and the port was taken meanwhile.",
			Edits:  []Edit{replace("Supervisor.withdraw", "q.late, q.since = true, s.now()", "q.since = s.now()")},
		},
		{
			Name: "gate-two-questions", Rule: "a gate is asked one question at a time",
			Lesson: "A check that hangs is asked again and again, until there are thousands.",
			Edits:  []Edit{after("Supervisor.withdraw", "k.again = Never", "defer func() { k.asking = nil }()")},
		},
		{
			Name: "gate-repeats-itself", Rule: "a refusal is told once for each change",
			Lesson: "The log has a line a second, all night long.",
			Edits:  []Edit{replace("Supervisor.tellRefusal", "m.keeper.told != text", "true")},
		},
		{
			Name: "gate-hangs-in-silence", Rule: "a gate that hangs is told of",
			Lesson: "A check without a timeout looks like one that has nothing to say.",
			Edits:  []Edit{drop("Supervisor.lookAtGates", "s.tellRefusal(_, _)")},
		},
		{
			Name: "operator-opens-the-gate", Rule: "an operator's release does not open a gate",
			Lesson: "There is one hold in the machine, and two who hold.",
			Edits:  []Edit{without("Supervisor.hold", "(m.keeper == nil || m.keeper.open)")},
		},
		{
			Name: "loss-is-a-failure", Rule: "a run that says that it was lost has not failed", Duty: true,
			Lesson: "A machine that fails takes all attempts of a hundred healthy tasks with it.",
			Edits:  []Edit{replace("survey.visit", "s.judge(ExitLost, judge)", "s.judge(ExitError, judge)")},
		},
		{
			Name: "loss-outweighs-a-verdict", Rule: "a verdict weighs more than a loss",
			Lesson: "The kinds of ends stand in the order in which they were thought of.",
			Edits:  []Edit{replace("weight", "slices.Index(weights[:], exit)", "max(int(exit), slices.Index(weights[:], exit))")},
		},
	}
}
