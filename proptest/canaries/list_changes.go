package canaries

// changeCanaries break what an operator changes while the supervisor runs.
func changeCanaries() []Canary {
	return []Canary{
		{
			Name: "suspended-starts", Rule: "a suspended task does not start",
			Edits: []Edit{{"task.go", "return !t.is(flagSuspended) && m.clear(t)", "return m.clear(t)"}},
		},
		{
			Name: "suspend-clears", Rule: "a suspended task keeps its attempts",
			Edits: []Edit{{"operate.go", "\tt.set(flagSuspended)\n\tswitch t.status {", "\tt.set(flagSuspended)\n\tt.attempts = 0\n\tswitch t.status {"}},
		},
		{
			Name: "policy-keeps-timer", Rule: "under another policy the timer of a stop begins anew",
			Edits: []Edit{{"operate.go", "return m.rearm(dst, t, ActionNote, ReasonPolicy, m.now.after(after.StopTimeout))", "return m.change(dst, t, ActionNote, t.status, ReasonPolicy)"}},
		},
		{
			Name: "policy-forgets-ended", Rule: "a task that is significant by another policy counts as ended if it has",
			Edits: []Edit{{"operate.go", "\t\tm.significant++\n\t\tif t.ended() {\n", "\t\tm.significant++\n\t\tif t.status == StatusDead {\n"}},
		},
		{
			Name: "policy-uncovers-attempts", Rule: "attempts that are cleared stay so under another policy",
			Edits: []Edit{{"operate.go", "\tif m.stable(t) {\n\t\tt.attempts = 0 // by the policy it had until now\n\t}\n", ""}},
		},
		{
			Name: "resume-takes-back", Rule: "a stop that was asked for stays so when its task is resumed",
			Edits: []Edit{{"operate.go", "\tt.why = ReasonResumed\n", "\tt.why = ReasonResumed\n\tt.intent = IntentRestart\n"}},
		},
	}
}
