package canaries

// watchCanaries break what is known of a run that goes on: that it is ready, that it is alive.
func watchCanaries() []Canary {
	return []Canary{
		{
			Name: "watchdog-survives", Rule: "a watchdog dies with the run's health",
			Edits: []Edit{
				{"task.go", "\t\tm.disarm(t)\n", "\t\tif to != StatusCompleted {\n\t\t\tm.disarm(t)\n\t\t}\n"},
				{"task.go", "\tcase StatusHealthy:\n\t\treturn m.watchFired", "\tcase StatusCompleted:\n\t\treturn m.rest(dst, t, ReasonWatchdog)\n\tcase StatusHealthy:\n\t\treturn m.watchFired"},
				{"task.go", "StatusCreated, StatusCompleted, StatusDead, StatusAbandoned, statuses:\n\t}\n\tpanic(\"core: a timer", "StatusCreated, StatusDead, StatusAbandoned, statuses:\n\t}\n\tpanic(\"core: a timer"},
			},
		},
		{
			Name: "beat-ignores-promise", Rule: "a beat may say how soon the next one is due",
			Edits: []Edit{{"watch.go", "if within <= 0 {", "if true {"}},
		},
		{
			Name: "beat-delays-abandon", Rule: "a beat puts off the watchdog, and nothing else",
			Edits: []Edit{{"watch.go", "if t.status != StatusHealthy || watchdog == 0 {", "if t.status != StatusHealthy && t.status != StatusStopping || watchdog == 0 {"}},
		},
		{
			Name: "one-probe-less", Rule: "so many failed probes in a row are a miss",
			Edits: []Edit{{"watch.go", "if t.misses >= m", "if t.misses+1 >= m"}},
		},
		{
			Name: "probe-never-forgives", Rule: "a good answer to a probe makes up for those before it",
			Edits: []Edit{{"watch.go", "\tt.misses = 0\n\tm.timers.disarm(t.slot())\n", "\tm.timers.disarm(t.slot())\n"}},
		},
		{
			Name: "report-restarts", Rule: "a miss that is only to be reported restarts nothing",
			Edits: []Edit{{"watch.go", "if p.OnMiss == MissReport {", "if p.OnMiss == MissReport && p.Watchdog > 0 {"}},
		},
		{
			Name: "start-timeout-counts-twice", Rule: "a start timeout is one failure",
			Edits: []Edit{{"watch.go", "\t\tt.lastExit = verdict\n", "\t\tt.lastExit = verdict\n\t\tt.attempts++\n"}},
		},
		{
			Name: "verdict-beats-kill", Rule: "an operator's kill of a run that failed while it was going is the last word",
			Edits: []Edit{{"operate.go", "\tif t.intent == intent {\n\t\treturn dst\n\t}\n\tt.intent, t.why = intent, why\n", "\tif t.intent == intent || t.intent == IntentRetry && intent == IntentKill {\n\t\treturn dst\n\t}\n\tt.intent, t.why = intent, why\n"}},
		},
		{
			Name: "stable-since-started", Rule: "stability is counted from when the run was ready",
			Edits: []Edit{{"task.go", "\tt.status, t.since = to, m.now\n", "\tif t.status != StatusStarting || to != StatusHealthy {\n\t\tt.since = m.now\n\t}\n\tt.status = to\n"}},
		},
		{
			Name: "any-run-is-ready", Rule: "an old run can not say that the live one is ready (D8)",
			Edits: []Edit{{"watch.go", "case ev.Run != t.run || !t.is(flagLive):", "case !t.is(flagLive):"}},
		},
	}
}
