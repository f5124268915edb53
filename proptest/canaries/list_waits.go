package canaries

// waitCanaries break waits for what tasks become, and probes of readiness.
func waitCanaries() []Canary {
	return []Canary{
		{
			Name: "changed-while-looking", Rule: "a wait misses no change between its look and its sleep",
			Lesson: "First look, then subscribe: right on all days but one.",
			Edits: []Edit{
				drop("wait.look", "w.on = append(w.on, m.changed.next())"),
				before("wait.look", "return w.never(at, &status)", "at.mu.Lock()\nw.on = append(w.on, m.changed.next())\nat.mu.Unlock()"),
			},
		},
		{
			Name: "made-while-waiting", Rule: "a wait goes on into a supervisor that is made meanwhile",
			Lesson: "The task has started, and the supervisor in it a moment later.",
			Edits:  []Edit{drop("wait.descend", "w.on = append(w.on, s.reshaped.next())")},
		},
		{
			Name: "first-of-all", Rule: "a wait for all tasks is for those in supervisors, too",
			Lesson: "The loop ends with its first turn.",
			Edits:  []Edit{drop("wait.lookAtAll", "for _, child := range s.below()")},
		},
		{
			Name: "all-but-those-that-come", Rule: "a wait for all tasks goes on when one of them changes",
			Lesson: "Tasks that are added wake it, and tasks that get ready do not.",
			Edits:  []Edit{replace("wait.lookAtAll", "append(w.on, s.changed.next(), s.reshaped.next())", "append(w.on, s.reshaped.next())")},
		},
		{
			Name: "all-ready-but-one", Rule: "not all tasks are ready while the run of one has taken its readiness back",
			Lesson: "What one task is asked is not what all are asked.",
			Edits:  []Edit{without("wait.lookAtAll", "!(w.condition == UntilReady && anyUnready(s.engine.machine))")},
		},
		{
			Name: "unready-is-ready", Rule: "a task whose run has taken its readiness back is not ready",
			Lesson: "Healthy it is, after all.",
			Edits:  []Edit{without("Condition.holds", "!status.Unready")},
		},
		{
			Name: "replaced-is-stopped", Rule: "a task has stopped when no run of it is alive, replaced ones included",
			Lesson: "The files are moved while the run that was given up on still writes to them.",
			Edits:  []Edit{without("Condition.holds", "status.Fenced == 0")},
		},
		{
			Name: "waits-for-the-dead", Rule: "a wait for what no supervisor will bring about ends at once",
			Lesson: "A deployment that waits for a task that died while it was looked for.",
			Edits:  []Edit{replace("wait.never", "!over || status.Why == ReasonKilled", "over && status.Why == ReasonKilled")},
		},
		{
			Name: "gone-is-an-error", Rule: "who waits for a task to be gone has it when there is none",
			Lesson: "Removed a moment too early, and the wait for the removal fails.",
			Edits:  []Edit{without("wait.absent", "w.condition == UntilGone")},
		},
		{
			Name: "readiness-asked-once", Rule: "a run that is not ready yet is asked again",
			Lesson: "The first answer of every server is \"connection refused\".",
			Edits:  []Edit{replace("readinessSearch.main", "!over", "!over && ready")},
		},
		{
			Name: "readiness-asked-for-ever", Rule: "a run that is ready, or has to stop, is asked no more",
			Lesson: "The task said it itself, and the probe goes on asking.",
			Edits:  []Edit{drop("readinessSearch.ask", "if !s.isStarting(p.run)")},
		},
		{
			Name: "readiness-not-yet-unsaid", Rule: "a run that was not ready in time says what its probe said last",
			Lesson: "\"Not ready in time\" sends the operator to guess.",
			Edits:  []Edit{drop("readinessSearch.ask", "p.run.ownHealth().notReady = err")},
		},
		{
			Name: "readiness-by-the-wall", Rule: "a readiness probe follows the supervisor's clock",
			Lesson: "One more timer, and it is the only one on real time.",
			Edits:  []Edit{replace("readinessSearch.main", "p.run.session.clock.NewSource()", "(clock.System{}).NewSource()")},
		},
		{
			Name: "late-readiness-for-ever", Rule: "a readiness probe that was late and returns is late no longer",
			Lesson: "A list that only grows.",
			Edits:  []Edit{drop("readinessSearch.ask", "p.run.member.dropLate(call)")},
		},
		{
			Name: "late-readiness-not-told", Rule: "a readiness probe that does not end with its run is listed",
			Lesson: "The goroutine is there, and the report says that all have returned.",
			Edits:  []Edit{drop("Supervisor.stop", "if health := m.current.health.Load(); health != nil && health.asking != nil")},
		},
	}
}
