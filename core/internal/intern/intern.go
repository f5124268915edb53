// Package intern keeps one copy of each of many equal values, under an id, for as long as somebody holds it.
package intern

import "github.com/tasksupervisor/tasksupervisor/core/internal/equal"

// IdleMax is how many values that are held no longer a table keeps.
const IdleMax = 64

// None is the slot of no value.
const None = ^uint32(0)

// Table gives values ids. Equal values have one id, ids grow from 0 in the order in which values were defined, and none is
// used twice.
//
// A value that is defined or released, and that nothing holds, is idle. The table keeps the IdleMax values that became idle
// last, and forgets the others. So it takes memory in proportion to the values that are held at a time, whatever there was
// before.
//
// A value has a slot from its definition until it is forgotten, for quick access. Slots are used again, and are no part of
// the state: two tables with the same history, of which one was restored, differ in them.
//
// The hash of a value is the caller's: equal values must have equal hashes. The zero Table is empty. A Table is not safe for
// concurrent use.
type Table[V comparable] struct {
	entries []entry[V]
	lists   [lists]list
	heads   [chains][]uint32 // of chains of slots with the same hash, to be masked; empty while there are few values
	free    uint32           // 1 + the first free slot; 0 if there is none
	next    uint64           // the next id
	pinned  uint64           // values that are held for good: those with the smallest ids
}

type entry[V comparable] struct {
	value   V
	id      uint64
	hash    uint64 // of the value
	holders uint32
	used    bool
	idle    bool
	twin    bool // it is pinned, and so is an equal value before it
	links   [lists]link
	chained [chains]uint32 // 1 + the next slot of the chain
}

// list is a list of slots, as 1 + slot; 0 ends it.
type list struct{ first, last, len uint32 }

type link struct{ prev, next uint32 }

const (
	inOrder = iota // all values, by id
	isIdle         // those that nothing holds, by when they became idle

	lists
)

const (
	byID = iota
	byValue

	chains
)

// few is up to how many values are looked for one by one.
const few = 8

// Pin adds a value for good, whether or not an equal one is known. All others must be pinned before one is defined.
func (t *Table[V]) Pin(value *V, hash uint64) {
	t.pinned++
	t.Restore(t.next, value, hash)
	t.next++
}

// Define returns the id of a value. A value that is not known is added; one that is idle becomes idle anew, so that it is
// kept as if it had been added now.
func (t *Table[V]) Define(value *V, hash uint64) uint64 {
	slot := t.Lookup(value, hash)
	switch {
	case slot == None:
		slot = t.add(t.next, value, hash)
		t.next++
		t.rest(slot)
	case t.entries[slot].idle:
		t.unlist(isIdle, slot)
		t.rest(slot)
	}
	return t.entries[slot].id
}

// Lookup returns the slot of a value, or None if it is not known.
func (t *Table[V]) Lookup(value *V, hash uint64) uint32 {
	if len(t.heads[byValue]) == 0 {
		for slot := range t.entries {
			if e := &t.entries[slot]; e.used && e.hash == hash && e.value == *value {
				return uint32(slot)
			}
		}
		return None
	}
	for at := *t.head(byValue, hash); at != 0; at = t.entries[at-1].chained[byValue] {
		if e := &t.entries[at-1]; e.hash == hash && e.value == *value {
			return at - 1
		}
	}
	return None
}

// Slot returns the slot of the value with an id, or None if there is none.
func (t *Table[V]) Slot(id uint64) uint32 {
	if id < t.pinned {
		return uint32(id)
	}
	if len(t.heads[byID]) == 0 {
		for slot := range t.entries {
			if e := &t.entries[slot]; e.used && e.id == id {
				return uint32(slot)
			}
		}
		return None
	}
	for at := *t.head(byID, scattered(id)); at != 0; at = t.entries[at-1].chained[byID] {
		if t.entries[at-1].id == id {
			return at - 1
		}
	}
	return None
}

// At returns the value in a slot. It must not be changed.
func (t *Table[V]) At(slot uint32) *V { return &t.entries[slot].value }

// ID returns the id of the value in a slot.
func (t *Table[V]) ID(slot uint32) uint64 { return t.entries[slot].id }

// Held reports whether something holds the value in a slot, or it is pinned.
func (t *Table[V]) Held(slot uint32) bool { return t.entries[slot].holders > 0 }

// Hold counts one more holder of the value in a slot.
func (t *Table[V]) Hold(slot uint32) {
	e := &t.entries[slot]
	if e.idle {
		e.idle = false
		t.unlist(isIdle, slot)
	}
	e.holders++
}

// Release counts one holder less. Of the values that are idle then, the oldest may be forgotten.
func (t *Table[V]) Release(slot uint32) {
	e := &t.entries[slot]
	if e.holders--; e.holders == 0 {
		t.rest(slot)
	}
}

// CopyFrom makes t an independent copy of src, in t's own memory as far as it reaches.
func (t *Table[V]) CopyFrom(src *Table[V]) {
	entries, heads := t.entries[:0], t.heads
	*t = *src
	t.entries = append(entries, src.entries...)
	for chain := range heads {
		t.heads[chain] = append(heads[chain][:0], src.heads[chain]...)
	}
}

// Identical reports whether t holds the same values as other, laid out in the same way.
func (t *Table[V]) Identical(other *Table[V]) bool {
	if t.lists != other.lists || t.free != other.free || t.next != other.next || t.pinned != other.pinned || !equal.Slices(t.entries, other.entries) {
		return false
	}
	for chain := range t.heads {
		if !equal.Slices(t.heads[chain], other.heads[chain]) {
			return false
		}
	}
	return true
}

// rest makes the newest idle value of one that nothing holds, and forgets the oldest of too many.
func (t *Table[V]) rest(slot uint32) {
	t.entries[slot].idle = true
	t.enlist(isIdle, slot)
	if t.lists[isIdle].len > IdleMax {
		t.forget(t.lists[isIdle].first - 1)
	}
}

// add stores a value that nothing holds.
func (t *Table[V]) add(id uint64, value *V, hash uint64) (slot uint32) {
	twin := t.Lookup(value, hash) != None
	if t.free != 0 {
		slot = t.free - 1
		t.free = t.entries[slot].links[inOrder].next
	} else {
		slot = uint32(len(t.entries))
		t.entries = append(t.entries, entry[V]{})
	}
	t.entries[slot] = entry[V]{value: *value, id: id, hash: hash, used: true, twin: twin}
	t.enlist(inOrder, slot)
	if len(t.entries) > max(few, len(t.heads[byID])) {
		t.rehash()
	} else if len(t.heads[byID]) > 0 {
		t.chain(slot)
	}
	return slot
}

// forget removes an idle value.
func (t *Table[V]) forget(slot uint32) {
	t.unlist(isIdle, slot)
	t.unlist(inOrder, slot)
	if len(t.heads[byID]) > 0 {
		e := &t.entries[slot]
		t.unchain(byID, scattered(e.id), slot)
		t.unchain(byValue, e.hash, slot)
	}
	t.entries[slot] = entry[V]{}
	t.entries[slot].links[inOrder].next = t.free
	t.free = slot + 1
}

func (t *Table[V]) enlist(which int, slot uint32) {
	l := &t.lists[which]
	t.entries[slot].links[which] = link{prev: l.last}
	if l.last == 0 {
		l.first = slot + 1
	} else {
		t.entries[l.last-1].links[which].next = slot + 1
	}
	l.last = slot + 1
	l.len++
}

func (t *Table[V]) unlist(which int, slot uint32) {
	l, at := &t.lists[which], t.entries[slot].links[which]
	if at.prev == 0 {
		l.first = at.next
	} else {
		t.entries[at.prev-1].links[which].next = at.next
	}
	if at.next == 0 {
		l.last = at.prev
	} else {
		t.entries[at.next-1].links[which].prev = at.prev
	}
	l.len--
}

// rehash makes room for twice as many values in the chains.
func (t *Table[V]) rehash() {
	size := max(2*few, 2*len(t.heads[byID]))
	for size < len(t.entries) {
		size *= 2
	}
	for chain := range t.heads {
		t.heads[chain] = make([]uint32, size)
	}
	for slot := range t.entries {
		if t.entries[slot].used {
			t.chain(uint32(slot))
		}
	}
}

// chain makes a value findable.
func (t *Table[V]) chain(slot uint32) {
	e := &t.entries[slot]
	head := t.head(byID, scattered(e.id))
	e.chained[byID], *head = *head, slot+1
	if !e.twin {
		head = t.head(byValue, e.hash)
		e.chained[byValue], *head = *head, slot+1
	}
}

func (t *Table[V]) unchain(which int, hash uint64, slot uint32) {
	at := t.head(which, hash)
	for *at != slot+1 {
		at = &t.entries[*at-1].chained[which]
	}
	*at = t.entries[slot].chained[which]
}

func (t *Table[V]) head(which int, hash uint64) *uint32 {
	heads := t.heads[which]
	return &heads[hash&uint64(len(heads)-1)]
}

// scattered spreads ids that follow each other.
func scattered(id uint64) uint64 {
	id *= 0x9e3779b97f4a7c15
	return id ^ id>>32
}
