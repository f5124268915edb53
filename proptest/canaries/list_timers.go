package canaries

// timerCanaries break the rules of time: when timers fire, and that they die with their status.
func timerCanaries() []Canary {
	return []Canary{
		{
			Name: "kill-leaves-restart", Rule: "a kill during backoff withdraws the pending restart",
			Lesson: "The task-supervisor crate brings a killed task back to life when its delay has passed.",
			Edits: []Edit{
				replace("Machine.transition", "m.disarm(t)", "if to != StatusDead { m.disarm(t) }"),
				before("Machine.fireTask", "case StatusFailed:", "case StatusDead:\nm.disarm(t)\nreturn m.startRun(dst, t, ReasonBackoff)"),
				replace("Machine.fireTask", "case StatusNone, StatusCreated, StatusCompleted, StatusDead, StatusHalted, StatusAbandoned, statuses:",
					"case StatusNone, StatusCreated, StatusCompleted, StatusHalted, StatusAbandoned, statuses:"),
			},
		},
		{
			Name: "restart-leaves-restart", Rule: "a manual restart during backoff withdraws the pending restart",
			Lesson: "In the task-supervisor crate a manual restart during the delay leads to two runs of one task.",
			Edits: []Edit{
				replace("Machine.transition", "m.disarm(t)", "if why != ReasonRestarted { m.disarm(t) }"),
				into("Machine.fireTask", "case StatusHealthy:", `if p := m.policyOf(t); p.Watchdog+p.Probe.Interval == 0 {
					m.set(t, t.status, IntentRestart, ReasonBackoff)
					return m.requestStop(dst, t, ReasonBackoff)
				}`),
			},
		},
		{
			Name: "tie-order", Rule: "timers of one instant fire in declared order (D3)",
			Lesson: "Where ties are broken by a hash map or by the scheduler, no incident can be replayed.",
			Edits: []Edit{
				replace("timers.timer.before", "a.key < b.key", "a.key > b.key"),
				replace("timers.timer.precedes", "bits.Sub64(uint64(a.key), uint64(b.key), 0)", "bits.Sub64(uint64(b.key), uint64(a.key), 0)"),
			},
		},
		{
			Name: "heap-skips-child", Rule: "timers fire in the order of their deadlines (D3)",
			Lesson: "A heap that looks at one child too few works with a handful of timers.",
			Edits:  []Edit{replace("timers.Queue.down", "2 + four[3].precedes(_)", "uint64(2)")},
		},
		{
			Name: "heap-never-lifts", Rule: "taking out one timer leaves the others in order (D3)",
			Lesson: "Removal from the middle of a heap may have to move the last entry up, which textbooks and tests forget.",
			Edits:  []Edit{replace("timers.Queue.fill", "hole > 0 && _", "false")},
		},
		{
			Name: "fires-at-wake-up", Rule: "a timer fires at its deadline however late the wake-up (D4)",
			Lesson: "Delays measured from the wake-up drift under load: what follows is late by as much again.",
			Edits:  []Edit{replace("Machine.fireTimers", "case m.timers.Next():", "case m.timers.Next():\nm.now = by")},
		},
		{
			Name: "event-before-timers", Rule: "timers due at an event's instant fire before it (D3)",
			Lesson: "Without an order between a deadline and an exit of the same instant, their race decides.",
			Edits:  []Edit{replace("Machine.Step", "m.fireTimers(dst, ev.At)", "m.fireTimers(dst, ev.At-1)")},
		},
		{
			Name: "time-runs-back", Rule: "an instant in the past counts as the latest (D2)",
			Lesson: "Clocks are stepped back, and events are stamped by more than one thread.",
			Edits:  []Edit{replace("Machine.Step", "ev.At > m.now", "true")},
		},
		{
			Name: "stop-timeout-early", Rule: "a run has its whole stop timeout to end",
			Lesson: "A nanosecond decides between a clean stop and an abandoned run.",
			Edits: []Edit{replace("Machine.stopUntil", "m.policyOf(t).StopLimit(t.is(flagHung))",
				"max(m.policyOf(t).StopLimit(t.is(flagHung)), 1)-1")},
		},
		{
			Name: "check-sees-no-ties", Rule: "in reference cadence a check sees all that happened at its own instant",
			Lesson: "A periodic check that runs first among equals decides on yesterday's counts.",
			Edits:  []Edit{replace("Machine.checkFrom", "at.plus(1)", "at.plus(0)")},
		},
	}
}
