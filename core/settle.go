package core

// settle applies the rules that concern more than one task until none applies. It is called whenever anything may have
// changed. There is no state of a round, or of any other undertaking of several tasks: what is to be done follows from
// the tasks as they are.
func (m *Machine) settle(dst []Action) []Action {
	for {
		if m.solitary && m.phase == PhaseRunning && len(m.stops)+len(m.retries)+len(m.starts) == 0 {
			why := m.exceeded() // as most machines are: no rule has anything to look at
			if why == ReasonNone {
				return dst
			}
			dst = m.beginHalt(dst, why, nil)
		}
		for t := m.nextToStop(); t != nil; t = m.nextToStop() {
			dst = m.ask(dst, t, t.why)
		}
		if m.phase != PhaseRunning {
			return m.finishHalt(dst)
		}
		for t := m.nextToRetry(); t != nil; t = m.nextToRetry() {
			t.unset(flagHeld)
			m.held--
			dst = m.rearm(dst, t, ActionNote, ReasonQuiet, m.restartAt(t))
		}
		if why := m.exceeded(); why != ReasonNone {
			dst = m.beginHalt(dst, why, nil)
			continue
		}
		t := m.nextToStart()
		if t == nil {
			return dst
		}
		dst = m.startRun(dst, t, t.why)
	}
}

// mark has the task's run asked to stop as soon as those are gone that are to go before it.
func (m *Machine) mark(t *task, intent Intent, why Reason) {
	wasUp, wasLeaving := t.up(), t.leaving()
	t.intent, t.why = intent, why
	t.dropSuspension()
	if m.alone(t) {
		return
	}
	if !wasLeaving {
		m.noteLeaving(t)
	}
	if wasUp {
		m.noteUp(t)
	}
}

// alone tells whether what the task does concerns no other task.
func (m *Machine) alone(t *task) bool { return m.solitary && t.needs|t.hub == 0 }

// takeDown marks a task that is bound to one that went down.
func (m *Machine) takeDown(t *task) {
	if m.phase == PhaseRunning && t.running() && t.intent == IntentNone {
		m.mark(t, IntentRejoin, ReasonDependency)
		m.stops.push(^t.id)
	}
}

// noteLeaving tells those that the task needs that it is on its way to stop, or not any more.
func (m *Machine) noteLeaving(t *task) {
	switch {
	case m.solitary:
	case t.leaving():
		m.leaving++
		if m.downFrom == noSlot || m.tasks[m.downFrom].id < t.id {
			m.downFrom = t.slot()
		}
	default:
		m.leaving--
	}
	for e := t.needs; e != 0; e = m.edge(e).next {
		other := &m.tasks[m.edge(e).other]
		hub := m.hub(other)
		if t.leaving() {
			hub.leaving++
			continue
		}
		hub.leaving--
		if hub.leaving == 0 {
			m.lookAt(other)
		}
	}
}

// lookAt has the rules look at a task whose way may be clear now.
func (m *Machine) lookAt(t *task) {
	switch {
	case t.marked():
		m.stops.push(^t.id)
	case m.phase != PhaseRunning || m.config.Strategy != OneForOne: // see nextHeld and nextInTurn
	case t.is(flagHeld):
		m.retries.push(t.id)
	case t.status == StatusCreated:
		m.starts.push(t.id)
	}
}

// noteUp tells those that need the task that it went up or down.
func (m *Machine) noteUp(t *task) {
	if t.hub == 0 {
		return
	}
	if t.up() {
		for e := m.hub(t).first; e != 0; e = m.edge(e).following {
			m.lookAt(&m.tasks[m.edge(e).task])
		}
		return
	}
	// A list instead of recursion: chains of needs can be long.
	m.downs = append(m.downs, t.hub)
	if len(m.downs) > 1 {
		return // the loop below will come to it
	}
	for i := 0; i < len(m.downs); i++ {
		for e := m.needs.hubs[m.downs[i]-1].first; e != 0; e = m.edge(e).following {
			if edge := m.edge(e); edge.bound {
				m.takeDown(&m.tasks[edge.task])
			}
		}
	}
	m.downs = m.downs[:0]
}

// nextToStop returns the last task in declared order that is to be asked to stop now, or nil.
func (m *Machine) nextToStop() *task {
	inOrder := m.stopsInOrder()
	var next *task
	for len(m.stops) > 0 && next == nil {
		t := m.task(^m.stops[0])
		if t != nil && t.marked() && m.clear(t) && !(inOrder && t.ordered()) {
			next = t
		} else {
			m.stops.pop()
		}
	}
	if inOrder && m.leaving > 0 {
		for !m.tasks[m.downFrom].leaving() {
			m.downFrom = m.tasks[m.downFrom].prev
		}
		if t := &m.tasks[m.downFrom]; t.marked() && (next == nil || next.id < t.id) {
			return t
		}
	}
	return next
}

// nextToRetry returns the first task in declared order whose restart delay begins now, or nil.
func (m *Machine) nextToRetry() *task {
	if m.config.Strategy != OneForOne {
		return m.nextHeld()
	}
	for len(m.retries) > 0 {
		t := m.task(m.retries[0])
		if t != nil && t.is(flagHeld) && m.clear(t) {
			return t
		}
		m.retries.pop()
	}
	return nil
}

// nextToStart returns the first task in declared order that waits its turn and can start now, or nil.
func (m *Machine) nextToStart() *task {
	if m.config.Strategy != OneForOne {
		return m.nextInTurn()
	}
	for len(m.starts) > 0 {
		t := m.task(m.starts[0])
		if t != nil && t.status == StatusCreated && m.canStart(t) {
			return t
		}
		m.starts.pop()
	}
	return nil
}
