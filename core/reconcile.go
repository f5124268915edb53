package core

// reconcile applies the rules that concern more than one task until none applies. It is called whenever anything may have
// changed. There is no state of a round, or of any other undertaking of several tasks: what is to be done follows from
// the tasks as they are. The rules are numbered as in the package documentation; the first, that a task bound to one that
// went down is to stop, is applied where a task goes down (noteDown).
//
// This is how a failed task of a rest-for-one group is restarted, with those behind it:
//
//	exit > unrequestedExit > failed > scheduleRestart > stopSiblings   stops are pending for those behind it
//	transition to Failed; othersStopped is false                       no timer yet
//	reconcile > nextToStop > requestStop                               rule 2, from the last one forward
//	exit > carryOut > startOrWait, for each of them                    Created: it waits its turn
//	reconcile > nextToRetry > rearm(restartAt)                         rule 3: the delay begins
//	fireTask > delayPassed > startWithinRate > startOrWait             Created, too
//	reconcile > nextToStart > startRun                                 rule 5, in declared order
func (m *Machine) reconcile(dst []Action) []Action {
	for {
		if m.independent && m.phase == PhaseRunning && len(m.stops)+len(m.retries)+len(m.starts) == 0 {
			why := m.exceeded() // as most machines are: no other rule has anything to look at
			if why == ReasonNone {
				return dst
			}
			dst = m.beginHalt(dst, why, nil)
		}
		for t := m.nextToStop(); t != nil; t = m.nextToStop() { // rule 2
			dst = m.requestStop(dst, t, t.why)
		}
		dst = m.tellPending(dst)
		if m.phase != PhaseRunning {
			return m.finishHalt(dst)
		}
		for t := m.nextToRetry(); t != nil; t = m.nextToRetry() { // rule 3
			t.drop(flagDelayPending)
			m.delaysPending--
			at := m.restartAt(t, m.keptDelay(t))
			m.keepDelay(t, 0)
			dst = m.rearm(dst, t, ActionTransition, ReasonDelayBegins, at)
		}
		if why := m.exceeded(); why != ReasonNone { // rule 4
			dst = m.beginHalt(dst, why, nil)
			continue
		}
		t := m.nextToStart() // rule 5
		if t == nil {
			return dst
		}
		dst = m.startRun(dst, t, t.why)
	}
}

// planStop has the task's run asked to stop because of other tasks, as soon as those that stop before it have stopped.
func (m *Machine) planStop(t *task, intent Intent, why Reason) {
	m.set(t, t.status, intent, why)
	m.planned.push(^t.id)
}

// tellPending reports the stops that were planned and have to wait, the last task first.
func (m *Machine) tellPending(dst []Action) []Action {
	for told := TaskID(0); len(m.planned) > 0; m.planned.pop() {
		t := m.task(^m.planned[0])
		if t != nil && t.stopPending() && t.id != told {
			dst = m.transition(dst, t, ActionTransition, t.status, t.why)
			told = t.id
		}
	}
	return dst
}

// concernsNoOther reports whether what the task does affects no other task.
func (m *Machine) concernsNoOther(t *task) bool { return m.independent && !m.graph.Connected(t.slot()) }

// noteTerminating notes with the tasks that this one needs that it is on its way to stop, or no longer.
func (m *Machine) noteTerminating(t *task) {
	switch {
	case m.independent:
	case t.terminating():
		m.terminating++
		if m.lastTerminatingHint == noSlot || m.tasks[m.lastTerminatingHint].id < t.id {
			m.lastTerminatingHint = t.slot()
		}
	default:
		m.terminating--
	}
	for e := m.graph.FirstNeed(t.slot()); e != nil; e = m.graph.NextNeed(e) {
		if m.graph.SetTerminating(e, t.terminating()) == 0 {
			m.enqueue(m.taskAt(e.Other))
		}
	}
}

// noteUp notes with the tasks that need this one that it came up.
func (m *Machine) noteUp(t *task) {
	for e := m.graph.FirstDependent(t.slot()); e != nil; e = m.graph.NextDependent(e) {
		m.enqueue(m.taskAt(e.Dependent))
	}
}

// noteDown plans the stops of the tasks that are bound to this one, which went down: rule 1.
func (m *Machine) noteDown(t *task) {
	if m.graph.FirstDependent(t.slot()) == nil {
		return
	}
	// A list instead of recursion: chains of needs can be long.
	m.downs = append(m.downs, t.slot())
	if len(m.downs) > 1 {
		return // the loop below will come to it
	}
	for i := 0; i < len(m.downs); i++ {
		for e := m.graph.FirstDependent(m.downs[i]); e != nil; e = m.graph.NextDependent(e) {
			if e.Bound {
				m.stopBoundDependent(m.taskAt(e.Dependent))
			}
		}
	}
	m.downs = m.downs[:0]
}

// stopBoundDependent plans the stop of a task that is bound to one that went down.
func (m *Machine) stopBoundDependent(t *task) {
	if m.phase == PhaseRunning && t.running() && t.intent == IntentNone {
		m.planStop(t, IntentStartAgain, ReasonDependency)
		m.stops.push(^t.id)
	}
}

// enqueue has the rules look at a task that may be blocked no longer.
func (m *Machine) enqueue(t *task) {
	switch {
	case t.stopPending():
		m.stops.push(^t.id)
	case m.phase != PhaseRunning || m.config.Strategy != OneForOne: // see nextDelayInOrder and nextInTurn
	case t.is(flagDelayPending):
		m.retries.push(t.id)
	case t.status == StatusCreated:
		m.starts.push(t.id)
	}
}

// nextToStop returns the last task in declared order that is to be asked to stop now, or nil.
func (m *Machine) nextToStop() *task {
	inOrder := m.stopsInOrder()
	var next *task
	for len(m.stops) > 0 && next == nil {
		t := m.task(^m.stops[0])
		if t != nil && t.stopPending() && m.noDependentTerminating(t) && !(inOrder && t.ordered()) {
			next = t
		} else {
			m.stops.pop()
		}
	}
	if inOrder && m.terminating > 0 {
		for !m.tasks[m.lastTerminatingHint].terminating() {
			m.lastTerminatingHint = m.tasks[m.lastTerminatingHint].prev
		}
		if t := &m.tasks[m.lastTerminatingHint]; t.stopPending() && (next == nil || next.id < t.id) {
			return t
		}
	}
	return next
}

// nextToRetry returns the first task in declared order whose restart delay begins now, or nil.
func (m *Machine) nextToRetry() *task {
	if m.config.Strategy != OneForOne {
		return m.nextDelayInOrder()
	}
	return m.firstOf(&m.retries, func(m *Machine, t *task) bool {
		return t.is(flagDelayPending) && m.noDependentTerminating(t)
	})
}

// nextToStart returns the first task in declared order that waits its turn and can start now, or nil.
func (m *Machine) nextToStart() *task {
	if m.config.Strategy != OneForOne {
		return m.nextInTurn()
	}
	return m.firstOf(&m.starts, func(m *Machine, t *task) bool { return t.status == StatusCreated && m.canStart(t) })
}

// firstOf returns the first task of a queue that is ready, or nil, and drops those before it.
func (m *Machine) firstOf(q *queue, ready func(*Machine, *task) bool) *task {
	for ; len(*q) > 0; q.pop() {
		if t := m.task((*q)[0]); t != nil && ready(m, t) {
			return t
		}
	}
	return nil
}
