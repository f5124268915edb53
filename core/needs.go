package core

import "iter"

// need is an edge from a task to one it needs, which was added before it: so there are no cycles, and declared order
// is an order in which every task comes behind all it needs. Indexes count from 1; 0 is none.
type need struct {
	task      uint32 // the slot of the task that needs the other
	other     uint32
	next      uint32 // the same task's next need, in declared order; of a free edge, the next free one
	following uint32 // the next task that needs the same other, against declared order
	preceding uint32
	bound     bool
}

// hub is what a task that is needed by others knows of them.
type hub struct {
	first       uint32 // the last of them in declared order; of a free hub, the next free one
	terminating uint32 // how many of them are on their way to stop
}

// needs is the graph of needs.
type needs struct {
	edges    []need
	hubs     []hub
	freeEdge uint32
	freeHub  uint32
}

// Needs iterates over the tasks that a task needs, in declared order, and tells whether it is bound to each. The machine
// must not change meanwhile.
func (m *Machine) Needs(id TaskID) iter.Seq2[TaskID, bool] {
	return func(yield func(TaskID, bool) bool) {
		t := m.task(id)
		if t == nil {
			return
		}
		for e := t.needs; e != 0; e = m.edge(e).next {
			if edge := m.edge(e); !yield(m.tasks[edge.other].id, edge.bound) {
				return
			}
		}
	}
}

// addNeed makes a task need another, or only changes whether it is bound to it.
func (m *Machine) addNeed(dst []Action, ev *Event, t *task) []Action {
	other := m.task(ev.Other)
	m.connect(t, other, ev.Bound)
	if ev.Bound && !other.up() {
		m.stopBoundDependent(t)
	}
	return dst
}

// connect adds an edge to the graph where there is none yet.
func (m *Machine) connect(t, other *task, bound bool) {
	link := &t.needs
	for *link != 0 && m.tasks[m.edge(*link).other].id < other.id {
		link = &m.edge(*link).next
	}
	if *link != 0 && m.edge(*link).other == other.slot() {
		m.edge(*link).bound = bound
		return
	}
	if other.hub == 0 {
		other.hub = m.newHub()
	}
	e := m.newEdge(link)
	hub := m.hub(other)
	*m.edge(e) = need{task: t.slot(), other: other.slot(), next: m.edge(e).next, bound: bound}
	if t.terminating() {
		hub.terminating++
	}
	after, before := uint32(0), hub.first
	for before != 0 && m.tasks[m.edge(before).task].id > t.id {
		after, before = before, m.edge(before).following
	}
	m.join(hub, after, e)
	m.join(hub, e, before)
}

// newEdge takes a free edge and puts it where link is, before what was there.
func (m *Machine) newEdge(link *uint32) uint32 {
	next := *link
	e := m.needs.freeEdge
	if e == 0 {
		e = uint32(len(m.needs.edges) + 1)
		*link = e // before append, which can move what it points into
		m.needs.edges = append(m.needs.edges, need{})
	} else {
		*link = e
		m.needs.freeEdge = m.edge(e).next
	}
	m.edge(e).next = next
	return e
}

func (m *Machine) newHub() uint32 {
	h := m.needs.freeHub
	if h == 0 {
		m.needs.hubs = append(m.needs.hubs, hub{})
		return uint32(len(m.needs.hubs))
	}
	m.needs.freeHub = m.needs.hubs[h-1].first
	m.needs.hubs[h-1] = hub{}
	return h
}

// join makes one edge follow another in a hub's list.
func (m *Machine) join(hub *hub, preceding, following uint32) {
	if preceding == 0 {
		hub.first = following
	} else {
		m.edge(preceding).following = following
	}
	if following != 0 {
		m.edge(following).preceding = preceding
	}
}

// disconnect forgets all that a task needs, and its hub, which no task needs any more.
func (m *Machine) disconnect(t *task) {
	for t.needs != 0 {
		e := t.needs
		edge := m.edge(e)
		m.join(m.hub(&m.tasks[edge.other]), edge.preceding, edge.following)
		t.needs = edge.next
		*edge = need{next: m.needs.freeEdge}
		m.needs.freeEdge = e
	}
	if t.hub != 0 {
		*m.hub(t) = hub{first: m.needs.freeHub}
		m.needs.freeHub = t.hub
	}
}

// needed tells whether another task needs this one.
func (m *Machine) needed(t *task) bool { return t.hub != 0 && m.hub(t).first != 0 }

// noDependentTerminating tells whether no task that needs this one is on its way to stop, or would be if this one were not up.
func (m *Machine) noDependentTerminating(t *task) bool {
	switch {
	case t.hub == 0:
		return true
	case m.hub(t).terminating > 0:
		return false
	case t.status != StatusCompleted:
		return true // who is bound to it is not running, or marked
	}
	for e := m.hub(t).first; e != 0; e = m.edge(e).following {
		if m.edge(e).bound && m.tasks[m.edge(e).task].running() {
			return false
		}
	}
	return true
}

// firstUnmetNeed returns the first task this one needs that is not up, or nil.
func (m *Machine) firstUnmetNeed(t *task) *task {
	for e := t.needs; e != 0; e = m.edge(e).next {
		if other := &m.tasks[m.edge(e).other]; !other.up() {
			return other
		}
	}
	return nil
}

func (m *Machine) edge(e uint32) *need { return &m.needs.edges[e-1] }
func (m *Machine) hub(t *task) *hub    { return &m.needs.hubs[t.hub-1] }

func (n *needs) copyFrom(src *needs) {
	edges, hubs := append(n.edges[:0], src.edges...), append(n.hubs[:0], src.hubs...)
	*n = *src
	n.edges, n.hubs = edges, hubs
}
