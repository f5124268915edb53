package core

// stopSiblings plans the stop of the tasks that are restarted with one that failed: against declared order, so that each
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
		if m.policyOf(sibling).Restart == RestartNever {
			intent = IntentRetire
		}
		m.planStop(sibling, intent, ReasonSibling)
		if !m.stopsInOrder() {
			m.stops.push(^sibling.id)
		}
	}
}

// othersStopped reports whether all tasks that a failure stopped have stopped.
func (m *Machine) othersStopped(t *task) bool {
	if m.config.Strategy == OneForOne {
		return m.noDependentTerminating(t)
	}
	return m.terminating == 0
}

// ordered reports whether the task, where tasks stop one at a time, waits until every later task has stopped. After an
// operator command about that task it does not.
func (t *task) ordered() bool {
	return t.intent == IntentStartAgain || t.intent == IntentRetire || t.intent == IntentHalt
}

// stopsInOrder reports whether tasks stop one at a time now.
func (m *Machine) stopsInOrder() bool {
	return m.reverse() && (m.phase == PhaseHalting || m.config.Strategy != OneForOne)
}

// reverse reports whether tasks that are stopped for one cause stop one at a time.
func (m *Machine) reverse() bool {
	if m.config.StopOrder == StopByStrategy {
		return m.config.Strategy != OneForOne
	}
	return m.config.StopOrder == StopReverse
}

// noteComingUp remembers where the first task that is coming up can be: the search for the next start begins there.
func (m *Machine) noteComingUp(t *task) {
	if m.firstNotUpHint == noSlot || t.id < m.tasks[m.firstNotUpHint].id {
		m.firstNotUpHint = t.slot()
	}
}

// nextDelayInOrder is nextToRetry where order matters: no delay begins before all tasks have stopped.
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

// nextInTurn is nextToStart where order matters: a task starts when all have stopped and every earlier one is up.
func (m *Machine) nextInTurn() *task {
	switch {
	case m.terminating > 0 || m.counts[StatusCreated] == 0:
		return nil
	case m.config.Strategy == OneForAll && m.counts[StatusFailed] > 0:
		return nil
	}
	passed := true // no task so far has to be looked at again
	for slot := m.firstNotUpHint; slot != noSlot; slot = m.tasks[slot].next {
		t := &m.tasks[slot]
		switch {
		case !t.comingUp():
		case t.status != StatusCreated: // Starting, Failed, or unready
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
