package canaries

// stateCanaries break what is kept of the state: snapshots, copies and the digest.
func stateCanaries() []Canary {
	return []Canary{
		{
			Name: "snapshot-forgets-fenced", Rule: "restoring a snapshot changes nothing (D7)",
			Edits: []Edit{{"encode.go", "\te.uint(uint64(t.fenced))\n", "\te.uint(0)\n"}},
		},
		{
			Name: "snapshot-forgets-attempts", Rule: "restoring a snapshot changes nothing (D7)",
			Edits: []Edit{{"encode.go", "\te.uint(uint64(t.attempts))\n", "\te.uint(0)\n"}},
		},
		{
			Name: "copy-shares-timers", Rule: "a copy is independent of what it was copied from (D7)",
			Edits: []Edit{{"encode.go", "m.timers.heap = append(old.timers.heap[:0], src.timers.heap...)", "m.timers.heap = src.timers.heap"}},
		},
		{
			Name: "snapshot-forgets-crashes", Rule: "restoring a snapshot changes nothing (D7)",
			Edits: []Edit{{"encode.go", "\tm.crashes.encode(e)\n", "\t(&window{}).encode(e)\n"}},
		},
		{
			Name: "snapshot-forgets-bonds", Rule: "restoring a snapshot changes nothing (D7)",
			Edits: []Edit{{"encode.go", "e.bool(m.edge(i).bound)", "e.bool(false)"}},
		},
		{
			Name: "reject-clears", Rule: "a rejected event changes nothing (D8)",
			Edits: []Edit{{"operate.go", "\tcase EventKill:\n\t\tif t.ended() {\n", "\tcase EventKill:\n\t\tif t.ended() {\n\t\t\tt.attempts = 0\n"}},
		},
	}
}
