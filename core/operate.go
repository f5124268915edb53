package core

// add registers a task, and starts it if the supervisor runs.
func (m *Machine) add(dst []Action, ev *Event) []Action {
	refusal := m.refusal()
	switch {
	case refusal != ReasonNone:
		return m.reject(dst, ev, refusal)
	case int(ev.Policy) >= len(m.policies):
		return m.reject(dst, ev, ReasonUnknownPolicy)
	case uint32(m.total()) >= m.config.MaxTasks || m.generation == generationsMax:
		return m.reject(dst, ev, ReasonTooManyTasks)
	}
	t := m.occupy()
	t.key, t.policy = ev.Key, ev.Policy
	m.counts[StatusNone]++
	if m.policies[t.policy].Significant {
		m.significant++
	}
	dst = m.change(dst, t, ActionAdd, StatusCreated, ReasonAdded)
	if m.phase == PhaseRunning {
		dst = m.startRun(dst, t, ReasonAdded)
	}
	return dst
}

// operate carries out an operator's word about one task.
func (m *Machine) operate(dst []Action, ev *Event) []Action {
	if refusal := m.refusal(); refusal != ReasonNone {
		return m.reject(dst, ev, refusal)
	}
	t := m.task(ev.Task)
	switch {
	case t == nil:
		return m.reject(dst, ev, ReasonUnknownTask)
	case t.intent == IntentRemove:
		return m.reject(dst, ev, ReasonBeingRemoved)
	case ev.Kind == EventRemove:
		return m.remove(dst, t)
	case ev.Kind == EventRestart:
		return m.restart(dst, t)
	case t.ended():
		return m.reject(dst, ev, ReasonAlreadyEnded)
	}
	return m.kill(dst, t)
}

func (m *Machine) remove(dst []Action, t *task) []Action {
	switch t.status {
	case StatusCreated, StatusFailed, StatusCompleted, StatusDead:
		return m.forget(dst, t)
	case StatusStarting, StatusHealthy:
		return m.stopRun(dst, t, IntentRemove, ReasonRemoved)
	case StatusStopping, StatusAbandoned:
		return m.redirect(dst, t, IntentRemove, ReasonRemoved)
	case StatusNone, statuses:
	}
	panic("core: a task without a status")
}

func (m *Machine) kill(dst []Action, t *task) []Action {
	switch t.status {
	case StatusCreated, StatusFailed:
		return m.rest(dst, t, ReasonKilled)
	case StatusStarting, StatusHealthy:
		return m.stopRun(dst, t, IntentKill, ReasonKilled)
	case StatusStopping, StatusAbandoned:
		return m.redirect(dst, t, IntentKill, ReasonKilled)
	case StatusNone, StatusCompleted, StatusDead, statuses:
	}
	panic("core: a task without a status")
}

func (m *Machine) restart(dst []Action, t *task) []Action {
	t.attempts = 0
	switch t.status {
	case StatusCreated:
		return dst
	case StatusFailed, StatusCompleted, StatusDead:
		if m.phase == PhaseCreated {
			return m.change(dst, t, ActionNote, StatusCreated, ReasonRestarted)
		}
		return m.startRun(dst, t, ReasonRestarted)
	case StatusStarting, StatusHealthy:
		return m.stopRun(dst, t, IntentRestart, ReasonRestarted)
	case StatusStopping:
		return m.redirect(dst, t, IntentRestart, ReasonRestarted)
	case StatusAbandoned:
		dst, started := m.replace(dst, t)
		if started {
			return dst
		}
		return m.redirect(dst, t, IntentRestart, ReasonRestarted)
	case StatusNone, statuses:
	}
	panic("core: a task without a status")
}

// redirect changes what will follow when the task's run is gone.
func (m *Machine) redirect(dst []Action, t *task, intent Intent, why Reason) []Action {
	if t.intent == intent {
		return dst
	}
	t.intent = intent
	return m.change(dst, t, ActionNote, t.status, why)
}
