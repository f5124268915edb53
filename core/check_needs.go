package core

// checkNeeds audits the graph of needs: that every edge is known at both its ends, in order, and every hub counts right.
func (m *Machine) checkNeeds() *CorruptError {
	edges := 0
	for slot := m.first; slot != noSlot; slot = m.tasks[slot].next {
		t := &m.tasks[slot]
		before := TaskID(0)
		for e := t.needs; e != 0; e = m.edge(e).next {
			if !m.isEdge(e) || m.edge(e).task != slot {
				return &CorruptError{t.id, "has a need that does not exist"}
			}
			edges++
			edge := m.edge(e)
			other := &m.tasks[edge.other]
			switch {
			case other.id <= before || other.id >= t.id || other.hub == 0:
				return &CorruptError{t.id, "has a need out of order"}
			case m.phase == PhaseRunning && edge.bound && t.running() && t.intent == IntentNone && !other.up():
				return &CorruptError{t.id, "runs on though a task it is bound to is down"}
			}
			before = other.id
		}
	}
	for slot := m.first; slot != noSlot; slot = m.tasks[slot].next {
		listed, err := m.checkHub(slot)
		edges -= listed
		if err != nil {
			return err
		}
	}
	if edges != 0 {
		return &CorruptError{0, "a need is known at one end only"}
	}
	return nil
}

// checkHub audits what a task knows of those that need it, and returns how many they are.
func (m *Machine) checkHub(slot uint32) (listed int, err *CorruptError) {
	t := &m.tasks[slot]
	if t.hub == 0 {
		return 0, nil
	}
	if uint64(t.hub) > uint64(len(m.needs.hubs)) {
		return 0, &CorruptError{t.id, "does not know who needs it"}
	}
	leaving, preceding := uint32(0), uint32(0)
	for e := m.hub(t).first; e != 0; e = m.edge(e).following {
		if !m.isEdge(e) || m.edge(e).other != slot || m.edge(e).preceding != preceding || listed == len(m.needs.edges) ||
			preceding != 0 && m.tasks[m.edge(preceding).task].id <= m.tasks[m.edge(e).task].id {
			return listed, &CorruptError{t.id, "does not know who needs it"}
		}
		if m.tasks[m.edge(e).task].terminating() {
			leaving++
		}
		preceding = e
		listed++
	}
	if leaving != m.hub(t).terminating {
		return listed, &CorruptError{t.id, "miscounts who needs it and is on its way to stop"}
	}
	return listed, nil
}

// isEdge tells whether there is such an edge, between tasks that exist.
func (m *Machine) isEdge(e uint32) bool {
	if uint64(e) > uint64(len(m.needs.edges)) {
		return false
	}
	edge := m.edge(e)
	return uint64(edge.task) < uint64(len(m.tasks)) && uint64(edge.other) < uint64(len(m.tasks))
}

// checkTerminating audits what is counted of the tasks on their way to stop, and from where they are looked for.
func (m *Machine) checkTerminating() *CorruptError {
	leaving, held := uint32(0), uint32(0)
	behind, before := false, m.firstNotUpHint != noSlot // where the walk is: behind downFrom, in front of upFrom
	for slot := m.first; slot != noSlot; slot = m.tasks[slot].next {
		t := &m.tasks[slot]
		before = before && slot != m.firstNotUpHint
		if t.terminating() {
			leaving++
			if behind && !m.independent {
				return &CorruptError{t.id, "is on its way to stop, and is not looked for"}
			}
		}
		if t.is(flagDelayPending) {
			held++
		}
		if t.comingUp() && (before || m.firstNotUpHint == noSlot) && m.config.Strategy != OneForOne {
			return &CorruptError{t.id, "is coming up, and is not looked for"}
		}
		behind = behind || slot == m.lastTerminatingHint
	}
	switch {
	case held != m.delaysPending:
		return &CorruptError{0, "the held restarts are miscounted"}
	case leaving != m.terminating && !m.independent:
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
		starting = starting || t.status == StatusStarting
		failed = failed || t.status == StatusFailed
	}
	return nil
}
