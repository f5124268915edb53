package intern

// Audit returns what contradicts what in the table, or "". holders says how often the value in each slot is held; pinned
// ones are held once more.
func (t *Table[V]) Audit(holders []uint32) (problem string) {
	free := 0
	for at := t.free; at != 0; at = t.entries[at-1].links[inOrder].next {
		if int(at) > len(t.entries) || t.entries[at-1].used || free == len(t.entries) {
			return "a free slot is not free, or twice so"
		}
		free++
	}
	switch {
	case t.Len()+free != len(t.entries):
		return "a slot is neither used nor free"
	case t.pinned > t.next || t.pinned > uint64(t.Len()):
		return "a pinned value is missing"
	case t.Idle() > IdleMax:
		return "too many values are idle"
	}
	if problem := t.auditValues(holders); problem != "" {
		return problem
	}
	return t.auditIdle()
}

// auditValues audits the values and their order.
func (t *Table[V]) auditValues(holders []uint32) (problem string) {
	listed, prev := 0, uint32(0)
	for at := t.lists[inOrder].first; at != 0; at = t.entries[at-1].links[inOrder].next {
		if int(at) > len(t.entries) || listed == t.Len() {
			return "a value is listed though all are"
		}
		e := &t.entries[at-1]
		expected := holders[at-1]
		if e.id < t.pinned {
			expected++
		}
		switch {
		case !e.used || e.links[inOrder].prev != prev:
			return "the list of values is broken"
		case prev != 0 && t.entries[prev-1].id >= e.id, e.id >= t.next, uint64(listed) < t.pinned && e.id != uint64(listed):
			return "an id is out of order"
		case e.holders != expected:
			return "the holders of a value are miscounted"
		case e.idle != (e.holders == 0):
			return "a value is idle and held, or neither"
		case t.Slot(e.id) != at-1:
			return "an id is not found"
		case e.twin && e.id >= t.pinned, e.twin == (t.Lookup(&e.value, e.hash) == at-1):
			return "a value is not found, or twice there"
		}
		prev = at
		listed++
	}
	if listed != t.Len() || prev != t.lists[inOrder].last {
		return "not every value is listed"
	}
	return ""
}

// auditIdle audits the list of idle values.
func (t *Table[V]) auditIdle() (problem string) {
	listed, prev := 0, uint32(0)
	for at := t.lists[isIdle].first; at != 0; at = t.entries[at-1].links[isIdle].next {
		if int(at) > len(t.entries) || listed == t.Idle() || !t.entries[at-1].idle || t.entries[at-1].links[isIdle].prev != prev {
			return "the list of idle values is broken"
		}
		prev = at
		listed++
	}
	for slot := range t.entries {
		if t.entries[slot].idle {
			listed--
		}
	}
	if listed != 0 || prev != t.lists[isIdle].last {
		return "not every idle value is listed"
	}
	return ""
}
