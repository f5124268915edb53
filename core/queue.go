package core

// queue is a binary min-heap of tasks that a rule has to look at, the one added first in front. It is empty between steps.
// A task may be in it twice, or for nothing: the rule looks at the task afresh when it takes it out.
type queue []TaskID

func (q *queue) push(id TaskID) {
	h := append(*q, id)
	i := len(h) - 1
	for i > 0 && id < h[(i-1)/2] {
		h[i] = h[(i-1)/2]
		i = (i - 1) / 2
	}
	h[i] = id
	*q = h
}

func (q *queue) pop() {
	h := *q
	last := len(h) - 1
	id := h[last]
	h = h[:last]
	*q = h
	i := 0
	for {
		child := 2*i + 1
		if child >= last {
			break
		}
		if child+1 < last && h[child+1] < h[child] {
			child++
		}
		if id <= h[child] {
			break
		}
		h[i] = h[child]
		i = child
	}
	if last > 0 {
		h[i] = id
	}
}
