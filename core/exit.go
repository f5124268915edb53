package core

// exit takes note of the end of a run.
func (m *Machine) exit(dst []Action, ev *Event) []Action {
	t := m.task(ev.Task)
	switch {
	case !ev.Exit.Reported():
		return m.reject(dst, ev, RefusalUnknownExit)
	case t == nil:
		return m.reject(dst, ev, RefusalUnknownTask)
	case ev.Run == t.run && t.is(flagLive):
		t.unset(flagLive)
	case ev.Run == t.fenced && t.fenced != 0:
		return m.fencedExit(dst, t, ev.Exit)
	default:
		return m.reject(dst, ev, RefusalStaleRun)
	}
	exit := ExitStopped
	switch {
	case t.running():
		exit = ev.Exit
	case t.intent == IntentRetry:
		exit = t.lastExit // decided when it was asked to stop
	}
	t.lastExit = exit
	before := len(dst)
	switch t.status {
	case StatusHealthy, StatusStarting:
		dst = m.unrequestedExit(dst, t, exit)
	case StatusStopping:
		dst = m.carryOutIntent(dst, t)
	case StatusAbandoned:
		m.leftBehind--
		dst = m.change(dst, t, ActionTransition, StatusAbandoned, ReasonLateExit)
		dst = m.resolveAbandoned(dst, t)
	case StatusNone, StatusCreated, StatusFailed, StatusCompleted, StatusDead, statuses:
		panic("core: a live run in a status that has none")
	}
	return tellExit(dst, before, ev.Task, exit)
}

// fencedExit takes note of the end of an abandoned run that was replaced. It is no end of the newer run's.
func (m *Machine) fencedExit(dst []Action, t *task, exit ExitKind) []Action {
	before, id := len(dst), t.id
	dst = m.change(dst, t, ActionTransition, t.status, ReasonLateExit)
	dst[before].Run = t.fenced
	t.fenced = 0
	m.leftBehind--
	if t.status == StatusAbandoned {
		dst = m.resolveAbandoned(dst, t)
	}
	return tellExit(dst, before, id, exit)
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

// unrequestedExit decides what follows when a run ended that nobody had asked to stop.
func (m *Machine) unrequestedExit(dst []Action, t *task, exit ExitKind) []Action {
	if m.stable(t) {
		t.attempts = 0
	}
	switch t.intent {
	case IntentRestart, IntentKill, IntentRemove: // an operator's word, which had to wait for others
		return m.carryOutIntent(dst, t)
	case IntentStartAgain:
		if t.is(flagSuspended) {
			return m.carryOutIntent(dst, t)
		}
	case IntentNone, IntentHalt, IntentRetry, IntentRetire, intents:
	}
	well := exit == ExitOK || exit == ExitDone
	repeat := exit == ExitOK && m.policies[t.policy].Restart == RestartAlways
	switch {
	case well && (!repeat || m.phase != PhaseRunning):
		return m.change(dst, t, ActionTransition, StatusCompleted, ReasonCompleted)
	case m.phase != PhaseRunning:
		return m.markDead(dst, t, ReasonSupervisorStop)
	case well:
		return m.scheduleRestart(dst, t, flagRepeat, ReasonRepeat)
	}
	return m.failed(dst, t, exit)
}

// failed decides what follows from the failure of a task.
func (m *Machine) failed(dst []Action, t *task, exit ExitKind) []Action {
	p := &m.policies[t.policy]
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
	return m.scheduleRestart(dst, t, 0, ReasonFailure)
}

// scheduleRestart schedules the task's restart. Its delay begins at once, or when all are gone that go down with it.
func (m *Machine) scheduleRestart(dst []Action, t *task, repeat flags, why Reason) []Action {
	m.stopSiblings(t)
	dst = m.change(dst, t, ActionTransition, StatusFailed, why)
	t.set(repeat)
	if m.othersStopped(t) {
		return m.armUntil(dst, t, m.restartAt(t))
	}
	t.set(flagDelayPending)
	m.delayPending++
	return dst
}

// restartAt returns when a restart delay that begins now will have passed.
func (m *Machine) restartAt(t *task) Instant {
	p, n := &m.policies[t.policy], t.attempts
	if t.is(flagRepeat) {
		n = 0
	}
	delay := p.delay(n, m.config.factorMax())
	return m.now.after(shortened(delay, p.Jitter, jitterHash(m.config.Seed, t.key, t.run)))
}

// delayPassed restarts a task, or has it wait behind others until the restart budget has room.
func (m *Machine) delayPassed(dst []Action, t *task) []Action {
	if m.rateQueue.Len() == 0 && !m.restarts.Full(m.now) {
		return m.startWithinRate(dst, t)
	}
	m.timers.Disarm(t.slot())
	t.set(flagRateWaiting)
	m.rateQueue.Arm(t.id, m.now)
	return m.change(dst, t, ActionTransition, StatusFailed, ReasonRestartRate)
}

// startWithinRate restarts a task, and counts that in the restart budget.
func (m *Machine) startWithinRate(dst []Action, t *task) []Action {
	m.restarts.Record(m.now)
	return m.startOrWait(dst, t, ReasonBackoff)
}

// rateWaitEnds returns when the budget has room for a task that waits for it, or Never.
func (m *Machine) rateWaitEnds() Instant {
	if m.rateQueue.Len() == 0 {
		return Never
	}
	return m.restarts.NextFree(m.now)
}

// rearm tells of a status that begins anew, with another timer.
func (m *Machine) rearm(dst []Action, t *task, kind ActionKind, why Reason, at Instant) []Action {
	m.timers.Disarm(t.slot())
	dst = m.change(dst, t, kind, t.status, why)
	return m.armUntil(dst, t, at)
}
