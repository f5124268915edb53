package canaries

// groupCanaries break what tasks owe each other by their order: rounds, and who takes part in them.
func groupCanaries() []Canary {
	return []Canary{
		{
			Name: "round-starts-early", Rule: "a round starts no task before all tasks it stopped have stopped",
			Lesson: "goverseer starts the first child of a group while the last is still running.",
			Edits:  []Edit{without("Machine.nextInTurn", "m.terminating > 0")},
		},
		{
			Name: "delay-begins-early", Rule: "a restart delay begins when all tasks that the failure stopped have stopped",
			Lesson: "A delay that runs beside the stops is over before the group is down.",
			Edits:  []Edit{replace("Machine.othersStopped", "m.terminating == 0", "true")},
		},
		{
			Name: "takes-earlier-along", Rule: "rest-for-one takes no task along that was added before",
			Lesson: "rest-for-one is one-for-all as soon as the walk does not end at the culprit.",
			Edits:  []Edit{drop("Machine.stopSiblings", "case sibling == t && m.config.Strategy == RestForOne:")},
		},
		{
			Name: "siblings-stop-at-once", Rule: "siblings are stopped one by one, the last added first",
			Lesson: "A dependant that loses what it depends on while it stops fails to stop cleanly.",
			Edits:  []Edit{replace("Machine.stopsInOrder", "m.phase == PhaseHalting || m.config.Strategy != OneForOne", "m.phase == PhaseHalting")},
		},
		{
			Name: "temporary-returns", Rule: "a sibling that is never restarted is stopped for good",
			Lesson: "A group restart that ignores the members' own policies brings back jobs that must not run twice.",
			Edits:  []Edit{replace("Machine.stopSiblings", "_ == RestartNever", "false")},
		},
		{
			Name: "starts-past-starting", Rule: "in order, each starts when the one before it is ready",
			Lesson: "Order of starting is worth nothing without readiness: systemd calls that Type=simple.",
			Edits:  []Edit{replace("Machine.nextInTurn", "!t.comingUp()", "!t.comingUp() || t.status == StatusStarting")},
		},
		{
			Name: "starts-around-failed", Rule: "one-for-all starts no task while any waits for a restart",
			Lesson: "A group that comes up without its culprit is stopped again when that returns.",
			Edits:  []Edit{drop("Machine.nextInTurn", "case m.config.Strategy == OneForAll && m.counts[StatusFailed] > 0:")},
		},
		{
			Name: "second-culprit-lost", Rule: "a failure during a round is a failure like any other",
			Lesson: "A sibling that crashes before it is asked to stop would restart for ever without cost.",
			Edits:  []Edit{replace("Machine.unrequestedExit", "case IntentRestart, IntentKill, IntentRemove, IntentSuspend:", "case IntentStartAgain:\nif exit != ExitOK {\nreturn m.carryOut(dst, t, t.intent)\n}\ncase IntentRestart, IntentKill, IntentRemove, IntentSuspend:"), replace("Machine.unrequestedExit", "case IntentNone, IntentHalt, IntentRetry, IntentStartAgain, IntentRetire, intents:", "case IntentNone, IntentHalt, IntentRetry, IntentRetire, intents:")},
		},
		{
			Name: "halt-blames-no-run", Rule: "a halt names the run that led to it",
			Lesson: "\"The supervisor stopped\" without saying for whom costs an operator the night.",
			Edits:  []Edit{replace("Machine.beginHalt", "culprit.run", "0")},
		},
		{
			Name: "fatal-is-failure", Rule: "a fatal end escalates, whatever the policy",
			Lesson: "A task that knows it cannot succeed is restarted until no attempts are left.",
			Edits:  []Edit{replace("Machine.failed", "exit == ExitFatal", "exit == ExitFatal && p.Restart == RestartNever")},
		},
		{
			Name: "done-repeats", Rule: "a task that says it is done is not restarted, whatever the policy",
			Lesson: "Without a way to say so, a permanent task can only end by a crash.",
			Edits:  []Edit{replace("Machine.unrequestedExit", "exit == ExitOK && _ == RestartAlways", "m.policyOf(t).Restart == RestartAlways")},
		},
	}
}
