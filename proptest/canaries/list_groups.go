package canaries

// groupCanaries break what tasks owe each other by their order: rounds, and who takes part in them.
func groupCanaries() []Canary {
	return []Canary{
		{
			Name: "round-starts-early", Rule: "a round starts nobody before everybody it stopped is gone",
			Edits: []Edit{{"strategy.go", "case m.leaving > 0 || m.counts[StatusCreated] == 0:", "case m.counts[StatusCreated] == 0:"}},
		},
		{
			Name: "delay-begins-early", Rule: "a restart delay begins when all are gone that the failure took along",
			Edits: []Edit{{"strategy.go", "return m.leaving == 0", "return true"}},
		},
		{
			Name: "takes-earlier-along", Rule: "rest-for-one takes nobody along that was added before",
			Edits: []Edit{{"strategy.go", "\t\tcase sibling == t && m.config.Strategy == RestForOne:\n\t\t\treturn\n", ""}},
		},
		{
			Name: "siblings-stop-at-once", Rule: "siblings are stopped one by one, the last added first",
			Edits: []Edit{{"strategy.go", "return m.reverse() && (m.phase == PhaseHalting || m.config.Strategy != OneForOne)", "return m.reverse() && m.phase == PhaseHalting"}},
		},
		{
			Name: "temporary-returns", Rule: "a sibling that is never restarted is stopped for good",
			Edits: []Edit{{"strategy.go", "if m.policies[sibling.policy].Restart == RestartNever {", "if false {"}},
		},
		{
			Name: "starts-past-starting", Rule: "in order, each starts when the one before it is ready",
			Edits: []Edit{{"strategy.go", "\t\tcase StatusStarting, StatusFailed:\n\t\t\treturn nil\n", "\t\tcase StatusStarting:\n\t\tcase StatusFailed:\n\t\t\treturn nil\n"}},
		},
		{
			Name: "starts-around-failed", Rule: "one-for-all starts nobody while anybody waits for a restart",
			Edits: []Edit{{"strategy.go", "\tcase m.config.Strategy == OneForAll && m.counts[StatusFailed] > 0:\n\t\treturn nil\n", ""}},
		},
		{
			Name: "second-culprit-lost", Rule: "a failure during a round is a failure like any other",
			Edits: []Edit{{"exit.go", "\tcase IntentRejoin:\n\t\tif t.is(flagSuspended) {", "\tcase IntentRejoin:\n\t\tif exit != ExitOK {"}},
		},
		{
			Name: "halt-blames-no-run", Rule: "a halt names the run that led to it",
			Edits: []Edit{{"halt.go", "culprit.id, culprit.run", "culprit.id, 0"}},
		},
		{
			Name: "fatal-is-failure", Rule: "a fatal end escalates, whatever the policy",
			Edits: []Edit{{"exit.go", "case exit == ExitFatal:", "case exit == ExitFatal && p.Restart == RestartNever:"}},
		},
		{
			Name: "done-repeats", Rule: "a task that says it is done is not restarted, whatever the policy",
			Edits: []Edit{{"exit.go", "repeat := exit == ExitOK && m.policies", "repeat := m.policies"}},
		},
	}
}
