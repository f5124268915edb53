package core

// noSlot is the slot of no task.
const noSlot = ^uint32(0)

// task returns the task of that id, or nil.
func (m *Machine) task(id TaskID) *task {
	slot := uint64(id & slotMask)
	if id == 0 || slot >= uint64(len(m.tasks)) || m.tasks[slot].id != id {
		return nil
	}
	return &m.tasks[slot]
}

// taskAt returns the task of an id that is known to be one's.
func (m *Machine) taskAt(id TaskID) *task { return &m.tasks[id&slotMask] }

// policyOf returns the task's policy.
func (m *Machine) policyOf(t *task) *Policy { return m.policies.At(t.policy) }

// alloc takes a free slot for a new task, the last in declared order.
func (m *Machine) alloc() *task {
	var slot uint32
	if last := len(m.free) - 1; last >= 0 {
		slot = m.free[last]
		m.free = m.free[:last]
	} else {
		slot = uint32(len(m.tasks))
		m.tasks = append(m.tasks, task{})
	}
	m.generation++
	t := &m.tasks[slot]
	*t = task{id: makeTaskID(m.generation, slot)}
	m.link(slot)
	return t
}

// link appends the slot's task to the list in declared order.
func (m *Machine) link(slot uint32) {
	t := &m.tasks[slot]
	t.prev, t.next = m.last, noSlot
	if m.last == noSlot {
		m.first = slot
	} else {
		m.tasks[m.last].next = slot
	}
	m.last = slot
}

// release frees the slot of a removed task.
func (m *Machine) release(t *task) {
	slot := t.slot()
	m.graph.Disconnect(slot)
	if m.lastTerminatingHint == slot {
		m.lastTerminatingHint = t.prev
	}
	if m.firstNotUpHint == slot {
		m.firstNotUpHint = t.next
	}
	if t.prev == noSlot {
		m.first = t.next
	} else {
		m.tasks[t.prev].next = t.next
	}
	if t.next == noSlot {
		m.last = t.prev
	} else {
		m.tasks[t.next].prev = t.prev
	}
	m.counts[StatusNone]--
	m.countSignificant(t, minusOne)
	m.policies.Release(t.policy)
	*t = task{}
	m.free = append(m.free, slot)
}

// aside holds by slot what few tasks have, as far as any has: a machine in which none has it needs no room for it.
type aside[V comparable] []V

// at returns what is set for a slot, or zero.
func (a aside[V]) at(slot uint32) (v V) {
	if uint64(slot) < uint64(len(a)) {
		v = a[slot]
	}
	return v
}

// set sets what a slot has. At the first time it makes room for all of so many.
func (a *aside[V]) set(slot uint32, v V, slots int) {
	var zero V
	switch {
	case uint64(slot) < uint64(len(*a)):
		(*a)[slot] = v
	case v != zero:
		*a = append(*a, make([]V, slots-len(*a))...)
		(*a)[slot] = v
	}
}
