package core

// superviseAll looks at what concerns the supervisor as a whole. It is called whenever anything may have changed.
func (m *Machine) superviseAll(dst []Action) []Action {
	if m.phase == PhaseRunning {
		dst = m.enforceLimits(dst)
	}
	if m.phase == PhaseHalting {
		dst = m.continueHalt(dst)
	}
	return dst
}

func (m *Machine) enforceLimits(dst []Action) []Action {
	switch {
	case !m.tooManyDead():
		m.checkAt = Never
	case m.config.HealthCheckInterval == 0:
		return m.beginHalt(dst, ReasonTooManyDead, 0)
	case m.checkAt == Never:
		m.checkAt = m.checkFrom(m.now)
	}
	switch m.config.AutoShutdown {
	case AutoShutdownNever, autoShutdowns:
	case AutoShutdownAll:
		if m.significantEnded == m.significant && m.significant > 0 {
			return m.beginHalt(dst, ReasonAllEnded, 0)
		}
	case AutoShutdownAny:
		if m.significantEnded > 0 {
			return m.beginHalt(dst, ReasonAnyEnded, 0)
		}
	}
	return dst
}

// tooManyDead compares dead/total with the threshold exactly, without dividing.
func (m *Machine) tooManyDead() bool {
	if m.config.DeadThreshold.Den == 0 {
		return false
	}
	dead := uint64(m.counts[StatusDead] + m.counts[StatusAbandoned])
	return dead*uint64(m.config.DeadThreshold.Den) > uint64(m.config.DeadThreshold.Num)*uint64(m.total())
}

// checkFrom returns when the first health check at or after an instant is decided: one nanosecond after it, so that
// it sees all that happened at its own instant.
func (m *Machine) checkFrom(at Instant) Instant {
	interval := uint64(m.config.HealthCheckInterval)
	if passed := at.since(m.started) % interval; passed > 0 {
		at = at.plus(interval - passed)
	}
	return at.plus(1)
}

// beginHalt starts to stop the supervisor: nothing is started from here on.
func (m *Machine) beginHalt(dst []Action, why Reason, culprit TaskID) []Action {
	m.phase, m.haltReason, m.culprit = PhaseHalting, why, culprit
	m.checkAt = Never
	if m.config.ShutdownTimeout > 0 {
		m.shutdownAt = m.now.after(m.config.ShutdownTimeout)
	}
	m.cursor = m.last
	for slot := m.last; slot != noSlot; {
		t := &m.tasks[slot]
		slot = t.prev
		switch t.status {
		case StatusCreated, StatusFailed:
			dst = m.rest(dst, t, ReasonHalted)
		case StatusStarting, StatusHealthy:
			if m.config.StopOrder == StopTogether {
				dst = m.stopRun(dst, t, IntentHalt, ReasonHalted)
			}
		case StatusStopping, StatusAbandoned:
			if t.intent == IntentRestart {
				dst = m.redirect(dst, t, IntentHalt, ReasonHalted)
			}
		case StatusNone, StatusCompleted, StatusDead, statuses:
		}
	}
	return dst
}

// continueHalt stops the next task, where they are stopped one by one, and halts when no run is waited for.
func (m *Machine) continueHalt(dst []Action) []Action {
	for m.counts[StatusStopping] == 0 && m.cursor != noSlot {
		t := &m.tasks[m.cursor]
		m.cursor = t.prev
		if t.status == StatusHealthy || t.status == StatusStarting {
			dst = m.stopRun(dst, t, IntentHalt, ReasonHalted)
		}
	}
	if m.counts[StatusStarting]+m.counts[StatusHealthy]+m.counts[StatusStopping] > 0 {
		return dst
	}
	m.phase, m.shutdownAt = PhaseHalted, Never
	return append(dst, Action{
		Kind: ActionHalt, At: m.now, Until: Never,
		Task: m.culprit, Left: m.left, Why: m.haltReason,
	})
}

// abandonAll ends a shutdown that has taken too long: who was not asked to stop yet is asked now, and nobody is
// waited for.
func (m *Machine) abandonAll(dst []Action) []Action {
	for slot := m.last; slot != noSlot; {
		t := &m.tasks[slot]
		slot = t.prev
		if t.status == StatusHealthy || t.status == StatusStarting {
			dst = m.stopRun(dst, t, IntentHalt, ReasonHalted)
		}
		if t.status == StatusStopping {
			dst = m.abandon(dst, t, ReasonShutdownTimeout)
		}
	}
	return dst
}

// total returns the number of tasks.
func (m *Machine) total() int {
	return len(m.tasks) - len(m.free)
}
