package core

// exit decides what follows from the end of a run.
func (m *Machine) exit(dst []Action, ev *Event) []Action {
	t := m.task(ev.Task)
	switch {
	case !ev.Exit.Reported():
		return m.reject(dst, ev, RefusalUnknownExit)
	case t == nil:
		return m.reject(dst, ev, RefusalUnknownTask)
	case m.wasLeftBehind(t, ev.Run):
		return m.fencedExit(dst, t, ev)
	case ev.Run == t.run && t.is(flagLive):
		t.drop(flagLive)
	default:
		return m.reject(dst, ev, RefusalStaleRun)
	}
	exit := ExitStopped
	switch {
	case m.tooQuick(t, ev.Exit):
		exit = ExitTooQuick
	case t.running():
		exit = ev.Exit
	case t.intent == IntentRetry:
		exit = t.lastExit // decided when it was asked to stop
	}
	t.lastExit = exit
	if exit == ExitError || exit == ExitPanic || exit == ExitGoexit {
		m.asked = max(ev.Delay, 0)
	}
	before := len(dst)
	switch t.status {
	case StatusHealthy, StatusStarting:
		dst = m.unrequestedExit(dst, t, exit)
	case StatusStopping:
		dst = m.carryOut(dst, t, t.intent)
	case StatusAbandoned:
		m.leftBehind--
		dst = m.transition(dst, t, ActionTransition, StatusAbandoned, ReasonLateExit)
		dst = m.resolveAbandoned(dst, t)
	case StatusNone, StatusCreated, StatusFailed, StatusCompleted, StatusDead, StatusHalted, statuses:
		panic("core: a live run in a status that has none")
	}
	m.asked = 0
	return tellExit(dst, before, ev.Task, exit)
}

// fencedExit records the end of a run that was left behind. A newer run goes on; a task that waited for the end may start.
func (m *Machine) fencedExit(dst []Action, t *task, ev *Event) []Action {
	before := len(dst)
	dst = m.transition(dst, t, ActionTransition, t.status, ReasonLateExit)
	dst[before].Run = ev.Run
	m.leftBehind--
	switch {
	case ev.Run != m.fencedRun(t):
		t.drop(flagLive)
	case t.attended():
		m.setFenced(t, 0)
	default:
		m.setFenced(t, 0)
		m.fence(t) // the latest one, if that was left behind, too
	}
	if t.status == StatusAbandoned {
		dst = m.resolveAbandoned(dst, t)
	} else {
		m.enqueue(t)
	}
	return tellExit(dst, before, ev.Task, ev.Exit)
}

// tellExit says in the actions that follow from the end of a task's run how it ended.
func tellExit(dst []Action, from int, id TaskID, exit ExitKind) []Action {
	for i := from; i < len(dst); i++ {
		if dst[i].Task == id && dst[i].Exit == ExitNone {
			dst[i].Exit = exit
		}
	}
	return dst
}

// unrequestedExit decides what follows when a run ended that was not asked to stop. If a stop was pending by an operator
// command, that is carried out; a stop pending because of other tasks no longer matters, and the end is like any
// other.
func (m *Machine) unrequestedExit(dst []Action, t *task, exit ExitKind) []Action {
	if m.stable(t) {
		t.attempts = 0
	}
	switch t.intent {
	case IntentRestart, IntentKill, IntentRemove, IntentSuspend:
		return m.carryOut(dst, t, t.intent)
	case IntentNone, IntentHalt, IntentRetry, IntentStartAgain, IntentRetire, intents:
	}
	good := exit == ExitOK || exit == ExitDone
	repeat := exit == ExitOK && m.policyOf(t).Restart == RestartAlways
	switch {
	case good && (!repeat || m.phase != PhaseRunning):
		return m.transition(dst, t, ActionTransition, StatusCompleted, ReasonCompleted)
	case m.phase != PhaseRunning:
		return m.carryOut(dst, t, IntentHalt)
	case good:
		return m.scheduleRestart(dst, t, ReasonRepeat)
	case exit == ExitLost:
		return m.lost(dst, t)
	}
	return m.failed(dst, t, exit)
}

// tooQuick reports whether a run of its own accord has ended well before its policy takes that for a success. What an operator
// intends for the task follows whatever the end.
func (m *Machine) tooQuick(t *task, exit ExitKind) bool {
	p := m.policyOf(t)
	if exit != ExitOK || p.Restart != RestartAlways || p.MinUptime == 0 || m.phase != PhaseRunning || !t.running() {
		return false
	}
	switch t.intent {
	case IntentRestart, IntentKill, IntentRemove, IntentSuspend:
		return false
	case IntentNone, IntentHalt, IntentRetry, IntentStartAgain, IntentRetire, intents:
	}
	enough := t.since.after(p.MinUptime)
	return t.status == StatusStarting || m.now < enough || enough == Never
}

// lost decides what follows when a task's run was lost with what carried it. That is not a failure: the attempts stay, and with
// them the delay that they come to, no crash is counted, and no limit is exceeded by it.
func (m *Machine) lost(dst []Action, t *task) []Action {
	if m.policyOf(t).Restart == RestartNever {
		return m.markDead(dst, t, ReasonNotRestartable)
	}
	return m.scheduleRestart(dst, t, ReasonLost)
}

// failed decides what follows from the failure of a task: another restart, its death, or a halt.
func (m *Machine) failed(dst []Action, t *task, exit ExitKind) []Action {
	p := m.policyOf(t)
	switch {
	case exit == ExitFatal:
		dst = m.markDead(dst, t, ReasonFatal)
		return m.beginHalt(dst, ReasonEscalated, t)
	case p.Restart == RestartNever:
		return m.markDead(dst, t, ReasonNotRestartable)
	case t.attempts >= p.MaxAttempts && p.MaxAttempts != Unlimited:
		dst = m.markDead(dst, t, ReasonExhausted)
		if p.OnExhausted == ExhaustedEscalate {
			return m.beginHalt(dst, ReasonEscalated, t)
		}
		return dst
	case m.crashes.Full(m.now):
		dst = m.markDead(dst, t, ReasonIntensity)
		return m.beginHalt(dst, ReasonIntensity, t)
	}
	m.crashes.Record(m.now)
	if t.attempts != ^uint32(0) {
		t.attempts++
	}
	return m.scheduleRestart(dst, t, ReasonFailure)
}

// scheduleRestart has the task wait for its restart. The delay begins at once, or when every task that stops with it has
// stopped.
func (m *Machine) scheduleRestart(dst []Action, t *task, why Reason) []Action {
	m.stopSiblings(t)
	dst = m.transition(dst, t, ActionTransition, StatusFailed, why)
	if m.othersStopped(t) {
		return m.armUntil(dst, t, m.restartAt(t, m.asked))
	}
	t.raise(flagDelayPending)
	m.delaysPending++
	m.keepDelay(t, m.asked)
	return dst
}

// restartAt returns when a restart delay that begins now will have passed. After a good end no attempt counts. A delay that
// the run asked for takes the place of the policy's, its cap aside, and always passes.
func (m *Machine) restartAt(t *task, asked Duration) Instant {
	p, n := m.policyOf(t), t.attempts
	if asked > 0 {
		if m.now < Never {
			return min(m.now.after(min(asked, p.MaxDelay)), Never-1)
		}
		return Never
	}
	if t.lastExit == ExitOK {
		n = 0
	}
	delay := p.delay(n, m.config.factorMax())
	return m.now.after(shortened(delay, p.Jitter, jitterHash(m.config.Seed, t.key, t.run)))
}

// keepDelay remembers what a run asked for until its delay begins.
func (m *Machine) keepDelay(t *task, asked Duration) { m.delays.set(t.slot(), asked, len(m.tasks)) }

// keptDelay returns what a run asked for whose restart delay has not begun, or 0.
func (m *Machine) keptDelay(t *task) Duration { return m.delays.at(t.slot()) }

// delayPassed restarts a task, or has it wait behind others until the restart rate has room.
func (m *Machine) delayPassed(dst []Action, t *task) []Action {
	if m.rateQueue.Len() == 0 && !m.restarts.Full(m.now) {
		return m.startWithinRate(dst, t)
	}
	m.timers.Disarm(t.slot())
	dst = m.transition(dst, t, ActionTransition, StatusFailed, ReasonRestartRate)
	t.raise(flagRateWaiting)
	m.rateQueue.Arm(t.id, m.now)
	return dst
}

// startWithinRate restarts a task, and counts that in the restart rate.
func (m *Machine) startWithinRate(dst []Action, t *task) []Action {
	m.restarts.Record(m.now)
	return m.startOrWait(dst, t, ReasonBackoff)
}

// rateWaitEnds returns when the restart rate has room for a task that waits for it, or Never.
func (m *Machine) rateWaitEnds() Instant {
	if m.rateQueue.Next() == Never {
		return Never
	}
	return m.restarts.NextFree(m.now)
}
