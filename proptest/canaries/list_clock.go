package canaries

// clockCanaries break the clocks that the runtime goes by.
func clockCanaries() []Canary {
	return []Canary{
		{
			Name: "virtual-misses-instant", Rule: "a move to a deadline wakes its source",
			Lesson: "\"Until\" with or without the end: tests move exactly to the deadline.",
			Edits:  []Edit{replace("clock.Virtual.wakeNext", "v.deadlines.Next() > by", "v.deadlines.Next() >= by")},
		},
		{
			Name: "virtual-tie-order", Rule: "of equal deadlines the source that was made first is woken first",
			Lesson: "A test that passes only when the map is walked in one order.",
			Edits:  []Edit{replace("clock.virtualSource.key", "s.number<<timers.SlotBits", "-s.number<<timers.SlotBits")},
		},
		{
			Name: "virtual-wraps", Rule: "a clock moves at most to the end of time",
			Lesson: "Advance by a century as \"long enough\", and time is negative.",
			Edits:  []Edit{drop("clock.Virtual.Advance", "if d > 0 && at < v.now")},
		},
		{
			Name: "virtual-never-back", Rule: "a clock can be set back",
			Lesson: "A machine that was suspended, or restored from a snapshot, sees an earlier time.",
			Edits:  []Edit{replace("clock.Virtual.set", "v.now = at", "v.now = max(v.now, at)")},
		},
		{
			// It breaks no duty of a driver: the machine does what is due within the step, so its next deadline is in the future
			// as long as the clock stands still, as it does for the conformance suite while a driver is at work.
			Name: "virtual-due-now-waits", Rule: "a deadline that is not in the future wakes its source at once",
			Lesson: "What is due this very instant is the commonest deadline of all: a delay of zero.",
			Edits:  []Edit{replace("clock.virtualSource.Arm", "at <= s.clock.now", "at < s.clock.now")},
		},
		{
			Name: "virtual-keeps-wake-up", Rule: "another deadline takes back a wake-up that was not received",
			Lesson: "A stale wake-up is harmless, until someone counts them.",
			Edits:  []Edit{drop("clock.virtualSource.Arm", "s.wake.Withdraw()")},
		},
		{
			Name: "virtual-two-deadlines", Rule: "a source has one deadline",
			Lesson: "The old deadline is still in the list, with the new instant.",
			Edits:  []Edit{drop("clock.virtualSource.Arm", "if s.armed")},
		},
		{
			Name: "virtual-next-stays", Rule: "Next moves the clock to the deadline",
			Lesson: "The sources are woken, and it is still before the deadline: they go to sleep again.",
			Edits:  []Edit{replace("clock.Virtual.Next", "v.set(at)", "now := v.now; v.set(at); v.now = now")},
		},
		{
			Name: "virtual-arms-never", Rule: "the instant that never comes is no deadline",
			Lesson: "At the end of time everything that was switched off goes off.",
			Edits:  []Edit{without("clock.virtualSource.Arm", "at == core.Never")},
		},
		{
			Name: "system-keeps-timer", Rule: "a deadline that is taken back wakes no source",
			Lesson: "A runtime timer that is not stopped fires for a deadline that is no more.",
			Edits:  []Edit{drop("clock.systemSource.Arm", "if s.timer != nil")},
		},
		{
			Name: "system-keeps-wake-up", Rule: "another deadline takes back a wake-up that was not received",
			Lesson: "The channel holds one: the stale wake-up takes the place of the next.",
			Edits:  []Edit{drop("clock.systemSource.Arm", "s.wake.Withdraw()")},
		},
		{
			Name: "system-dates-are-today's", Rule: "the date of an instant is that instant's",
			Lesson: "A log line is written later than what it tells of.",
			Edits:  []Edit{replace("clock.systemSource.Date", "time.Duration(at)", "time.Duration(s.Now())")},
		},
		{
			Name: "delay-of-zero", Rule: "what is due now does not wait for a timer of no delay",
			Lesson: "A mock's timer without delay fires at the next Add, which may never come.",
			Edits:  []Edit{replace("clock/internal/wakeup.Delay", "at <= now", "at < now")},
		},
		{
			Name: "far-deadline-is-now", Rule: "a deadline more than 292 years away waits",
			Lesson: "The difference of two instants does not fit into a duration, and is negative.",
			Edits:  []Edit{replace("clock/internal/wakeup.Delay", "d = core.Forever", "d = 0")},
		},
		{
			Name: "bench-armed-once", Rule: "a deadline that is armed while a mock moves is not met later for that",
			Lesson: "A mock's timer counts from where the mock is when it is made, not from where the caller believed it was.",
			Edits:  []Edit{replace("clock/benclock.source.Arm", "!s.movable || s.Now() == now", "true")},
		},
		{
			Name: "bench-keeps-timer", Rule: "a deadline that is taken back wakes no source",
			Lesson: "A mock keeps every timer it was asked for until it is stopped.",
			Edits:  []Edit{drop("clock/benclock.source.Arm", "if s.timer != nil")},
		},
		{
			Name: "bench-keeps-wake-up", Rule: "another deadline takes back a wake-up that was not received",
			Lesson: "The mock has sent it, and the receiver was busy arming.",
			Edits:  []Edit{drop("clock/benclock.source.Arm", "s.wake.Withdraw()")},
		},
		{
			Name: "bench-wraps-nil", Rule: "no clock is none",
			Lesson: "An interface that holds a nil is not nil, and the panic comes an hour later.",
			Edits:  []Edit{drop("clock/benclock.New", "if c == nil")},
		},
	}
}
