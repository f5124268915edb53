package canaries

// observerCanaries break what observers, loggers and recordings are told, and when.
func observerCanaries() []Canary {
	return []Canary{
		{
			Name: "oldest-lost-whatever-its-level", Rule: "an observer that is too slow loses what is worth least first",
			Lesson: "Five thousand lines at Debug push the one at Error out of the queue.",
			Edits: []Edit{
				replace("observer.keep", "for o.waiting[lowest].n == 0", "for first := o.first(); first != &o.waiting[lowest]; {\nlowest++\n}"),
				drop("observer.keep", "if lowest > level"),
			},
		},
		{
			Name: "newest-lost", Rule: "of one level the oldest is lost first",
			Lesson: "A full queue that refuses what comes keeps the beginning of an incident, and not its end.",
			Edits:  []Edit{replace("observer.keep", "lowest > level", "lowest >= level")},
		},
		{
			Name: "queue-one-short", Rule: "an observer is behind by as many as its queue holds before it loses any",
			Lesson: "The queue that is exactly full.",
			Edits:  []Edit{replace("observer.keep", "o.pending == o.limit", "o.pending+1 >= o.limit")},
		},
		{
			Name: "losses-at-the-end-untold", Rule: "losses are told, also when nothing comes after them",
			Lesson: "The number of what was lost travels with the next event, and there is none.",
			Edits:  []Edit{replace("observer.take", "o.told+1 < o.next", "o.next == 0")},
		},
		{
			Name: "losses-told-again", Rule: "every loss is told once",
			Lesson: "A count that is told and not cleared grows from line to line.",
			Edits:  []Edit{replace("observer.take", "lost, o.lost = o.lost, lostByLevel{}", "lost = o.lost")},
		},
		{
			Name: "lost-errors-at-warn", Rule: "that errors are lost is an error",
			Lesson: "Whoever is paged for errors is not paged for their loss.",
			Edits:  []Edit{drop("logLosses", "worst = max(worst, level)")},
		},
		{
			Name: "filter-behind-the-queue", Rule: "what an observer does not want takes no room in its queue",
			Lesson: "Level Warn, and the queue is full of what the handler will drop.",
			Edits:  []Edit{drop("observer.offer", "if o.unwanted[level] && _")},
		},
		{
			Name: "level-asked-once", Rule: "a level that is enabled at run time is logged from then on",
			Lesson: "slog.LevelVar is turned to Debug in the middle of an incident, and nothing happens.",
			Edits:  []Edit{without("observer.offer", "time.Since(o.asked) < askAgain")},
		},
		{
			Name: "failing-filter-wants-none", Rule: "an observer whose filter fails is told everything",
			Lesson: "The handler panics once, and the log is silent for ever.",
			Edits:  []Edit{replace("observer.wants", "wants = true", "wants = false")},
		},
		{
			Name: "drain-during-a-delivery", Rule: "Drain waits for the call that is going",
			Lesson: "The queue is empty, and the last line is half written.",
			Edits:  []Edit{drop("observer.take", "o.endDrains()"), after("observer.take", "o.told = t.Seq", "o.endDrains()")},
		},
		{
			Name: "drain-waits-for-silence", Rule: "Drain waits for what there was when it was called, and no longer",
			Lesson: "A service that always has something to say is never drained.",
			Edits:  []Edit{replace("observer.endDrains", "d.next <= o.told+1", "o.next <= o.told+1")},
		},
		{
			Name: "observer-gone-for-ever", Rule: "an observer that ends its goroutine is told the rest",
			Lesson: "A failed assertion in an observer, and all later events pile up.",
			Edits:  []Edit{replace("observer.deliver", "!returned", "!returned && o == nil")},
		},
		{
			Name: "queue-grows-out-of-order", Rule: "transitions are told in order, however many wait",
			Lesson: "A ring that grows while it is wrapped around.",
			Edits:  []Edit{replace("ring.push", "copy(items[copy(items, r.items[r.head:]):], r.items[:r.head])", "copy(items, r.items)")},
		},
		{
			Name: "sync-observer-not-waited-for", Rule: "a call returns when a synchronous observer has been told of what it decided",
			Lesson: "It is told by a goroutine like any other, and nothing waits for that.",
			Edits:  []Edit{drop("watching.publish", "if o.atMost > 0")},
		},
		{
			Name: "sync-observer-waits-for-itself", Rule: "an observer never waits for itself",
			Lesson: "It calls the supervisor, and that calls it.",
			Edits:  []Edit{without("await", "isObserving()")},
		},
		{
			Name: "sync-observer-waited-for-each-time", Rule: "a synchronous observer that was late is not waited for until it has caught up",
			Lesson: "A bound of one second, paid by every one of a thousand decisions.",
			Edits:  []Edit{drop("observer.toldUpTo", "case o.late:")},
		},
		{
			Name: "sync-observer-late-for-ever", Rule: "a synchronous observer that has caught up is waited for again",
			Lesson: "One slow minute, and it is asynchronous for the rest of its life.",
			Edits:  []Edit{replace("observer.take", "o.running, o.late = false, false", "o.running = false")},
		},
		{
			Name: "gone-before-the-last-line", Rule: "Run returns when all observers have been told everything",
			Lesson: "`os.Exit(1)` behind Run, and the line that says why is not written.",
			Edits:  []Edit{replace("session.settle", "defer close(s.told)", "close(s.told)")},
		},
		{
			Name: "end-without-bound", Rule: "an observer that never returns does not keep Run from returning",
			Lesson: "The log goes to a disk that hangs, and so does the exit.",
			Edits:  []Edit{replace("session.settle", "time.NewTimer(limit)", "time.NewTimer(1 << 62)")},
		},
		{
			Name: "earlier-lives-not-waited-for", Rule: "the root waits for observers of supervisors below that have ended before",
			Lesson: "A list of who is still busy that is swept by who has stopped.",
			Edits:  []Edit{replace("audience.add", "m.own.isIdle()", "true")},
		},
		{
			Name: "both-loggers-log", Rule: "a supervisor with a logger of its own is not logged above as well",
			Lesson: "Every line twice, in two formats.",
			Edits:  []Edit{replace("watching.under", "o.logs && !hasLogger", "o.logs && (!hasLogger || !s.apart)")},
		},
		{
			Name: "apart-and-told", Rule: "observers above are told nothing of a supervisor that is kept from them",
			Lesson: "The option works for the children, and not for theirs.",
			Edits:  []Edit{replace("watching.under", "!s.apart", "true")},
		},
		{
			Name: "recording-ends-at-the-root", Rule: "a recording is of the whole tree",
			Lesson: "What failed is three levels down, and in no recording.",
			Edits:  []Edit{drop("watching.under", "if !s.recorded")},
		},
	}
}
