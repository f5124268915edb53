package core

// timers is an indexed 4-ary min-heap of the tasks' timers, ordered by (deadline, task): a total order, so that the
// order in which timers fire depends on nothing but which timers there are.
//
// Four children fill one cache line, which makes the heap both shallower and faster than a binary one.
type timers struct {
	heap     []timer
	position []uint32 // by slot: 1 + the index in heap; 0: the slot has no timer
}

type timer struct {
	at   Instant
	task TaskID
}

func (a timer) before(b timer) bool {
	return a.at < b.at || a.at == b.at && a.task < b.task
}

// next returns the earliest deadline, or Never.
func (h *timers) next() Instant {
	if len(h.heap) == 0 {
		return Never
	}
	return h.heap[0].at
}

// due yields the tasks from an index downwards whose timers are due by the instant, until it is told to stop.
func (h *timers) due(i int, by Instant, yield func(TaskID) bool) bool {
	if i >= len(h.heap) || h.heap[i].at > by {
		return true
	}
	if !yield(h.heap[i].task) {
		return false
	}
	for child := 4*i + 1; child <= 4*i+4; child++ {
		if !h.due(child, by, yield) {
			return false
		}
	}
	return true
}

// deadline returns when the slot's timer is due, or Never.
func (h *timers) deadline(slot uint32) Instant {
	if p := h.position[slot]; p != 0 {
		return h.heap[p-1].at
	}
	return Never
}

// arm sets the timer of a task that has none. A deadline of Never is no timer.
func (h *timers) arm(task TaskID, at Instant) {
	if at == Never {
		return
	}
	h.heap = append(h.heap, timer{at, task})
	h.up(len(h.heap) - 1)
}

// disarm drops the slot's timer, if it has one.
func (h *timers) disarm(slot uint32) {
	p := h.position[slot]
	if p == 0 {
		return
	}
	h.position[slot] = 0
	i, last := int(p-1), len(h.heap)-1
	moved := h.heap[last]
	h.heap = h.heap[:last]
	if i == last {
		return
	}
	h.heap[i] = moved
	if i > 0 && moved.before(h.heap[(i-1)/4]) {
		h.up(i)
	} else {
		h.down(i)
	}
}

func (h *timers) up(i int) {
	t := h.heap[i]
	for i > 0 {
		parent := (i - 1) / 4
		if !t.before(h.heap[parent]) {
			break
		}
		h.place(i, h.heap[parent])
		i = parent
	}
	h.place(i, t)
}

func (h *timers) down(i int) {
	t := h.heap[i]
	for {
		first := 4*i + 1
		if first >= len(h.heap) {
			break
		}
		least := first
		for child := first + 1; child < min(first+4, len(h.heap)); child++ {
			if h.heap[child].before(h.heap[least]) {
				least = child
			}
		}
		if !h.heap[least].before(t) {
			break
		}
		h.place(i, h.heap[least])
		i = least
	}
	h.place(i, t)
}

func (h *timers) place(i int, t timer) {
	h.heap[i] = t
	h.position[t.task&slotMask] = uint32(i + 1)
}
