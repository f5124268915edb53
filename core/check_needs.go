package core

// checkGraph audits which tasks need which: that the graph is in order, and agrees with the tasks.
func (m *Machine) checkGraph() *CorruptError {
	if slot, problem := m.graph.Audit(); problem != "" {
		if uint64(slot) < uint64(len(m.tasks)) && m.tasks[slot].id != 0 {
			return &CorruptError{m.tasks[slot].id, problem}
		}
		return &CorruptError{0, "the graph of needs " + problem}
	}
	needs := 0
	for slot := m.first; slot != noSlot; slot = m.tasks[slot].next {
		t := &m.tasks[slot]
		terminating := uint32(0)
		for e := m.graph.FirstDependent(slot); e != nil; e = m.graph.NextDependent(e) {
			if dependent := m.task(e.Dependent); dependent != nil && dependent.terminating() {
				terminating++
			}
		}
		if terminating != m.graph.Terminating(slot) {
			return &CorruptError{t.id, "miscounts its dependents that are on their way to stop"}
		}
		for e := m.graph.FirstNeed(slot); e != nil; e = m.graph.NextNeed(e) {
			needs++
			other := m.task(e.Other)
			switch {
			case e.Dependent != t.id || other == nil:
				return &CorruptError{t.id, "has a need that does not exist"}
			case m.phase == PhaseRunning && e.Bound && t.running() && t.intent == IntentNone && !other.holds():
				return &CorruptError{t.id, "runs on though a task it is bound to is down"}
			}
		}
	}
	if needs != m.graph.Len() {
		return &CorruptError{0, "a task that was removed needs another"}
	}
	return nil
}

// checkTerminating audits what is counted of the tasks on their way to stop, and from where they are looked for.
func (m *Machine) checkTerminating() *CorruptError {
	terminating, delays := uint32(0), uint32(0)
	behind, before := false, m.firstNotUpHint != noSlot // where the walk is: behind lastTerminatingHint, in front of firstNotUpHint
	for slot := m.first; slot != noSlot; slot = m.tasks[slot].next {
		t := &m.tasks[slot]
		before = before && slot != m.firstNotUpHint
		if t.terminating() {
			terminating++
			if behind && !m.independent {
				return &CorruptError{t.id, "is on its way to stop, and is not looked for"}
			}
		}
		if t.is(flagDelayPending) {
			delays++
		}
		if t.comingUp() && (before || m.firstNotUpHint == noSlot) && m.config.Strategy != OneForOne {
			return &CorruptError{t.id, "is coming up, and is not looked for"}
		}
		behind = behind || slot == m.lastTerminatingHint
	}
	switch {
	case delays != m.delaysPending:
		return &CorruptError{0, "the pending restart delays are miscounted"}
	case terminating != m.terminating && !m.independent:
		return &CorruptError{0, "the tasks on their way to stop are miscounted"}
	case len(m.stops)+len(m.retries)+len(m.starts)+len(m.downs)+len(m.planned) > 0:
		return &CorruptError{0, "a task is left to look at, or to tell of"}
	}
	return nil
}

// checkReconciled audits that no rule was left unapplied.
func (m *Machine) checkReconciled() *CorruptError {
	starting, failed := false, m.config.Strategy == OneForAll && m.counts[StatusFailed] > 0
	for slot := m.first; slot != noSlot; slot = m.tasks[slot].next {
		t := &m.tasks[slot]
		running := m.phase == PhaseRunning
		alone := m.config.Strategy == OneForOne
		switch {
		case t.stopPending() && m.noDependentTerminating(t) && !(m.stopsInOrder() && t.ordered()):
			return &CorruptError{t.id, "should have been asked to stop"}
		case running && t.is(flagDelayPending) && m.othersStopped(t):
			return &CorruptError{t.id, "should have begun its restart delay"}
		case running && t.status == StatusCreated && m.canStart(t) && (alone || m.terminating == 0 && !starting && !failed):
			return &CorruptError{t.id, "should have been started"}
		}
		starting = starting || t.running() && t.comingUp()
		failed = failed || t.status == StatusFailed
	}
	return nil
}
