package canaries

// stateCanaries break what is kept of the state: snapshots, copies and the digest.
func stateCanaries() []Canary {
	return []Canary{
		{
			Name: "snapshot-forgets-fenced", Rule: "restoring a snapshot changes nothing (D7)",
			Lesson: "A field that matters in one status alone is missed by a snapshot taken in any other.",
			Edits:  []Edit{drop("codec.task", "number(c, fenced)")},
		},
		{
			Name: "snapshot-forgets-attempts", Rule: "restoring a snapshot changes nothing (D7)",
			Lesson: "A restart of the supervisor would be a way around every limit.",
			Edits:  []Edit{drop("codec.task", "number(c, &t.attempts)")},
		},
		{
			Name: "copy-shares-timers", Rule: "a copy is independent of what it was copied from (D7)",
			Lesson: "Assigning a slice is no copy, and shows when both go on.",
			Edits:  []Edit{replace("timers.Queue.CopyFrom", "q.heap = append(q.heap[:0], src.heap...)", "q.heap = src.heap")},
		},
		{
			Name: "snapshot-forgets-crashes", Rule: "restoring a snapshot changes nothing (D7)",
			Lesson: "A crash loop that takes the process with it would start afresh each time.",
			Edits: []Edit{replace("codec.machine", "c.window(&m.crashes, m.config.Intensity)",
				"if c.mode == reading {\nm.crashes.SetLimit(m.config.Intensity.Count, m.config.Intensity.Per)\n}")},
		},
		{
			Name: "snapshot-forgets-bonds", Rule: "restoring a snapshot changes nothing (D7)",
			Lesson: "One bit of a relation between two tasks is no field of either.",
			Edits:  []Edit{drop("codec.need", "c.bool(bound)")},
		},
		{
			Name: "reject-clears", Rule: "a rejected event changes nothing (D8)",
			Lesson: "The side effect stands before the check that refuses.",
			Edits:  []Edit{before("Machine.command", "if refusal := m.refuseAbout(ev, t); refusal != RefusalNone", "if t != nil && ev.Kind == EventKill && t.ended() {\nt.attempts = 0\n}")},
		},
	}
}
