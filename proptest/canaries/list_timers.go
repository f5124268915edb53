package canaries

// timerCanaries break the rules of time: when timers fire, and that they die with their status.
func timerCanaries() []Canary {
	return []Canary{
		{
			Name: "kill-leaves-restart", Rule: "a kill during backoff withdraws the pending restart",
			Edits: []Edit{
				{"task.go", "\t\tm.disarm(t)\n", "\t\tif to != StatusDead {\n\t\t\tm.disarm(t)\n\t\t}\n"},
				{"task.go", "\tcase StatusFailed:\n\t\treturn m.delayPassed(dst, t)", "\tcase StatusDead:\n\t\tm.disarm(t)\n\t\treturn m.startRun(dst, t, ReasonBackoff)\n\tcase StatusFailed:\n\t\treturn m.delayPassed(dst, t)"},
				{"task.go", "StatusCreated, StatusCompleted, StatusDead, StatusAbandoned, statuses:\n\t}\n\tpanic(\"core: a timer", "StatusCreated, StatusCompleted, StatusAbandoned, statuses:\n\t}\n\tpanic(\"core: a timer"},
			},
		},
		{
			Name: "restart-leaves-restart", Rule: "a manual restart during backoff withdraws the pending restart",
			Edits: []Edit{
				{"task.go", "\t\tm.disarm(t)\n", "\t\tif why != ReasonRestarted {\n\t\t\tm.disarm(t)\n\t\t}\n"},
				{"task.go", "\tcase StatusHealthy:\n\t\treturn m.watchFired(dst, t)", "\tcase StatusHealthy:\n\t\tif p := &m.policies[t.policy]; p.Watchdog+p.Probe.Interval == 0 {\n\t\t\tm.mark(t, IntentRestart, ReasonBackoff)\n\t\t\treturn m.ask(dst, t, ReasonBackoff)\n\t\t}\n\t\treturn m.watchFired(dst, t)"},
			},
		},
		{
			Name: "tie-order", Rule: "timers of one instant fire in declared order (D3)",
			Edits: []Edit{{"heap.go", "a.at == b.at && a.task < b.task", "a.at == b.at && a.task > b.task"}},
		},
		{
			Name: "heap-skips-child", Rule: "timers fire in the order of their deadlines (D3)",
			Edits: []Edit{{"heap.go", "min(first+4, len(h.heap))", "min(first+3, len(h.heap))"}},
		},
		{
			Name: "heap-never-lifts", Rule: "taking out one timer leaves the others in order (D3)",
			Edits: []Edit{{"heap.go", "if i > 0 && moved.before(h.heap[(i-1)/4]) {", "if false {"}},
		},
		{
			Name: "fires-at-wake-up", Rule: "a timer fires at its deadline however late the wake-up (D4)",
			Edits: []Edit{{"machine.go", "case at == due:\n\t\t\tm.now = max(m.now, at)\n", "case at == due:\n\t\t\tm.now = by\n"}},
		},
		{
			Name: "event-before-timers", Rule: "timers due at an event's instant fire before it (D3)",
			Edits: []Edit{{"machine.go", "dst = m.fireTimers(dst, ev.At)\n", "dst = m.fireTimers(dst, ev.At-1)\n"}},
		},
		{
			Name: "time-runs-back", Rule: "an instant in the past counts as the latest (D2)",
			Edits: []Edit{{"machine.go", "\tif ev.At > m.now {\n\t\tdst = m.fireTimers(dst, ev.At)\n\t\tm.now = ev.At\n\t}\n", "\tdst = m.fireTimers(dst, ev.At)\n\tm.now = ev.At\n"}},
		},
		{
			Name: "stop-timeout-early", Rule: "a run has its whole stop timeout to end",
			Edits: []Edit{{"task.go", "m.now.after(m.policies[t.policy].StopTimeout)", "m.now.after(max(m.policies[t.policy].StopTimeout, 1)-1)"}},
		},
		{
			Name: "check-sees-no-ties", Rule: "in reference cadence a check sees all that happened at its own instant",
			Edits: []Edit{{"limits.go", "return at.plus(1)", "return at.plus(0)"}},
		},
	}
}
