package intern

// Len returns how many values there are.
func (t *Table[V]) Len() int { return int(t.lists[inOrder].len) }

// Slots returns how many slots there are: each is smaller.
func (t *Table[V]) Slots() int { return len(t.entries) }

// Pinned returns how many of them are pinned.
func (t *Table[V]) Pinned() int { return int(t.pinned) }

// Idle returns how many of them are idle.
func (t *Table[V]) Idle() int { return int(t.lists[isIdle].len) }

// NextID returns the id of the next value that is not known yet.
func (t *Table[V]) NextID() uint64 { return t.next }

// First returns the slot of the value with the smallest id, or None.
func (t *Table[V]) First() uint32 { return t.lists[inOrder].first - 1 }

// After returns the slot of the value with the next larger id than that of a slot, or None.
func (t *Table[V]) After(slot uint32) uint32 { return t.entries[slot].links[inOrder].next - 1 }

// FirstIdle returns the slot of the value that has been idle for longest, or None.
func (t *Table[V]) FirstIdle() uint32 { return t.lists[isIdle].first - 1 }

// AfterIdle returns the slot of the value that became idle after that of a slot, or None.
func (t *Table[V]) AfterIdle(slot uint32) uint32 { return t.entries[slot].links[isIdle].next - 1 }

// A table is restored in this order: Begin; Restore for each value, by growing id; Hold for each holder; RestoreIdle for each
// idle value, the oldest first. Audit reports what of that did not make sense.

// Begin makes an empty table of t, of which so many values will be pinned, and which goes on with an id.
func (t *Table[V]) Begin(pinned, next uint64) { *t = Table[V]{next: next, pinned: pinned} }

// Restore adds a value under an id, held if that is one of the pinned ones.
func (t *Table[V]) Restore(id uint64, value *V, hash uint64) {
	slot := t.add(id, value, hash)
	if id < t.pinned {
		t.entries[slot].holders = 1
	}
}

// RestoreIdle makes a value idle. It returns false if it cannot be.
func (t *Table[V]) RestoreIdle(slot uint32) bool {
	e := &t.entries[slot]
	if e.idle || e.holders > 0 {
		return false
	}
	e.idle = true
	t.enlist(isIdle, slot)
	return true
}
