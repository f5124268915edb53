package canaries

// recordingCanaries break recordings, and what is told of recoveries.
func recordingCanaries() []Canary {
	return []Canary{
		{
			Name: "first-life-recorded", Rule: "a recording goes on with every later Run",
			Lesson: "The recorder belongs to the machine, and the next Run has another.",
			Edits:  []Edit{drop("Supervisor.renew", "s.record(watching, head)")},
		},
		{
			Name: "recording-without-names", Rule: "a recording that begins later knows the tasks that are there",
			Lesson: "Names are written when tasks are added, and these were added before.",
			Edits:  []Edit{drop("Supervisor.renewFor", "for _, m := range s.registry.tasks(s.engine.machine)")},
		},
		{
			Name: "policies-beside-the-recording", Rule: "what is defined is recorded",
			Lesson: "The recording says policy 7, and not what that is.",
			Edits:  []Edit{replace("engine.define", "e.recorder != nil", "e.recorder != nil && p.StopTimeout == 0")},
		},
		{
			Name: "written-over", Rule: "what is being written is not changed meanwhile",
			Lesson: "Two buffers that turn out to be one.",
			Edits:  []Edit{replace("recordingWriter.next", "chunk[:0]", "next[:0]")},
		},
		{
			Name: "short-write-is-good", Rule: "a writer that writes less than all ends the recording",
			Lesson: "A full disk, and a recording with a hole that replays as something else.",
			Edits:  []Edit{replace("recordingWriter.run", "n < len(chunk)", "n < 0")},
		},
		{
			Name: "recording-with-a-hole", Rule: "a recording of which a part was lost ends there",
			Lesson: "The writer catches up, and nothing says what is missing.",
			Edits:  []Edit{replace("recordingWriter.Write", "t.err = ErrRecordingLost", "return 0, ErrRecordingLost")},
		},
		{
			Name: "drained-before-it-is-written", Rule: "a recording is drained when it is written",
			Lesson: "Handed over is not written.",
			Edits:  []Edit{replace("recordingWriter.drained", "recordingDrain{t.accepted, make(chan struct{})}", "recordingDrain{t.written, make(chan struct{})}")},
		},
		{
			Name: "flight-without-events", Rule: "a flight recorder keeps all that the machine is told",
			Lesson: "The box is there, and nobody has connected it.",
			Edits:  []Edit{drop("engine.step", "e.track.Event(name, &in.Event)")},
		},
		{
			Name: "flight-without-names", Rule: "a flight recorder keeps the names of tasks that were added before it begins",
			Lesson: "What was added has been forgotten, and what it was called with it.",
			Edits:  []Edit{drop("engine.step", "e.track.Name(name, e.actions[0].Task)")},
		},
		{
			Name: "policies-beside-the-flight", Rule: "a flight recorder keeps what is defined",
			Lesson: "A snapshot has the old policies, and the events the number of a new one.",
			Edits:  []Edit{drop("engine.define", "e.track.Define(id, &p)")},
		},
		{
			Name: "flight-that-never-ends", Rule: "what has ended is forgotten",
			Lesson: "Nothing grows with the past, but for what remembers it.",
			Edits:  []Edit{drop("Supervisor.finish", "s.engine.track.End()")},
		},
		{
			Name: "flight-that-trusts-a-fault", Rule: "a machine that has failed is asked for nothing",
			Lesson: "The recording of the fault is what the fault breaks.",
			Edits:  []Edit{drop("engine.fail", "e.track.Fail()")},
		},
		{
			Name: "file-without-end", Rule: "a file that is full is followed by another",
			Lesson: "The flight recorder fills the disk.",
			Edits:  []Edit{replace("flightFiles.makeRoom", "f.size >= f.most", "false")},
		},
		{
			Name: "last-lines-of-the-file", Rule: "what has happened is in the file when Run returns",
			Lesson: "The last second is the one that is asked for.",
			Edits:  []Edit{drop("audience.drained", "drained = append(drained, m.own.flight.written()...)")},
		},
		{
			Name: "dumped-at-a-shutdown", Rule: "a recording is dumped when a supervisor gives up, and not when it is asked to stop",
			Lesson: "Sixteen deployments, and the dump of the incident was removed for theirs.",
			Edits:  []Edit{replace("session.dump", "s.cause.Why != ReasonEscalated", "false")},
		},
		{
			Name: "dumps-pile-up", Rule: "there are only so many dumps",
			Lesson: "A crash loop, a full disk.",
			Edits:  []Edit{replace("flightDumps.removeOld", "len(old)-d.most", "0")},
		},
		{
			Name: "recovered-at-the-start", Rule: "a task has recovered when it has been healthy for long enough",
			Lesson: "A crash loop that recovers every ten seconds.",
			Edits: []Edit{
				replace("Supervisor.expectRecovery", "dueAt(_, _)", "of.up"),
				replace("Supervisor.tellRecoveries", "dueAt(_, _)", "of.up"),
			},
		},
		{
			Name: "recovered-though-down", Rule: "a task that is down has not recovered",
			Lesson: "The time has passed, and the task has not lived to see it.",
			Edits:  []Edit{drop("Supervisor.tellRecoveries", "if status.Status != StatusHealthy")},
		},
		{
			Name: "recovered-from-the-first-restart", Rule: "what counts for a recovery is when the task was last healthy again",
			Lesson: "It came back an hour ago, and failed three times since.",
			Edits:  []Edit{replace("Supervisor.noteTrouble", "of.up = a.At", "if of.failures == 1 {\nof.up = a.At\n}")},
		},
		{
			Name: "recovered-from-everything", Rule: "after a recovery failures are counted anew",
			Lesson: "\"Recovered from 214 failures\", a year after the first.",
			Edits:  []Edit{drop("Supervisor.endTrouble", "*of = trouble{listed: of.listed}")},
		},
		{
			Name: "recovery-told-when-something-happens", Rule: "a recovery is told in time though nothing else happens",
			Lesson: "All is well, so nothing happens, so nothing says that all is well.",
			Edits:  []Edit{drop("Supervisor.expectRecovery", "s.engine.arm(s.session.source)")},
		},
		{
			Name: "recovered-from-an-earlier-run", Rule: "what a task went through in an earlier Run of its supervisor is over",
			Lesson: "The service was repaired and started again, and recovers from what was yesterday.",
			Edits:  []Edit{drop("member.beginAnew", "m.tallied().trouble = nil")},
		},
	}
}
