package timers

// inLeaf marks the position of a timer in a leaf: the rest is blockSpan times the index of its block, plus its index there.
const inLeaf = 1 << 31

// leaves hold the timers that are not among the earliest, in leaves of some hundreds: a B+ tree of two levels. Within a leaf
// they are in no order. A leaf that grows too large is split in two, and one that shrinks is merged with a neighbour.
type leaves[I ~int64, K ~uint64] struct {
	leaves  []leaf[I, K] // by their bounds; those in front of first are no more
	first   int
	blocks  []block[I, K]
	free    uint32 // 1 + the first free block; 0 if there is none
	count   int    // timers
	scratch []timer[I, K]
}

// leaf is a list of blocks, of which only the first is not full.
type leaf[I ~int64, K ~uint64] struct {
	bound timer[I, K] // no timer of the leaf fires before it, nor does any of the leaf before at or after it
	block uint32      // 1 + the first block
	count uint32
}

type block[I ~int64, K ~uint64] struct {
	timers [blockLen]timer[I, K]
	count  uint32
	next   uint32 // 1 + the next block of the leaf; 0: this is the last
}

// late reports whether a timer belongs into a leaf, and not in the heap.
func (q *Queue[I, K]) late(t *timer[I, K]) bool {
	l := q.later
	return l != nil && l.count > 0 && !t.before(&l.leaves[l.first].bound)
}

// shelve puts a timer into its leaf, and reports whether it belongs into one. If not, what its slot has in a leaf is dropped.
func (q *Queue[I, K]) shelve(t timer[I, K]) bool {
	slot, l := uint32(t.key&slotMask), q.later
	if q.position[slot] >= inLeaf || q.late(&t) {
		q.Disarm(slot)
	}
	if !q.late(&t) { // not any more, if its slot had the last timer of the heap
		return false
	}
	i := l.find(&t)
	l.add(i, t, q.position)
	if l.leaves[i].count > leafMax {
		l.split(i, q.position)
	}
	return true
}

// spill moves the later half of a heap that has become too large into a leaf.
func (q *Queue[I, K]) spill() {
	if q.later == nil {
		q.later = new(leaves[I, K])
	}
	l, pivot, kept := q.later, middle(q.heap), q.heap[:0]
	l.insert(l.first, pivot)
	for _, t := range q.heap {
		if t.before(&pivot) {
			kept = append(kept, t)
		} else {
			l.add(l.first, t, q.position)
		}
	}
	q.heap = kept
	q.heapify()
}

// load fills the empty heap with the first leaf.
func (q *Queue[I, K]) load() {
	l := q.later
	q.heap = l.drain(l.first, q.heap)
	l.remove(l.first)
	q.heapify()
}

// heapify makes a heap of timers in any order.
func (q *Queue[I, K]) heapify() {
	for i := range q.heap {
		q.place(i, q.heap[i])
	}
	for i := (len(q.heap) - 2) / 4; i >= 0; i-- {
		q.down(i, q.heap[i])
	}
}

// find returns the leaf to which a timer belongs that is not before all of them.
func (l *leaves[I, K]) find(t *timer[I, K]) int {
	at, n := l.first, len(l.leaves)-l.first
	for n > 1 {
		half := n / 2
		at += half &^ -int(t.precedes(&l.leaves[at+half].bound)) // without a branch: it cannot be predicted
		n -= half
	}
	return at
}

// add puts a timer into a leaf.
func (l *leaves[I, K]) add(i int, t timer[I, K], position []uint32) {
	f := &l.leaves[i]
	if f.block == 0 || l.blocks[f.block-1].count == blockLen {
		f.block = l.alloc(f.block)
	}
	b := &l.blocks[f.block-1]
	b.timers[b.count] = t
	position[t.key&slotMask] = inLeaf | (f.block-1)*blockSpan + b.count
	b.count++
	f.count++
	l.count++
}

// drop takes a timer out of its leaf: the last one of the leaf's first block takes its place.
func (l *leaves[I, K]) drop(p uint32, position []uint32) {
	hole := l.at(p)
	i := l.find(hole)
	f := &l.leaves[i]
	b := &l.blocks[f.block-1]
	b.count--
	position[b.timers[b.count].key&slotMask] = p
	position[hole.key&slotMask] = 0
	*hole = b.timers[b.count]
	if b.count == 0 {
		f.block = l.release(f.block)
	}
	f.count--
	l.count--
	switch f.count {
	case 0:
		l.remove(i)
	case leafFew:
		if i+1 < len(l.leaves) && l.leaves[i+1].count <= 2*leafFew {
			l.merge(i, position)
		} else if i > l.first && l.leaves[i-1].count <= 2*leafFew {
			l.merge(i-1, position)
		}
	}
}

// at returns the timer at a position.
func (l *leaves[I, K]) at(p uint32) *timer[I, K] {
	p -= inLeaf
	return &l.blocks[p/blockSpan].timers[p%blockSpan]
}

// split moves the later half of a leaf into a new one behind it.
func (l *leaves[I, K]) split(i int, position []uint32) {
	l.scratch = l.drain(i, l.scratch[:0])
	pivot := middle(l.scratch)
	i = l.insert(i+1, pivot)
	for _, t := range l.scratch {
		if t.before(&pivot) {
			l.add(i-1, t, position)
		} else {
			l.add(i, t, position)
		}
	}
}

// merge moves all timers of the leaf behind this one into it.
func (l *leaves[I, K]) merge(i int, position []uint32) {
	l.scratch = l.drain(i+1, l.scratch[:0])
	l.remove(i + 1)
	for _, t := range l.scratch {
		l.add(i, t, position)
	}
}

// drain appends all timers of a leaf to a list, and leaves it empty.
func (l *leaves[I, K]) drain(i int, list []timer[I, K]) []timer[I, K] {
	f := &l.leaves[i]
	for f.block != 0 {
		b := &l.blocks[f.block-1]
		list = append(list, b.timers[:b.count]...)
		f.block = l.release(f.block)
	}
	l.count -= int(f.count)
	f.count = 0
	return list
}

// insert makes room for a leaf, and returns where it is then.
func (l *leaves[I, K]) insert(i int, bound timer[I, K]) int {
	if len(l.leaves) == cap(l.leaves) && l.first > 0 {
		l.leaves = l.leaves[:copy(l.leaves, l.leaves[l.first:])]
		i, l.first = i-l.first, 0
	}
	f := leaf[I, K]{bound: bound}
	if i == l.first && i > 0 {
		l.first--
		l.leaves[l.first] = f
		return l.first
	}
	l.leaves = append(l.leaves, f)
	copy(l.leaves[i+1:], l.leaves[i:])
	l.leaves[i] = f
	return i
}

// remove drops a leaf that is empty.
func (l *leaves[I, K]) remove(i int) {
	if i == l.first {
		l.first++
	} else {
		l.leaves = append(l.leaves[:i], l.leaves[i+1:]...)
	}
}

// alloc returns 1 + the index of an empty block, which the given one follows.
func (l *leaves[I, K]) alloc(next uint32) (number uint32) {
	if l.free == 0 {
		l.blocks = append(l.blocks, block[I, K]{})
		number = uint32(len(l.blocks))
	} else {
		number = l.free
		l.free = l.blocks[number-1].next
	}
	b := &l.blocks[number-1]
	b.count, b.next = 0, next
	return number
}

// release frees a block, and returns the one that followed it.
func (l *leaves[I, K]) release(number uint32) (next uint32) {
	b := &l.blocks[number-1]
	next, b.next, l.free = b.next, l.free, number
	return next
}

// each calls a function for the timers of the leaves that have any that fires at or before an instant, until it returns false.
func (l *leaves[I, K]) each(by I, call func(t *timer[I, K]) bool) {
	for _, f := range l.leaves[l.first:] {
		if f.bound.at > by {
			return
		}
		for n := f.block; n != 0; n = l.blocks[n-1].next {
			b := &l.blocks[n-1]
			for i := range b.timers[:b.count] {
				if !call(&b.timers[i]) {
					return
				}
			}
		}
	}
}

// copyLeaves makes q's leaves a copy of those of src.
func (q *Queue[I, K]) copyLeaves(src *Queue[I, K]) {
	if q.later == nil {
		q.later = new(leaves[I, K])
	}
	l, from := q.later, src.later
	if from == nil {
		from = new(leaves[I, K])
	}
	l.leaves, l.first = append(l.leaves[:0], from.leaves[from.first:]...), 0
	l.blocks = append(l.blocks[:0], from.blocks...)
	l.free, l.count = from.free, from.count
}

// identicalLeaves reports whether the leaves of two queues are laid out in the same way. None are as good as empty ones.
func (q *Queue[I, K]) identicalLeaves(other *Queue[I, K]) bool {
	a, b := q.later, other.later
	if a == nil {
		a = new(leaves[I, K])
	}
	if b == nil {
		b = new(leaves[I, K])
	}
	if a.free != b.free || a.count != b.count || len(a.blocks) != len(b.blocks) || len(a.leaves)-a.first != len(b.leaves)-b.first {
		return false
	}
	for i := range a.blocks {
		if a.blocks[i] != b.blocks[i] {
			return false
		}
	}
	for i := range a.leaves[a.first:] {
		if a.leaves[a.first+i] != b.leaves[b.first+i] {
			return false
		}
	}
	return true
}

// audit returns what is wrong with the leaves, and with which timer.
func (l *leaves[I, K]) audit(position []uint32) (key K, problem string) {
	seen := make([]bool, len(l.blocks))
	count := 0
	for i := l.first; i < len(l.leaves); i++ {
		f, before := &l.leaves[i], count
		for n := f.block; n != 0; n = l.blocks[n-1].next {
			if n > uint32(len(l.blocks)) || seen[n-1] {
				return 0, "a block of timers is in two lists"
			}
			seen[n-1] = true
			b := &l.blocks[n-1]
			if b.count == 0 || b.count > blockLen || b.count < blockLen && n != f.block {
				return 0, "a block of timers is not full"
			}
			for j := range b.timers[:b.count] {
				t := &b.timers[j]
				slot := uint64(t.key & slotMask)
				switch {
				case slot >= uint64(len(position)) || position[slot] != inLeaf|(n-1)*blockSpan+uint32(j):
					return t.key, "does not know its timer"
				case t.before(&f.bound):
					return t.key, "has a timer that would fire too late"
				case i+1 < len(l.leaves) && !t.before(&l.leaves[i+1].bound):
					return t.key, "has a timer that would fire too early"
				}
			}
			count += int(b.count)
		}
		if int(f.count) != count-before || f.count == 0 {
			return 0, "the timers of a leaf are miscounted"
		}
	}
	for n := l.free; n != 0; n = l.blocks[n-1].next {
		if n > uint32(len(l.blocks)) || seen[n-1] {
			return 0, "a block of timers is in two lists"
		}
		seen[n-1] = true
	}
	for _, s := range seen {
		if !s {
			return 0, "a block of timers is lost"
		}
	}
	if count != l.count {
		return 0, "the timers in leaves are miscounted"
	}
	return 0, ""
}

// middle returns the median of a few of many timers. At least one of them fires before it.
func middle[I ~int64, K ~uint64](timers []timer[I, K]) timer[I, K] {
	var few [9]timer[I, K]
	for n := range few {
		t := timers[(2*n+1)*len(timers)/(2*len(few))]
		i := n
		for ; i > 0 && t.before(&few[i-1]); i-- {
			few[i] = few[i-1]
		}
		few[i] = t
	}
	return few[len(few)/2]
}
