package core

// task is what the machine remembers of one task: 48 bytes, for there may be millions.
type task struct {
	id       TaskID // 0: the slot is free
	since    Instant
	key      uint32
	run      Run
	fenced   Run
	attempts uint32
	prev     uint32 // neighbours in declared order, as slots
	next     uint32
	policy   PolicyID
	status   Status
	why      Reason
	intent   Intent
	lastExit ExitKind
	live     bool // run has started and not ended
}

func (t *task) slot() uint32 { return uint32(t.id & slotMask) }

// ended tells whether the task has come to an end, as far as automatic shutdown is concerned.
func (t *task) ended() bool { return t.status == StatusCompleted || t.status == StatusDead }

// alive tells whether any run of the task, abandoned or not, is still going.
func (t *task) alive() bool { return t.live || t.fenced != 0 }

// change moves the task to a status, which ends the timer of the one before, and appends the action that tells of it.
// A task that stays in its status keeps its timer, and the action tells when that is due.
func (m *Machine) change(dst []Action, t *task, kind ActionKind, to Status, why Reason) []Action {
	from, until, attempts := t.status, Never, t.attempts
	if from == to {
		until, attempts = m.timers.deadline(t.slot()), m.attemptsNow(t)
	} else {
		m.timers.disarm(t.slot())
		m.recount(t, to)
		t.since = m.now
	}
	if why != ReasonLateExit {
		t.why = why
	}
	dst = append(dst, Action{})
	a := &dst[len(dst)-1] // filled in place: a literal would be built elsewhere and copied
	a.At, a.Until, a.Task, a.Run, a.Attempts = m.now, until, t.id, t.run, attempts
	a.Kind, a.From, a.To, a.Why = kind, from, to, why
	return dst
}

// recount sets the task's status and keeps the counts in step with it.
func (m *Machine) recount(t *task, to Status) {
	m.counts[t.status]--
	m.counts[to]++
	before := t.ended()
	t.status = to
	if after := t.ended(); before != after && m.policies[t.policy].Significant {
		if after {
			m.significantEnded++
		} else {
			m.significantEnded--
		}
	}
}

// startRun starts the task's next run.
func (m *Machine) startRun(dst []Action, t *task, why Reason) []Action {
	t.intent = IntentNone
	if t.run == ^Run(0) {
		return m.change(dst, t, ActionNote, StatusDead, ReasonExhausted)
	}
	t.run++
	t.live = true
	return m.change(dst, t, ActionStart, StatusHealthy, why)
}

// stopRun asks the task's run to stop; intent says what follows when it is gone. A run that is stable by now has
// cleared the attempts.
func (m *Machine) stopRun(dst []Action, t *task, intent Intent, why Reason) []Action {
	if m.stable(t) {
		t.attempts = 0
	}
	t.intent = intent
	dst = m.change(dst, t, ActionStop, StatusStopping, why)
	return m.armUntil(dst, t, m.now.after(m.policies[t.policy].StopTimeout))
}

// retry schedules the task's restart, n-th since it was last stable.
func (m *Machine) retry(dst []Action, t *task, n uint32, why Reason) []Action {
	p := &m.policies[t.policy]
	delay := shortened(p.delay(n, m.config.factorMax()), p.Jitter, jitterHash(m.config.Seed, t.key, t.run))
	dst = m.change(dst, t, ActionNote, StatusFailed, why)
	return m.armUntil(dst, t, m.now.after(delay))
}

// armUntil arms the timer of the status that the latest action has told of, and tells when it will fire.
func (m *Machine) armUntil(dst []Action, t *task, at Instant) []Action {
	m.timers.arm(t.id, at)
	dst[len(dst)-1].Until = at
	return dst
}

// fireTask does what the timer of the task's status is for.
func (m *Machine) fireTask(dst []Action, id TaskID) []Action {
	t := &m.tasks[id&slotMask]
	switch t.status {
	case StatusFailed:
		return m.startRun(dst, t, ReasonBackoff)
	case StatusStopping:
		return m.abandon(dst, t, ReasonStopTimeout)
	case StatusNone, StatusCreated, StatusStarting, StatusHealthy, StatusCompleted, StatusDead, StatusAbandoned, statuses:
	}
	panic("core: a timer fired in a status that has none")
}

// abandon gives up waiting for the task's run, and does what its policy wants then.
func (m *Machine) abandon(dst []Action, t *task, why Reason) []Action {
	m.left++
	dst = m.change(dst, t, ActionAbandon, StatusAbandoned, why)
	if m.phase != PhaseRunning {
		return dst
	}
	if m.policies[t.policy].OnAbandon == AbandonEscalate {
		return m.beginHalt(dst, ReasonEscalated, t.id)
	}
	if t.intent == IntentRestart {
		dst, _ = m.replace(dst, t)
	}
	return dst
}

// replace starts an abandoned task afresh if its policy allows that beside the runs that are still going.
func (m *Machine) replace(dst []Action, t *task) (_ []Action, started bool) {
	beside := m.policies[t.policy].OnAbandon == AbandonReplace
	switch {
	case !t.alive():
	case !beside || t.live && t.fenced != 0:
		return dst, false
	case t.live:
		t.fenced, t.live = t.run, false
	}
	return m.startRun(dst, t, ReasonRestarted), true
}

// exit takes note of the end of a run.
func (m *Machine) exit(dst []Action, ev *Event) []Action {
	t := m.task(ev.Task)
	switch {
	case ev.Exit < ExitOK || ev.Exit > ExitGoexit:
		return m.reject(dst, ev, ReasonUnknownExit)
	case t == nil:
		return m.reject(dst, ev, ReasonUnknownTask)
	case ev.Run == t.run && t.live:
		t.live = false
	case ev.Run == t.fenced && t.fenced != 0:
		return m.fencedExit(dst, t, ev.Exit)
	default:
		return m.reject(dst, ev, ReasonStaleRun)
	}
	before, exit := len(dst), ExitStopped
	if t.status == StatusHealthy || t.status == StatusStarting {
		exit = ev.Exit
	}
	t.lastExit = exit
	switch t.status {
	case StatusHealthy, StatusStarting:
		dst = m.ownExit(dst, t, exit)
	case StatusStopping:
		dst = m.fulfil(dst, t)
	case StatusAbandoned:
		m.left--
		dst = m.change(dst, t, ActionNote, StatusAbandoned, ReasonLateExit)
		dst = m.settle(dst, t)
	case StatusNone, StatusCreated, StatusFailed, StatusCompleted, StatusDead, statuses:
		panic("core: a live run in a status that has none")
	}
	for i := before; i < len(dst); i++ {
		dst[i].Exit = exit
	}
	return dst
}

// fencedExit takes note of the end of an abandoned run that was replaced. It is no end of the newer run's.
func (m *Machine) fencedExit(dst []Action, t *task, exit ExitKind) []Action {
	before := len(dst)
	dst = m.change(dst, t, ActionNote, t.status, ReasonLateExit)
	dst[before].Run = t.fenced
	t.fenced = 0
	m.left--
	if t.status == StatusAbandoned {
		dst = m.settle(dst, t)
	}
	for i := before; i < len(dst); i++ {
		dst[i].Exit = exit
	}
	return dst
}

// ownExit decides what follows when a run ended that nobody had asked to stop.
func (m *Machine) ownExit(dst []Action, t *task, exit ExitKind) []Action {
	p := &m.policies[t.policy]
	if m.stable(t) {
		t.attempts = 0
	}
	switch {
	case exit == ExitOK && (p.Restart != RestartAlways || m.phase != PhaseRunning):
		return m.change(dst, t, ActionNote, StatusCompleted, ReasonCompleted)
	case m.phase != PhaseRunning:
		return m.change(dst, t, ActionNote, StatusDead, ReasonHalted)
	case exit == ExitOK:
		return m.retry(dst, t, 0, ReasonRepeat)
	case p.Restart == RestartNever:
		return m.change(dst, t, ActionNote, StatusDead, ReasonNotRestartable)
	case t.attempts >= p.MaxAttempts && p.MaxAttempts != Unlimited:
		return m.change(dst, t, ActionNote, StatusDead, ReasonExhausted)
	}
	if t.attempts != ^uint32(0) {
		t.attempts++
	}
	return m.retry(dst, t, t.attempts, ReasonFailure)
}

// fulfil does what was intended for a task whose run was asked to stop, now that this run is gone.
func (m *Machine) fulfil(dst []Action, t *task) []Action {
	switch t.intent {
	case IntentRestart:
		return m.startRun(dst, t, ReasonRestarted)
	case IntentKill:
		return m.rest(dst, t, ReasonKilled)
	case IntentHalt:
		return m.rest(dst, t, ReasonHalted)
	case IntentRemove:
		return m.forget(dst, t)
	case IntentNone, intents:
	}
	panic("core: a stop without an intent")
}

// settle does what was intended for an abandoned task as soon as enough of its runs are gone.
func (m *Machine) settle(dst []Action, t *task) []Action {
	if t.intent == IntentRestart {
		dst, _ = m.replace(dst, t)
		return dst
	}
	if t.alive() {
		return dst
	}
	return m.fulfil(dst, t)
}

// rest leaves the task dead.
func (m *Machine) rest(dst []Action, t *task, why Reason) []Action {
	t.intent = IntentNone
	return m.change(dst, t, ActionNote, StatusDead, why)
}

// forget removes the task, or has it wait as abandoned for the last of its runs.
func (m *Machine) forget(dst []Action, t *task) []Action {
	if t.alive() {
		t.intent = IntentRemove
		return m.change(dst, t, ActionNote, StatusAbandoned, ReasonRemoved)
	}
	dst = m.change(dst, t, ActionForget, StatusNone, ReasonRemoved)
	m.release(t)
	return dst
}

// clearsAt returns the first instant at which the task's run counts as stable, or Never.
func (m *Machine) clearsAt(t *task) Instant {
	stableAfter := m.policies[t.policy].StableAfter
	if m.config.HealthCheckInterval == 0 || stableAfter == Forever {
		return t.since.after(stableAfter)
	}
	// The first check that sees the run begins the wait, and a later one must find more than stableAfter elapsed.
	interval := uint64(m.config.HealthCheckInterval)
	wait := multiply(uint64(stableAfter)/interval+1, interval)
	return m.checkFrom(t.since).plus(wait)
}

func (m *Machine) stable(t *task) bool {
	at := m.clearsAt(t)
	return m.now >= at && at != Never
}

// attemptsNow returns the attempts as they are to be shown: a run that is stable has cleared them.
func (m *Machine) attemptsNow(t *task) uint32 {
	if t.status == StatusHealthy && t.attempts > 0 && m.stable(t) {
		return 0
	}
	return t.attempts
}
