package core

// startOrWait starts the task if nothing blocks it, or has it wait its turn. Where order matters every task waits its turn,
// if only for an instant.
func (m *Machine) startOrWait(dst []Action, t *task, why Reason) []Action {
	if m.phase == PhaseRunning && m.config.Strategy == OneForOne && m.canStart(t) {
		return m.startRun(dst, t, why)
	}
	return m.wait(dst, t, why)
}

// wait has the task wait its turn, or for its supervisor to run again. It will start for that reason.
func (m *Machine) wait(dst []Action, t *task, why Reason) []Action {
	status := m.waiting()
	dst = m.transition(dst, t, ActionTransition, status, why)
	m.set(t, status, IntentNone, why)
	return dst
}

// waiting returns the status of a task that waits for a start.
func (m *Machine) waiting() Status {
	if m.phase >= PhaseHalting {
		return StatusHalted
	}
	return StatusCreated
}

// canStart reports whether neither the task itself nor those it needs, or that need it, block its start.
func (m *Machine) canStart(t *task) bool {
	return !t.is(flagSuspended) && !t.is(flagHeld) && m.hasRoom(t) && m.noDependentTerminating(t) && m.firstUnmetNeed(t) == nil
}

// hasRoom reports whether the task can have another run: when none is alive, or when one was left behind and its policy
// allows another beside it.
func (m *Machine) hasRoom(t *task) bool {
	switch {
	case !m.alive(t):
		return true
	case t.is(flagLive) && m.fencedRun(t) != 0:
		return false
	}
	return m.policyOf(t).OnAbandon == AbandonReplace
}

// startRun starts the task's next run.
func (m *Machine) startRun(dst []Action, t *task, why Reason) []Action {
	t.run++
	t.raise(flagLive)
	p := m.policyOf(t)
	if p.Readiness {
		dst = m.transition(dst, t, ActionStart, StatusStarting, why)
		return m.armUntil(dst, t, m.now.after(p.StartTimeout))
	}
	dst = m.transition(dst, t, ActionStart, StatusHealthy, why)
	return m.watch(dst, t)
}

// requestStop asks the task's run to stop; the task's intent says what follows when it has stopped. A run that is stable
// by now has cleared the attempts.
func (m *Machine) requestStop(dst []Action, t *task, why Reason) []Action {
	if m.stable(t) {
		t.attempts = 0
	}
	dst = m.transition(dst, t, ActionStop, StatusStopping, why)
	if why.Hangs() {
		t.raise(flagHung)
	}
	return m.armUntil(dst, t, m.stopUntil(t))
}

// stopUntil returns when a run whose stop is asked for now is abandoned.
func (m *Machine) stopUntil(t *task) Instant {
	return m.now.after(m.policyOf(t).StopLimit(t.is(flagHung)))
}

// abandon stops waiting for the task's run, and does what its policy says then.
func (m *Machine) abandon(dst []Action, t *task, why Reason) []Action {
	m.leftBehind++
	dst = m.transition(dst, t, ActionAbandon, StatusAbandoned, why)
	switch {
	case m.phase != PhaseRunning:
		return dst
	case m.policyOf(t).OnAbandon == AbandonEscalate:
		return m.beginHalt(dst, ReasonEscalated, t)
	}
	return m.resolveAbandoned(dst, t)
}

// resolveAbandoned does what was intended for an abandoned task as soon as enough of its runs have ended.
func (m *Machine) resolveAbandoned(dst []Action, t *task) []Action {
	if m.alive(t) && !(m.phase == PhaseRunning && t.returning() && m.replace(t)) {
		return dst
	}
	return m.carryOut(dst, t, t.intent)
}

// replace makes room for a run beside those of an abandoned task that have not ended, if its policy allows that.
func (m *Machine) replace(t *task) bool {
	if !m.hasRoom(t) {
		return false
	}
	m.fence(t)
	return true
}

// fence leaves the task's latest run to itself.
func (m *Machine) fence(t *task) {
	if t.is(flagLive) {
		m.setFenced(t, t.run)
		t.drop(flagLive)
	}
}

// carryOut does what is intended for a task that has no run, or none that it waits for.
func (m *Machine) carryOut(dst []Action, t *task, intent Intent) []Action {
	switch intent {
	case IntentRestart:
		return m.startOrWait(dst, t, ReasonRestarted)
	case IntentStartAgain:
		return m.startOrWait(dst, t, ReasonStartAgain)
	case IntentSuspend:
		dst = m.wait(dst, t, ReasonSuspended)
		t.raise(flagSuspended)
		return dst
	case IntentRetry:
		first := len(dst)
		dst = m.failed(dst, t, t.lastExit)
		return tellExit(dst, first, t.id, t.lastExit)
	case IntentRetire:
		return m.markDead(dst, t, ReasonNotRestartable)
	case IntentKill:
		return m.markDead(dst, t, ReasonKilled)
	case IntentHalt:
		return m.transition(dst, t, ActionTransition, StatusHalted, ReasonSupervisorStop)
	case IntentRemove:
		return m.forget(dst, t)
	case IntentNone, intents:
	}
	panic("core: a stop without an intent")
}

// markDead leaves the task dead. One that is dead already is dead for this reason from now on.
func (m *Machine) markDead(dst []Action, t *task, why Reason) []Action {
	dst = m.transition(dst, t, ActionTransition, StatusDead, why)
	m.set(t, StatusDead, IntentNone, why)
	return dst
}

// forget removes the task, or has it wait as abandoned for the last of its runs.
func (m *Machine) forget(dst []Action, t *task) []Action {
	if m.alive(t) {
		m.set(t, t.status, IntentRemove, ReasonRemoved)
		return m.transition(dst, t, ActionTransition, StatusAbandoned, ReasonRemoved)
	}
	dst = m.transition(dst, t, ActionForget, StatusNone, ReasonRemoved)
	m.release(t)
	return dst
}

// fireTask does what the timer of the task's status is for.
func (m *Machine) fireTask(dst []Action, id TaskID) []Action {
	t := &m.tasks[id&slotMask]
	switch t.status {
	case StatusFailed:
		return m.delayPassed(dst, t)
	case StatusStopping:
		return m.abandon(dst, t, ReasonStopTimeout)
	case StatusStarting:
		return m.failHungRun(dst, t, ExitStartTimeout, ReasonStartTimeout)
	case StatusHealthy:
		return m.watchFired(dst, t)
	case StatusNone, StatusCreated, StatusCompleted, StatusDead, StatusHalted, StatusAbandoned, statuses:
	}
	panic("core: a timer fired in a status that has none")
}

// armUntil arms the timer of the status that the latest action reports, and has the action say when it fires.
func (m *Machine) armUntil(dst []Action, t *task, at Instant) []Action {
	m.timers.Arm(t.id, at)
	dst[len(dst)-1].Until = at
	return dst
}

// rearm reports a status that begins anew, with another timer.
func (m *Machine) rearm(dst []Action, t *task, kind ActionKind, why Reason, at Instant) []Action {
	m.timers.Disarm(t.slot())
	dst = m.transition(dst, t, kind, t.status, why)
	return m.armUntil(dst, t, at)
}

// deadline returns when the task's timer is due, or Never.
func (m *Machine) deadline(t *task) Instant {
	if t.is(flagRateWaiting) {
		return Never
	}
	return m.timers.Deadline(t.slot())
}

// disarm drops the task's timer, or its place among those that wait for the restart rate.
func (m *Machine) disarm(t *task) {
	if t.is(flagRateWaiting) {
		m.rateQueue.Disarm(t.slot())
		return
	}
	m.timers.Disarm(t.slot())
}
