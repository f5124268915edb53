package canaries

// modeCanaries break stopping and halting: a mode left set, a stop that comes too early or in the wrong order.
func modeCanaries() []Canary {
	return []Canary{
		{
			Name: "intent-left-set", Rule: "what was intended for a run ends with it",
			Lesson: "ergo was left in a mode of restarting that refused all that came later.",
			Edits: []Edit{replace("Machine.move", "if t.stopPending() { why = t.why } else { intent = IntentNone }",
				"if t.stopPending() {\nwhy = t.why\n} else if to != StatusHealthy {\nintent = IntentNone\n}")},
		},
		{
			Name: "restart-never-restarts", Rule: "dead tasks start again only by an operator command",
			Lesson: "An exit kind that was forgotten in a chain of conditions falls through to the default, a restart.",
			Edits:  []Edit{replace("Machine.failed", "p.Restart == RestartNever", "p.Restart == RestartNever && exit != ExitGoexit")},
		},
		{
			Name: "restart-overlaps", Rule: "a restart waits for the run it stops",
			Lesson: "The task-supervisor crate starts the new run while the old one is still stopping.",
			Edits: []Edit{before("Machine.restart", "t.drop(flagSuspended)",
				"if t.running() {\ndst = m.intend(dst, t, IntentRestart, ReasonRestarted)\nreturn m.startRun(dst, t, ReasonRestarted)\n}")},
		},
		{
			Name: "halt-starts-tasks", Rule: "a shutdown starts nothing",
			Lesson: "A delay that passes during the shutdown brings back a task that no one will stop.",
			Edits:  []Edit{replace("Machine.beginHalt", "case StatusCreated, StatusFailed:", "case StatusFailed:\ncase StatusCreated:")},
		},
		{
			Name: "halt-too-soon", Rule: "the supervisor halts when no run is waited for",
			Lesson: "A supervisor that reports its end while a run goes on lets the program exit under that run.",
			Edits:  []Edit{replace("Machine.finishHalt", "m.counts[StatusStarting] + m.counts[StatusHealthy] + m.counts[StatusStopping]", "m.counts[StatusStarting] + m.counts[StatusHealthy]")},
		},
		{
			Name: "halt-twice", Rule: "the supervisor halts once",
			Lesson: "The second end of a supervisor closes a channel that is closed.",
			Edits: []Edit{replace("Machine.finishHalt", "m.phase, m.shutdownAt = PhaseHalted, Never",
				"m.shutdownAt = Never\nif m.leftBehind == 0 {\nm.phase = PhaseHalted\n}")},
		},
		{
			Name: "halt-restarts-stopped", Rule: "a restart that was asked for dies with the shutdown",
			Lesson: "What was promised before a mode changed is kept after it.",
			Edits:  []Edit{replace("Machine.beginHalt", "t.returning()", "false")},
		},
		{
			Name: "stops-forward", Rule: "a shutdown one by one stops the last added first",
			Lesson: "Users of suture asked for the reverse order (suture#4): a server should not outlive its database.",
			Edits: []Edit{replace("Machine.nextToStop", "if t := &m.tasks[m.lastTerminatingHint]; t.stopPending() && (next == nil || next.id < t.id)",
				`for slot := m.first; slot != noSlot && m.counts[StatusStopping] == 0; slot = m.tasks[slot].next {
					if t := &m.tasks[slot]; t.stopPending() {
						return t
					}
				}`)},
		},
		{
			Name: "timeout-spares-healthy", Rule: "the shutdown timeout ends the shutdown, whoever was not asked yet",
			Lesson: "One deadline for all is none if each step begins its own; oklog/run waits for ever.",
			Edits:  []Edit{replace("Machine.abandonAll", "t.status == StatusStopping", "t.status == StatusStopping && t.since < m.now")},
		},
		{
			Name: "escalation-ignored", Rule: "an abandoned task whose policy says escalate halts the supervisor",
			Lesson: "The error path of an error path is the one that was never run.",
			Edits:  []Edit{replace("Machine.abandon", "_ == AbandonEscalate", "m.policyOf(t).OnAbandon == AbandonEscalate && t.intent == IntentKill")},
		},
		{
			Name: "adds-while-halting", Rule: "a task that is added while the supervisor stops waits for the next start of that",
			Lesson: "A task that is added behind the shutdown's back is left running.",
			Edits:  []Edit{replace("Machine.add", "m.waiting()", "StatusCreated")},
		},
	}
}
