package core

// beginHalt begins to stop the supervisor: no task starts from here on. The culprit is the task that led to the halt, or
// nil.
func (m *Machine) beginHalt(dst []Action, why Reason, culprit *task) []Action {
	m.phase, m.haltReason = PhaseHalting, why
	if culprit != nil {
		m.culprit, m.culpritRun = culprit.id, culprit.run
	}
	m.checkAt = Never
	m.retries, m.starts = m.retries[:0], m.starts[:0]
	if m.config.ShutdownTimeout > 0 {
		m.shutdownAt = m.now.after(m.config.ShutdownTimeout)
	}
	for slot := m.last; slot != noSlot; {
		t := &m.tasks[slot]
		slot = t.prev
		switch t.status {
		case StatusCreated, StatusFailed:
			dst = m.carryOut(dst, t, IntentHalt)
		case StatusStarting, StatusHealthy:
			dst = m.haltRun(dst, t)
		case StatusStopping, StatusAbandoned:
			if t.returning() && t.intent != IntentSuspend {
				dst = m.intend(dst, t, IntentHalt, ReasonSupervisorStop)
			}
		case StatusNone, StatusCompleted, StatusDead, StatusHalted, statuses:
		}
	}
	return dst
}

// haltRun has a task's run asked to stop because the supervisor stops: at once, or when its turn has come. What an operator
// wants to become of the task stays so.
func (m *Machine) haltRun(dst []Action, t *task) []Action {
	switch t.intent {
	case IntentNone, IntentRestart, IntentRetry, IntentStartAgain, IntentRetire:
		m.planStop(t, IntentHalt, ReasonSupervisorStop)
	case IntentKill, IntentRemove, IntentSuspend, IntentHalt, intents:
	}
	if m.reverse() || !m.noDependentTerminating(t) {
		return dst
	}
	return m.requestStop(dst, t, t.why)
}

// finishHalt halts the supervisor when no run is waited for.
func (m *Machine) finishHalt(dst []Action) []Action {
	waiting := m.counts[StatusStarting] + m.counts[StatusHealthy] + m.counts[StatusStopping]
	if m.phase != PhaseHalting || waiting > 0 {
		return dst
	}
	m.phase, m.shutdownAt = PhaseHalted, Never
	return append(dst, Action{
		Kind: ActionHalt, At: m.now, Until: Never,
		Task: m.culprit, Run: m.culpritRun, LeftBehind: m.leftBehind, Why: m.haltReason,
	})
}

// abandonAll ends a shutdown that has taken too long: the runs that were not asked to stop yet are asked now, and none is
// waited for.
func (m *Machine) abandonAll(dst []Action) []Action {
	for slot := m.last; slot != noSlot; {
		t := &m.tasks[slot]
		slot = t.prev
		if t.running() {
			dst = m.requestStop(dst, t, t.why)
		}
		if t.status == StatusStopping {
			dst = m.abandon(dst, t, ReasonShutdownTimeout)
		}
	}
	return dst
}
