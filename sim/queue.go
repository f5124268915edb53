package sim

import (
	"math/bits"

	"github.com/tasksupervisor/tasksupervisor/core"
)

// queue is the future event list: an indexed 4-ary min-heap, ordered by instant and then by tie. An entry is known
// by a small number of the caller's, and can be moved or dropped.
type queue struct {
	heap     []entry
	position []uint32 // by number: 1 + the index in heap; 0: not queued
}

type entry struct {
	at     core.Instant
	tie    uint32
	number uint32
}

func (a *entry) before(b *entry) bool {
	return a.at < b.at || a.at == b.at && a.tie < b.tie
}

// precedes is before as 1 or 0, without a branch: which of four children comes first cannot be predicted, and there
// is no time to find out too late. Instants in a queue are not negative.
func (a *entry) precedes(b *entry) uint64 {
	_, borrow := bits.Sub64(uint64(a.tie), uint64(b.tie), 0)
	_, borrow = bits.Sub64(uint64(a.at), uint64(b.at), borrow)
	return borrow
}

// next returns when the first entry is due, or Never.
func (q *queue) next() core.Instant {
	if len(q.heap) == 0 {
		return core.Never
	}
	return q.heap[0].at
}

// first returns the number of the first entry. There must be one.
func (q *queue) first() uint32 { return q.heap[0].number }

// grow makes room for the numbers below n.
func (q *queue) grow(n int) {
	for len(q.position) < n {
		q.position = append(q.position, 0)
	}
}

// due returns when the numbered entry is due, or Never.
func (q *queue) due(number uint32) core.Instant {
	if p := q.position[number]; p != 0 {
		return q.heap[p-1].at
	}
	return core.Never
}

// set queues the numbered entry, or moves it. An instant of Never drops it.
func (q *queue) set(number uint32, at core.Instant, tie uint32) {
	if at == core.Never {
		q.drop(number)
		return
	}
	e := entry{at, tie, number}
	p := q.position[number]
	if p == 0 {
		q.heap = append(q.heap, e)
		q.up(len(q.heap)-1, e)
		return
	}
	q.sift(int(p-1), e)
}

// drop takes the numbered entry out, if it is queued.
func (q *queue) drop(number uint32) {
	p := q.position[number]
	if p == 0 {
		return
	}
	q.position[number] = 0
	last := len(q.heap) - 1
	moved := q.heap[last]
	q.heap = q.heap[:last]
	if int(p-1) < last {
		q.sift(int(p-1), moved)
	}
}

func (q *queue) clear() {
	for i := range q.heap {
		q.position[q.heap[i].number] = 0
	}
	q.heap = q.heap[:0]
}

// sift puts an entry where there is a hole, and moves it to where it belongs.
func (q *queue) sift(hole int, e entry) {
	if hole > 0 && e.before(&q.heap[(hole-1)/4]) {
		q.up(hole, e)
	} else {
		q.down(hole, e)
	}
}

func (q *queue) up(hole int, e entry) {
	for hole > 0 {
		parent := (hole - 1) / 4
		if !e.before(&q.heap[parent]) {
			break
		}
		q.place(hole, q.heap[parent])
		hole = parent
	}
	q.place(hole, e)
}

// down lets the hole sink to a leaf, and the entry rise from there: as it comes from a leaf in most cases, it seldom
// rises far.
func (q *queue) down(hole int, e entry) {
	heap, top := q.heap, hole
	for {
		child := 4*hole + 1
		if child+3 >= len(heap) {
			break
		}
		four := heap[child : child+4 : child+4]
		a := four[1].precedes(&four[0])
		b := 2 + four[3].precedes(&four[2])
		a ^= (a ^ b) & -four[b&3].precedes(&four[a&3])
		q.place(hole, four[a&3])
		hole = child + int(a)
	}
	for child := 4*hole + 1; child < len(heap); child = 4*hole + 1 {
		least := child
		for other := child + 1; other < len(heap); other++ {
			if heap[other].before(&heap[least]) {
				least = other
			}
		}
		q.place(hole, heap[least])
		hole = least
	}
	for hole > top {
		parent := (hole - 1) / 4
		if !e.before(&heap[parent]) {
			break
		}
		q.place(hole, heap[parent])
		hole = parent
	}
	q.place(hole, e)
}

func (q *queue) place(i int, e entry) {
	q.heap[i] = e
	q.position[e.number] = uint32(i + 1)
}
