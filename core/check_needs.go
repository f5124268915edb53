package core

// checkNeeds audits the graph of needs: that every edge is known at both its ends, in order, and every hub counts right.
func (m *Machine) checkNeeds() *CorruptError {
	edges := 0
	for slot := m.first; slot != noSlot; slot = m.tasks[slot].next {
		t := &m.tasks[slot]
		before := TaskID(0)
		for e := t.needs; e != 0; e = m.edge(e).next {
			if uint64(e) > uint64(len(m.needs.edges)) {
				return &CorruptError{t.id, "has a need that does not exist"}
			}
			edges++
			edge := m.edge(e)
			switch other := &m.tasks[edge.other]; {
			case edge.task != slot || other.id <= before || other.id >= t.id || other.hub == 0:
				return &CorruptError{t.id, "has a need out of order"}
			case m.phase == PhaseRunning && edge.bound && t.running() && t.intent == IntentNone && !other.up():
				return &CorruptError{t.id, "runs on though a task it is bound to is down"}
			default:
				before = other.id
			}
		}
	}
	for slot := m.first; slot != noSlot; slot = m.tasks[slot].next {
		t := &m.tasks[slot]
		if t.hub == 0 {
			continue
		}
		leaving, preceding := uint32(0), uint32(0)
		for e := m.hub(t).first; e != 0; e = m.edge(e).following {
			edge := m.edge(e)
			if edges--; edges < 0 || edge.other != slot || edge.preceding != preceding ||
				preceding != 0 && m.tasks[m.edge(preceding).task].id <= m.tasks[edge.task].id {
				return &CorruptError{t.id, "does not know who needs it"}
			}
			if m.tasks[edge.task].leaving() {
				leaving++
			}
			preceding = e
		}
		if leaving != m.hub(t).leaving {
			return &CorruptError{t.id, "miscounts who needs it and is on its way to stop"}
		}
	}
	if edges != 0 {
		return &CorruptError{0, "a need is known at one end only"}
	}
	return nil
}

// checkLeaving audits what is counted of the tasks on their way to stop, and from where they are looked for.
func (m *Machine) checkLeaving() *CorruptError {
	leaving, held := uint32(0), uint32(0)
	behind, before := false, m.upFrom != noSlot // where the walk is: behind downFrom, in front of upFrom
	for slot := m.first; slot != noSlot; slot = m.tasks[slot].next {
		t := &m.tasks[slot]
		before = before && slot != m.upFrom
		if t.leaving() {
			leaving++
			if behind && !m.solitary {
				return &CorruptError{t.id, "is on its way to stop, and is not looked for"}
			}
		}
		if t.is(flagHeld) {
			held++
		}
		onItsWayUp := t.status == StatusCreated || t.status == StatusStarting || t.status == StatusFailed
		if onItsWayUp && (before || m.upFrom == noSlot) && m.config.Strategy != OneForOne {
			return &CorruptError{t.id, "is on its way up, and is not looked for"}
		}
		behind = behind || slot == m.downFrom
	}
	switch {
	case held != m.held:
		return &CorruptError{0, "the held restarts are miscounted"}
	case leaving != m.leaving && !m.solitary:
		return &CorruptError{0, "the tasks on their way to stop are miscounted"}
	case len(m.stops)+len(m.retries)+len(m.starts)+len(m.downs) > 0:
		return &CorruptError{0, "a task is left to look at"}
	}
	return nil
}

// checkSettled audits that no rule was left unapplied.
func (m *Machine) checkSettled() *CorruptError {
	starting, failed := false, m.config.Strategy == OneForAll && m.counts[StatusFailed] > 0
	for slot := m.first; slot != noSlot; slot = m.tasks[slot].next {
		t := &m.tasks[slot]
		running := m.phase == PhaseRunning
		alone := m.config.Strategy == OneForOne
		switch {
		case t.marked() && m.clear(t) && !(m.stopsInOrder() && t.ordered()):
			return &CorruptError{t.id, "should have been asked to stop"}
		case running && t.is(flagHeld) && m.quiet(t):
			return &CorruptError{t.id, "should have begun its restart delay"}
		case running && t.status == StatusCreated && m.canStart(t) && (alone || m.leaving == 0 && !starting && !failed):
			return &CorruptError{t.id, "should have been started"}
		}
		starting = starting || t.status == StatusStarting
		failed = failed || t.status == StatusFailed
	}
	return nil
}
