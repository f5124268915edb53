package core

// addNeed makes a task need another, or only changes whether it is bound to it.
func (m *Machine) addNeed(dst []Action, ev *Event, t *task) []Action {
	other := m.task(ev.Other)
	m.connect(t, other, ev.Bound)
	if ev.Bound && !other.holds() {
		m.stopBoundDependent(t)
	}
	return dst
}

// connect adds an edge to the graph where there is none yet.
func (m *Machine) connect(t, other *task, bound bool) {
	e := m.graph.Connect(t.id, other.id)
	e.Bound = bound
	m.graph.SetTerminating(e, t.terminating())
}

// needed reports whether another task needs this one.
func (m *Machine) needed(t *task) bool { return m.graph.FirstDependent(t.slot()) != nil }

// noDependentTerminating reports whether no task that needs this one is on its way to stop, or would be if this one
// went down.
func (m *Machine) noDependentTerminating(t *task) bool {
	switch {
	case m.graph.Terminating(t.slot()) > 0:
		return false
	case t.status != StatusCompleted:
		return true // what is bound to it is not running, or has a stop pending
	}
	for e := m.graph.FirstDependent(t.slot()); e != nil; e = m.graph.NextDependent(e) {
		if e.Bound && m.taskAt(e.Dependent).running() {
			return false
		}
	}
	return true
}

// firstUnmetNeed returns the first task this one needs that is not up, or nil.
func (m *Machine) firstUnmetNeed(t *task) *task {
	for e := m.graph.FirstNeed(t.slot()); e != nil; e = m.graph.NextNeed(e) {
		if other := m.taskAt(e.Other); !other.up() {
			return other
		}
	}
	return nil
}
