package core

// checkDefinitions audits the policies and limits: that each can be found, and is held as often as a recount says.
func (m *Machine) checkDefinitions() *CorruptError {
	var few [16]uint32
	holders := tallies(few[:], m.policies.Slots())
	for slot := m.first; slot != noSlot; slot = m.tasks[slot].next {
		t := &m.tasks[slot]
		if uint64(t.policy) >= uint64(m.policies.Slots()) {
			return &CorruptError{t.id, "has an unknown policy"}
		}
		holders[t.policy]++
	}
	if m.policies.Pinned() == 0 {
		return &CorruptError{0, "it has no policies"}
	}
	if problem := m.policies.Audit(holders); problem != "" {
		return &CorruptError{0, "in its policies, " + problem}
	}
	if m.limits.Pinned() != 1 || uint64(m.inForce) >= uint64(m.limits.Slots()) {
		return &CorruptError{0, "it has no limits in force"}
	}
	few = [16]uint32{}
	holders = tallies(few[:], m.limits.Slots())
	holders[m.inForce]++
	if problem := m.limits.Audit(holders); problem != "" {
		return &CorruptError{0, "in its limits, " + problem}
	}
	return nil
}

// tallies returns room to count by slot: the room given, if it is enough, as for most machines it is.
func tallies(few []uint32, slots int) []uint32 {
	if slots <= len(few) {
		return few
	}
	return make([]uint32, slots)
}
