package core

// report records what a driver says about a run that goes on: that it is ready or not, that it is alive, how it
// answered a probe.
func (m *Machine) report(dst []Action, ev *Event) []Action {
	t := m.task(ev.Task)
	switch {
	case ev.Kind == EventProbe && ev.Exit != ExitOK && ev.Exit != ExitError:
		return m.reject(dst, ev, RefusalUnknownExit)
	case t == nil:
		return m.reject(dst, ev, RefusalUnknownTask)
	case ev.Run != t.run || !t.is(flagLive) || !t.attended():
		return m.reject(dst, ev, RefusalStaleRun)
	case ev.Kind == EventProbe && !t.is(flagProbing):
		return m.reject(dst, ev, RefusalStaleProbe)
	case ev.Kind == EventProbe:
		return m.answer(dst, t, ev.Exit)
	case ev.Kind == EventBeat:
		m.beat(t, ev.Within)
	case ev.Kind == EventUnready:
		return m.unready(dst, t)
	case t.status == StatusStarting:
		return m.becomeHealthy(dst, t, ReasonReady)
	case t.is(flagUnready):
		m.setUnready(t, false)
		return m.transition(dst, t, ActionTransition, t.status, ReasonReady)
	}
	return dst
}

// unready takes the readiness of a healthy run back, until it says again that it is ready.
func (m *Machine) unready(dst []Action, t *task) []Action {
	if t.status != StatusHealthy || t.is(flagUnready) || !m.policyOf(t).Readiness {
		return dst
	}
	m.setUnready(t, true)
	return m.transition(dst, t, ActionTransition, t.status, ReasonUnready)
}

// beat puts off the watchdog.
func (m *Machine) beat(t *task, within Duration) {
	watchdog := m.policyOf(t).Watchdog
	if t.status != StatusHealthy || watchdog == 0 {
		return
	}
	if within <= 0 {
		within = watchdog
	}
	t.drop(flagSilent)
	m.timers.Arm(t.id, m.now.after(within))
}

// answer records how the run answered a probe. A bad answer to a probe that has failed already, because no answer came in
// time, is no second failure.
func (m *Machine) answer(dst []Action, t *task, exit ExitKind) []Action {
	late := t.is(flagSilent)
	t.drop(flagProbing | flagSilent)
	if exit != ExitOK && !late {
		return m.probeFailed(dst, t)
	}
	t.misses = 0
	m.timers.Arm(t.id, m.watchUntil(t))
	return dst
}

// becomeHealthy reports that a run that was starting is healthy.
func (m *Machine) becomeHealthy(dst []Action, t *task, why Reason) []Action {
	dst = m.transition(dst, t, ActionTransition, StatusHealthy, why)
	return m.watch(dst, t)
}

// watch arms the watchdog, or the first probe, of a task that the latest action says is healthy.
func (m *Machine) watch(dst []Action, t *task) []Action {
	at := m.watchUntil(t)
	if at == Never {
		return dst
	}
	return m.armUntil(dst, t, at)
}

// watchUntil returns by when a healthy run must beat, or is probed.
func (m *Machine) watchUntil(t *task) Instant {
	p := m.policyOf(t)
	switch {
	case p.Watchdog > 0:
		return m.now.after(p.Watchdog)
	case p.Probe.Interval > 0:
		return m.now.after(p.Probe.Interval)
	}
	return Never
}

// watchFired does what is due for a healthy run: it missed a beat, or did not answer a probe in time, or is to be probed.
func (m *Machine) watchFired(dst []Action, t *task) []Action {
	switch {
	case m.policyOf(t).Watchdog > 0:
		return m.miss(dst, t)
	case t.is(flagProbing):
		return m.probeFailed(dst, t)
	}
	t.raise(flagProbing)
	return m.rearm(dst, t, ActionProbe, ReasonProbe, m.now.after(m.policyOf(t).Probe.Timeout))
}

func (m *Machine) probeFailed(dst []Action, t *task) []Action {
	t.misses++
	if t.misses >= m.policyOf(t).Probe.Failures {
		return m.miss(dst, t)
	}
	t.drop(flagProbing)
	return m.rearm(dst, t, ActionTransition, ReasonProbeFailed, m.watchUntil(t))
}

// miss does what the policy says when a run gave no sign of life. A silence is reported once: until the run beats, or
// answers the probe that is under way, there is no timer.
func (m *Machine) miss(dst []Action, t *task) []Action {
	p := m.policyOf(t)
	if p.OnMiss == MissReport {
		at := Never
		if p.Watchdog > 0 || t.is(flagProbing) {
			t.raise(flagSilent)
		} else {
			at = m.watchUntil(t)
		}
		t.misses = 0
		return m.rearm(dst, t, ActionTransition, ReasonWatchdog, at)
	}
	return m.failHungRun(dst, t, ExitWatchdog, ReasonWatchdog)
}

// failHungRun asks a run to stop that has failed while it goes on. It does not wait for other tasks to stop first: it
// hangs. What follows is decided when it has stopped, unless an operator has decided before.
func (m *Machine) failHungRun(dst []Action, t *task, verdict ExitKind, why Reason) []Action {
	if m.phase == PhaseRunning && (t.intent == IntentNone || t.intent == IntentStartAgain) {
		m.set(t, t.status, IntentRetry, why)
		t.lastExit = verdict
	}
	return m.requestStop(dst, t, why)
}
