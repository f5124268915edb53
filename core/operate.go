package core

// add registers a task, and starts it if the supervisor runs.
func (m *Machine) add(dst []Action, ev *Event) []Action {
	refusal := m.refuseCommand()
	switch {
	case refusal != RefusalNone:
		return m.reject(dst, ev, refusal)
	case int(ev.Policy) >= len(m.policies):
		return m.reject(dst, ev, RefusalUnknownPolicy)
	case uint32(m.total()) >= m.config.MaxTasks || m.generation == generationsMax:
		return m.reject(dst, ev, RefusalTooManyTasks)
	}
	t := m.alloc()
	t.key, t.policy = ev.Key, ev.Policy
	if ev.Suspended {
		t.set(flagSuspended)
	}
	m.counts[StatusNone]++
	if m.policies[t.policy].Significant {
		m.significant++
	}
	dst = m.change(dst, t, ActionAdd, StatusCreated, ReasonAdded)
	if m.phase == PhaseRunning && m.config.Strategy == OneForOne && m.canStart(t) {
		dst = m.startRun(dst, t, ReasonAdded)
	}
	return dst
}

// operate carries out an operator's word about one task.
func (m *Machine) operate(dst []Action, ev *Event) []Action {
	if refusal := m.refuseCommand(); refusal != RefusalNone {
		return m.reject(dst, ev, refusal)
	}
	t := m.task(ev.Task)
	switch {
	case t == nil, ev.Kind == EventNeed && m.task(ev.Other) == nil:
		return m.reject(dst, ev, RefusalUnknownTask)
	case t.intent == IntentRemove:
		return m.reject(dst, ev, RefusalBeingRemoved)
	}
	switch ev.Kind {
	case EventRemove:
		if m.needed(t) {
			return m.reject(dst, ev, RefusalNeeded)
		}
		return m.remove(dst, t)
	case EventRestart:
		return m.restart(dst, t)
	case EventKill:
		if t.ended() {
			return m.reject(dst, ev, RefusalAlreadyEnded)
		}
		return m.kill(dst, t)
	case EventSuspend:
		if t.ended() {
			return m.reject(dst, ev, RefusalAlreadyEnded)
		}
		return m.suspend(dst, t)
	case EventResume:
		if !t.is(flagSuspended) {
			return m.reject(dst, ev, RefusalNotSuspended)
		}
		return m.resume(dst, t)
	case EventPolicy:
		if int(ev.Policy) >= len(m.policies) {
			return m.reject(dst, ev, RefusalUnknownPolicy)
		}
		return m.changePolicy(dst, t, ev.Policy)
	case EventNeed:
		return m.addNeed(dst, ev, t)
	case EventTick, EventStart, EventAdd, EventExit, EventReady, EventBeat, EventProbe, EventLimits, EventShutdown, eventKinds:
	}
	panic("core: not an operator's word about one task")
}

func (m *Machine) remove(dst []Action, t *task) []Action {
	t.unset(flagSuspended)
	switch t.status {
	case StatusCreated, StatusFailed, StatusCompleted, StatusDead:
		return m.forget(dst, t)
	case StatusStarting, StatusHealthy:
		return m.stop(dst, t, IntentRemove, ReasonRemoved)
	case StatusStopping, StatusAbandoned:
		return m.redirect(dst, t, IntentRemove, ReasonRemoved)
	case StatusNone, statuses:
	}
	panic("core: a task without a status")
}

func (m *Machine) kill(dst []Action, t *task) []Action {
	t.unset(flagSuspended)
	switch t.status {
	case StatusCreated, StatusFailed:
		return m.markDead(dst, t, ReasonKilled)
	case StatusStarting, StatusHealthy:
		return m.stop(dst, t, IntentKill, ReasonKilled)
	case StatusStopping, StatusAbandoned:
		return m.redirect(dst, t, IntentKill, ReasonKilled)
	case StatusNone, StatusCompleted, StatusDead, statuses:
	}
	panic("core: a task without a status")
}

func (m *Machine) restart(dst []Action, t *task) []Action {
	wasSuspended := t.is(flagSuspended)
	t.unset(flagSuspended)
	t.attempts = 0
	switch t.status {
	case StatusCreated:
		if wasSuspended {
			return m.freed(dst, t, ReasonRestarted)
		}
		return dst
	case StatusFailed, StatusCompleted, StatusDead:
		if m.phase == PhaseCreated {
			return m.change(dst, t, ActionTransition, StatusCreated, ReasonRestarted)
		}
		return m.startOrWait(dst, t, ReasonRestarted)
	case StatusStarting, StatusHealthy:
		return m.stop(dst, t, IntentRestart, ReasonRestarted)
	case StatusStopping:
		return m.redirect(dst, t, IntentRestart, ReasonRestarted)
	case StatusAbandoned:
		if m.replace(t) {
			return m.startOrWait(dst, t, ReasonRestarted)
		}
		return m.redirect(dst, t, IntentRestart, ReasonRestarted)
	case StatusNone, statuses:
	}
	panic("core: a task without a status")
}

func (m *Machine) suspend(dst []Action, t *task) []Action {
	if t.is(flagSuspended) {
		return dst
	}
	t.set(flagSuspended)
	switch t.status {
	case StatusCreated:
		t.why = ReasonSuspended
		return m.change(dst, t, ActionTransition, StatusCreated, ReasonSuspended)
	case StatusFailed:
		return m.change(dst, t, ActionTransition, StatusCreated, ReasonSuspended)
	case StatusStarting, StatusHealthy:
		return m.stop(dst, t, IntentStartAgain, ReasonSuspended)
	case StatusStopping, StatusAbandoned:
		t.intent, t.why = IntentStartAgain, ReasonSuspended
		return m.change(dst, t, ActionTransition, t.status, ReasonSuspended)
	case StatusNone, StatusCompleted, StatusDead, statuses:
	}
	panic("core: a task without a status")
}

func (m *Machine) resume(dst []Action, t *task) []Action {
	t.unset(flagSuspended)
	if t.status == StatusCreated {
		return m.freed(dst, t, ReasonResumed)
	}
	t.why = ReasonResumed
	return m.change(dst, t, ActionTransition, t.status, ReasonResumed)
}

// freed starts a task that was suspended and waits its turn, if it can start.
func (m *Machine) freed(dst []Action, t *task, why Reason) []Action {
	if m.phase == PhaseRunning && m.config.Strategy == OneForOne && m.canStart(t) {
		return m.startRun(dst, t, why)
	}
	t.why = why
	return m.change(dst, t, ActionTransition, StatusCreated, why)
}

// stop has the task's run asked to stop by an operator's word: at once, or when those that need it are gone.
func (m *Machine) stop(dst []Action, t *task, intent Intent, why Reason) []Action {
	if t.intent == intent && t.why == why {
		return dst
	}
	m.planStop(t, intent, why)
	if m.noDependentTerminating(t) {
		return m.requestStop(dst, t, why)
	}
	return m.change(dst, t, ActionTransition, t.status, why)
}

// redirect changes what will follow when the task's run is gone.
func (m *Machine) redirect(dst []Action, t *task, intent Intent, why Reason) []Action {
	if t.intent == intent {
		return dst
	}
	t.intent, t.why = intent, why
	t.dropSuspension()
	return m.change(dst, t, ActionTransition, t.status, why)
}

// changePolicy gives the task another policy. The timer of its status begins anew, but for that of a scheduled restart.
func (m *Machine) changePolicy(dst []Action, t *task, id PolicyID) []Action {
	if m.stable(t) {
		t.attempts = 0 // by the policy it had until now
	}
	before, after := &m.policies[t.policy], &m.policies[id]
	if before.Significant {
		m.significant--
		if t.ended() {
			m.significantEnded--
		}
	}
	if after.Significant {
		m.significant++
		if t.ended() {
			m.significantEnded++
		}
	}
	t.policy = id
	switch t.status {
	case StatusStarting:
		if !after.Readiness {
			return m.becomeHealthy(dst, t, ReasonPolicy)
		}
		return m.rearm(dst, t, ActionTransition, ReasonPolicy, m.now.after(after.StartTimeout))
	case StatusHealthy:
		t.misses = 0
		t.unset(flagProbing)
		return m.rearm(dst, t, ActionTransition, ReasonPolicy, m.watchUntil(t))
	case StatusStopping:
		return m.rearm(dst, t, ActionTransition, ReasonPolicy, m.now.after(after.StopTimeout))
	case StatusCreated, StatusFailed, StatusCompleted, StatusDead, StatusAbandoned:
		return m.change(dst, t, ActionTransition, t.status, ReasonPolicy)
	case StatusNone, statuses:
	}
	panic("core: a task without a status")
}
