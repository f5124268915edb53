package core

// clearsAt returns the first instant at which the task's run counts as stable, or Never.
func (m *Machine) clearsAt(t *task) Instant {
	stableAfter := m.policyOf(t).StableAfter
	if m.config.HealthCheckInterval == 0 || stableAfter == Forever {
		return t.since.after(stableAfter)
	}
	// The first check that sees the run begins the wait, and a later one must find more than stableAfter elapsed.
	interval := uint64(m.config.HealthCheckInterval)
	wait := multiply(uint64(stableAfter)/interval+1, interval)
	return m.checkFrom(t.since).plus(wait)
}

// stable reports whether the task's run has been healthy for long enough to clear the attempts.
func (m *Machine) stable(t *task) bool {
	if t.status != StatusHealthy {
		return false
	}
	at := m.clearsAt(t)
	return m.now >= at && at != Never
}

// attemptsNow returns the attempts as they are to be shown: a run that is stable has cleared them.
func (m *Machine) attemptsNow(t *task) uint32 {
	if t.attempts > 0 && m.stable(t) {
		return 0
	}
	return t.attempts
}
