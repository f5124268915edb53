package core

// task is what the machine remembers of one task: 56 bytes, because there may be millions. What few tasks have is in an
// aside.
type task struct {
	id       TaskID // 0: the slot is free
	since    Instant
	run      Run
	key      uint32
	attempts uint32
	prev     uint32 // neighbours in declared order, as slots
	next     uint32
	policy   uint32 // the slot of its policy
	status   Status
	why      Reason // of its status; of a pending stop or start also what that will be for
	intent   Intent
	lastExit ExitKind
	flags    flags
	misses   uint8
}

// flags is a set of facts about a task.
type flags uint16

const (
	flagLive         flags = 1 << iota // its run has started and not ended
	flagSuspended                      // Created and Halted: an operator keeps it from starting
	flagDelayPending                   // Failed: its restart delay has not begun
	flagRateWaiting                    // Failed: its restart delay has passed, and the restart rate has no room
	flagProbing                        // Healthy: an answer to a probe is awaited
	flagSilent                         // Healthy: its silence was reported, and it has given no sign of life since
	flagHung                           // Stopping: its run is stopped because it hangs
	flagUnready                        // Healthy: its run took its readiness back
	flagHeld                           // its driver keeps it from starting; in any status

	flagsAll = flagHeld<<1 - 1
)

func (t *task) is(f flags) bool { return t.flags&f != 0 }
func (t *task) raise(f flags)   { t.flags |= f }
func (t *task) drop(f flags)    { t.flags &^= f }

func (t *task) slot() uint32 { return uint32(t.id & slotMask) }

// facets are what a task's status and intent mean to the other tasks and to the supervisor.
type facets uint8

const (
	facetRunning     facets = 1 << iota // it has a run that was not asked to stop
	facetTerminating                    // it is on its way to stop: a stop is pending or under way
	facetUp                             // tasks that need it can start
	facetHolds                          // tasks that are bound to it can run on
	facetComingUp                       // where order matters, later tasks wait until it is up
	facetEnded                          // automatic shutdown counts it as ended
)

// facetsOf is a table; docs/states.md has the same one. The intent matters only for a task that runs: then a stop is
// pending. So does whether its run is unready, as long as no stop is.
func facetsOf(status Status, intent Intent, unready bool) facets {
	stopPending := intent != IntentNone
	switch status {
	case StatusCreated, StatusFailed:
		return facetComingUp
	case StatusStarting:
		if stopPending {
			return facetRunning | facetComingUp | facetTerminating
		}
		return facetRunning | facetComingUp
	case StatusHealthy:
		if stopPending {
			return facetRunning | facetTerminating
		}
		if unready {
			return facetRunning | facetComingUp | facetHolds
		}
		return facetRunning | facetUp | facetHolds
	case StatusStopping:
		return facetTerminating
	case StatusCompleted:
		return facetUp | facetHolds | facetEnded
	case StatusDead:
		return facetEnded
	case StatusNone, StatusHalted, StatusAbandoned, statuses:
	}
	return 0
}

func (t *task) facets() facets    { return facetsOf(t.status, t.intent, t.is(flagUnready)) }
func (t *task) running() bool     { return t.facets()&facetRunning != 0 }
func (t *task) terminating() bool { return t.facets()&facetTerminating != 0 }
func (t *task) up() bool          { return t.facets()&facetUp != 0 }
func (t *task) holds() bool       { return t.facets()&facetHolds != 0 }
func (t *task) comingUp() bool    { return t.facets()&facetComingUp != 0 }
func (t *task) ended() bool       { return t.facets()&facetEnded != 0 }

// stopPending reports whether the task's run will be asked to stop as soon as the tasks that stop before it have.
func (t *task) stopPending() bool { return t.running() && t.terminating() }

// alive reports whether any run of the task, abandoned or not, has not ended.
func (m *Machine) alive(t *task) bool { return t.is(flagLive) || m.fencedRun(t) != 0 }

// attended reports whether the latest run is what the task's status is about: it goes on, or its end is waited for.
func (t *task) attended() bool {
	return t.running() || t.status == StatusStopping || t.status == StatusAbandoned
}

// wasLeftBehind reports whether a run of the task that was left behind has not ended. Two such runs are possible: the
// latest one is live then, and the older one is fenced.
func (m *Machine) wasLeftBehind(t *task, run Run) bool {
	return run != 0 && (run == m.fencedRun(t) || run == t.run && t.is(flagLive) && !t.attended())
}

// fencedRun returns a run that was left behind and has not ended, the latest or an older one, or 0.
func (m *Machine) fencedRun(t *task) Run { return m.fenced.at(t.slot()) }

func (m *Machine) setFenced(t *task, run Run) { m.fenced.set(t.slot(), run, len(m.tasks)) }

// suspended reports whether an operator keeps the task from starting.
func (t *task) suspended() bool { return t.is(flagSuspended) || t.intent == IntentSuspend }

// killed reports whether an operator wants the task dead.
func (t *task) killed() bool {
	return t.status == StatusDead && t.why == ReasonKilled || t.intent == IntentKill
}

// returning reports whether the task is stopped only to be started again, sooner or later.
func (t *task) returning() bool {
	return t.intent == IntentRestart || t.intent == IntentRetry || t.intent == IntentStartAgain || t.intent == IntentSuspend
}

// transition moves the task to a status, which cancels the timer of the one before, and appends the action that reports
// it. A task that stays in its status keeps its timer, and the action says when that is due.
func (m *Machine) transition(dst []Action, t *task, kind ActionKind, to Status, why Reason) []Action {
	from, until, attempts := t.status, Never, t.attempts
	if from == to {
		until, attempts = m.deadline(t), m.attemptsNow(t)
	} else {
		m.disarm(t)
		m.move(t, to, why)
	}
	dst = append(dst, Action{})
	a := &dst[len(dst)-1] // filled in place: a literal would be built elsewhere and copied
	a.At, a.Until, a.Task, a.Run, a.Attempts = m.now, until, t.id, t.run, attempts
	a.Kind, a.From, a.To, a.Why = kind, from, to, why
	return dst
}

// move changes the task's status. An intent outlives that as long as a run is to be stopped for it: a pending stop stays
// pending when the run becomes ready.
func (m *Machine) move(t *task, to Status, why Reason) {
	intent := t.intent
	switch to {
	case StatusStarting, StatusHealthy:
		if t.stopPending() {
			why = t.why
		} else {
			intent = IntentNone
		}
	case StatusStopping, StatusAbandoned:
	case StatusNone, StatusCreated, StatusFailed, StatusCompleted, StatusDead, StatusHalted, statuses:
		intent = IntentNone
	}
	m.set(t, to, intent, why)
}

// set is the only writer of a task's status, intent and reason. It drops what does not outlive the status before, and
// notes the change with the tasks that it affects.
func (m *Machine) set(t *task, status Status, intent Intent, why Reason) {
	before := t.facets()
	if status != t.status {
		m.counts[t.status]--
		m.counts[status]++
		if t.is(flagDelayPending) {
			m.delaysPending--
			m.keepDelay(t, 0)
		}
		if status != StatusHalted {
			t.drop(flagSuspended) // a halt keeps it
		}
		t.drop(flagDelayPending | flagRateWaiting | flagProbing | flagSilent | flagHung | flagUnready)
		t.misses = 0
		t.since = m.now
	}
	t.status, t.intent, t.why = status, intent, why
	m.noteChange(t, before)
}

// setUnready is the writer of whether a healthy run is unready.
func (m *Machine) setUnready(t *task, unready bool) {
	before := t.facets()
	t.drop(flagUnready)
	if unready {
		t.raise(flagUnready)
	}
	m.noteChange(t, before)
}

// noteChange notes with the tasks that it affects what a task means to them now, and did not before.
func (m *Machine) noteChange(t *task, before facets) {
	after := t.facets()
	changed := before ^ after
	if changed&facetEnded != 0 {
		m.countEnded(t)
	}
	if changed == 0 || m.concernsNoOther(t) {
		return
	}
	if changed&after&facetComingUp != 0 {
		m.noteComingUp(t)
	}
	if changed&facetTerminating != 0 {
		m.noteTerminating(t)
	}
	if changed&after&facetUp != 0 {
		m.noteUp(t)
	}
	if changed&before&facetHolds != 0 {
		m.noteDown(t)
	}
}
