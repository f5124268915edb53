package canaries

// endCanaries break how the runtime learns of the end of a run, and what it keeps of it.
func endCanaries() []Canary {
	return []Canary{
		{
			Name: "full-batch-twice", Rule: "a run ends once, also when a batch of ends is exactly full", Duty: true,
			Lesson: "Sixty-four tasks that fail together, and not sixty-three.",
			Edits:  []Edit{replace("exits.take", "e.runs, e.first = e.runs[:0], 0", "if len(dst) < cap(dst) {\ne.runs, e.first = e.runs[:0], 0\n}")},
		},
		{
			// The suite cannot arrange how many ends come together, so it notices this at times: not marked as a duty.
			Name: "third-batch-lost", Rule: "every run that ended is dealt with, however many end together",
			Lesson: "Where the second batch ends is set, not added up: right for two batches.",
			Edits:  []Edit{replace("exits.take", "e.first += len(few)", "e.first = len(few)")},
		},
		{
			// No duty: from outside, runs that end in one instant may be heard in any order.
			Name: "ends-in-reverse", Rule: "runs end in the order in which they ended",
			Lesson: "A stack is shorter to write than a queue.",
			Edits:  []Edit{replace("exits.add", "e.runs = append(e.runs, r)", "e.runs = append(e.runs, nil); copy(e.runs[e.first+1:], e.runs[e.first:]); e.runs[e.first] = r")},
		},
		{
			Name: "sleeps-through-an-end", Rule: "an end that comes while the loop goes to sleep wakes it", Duty: true,
			Lesson: "Between the last look and the sleep there is room for one more.",
			Edits:  []Edit{replace("exits.add", "wake, e.asleep = e.asleep, false", "wake, e.asleep = e.asleep && len(e.runs) > 1, e.asleep && len(e.runs) < 2")},
		},
		{
			Name: "late-end-lost", Rule: "a run that was left behind ends after all, though its supervisor has stopped",
			Lesson: "A stopped supervisor listens to none, and so is never rid of the run.",
			Edits:  []Edit{drop("exits.add", "if e.noLoop")},
		},
		{
			Name: "context-outlives-run", Rule: "the context of a run ends with it", Duty: true,
			Lesson: "What the run has started goes on, on a context that nothing will ever cancel.",
			Edits:  []Edit{replace("ownContext.finish", "was&contextMade != 0", "was&contextMade != 0 && was&contextBegun == 0")},
		},
		{
			Name: "beats-after-the-end", Rule: "a run that has ended cannot beat any more",
			Lesson: "A goroutine that outlived its run keeps the next one's watchdog quiet.",
			Edits:  []Edit{drop("liveRunOf", "if r.ended()")},
		},
		{
			Name: "goexit-is-good", Rule: "ending the goroutine is no good end", Duty: true,
			Lesson: "A failed assertion in a helper ends the goroutine, and the task counts as completed.",
			Edits:  []Edit{replace("run.catch", "r.exit, r.err = ExitGoexit, &GoexitError{Stack: callers(0)}", "r.exit, r.err = ExitOK, nil")},
		},
		{
			Name: "clone-is-shared", Rule: "a task that can be cloned gives every run a copy of its own", Duty: true,
			Lesson: "The second run finds the first one's half-filled buffer.",
			Edits:  []Edit{replace("fresh", "!ok", "!ok || true"), replace("fresh", "cloner, ok := task.(Cloner)", "_, ok := task.(Cloner); cloner := Factory(nil)")},
		},
		{
			Name: "removed-runs-lost", Rule: "the runs of removed tasks stay in the account", Duty: true,
			Lesson: "The account is the sum over the tasks there are.",
			Edits:  []Edit{drop("registry.dropOrphans", "r.removed.add(m.counts())")},
		},
		{
			Name: "late-probe-lost", Rule: "a probe that is late is reported, though its task was removed",
			Lesson: "The goroutine that hangs is still there, and no report says whose it is.",
			Edits:  []Edit{without("registry.dropOrphans", "len(m.late) > 0")},
		},
		{
			Name: "name-stays-taken", Rule: "a removed task's name is free", Duty: true,
			Lesson: "Rolling out a new version under the old name fails, for ever.",
			Edits:  []Edit{replace("registry.orphan", "delete(r.byName, m.name)", "if m.ended > 1 {\ndelete(r.byName, m.name)\n}")},
		},
		{
			Name: "waiter-not-woken", Rule: "who waits for a task learns of its change", Duty: true,
			Lesson: "The channel is replaced and the old one never closed.",
			Edits:  []Edit{drop("signal.fire", "close(s.channel)")},
		},
		{
			Name: "orphans-not-listed", Rule: "a removed task of which something is alive is in the report",
			Lesson: "What cannot be named any more cannot be found any more.",
			Edits:  []Edit{replace("registry.all", "slices.Clone(r.orphans)", "nil")},
		},
		{
			Name: "no-end-of-fenced", Rule: "a run that was replaced ends by itself, and the newer one goes on", Duty: true,
			Lesson: "The task has one place for its run, and the end of either empties it.",
			Edits:  []Edit{before("Supervisor.detach", "switch r", "if len(m.left) > 0 && m.left[0] == r {\nm.current = nil\n}")},
		},
	}
}
