package canaries

// modeCanaries break stopping and halting: a mode left set, a stop that is done too early or in the wrong order.
func modeCanaries() []Canary {
	return []Canary{
		{
			Name: "intent-left-set", Rule: "what was intended for a run ends with it",
			Edits: []Edit{{"task.go", "if to != StatusStopping && to != StatusAbandoned {", "if to != StatusStopping && to != StatusAbandoned && to != StatusHealthy {"}},
		},
		{
			Name: "restart-never-restarts", Rule: "dead tasks start again only by an operator's word",
			Edits: []Edit{{"exit.go", "case p.Restart == RestartNever:", "case p.Restart == RestartNever && exit != ExitGoexit:"}},
		},
		{
			Name: "restart-overlaps", Rule: "a restart waits for the run it stops",
			Edits: []Edit{{"operate.go", "return m.stop(dst, t, IntentRestart, ReasonRestarted)", "dst = m.stop(dst, t, IntentRestart, ReasonRestarted)\n\t\treturn m.startRun(dst, t, ReasonRestarted)"}},
		},
		{
			Name: "halt-starts-tasks", Rule: "a shutdown starts nothing",
			Edits: []Edit{{"halt.go", "\t\tcase StatusCreated, StatusFailed:\n\t\t\tdst = m.rest(dst, t, ReasonHalted)", "\t\tcase StatusCreated:\n\t\t\tdst = m.rest(dst, t, ReasonHalted)\n\t\tcase StatusFailed:"}},
		},
		{
			Name: "halt-too-soon", Rule: "the supervisor halts when no run is waited for",
			Edits: []Edit{{"halt.go", "m.counts[StatusStarting] + m.counts[StatusHealthy] + m.counts[StatusStopping]", "m.counts[StatusStarting] + m.counts[StatusHealthy]"}},
		},
		{
			Name: "halt-twice", Rule: "the supervisor halts once",
			Edits: []Edit{{"halt.go", "\tm.phase, m.shutdownAt = PhaseHalted, Never\n", "\tm.shutdownAt = Never\n\tif m.left == 0 {\n\t\tm.phase = PhaseHalted\n\t}\n"}},
		},
		{
			Name: "halt-restarts-stopped", Rule: "a restart that was asked for dies with the shutdown",
			Edits: []Edit{{"halt.go", "\t\t\tif t.returning() {\n\t\t\t\tdst = m.redirect(dst, t, IntentHalt, ReasonHalted)\n\t\t\t}\n", ""}},
		},
		{
			Name: "stops-forward", Rule: "a shutdown one by one stops the last added first",
			Edits: []Edit{{"settle.go", "\t\tif t := &m.tasks[m.downFrom]; t.marked() && (next == nil || next.id < t.id) {\n\t\t\treturn t\n\t\t}\n", "\t\tfor slot := m.first; slot != noSlot && m.counts[StatusStopping] == 0; slot = m.tasks[slot].next {\n\t\t\tif t := &m.tasks[slot]; t.marked() {\n\t\t\t\treturn t\n\t\t\t}\n\t\t}\n"}},
		},
		{
			Name: "timeout-spares-healthy", Rule: "the shutdown timeout ends the shutdown, whoever was not asked yet",
			Edits: []Edit{{"halt.go", "\t\tif t.status == StatusStopping {\n\t\t\tdst = m.abandon(dst, t, ReasonShutdownTimeout)", "\t\tif t.status == StatusStopping && t.since < m.now {\n\t\t\tdst = m.abandon(dst, t, ReasonShutdownTimeout)"}},
		},
		{
			Name: "escalation-ignored", Rule: "an abandoned task whose policy says escalate halts the supervisor",
			Edits: []Edit{{"task.go", "case m.policies[t.policy].OnAbandon == AbandonEscalate:", "case m.policies[t.policy].OnAbandon == AbandonEscalate && t.intent == IntentKill:"}},
		},
		{
			Name: "adds-while-halting", Rule: "a shutdown refuses new tasks",
			Edits: []Edit{{"operate.go", "\tcase refusal != ReasonNone:\n\t\treturn m.reject(dst, ev, refusal)\n\tcase int(ev.Policy)", "\tcase refusal == ReasonSupervisorDone:\n\t\treturn m.reject(dst, ev, refusal)\n\tcase int(ev.Policy)"}},
		},
	}
}
