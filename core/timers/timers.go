// Package timers is a queue of timers that can be moved and dropped: an indexed 4-ary min-heap of the earliest, and leaves of
// some hundreds for those that it has no room for.
//
// The heap is all there is up to a thousand timers. Beyond that it would leave the caches: the way of each timer through the
// heap is ten moves long when there are a million, and each of them waits for memory. So the later half of a heap that has
// grown too large becomes a leaf, in which timers lie in no order until their time comes. Whatever the deadlines are, no
// call moves more than some thousand timers.
//
// A machine of package core keeps its tasks' timers in one. A driver of many machines needs another: it arms one timer
// per machine for [core.Machine.NextDeadline], and one timer of its host for [Queue.Next]. The simulator does the same.
//
// Timers are ordered by their deadlines, then by their keys. That is a total order, so the order in which timers fire
// depends on which timers are armed, and never on the history of the queue.
//
// [core.Machine.NextDeadline]: https://pkg.go.dev/github.com/tasksupervisor/tasksupervisor/core#Machine.NextDeadline
package timers

import (
	"iter"
	"math"
	"math/bits"
)

const (
	// Never is the deadline of a timer that is not armed. It equals core.Never.
	Never = math.MaxInt64

	// SlotBits is how many low bits of a key are its slot.
	SlotBits = 24

	slotMask = 1<<SlotBits - 1
)

// Queue holds at most one timer for each slot. I is the type of its deadlines, and K that of its keys. The low
// [SlotBits] bits of a key are its slot: a small dense number that finds the timer. Of timers with equal deadlines the
// one with the smaller key fires first.
//
// The zero value is an empty queue. It is not safe for concurrent use.
//
// Arm and Disarm take time in proportion to the logarithm of the number of timers, on average over the calls that move a leaf;
// Len, Next, First and Deadline take constant time. A queue allocates only to grow: 17 bytes for each timer, and 4 for each slot
// up to the highest used.
type Queue[I ~int64, K ~uint64] struct {
	heap     []timer[I, K]
	position []uint32      // by slot: 1 + the index in heap; inLeaf and where in later; 0: the slot has no timer
	later    *leaves[I, K] // what the heap has no room for, none of which fires before what is in it; nil until then
}

type timer[I ~int64, K ~uint64] struct {
	at  I
	key K
}

// Len returns how many timers are armed.
func (q *Queue[I, K]) Len() int {
	if q.later == nil {
		return len(q.heap)
	}
	return len(q.heap) + q.later.count
}

// Next returns the earliest deadline, or Never.
func (q *Queue[I, K]) Next() I {
	if len(q.heap) == 0 {
		return Never
	}
	return q.heap[0].at
}

// First returns the key of the timer that fires next. It panics if no timer is armed.
func (q *Queue[I, K]) First() K { return q.heap[0].key }

// Deadline returns when the slot's timer fires, or Never if it has none.
func (q *Queue[I, K]) Deadline(slot uint32) I {
	if uint64(slot) < uint64(len(q.position)) {
		switch p := q.position[slot]; {
		case p == 0:
		case p < inLeaf:
			return q.heap[p-1].at
		default:
			return q.later.at(p).at
		}
	}
	return Never
}

// Due iterates over the keys of the timers that fire at or before an instant, in no particular order, in time
// proportional to their number. The queue must not change meanwhile.
func (q *Queue[I, K]) Due(by I) iter.Seq[K] {
	return func(yield func(K) bool) {
		if q.due(0, by, yield) && q.later != nil {
			q.later.each(by, func(t *timer[I, K]) bool { return t.at > by || yield(t.key) })
		}
	}
}

// All iterates over the keys and deadlines of all timers, in no particular order. The queue must not change meanwhile.
func (q *Queue[I, K]) All() iter.Seq2[K, I] {
	return func(yield func(K, I) bool) {
		for _, t := range q.heap {
			if !yield(t.key, t.at) {
				return
			}
		}
		if q.later != nil {
			q.later.each(Never, func(t *timer[I, K]) bool { return yield(t.key, t.at) })
		}
	}
}

// Arm sets the timer of the key's slot, in place of the one it has. It stays armed until it is moved or disarmed: to
// fire a timer is up to the caller, who disarms it. A deadline of Never disarms it.
func (q *Queue[I, K]) Arm(key K, at I) {
	slot := uint32(key & slotMask)
	if at == Never {
		q.Disarm(slot)
		return
	}
	if uint64(slot) >= uint64(len(q.position)) {
		q.grow(slot)
	}
	t := timer[I, K]{at, key}
	if q.later != nil && q.shelve(t) {
		return
	}
	if p := q.position[slot]; p != 0 {
		q.move(int(p-1), t)
		return
	}
	q.heap = append(q.heap, t)
	q.up(len(q.heap)-1, t)
	if len(q.heap) > heapMax {
		q.spill()
	}
}

// Disarm drops the slot's timer, if it has one.
func (q *Queue[I, K]) Disarm(slot uint32) {
	if uint64(slot) >= uint64(len(q.position)) || q.position[slot] == 0 {
		return
	}
	p := q.position[slot]
	if p >= inLeaf {
		q.later.drop(p, q.position)
		return
	}
	hole, last := int(p-1), len(q.heap)-1
	q.position[slot] = 0
	moved := q.heap[last]
	q.heap = q.heap[:last]
	if hole < last {
		q.fill(hole, moved)
	}
	if last == 0 && q.later != nil && q.later.count > 0 {
		q.load()
	}
}

// CopyFrom makes q an independent copy of src, in q's own memory as far as it reaches.
func (q *Queue[I, K]) CopyFrom(src *Queue[I, K]) {
	q.heap = append(q.heap[:0], src.heap...)
	q.position = append(q.position[:0], src.position...)
	if q.later != nil || src.later != nil {
		q.copyLeaves(src)
	}
}

// Identical reports whether q holds the same timers as other, laid out in the same way.
func (q *Queue[I, K]) Identical(other *Queue[I, K]) bool {
	if len(q.heap) != len(other.heap) || len(q.position) != len(other.position) {
		return false
	}
	for i := range q.heap {
		if q.heap[i] != other.heap[i] {
			return false
		}
	}
	for i := range q.position {
		if q.position[i] != other.position[i] {
			return false
		}
	}
	return q.later == nil && other.later == nil || q.identicalLeaves(other)
}

// Audit returns what is wrong with the queue, and with which timer, or an empty problem. Only a defect in this package
// can make anything wrong with it.
func (q *Queue[I, K]) Audit() (key K, problem string) {
	armed := 0
	for _, p := range q.position {
		if p != 0 {
			armed++
		}
	}
	if armed != q.Len() || len(q.heap) == 0 && armed > 0 {
		return 0, "a timer is lost"
	}
	for i := range q.heap {
		t := &q.heap[i]
		slot := uint64(t.key & slotMask)
		switch {
		case slot >= uint64(len(q.position)) || uint64(q.position[slot]) != uint64(i)+1:
			return t.key, "does not know its timer"
		case i > 0 && t.before(&q.heap[(i-1)/4]):
			return t.key, "has a timer that would fire too late"
		case q.later != nil && q.late(t):
			return t.key, "has a timer that would fire too early"
		}
	}
	if q.later != nil {
		return q.later.audit(q.position)
	}
	return 0, ""
}

func (q *Queue[I, K]) due(i int, by I, yield func(K) bool) bool {
	if i >= len(q.heap) || q.heap[i].at > by {
		return true
	}
	if !yield(q.heap[i].key) {
		return false
	}
	for child := 4*i + 1; child <= 4*i+4; child++ {
		if !q.due(child, by, yield) {
			return false
		}
	}
	return true
}

func (q *Queue[I, K]) grow(slot uint32) {
	q.position = append(q.position, make([]uint32, int(slot)+1-len(q.position))...)
}

// move puts a timer in the place of the one that its slot had, and moves it to where it belongs. Timers that are put off
// again and again, such as watchdogs, take much the same way down each time, which branches predict well: the loads of the
// next level need not wait for the comparisons of this one.
func (q *Queue[I, K]) move(hole int, t timer[I, K]) {
	if hole > 0 && t.before(&q.heap[(hole-1)/4]) {
		q.up(hole, t)
		return
	}
	heap := q.heap
	for child := 4*hole + 1; child+3 < len(heap); child = 4*hole + 1 {
		four := heap[child : child+4 : child+4]
		first, other := 0, 2
		if four[1].before(&four[0]) {
			first = 1
		}
		if four[3].before(&four[2]) {
			other = 3
		}
		if four[other].before(&four[first]) {
			first = other
		}
		if t.before(&four[first]) {
			q.place(hole, t)
			return
		}
		q.place(hole, four[first])
		hole = child + first
	}
	q.down(hole, t)
}

// fill puts the last timer where there is a hole, and moves it to where it belongs.
func (q *Queue[I, K]) fill(hole int, t timer[I, K]) {
	if hole > 0 && t.before(&q.heap[(hole-1)/4]) {
		q.up(hole, t)
	} else {
		q.down(hole, t)
	}
}

func (q *Queue[I, K]) up(hole int, t timer[I, K]) {
	for hole > 0 {
		parent := (hole - 1) / 4
		if !t.before(&q.heap[parent]) {
			break
		}
		q.place(hole, q.heap[parent])
		hole = parent
	}
	q.place(hole, t)
}

// down lets the hole sink to a leaf, and the timer rise from there. Most timers come from a leaf, so they seldom rise
// far.
func (q *Queue[I, K]) down(hole int, t timer[I, K]) {
	heap, top := q.heap, hole
	for {
		child := 4*hole + 1
		if child+3 >= len(heap) {
			break
		}
		// The first of four children, without a branch: it cannot be predicted.
		four := heap[child : child+4 : child+4]
		a := four[1].precedes(&four[0])
		b := 2 + four[3].precedes(&four[2])
		a ^= (a ^ b) & -four[b&3].precedes(&four[a&3])
		q.place(hole, four[a&3])
		hole = child + int(a)
	}
	for child := 4*hole + 1; child < len(heap); child = 4*hole + 1 {
		first := child
		for other := child + 1; other < len(heap); other++ {
			if heap[other].before(&heap[first]) {
				first = other
			}
		}
		q.place(hole, heap[first])
		hole = first
	}
	for hole > top {
		parent := (hole - 1) / 4
		if !t.before(&heap[parent]) {
			break
		}
		q.place(hole, heap[parent])
		hole = parent
	}
	q.place(hole, t)
}

func (q *Queue[I, K]) place(i int, t timer[I, K]) {
	q.heap[i] = t
	q.position[t.key&slotMask] = uint32(i + 1)
}

func (a *timer[I, K]) before(b *timer[I, K]) bool {
	return a.at < b.at || a.at == b.at && a.key < b.key
}

// precedes is before as 1 or 0, without a branch.
func (a *timer[I, K]) precedes(b *timer[I, K]) uint64 {
	const sign = 1 << 63 // without it, what is left of a deadline is in order as an unsigned integer
	_, borrow := bits.Sub64(uint64(a.key), uint64(b.key), 0)
	_, borrow = bits.Sub64(uint64(a.at)^sign, uint64(b.at)^sign, borrow)
	return borrow
}
