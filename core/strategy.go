package core

// stopSiblings plans the stop of those that are restarted with a task that failed: against declared order, so that each
// stops for this reason and not because it is bound to another.
func (m *Machine) stopSiblings(t *task) {
	if m.config.Strategy == OneForOne {
		return
	}
	for slot := m.last; slot != noSlot; slot = m.tasks[slot].prev {
		sibling := &m.tasks[slot]
		switch {
		case sibling == t && m.config.Strategy == RestForOne:
			return
		case sibling == t || !sibling.running() || sibling.intent != IntentNone:
			continue
		}
		intent := IntentStartAgain
		if m.policies[sibling.policy].Restart == RestartNever {
			intent = IntentRetire
		}
		m.planStop(sibling, intent, ReasonSibling)
		if !m.stopsInOrder() {
			m.stops.push(^sibling.id)
		}
	}
}

// othersStopped reports whether all have stopped that went down with a failed task.
func (m *Machine) othersStopped(t *task) bool {
	if m.config.Strategy == OneForOne {
		return m.noDependentTerminating(t)
	}
	return m.terminating == 0
}

// ordered reports whether the task has to wait, where tasks are stopped one by one, until those behind it have stopped.
// After an operator command about that task it does not.
func (t *task) ordered() bool {
	return t.intent == IntentStartAgain || t.intent == IntentRetire || t.intent == IntentHalt
}

// stopsInOrder reports whether tasks are stopped one by one now.
func (m *Machine) stopsInOrder() bool {
	return m.reverse() && (m.phase == PhaseHalting || m.config.Strategy != OneForOne)
}

// reverse reports whether tasks that are stopped for one cause are stopped one by one.
func (m *Machine) reverse() bool {
	if m.config.StopOrder == StopByStrategy {
		return m.config.Strategy != OneForOne
	}
	return m.config.StopOrder == StopReverse
}

// noteComingUp remembers where the first task can be that is coming up: each start looks from there on.
func (m *Machine) noteComingUp(t *task) {
	if m.firstNotUpHint == noSlot || t.id < m.tasks[m.firstNotUpHint].id {
		m.firstNotUpHint = t.slot()
	}
}

// nextDelayInOrder is nextToRetry where order matters: no delay begins before all have stopped.
func (m *Machine) nextDelayInOrder() *task {
	if m.delaysPending == 0 || m.terminating > 0 {
		return nil
	}
	slot := m.firstNotUpHint
	for !m.tasks[slot].is(flagDelayPending) {
		slot = m.tasks[slot].next
	}
	return &m.tasks[slot]
}

// nextInTurn is nextToStart where order matters: no task starts before all have stopped, nor before those in front of it
// are up.
func (m *Machine) nextInTurn() *task {
	switch {
	case m.terminating > 0 || m.counts[StatusCreated] == 0:
		return nil
	case m.config.Strategy == OneForAll && m.counts[StatusFailed] > 0:
		return nil
	}
	passed := true // nothing that must be looked at again lies behind
	for slot := m.firstNotUpHint; slot != noSlot; slot = m.tasks[slot].next {
		t := &m.tasks[slot]
		switch {
		case !t.comingUp():
		case t.status != StatusCreated: // Starting or Failed
			return nil
		case m.canStart(t):
			return t
		default:
			passed = false
		}
		if passed {
			m.firstNotUpHint = m.tasks[slot].next
		}
	}
	return nil
}
